#!/usr/bin/env bash
# Creates .venv with everything that pyproject.toml's extra [dev] names, at the versions of constraints.txt, and both
# distributions installed in place. Needs Python ≥ 3.11, Node ≥ 20 and git. uv is used where it is, else installed with
# pip into a cache outside the tree.
set -euo pipefail
cd "$(dirname "$0")/.."
cache="${OLO_CACHE:-$HOME/.cache/olo-jupyter}"
python="${PYTHON:-python3}"

fail() { echo "setup: $1" >&2; exit 2; }

command -v "$python" >/dev/null || fail "no $python found: install Python 3.11 or newer"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || fail "$("$python" --version) is too old: 3.11 or newer is needed"
command -v node >/dev/null || fail "no node found: install Node.js 20 or newer"
[ "$(node -p 'Number(process.versions.node.split(".")[0]) >= 20')" = true ] || fail "node $(node --version) is too old: 20 or newer is needed"
command -v git >/dev/null || fail "no git found: install git"

find_uv() {
  if command -v uv >/dev/null; then command -v uv; return; fi
  if [ -x "$cache/uv/bin/uv" ]; then echo "$cache/uv/bin/uv"; return; fi
  echo "setup: installing uv with pip" >&2
  mkdir -p "$cache"
  if ! "$python" -m pip --version >/dev/null 2>&1; then
    # Debian's Python comes without pip.
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
      { apt-get update -qq && apt-get install -y -qq python3-pip; } >&2
    else
      fail "neither uv nor pip found: install one of them (Debian: apt-get install python3-pip)"
    fi
  fi
  # A folder of its own: Debian's Python refuses pip in its own environment, and venv needs one more package there.
  PIP_BREAK_SYSTEM_PACKAGES=1 "$python" -m pip install --quiet --target "$cache/uv" uv >&2
  echo "$cache/uv/bin/uv"
}

uv="$(find_uv)"
[ -x .venv/bin/python ] || "$uv" venv --quiet --python "$python" .venv
echo "setup: installing Python packages"
# The extension is built by make, once and only when its sources changed; not by the package build.
export SKIP_JUPYTER_BUILDER=1
"$uv" pip install --quiet --compile-bytecode --python .venv/bin/python --constraints constraints.txt -e ./jobs -e '.[dev]'
mkdir -p .venv/.stamps
touch .venv/.stamps/python
