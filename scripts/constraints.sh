#!/usr/bin/env bash
# Makes constraints.txt again: every package that [dev] brings, at its newest version that fits, without any URL.
set -euo pipefail
cd "$(dirname "$0")/.."
uv pip compile --quiet --upgrade --universal --no-header --no-annotate --extra dev pyproject.toml jobs/pyproject.toml \
  | grep -E '^[a-zA-Z0-9._-]+(\[[^]]*\])?==' > constraints.txt.new
mv constraints.txt.new constraints.txt
