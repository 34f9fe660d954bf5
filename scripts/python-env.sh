#!/usr/bin/env bash
# Creates the virtual environment FOLDER with the given packages, unless it has them already.
#
#     scripts/python-env.sh FOLDER PACKAGE...
set -euo pipefail

folder=$1
shift
stamp="$folder/packages"

if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$*" ]; then
    exit 0
fi
python3 -m venv --clear "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-compile "$@"
echo "$*" >"$stamp"
