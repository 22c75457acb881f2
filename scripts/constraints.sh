#!/usr/bin/env bash
# Makes constraints.txt again: every package that [dev] brings, at its newest version that fits, without any URL.
set -euo pipefail
cd "$(dirname "$0")/.."
own="$(mktemp)"
trap 'rm -f "$own"' EXIT
printf 'olo-jobs @ file://%s/jobs\nolo-jupyter @ file://%s\n' "$PWD" "$PWD" > "$own"
.venv/bin/uv pip compile --quiet --upgrade --no-header --no-annotate --extra dev --override "$own" pyproject.toml \
  | grep -E '^[a-zA-Z0-9._-]+(\[[^]]*\])?==' > constraints.txt.new
mv constraints.txt.new constraints.txt
