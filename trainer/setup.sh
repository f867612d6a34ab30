#!/usr/bin/env bash
# Makes the Python environment of the torch trainer: setup.sh [DIR]
# DIR: where; in a checkout trainer/.venv when left out, else $XDG_DATA_HOME/sealign/trainer-venv: sealign finds both by itself.
# PYTHON names the python3 to make it with. Running it again brings an environment up to date.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
requirements=$here/requirements.txt
python=${PYTHON:-python3}

fail() {
  printf 'setup.sh: %s\n' "$1" >&2
  exit 1
}

say() {
  printf '%s\n' "$1" >&2
}

if [ $# -gt 0 ]; then
  dir=$1
elif [ -e "$here/../.git" ]; then
  dir=$here/.venv
else
  dir=${XDG_DATA_HOME:-$HOME/.local/share}/sealign/trainer-venv
fi

command -v "$python" >/dev/null 2>&1 ||
  fail "there is no $python: install Python 3.11 or newer, or name yours with PYTHON=/path/to/python3."
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
  fail "$python is $("$python" --version 2>&1); Python 3.11 or newer is needed: name one with PYTHON=/path/to/python3."

if [ ! -x "$dir/bin/python" ]; then
  "$python" -c 'import venv, ensurepip' 2>/dev/null ||
    fail "$python lacks the modules venv and ensurepip: install them (Debian, Ubuntu: apt install python3-venv)."
  say "Making an environment in $dir with $("$python" --version)"
  "$python" -m venv "$dir"
fi

own=$dir/bin/python
"$own" -m pip --version >/dev/null 2>&1 ||
  fail "the environment $dir has no pip: remove the folder and run this again."
pip=("$own" -m pip install --disable-pip-version-check --no-input)

# PyPI's torch for Linux brings gigabytes of CUDA libraries, which are of no use without a GPU.
if [ "$(uname)" = Linux ] && ! nvidia-smi >/dev/null 2>&1; then
  torch=$(grep '^torch==' "$requirements")
  say "Installing $torch for CPUs (there is no NVIDIA GPU here)"
  "${pip[@]}" --index-url https://download.pytorch.org/whl/cpu "$torch" ||
    say "That did not work; the one on PyPI does as well, and is larger."
fi
say "Installing what $requirements lists"
"${pip[@]}" -r "$requirements"

"$own" -c 'import torch, transformers, peft' ||
  fail "the packages in $dir do not load; the lines above say why."
say "Done: $own. \`sealign doctor\` shows it."
