#!/usr/bin/env bash
# Checks how the Python is written, builds a wheel, installs it in a virtual environment that has
# nothing else of this project, and runs the Python tests outside the repository. The tests get the
# pages whose examples they run, and the model files.
#
#     scripts/test-python.sh [PYTEST ARGUMENT...]
#
# WHEEL=path tests that wheel, such as the one of `make package`. VMAF_FFMPEG, if set, names the
# FFmpeg that makes encodes.
set -euo pipefail

tools=target/python-tools
env=target/test-env

scripts/test-env.sh
"$tools/bin/ruff" check --quiet vmaf-py
"$tools/bin/ruff" format --quiet --check vmaf-py
if [ -z "${WHEEL:-}" ]; then
    scripts/build-test-wheel.sh
    WHEEL=$(echo target/test-wheels/vmaf_py-*.whl)
fi
python=$PWD/$env/bin/python
"$python" -m pip install --quiet --disable-pip-version-check --no-deps --force-reinstall "$WHEEL"

elsewhere=$(mktemp -d)
trap 'rm -rf "$elsewhere"' EXIT
mkdir "$elsewhere/vmaf-py"
cp -r README.md docs models "$elsewhere"
cp -r vmaf-py/README.md vmaf-py/tests "$elsewhere/vmaf-py"
cp vmaf-py/pyproject.toml "$elsewhere/pyproject.toml"
cd "$elsewhere"
"$python" -m mypy.stubtest vmaf_py._native
"$python" -m mypy --config-file pyproject.toml -p vmaf_py
"$python" -m pytest -q -p no:cacheprovider vmaf-py/tests "$@"
