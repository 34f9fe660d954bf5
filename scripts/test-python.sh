#!/usr/bin/env bash
# Checks how the Python is written, builds the wheel, as low as Linux goes (manylinux_2_17), installs it with its extras in a virtual
# environment that has nothing of this project, and runs the Python tests outside the repository. The
# tests get the pages whose examples they run, and the model files.
#
#     scripts/test-python.sh [PYTEST ARGUMENT...]
#
# VMAF_FFMPEG, if set, names the FFmpeg that makes encodes.
set -euo pipefail

tools=target/python-tools
env=target/test-env

scripts/python-env.sh "$tools" 'maturin>=1.9.4,<2' ziglang 'ruff>=0.15'
"$tools/bin/ruff" check --quiet vmaf-py
"$tools/bin/ruff" format --quiet --check vmaf-py
rm -f target/wheels/vmaf_py-*.whl
# maturin looks for `python3 -m ziglang`.
PATH="$PWD/$tools/bin:$PATH" "$tools/bin/maturin" build --quiet --release \
    --zig --compatibility manylinux_2_17 --manifest-path vmaf-py/Cargo.toml --out target/wheels
wheel=$(echo "$PWD"/target/wheels/vmaf_py-*.whl)

scripts/python-env.sh "$env" pytest hypothesis mypy pillow nbclient ipykernel bjontegaard==1.3.0
python=$PWD/$env/bin/python
"$python" -m pip install --quiet --disable-pip-version-check "${wheel}[all]"
"$python" -m pip install --quiet --disable-pip-version-check --no-deps --force-reinstall "$wheel"

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
