#!/usr/bin/env bash
# Lints the Python code, builds a wheel, installs it in a virtual environment, and runs the Python tests
# outside the repository, with copies of the documents whose examples they run and of the model files.
#
#     scripts/test-python.sh [PYTEST ARGUMENT...]
#
# WHEEL=path tests an existing wheel, such as one of `make package`. VMAF_FFMPEG may be the path of an
# FFmpeg for encoding.
set -euo pipefail

# Ray lowers the priority of its workers, which then wait for the Rust tests that run at the same time.
export RAY_worker_niceness=0

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
cp -r README.md docs vmaf-core/models "$elsewhere"
cp -r vmaf-py/README.md vmaf-py/tests "$elsewhere/vmaf-py"
cp vmaf-py/pyproject.toml "$elsewhere/pyproject.toml"
cd "$elsewhere"
"$python" -m mypy.stubtest vmaf_py._native
"$python" -m mypy --config-file pyproject.toml -p vmaf_py
"$python" -m pytest -q -p no:cacheprovider vmaf-py/tests "$@"
