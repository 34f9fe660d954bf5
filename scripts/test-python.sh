#!/usr/bin/env bash
# Builds the wheel, installs it in a virtual environment and runs the Python tests.
set -euo pipefail

env=target/test-env
python=$env/bin/python

scripts/python-env.sh "$env" 'maturin>=1.9.4,<2' numpy pytest hypothesis matplotlib \
    scikit-learn pandas
rm -f target/wheels/vmaf_py-*.whl
"$env/bin/maturin" build --quiet --release --manifest-path vmaf-py/Cargo.toml \
    --interpreter "$python" --out target/wheels
"$python" -m pip install --quiet --disable-pip-version-check --no-deps --force-reinstall \
    target/wheels/vmaf_py-*.whl
"$python" -m pytest -q vmaf-py/tests
