#!/usr/bin/env bash
# Builds and tests the wheel for publication, target/wheels/vmaf_py-*.whl: fully optimised, and
# compatible with old Linux distributions (manylinux_2_17, linked with zig).
set -euo pipefail

tools=target/package-tools

scripts/python-env.sh "$tools" 'maturin>=1.9.4,<2' ziglang
rm -f target/wheels/vmaf_py-*.whl
# maturin runs `python3 -m ziglang`, so that Python must be on the PATH.
PATH="$PWD/$tools/bin:$PATH" "$tools/bin/maturin" build --quiet --release \
    --zig --compatibility manylinux_2_17 --manifest-path vmaf-py/Cargo.toml --out target/wheels
WHEEL=$(echo target/wheels/vmaf_py-*.whl)
export WHEEL
scripts/test-python.sh -k test_package
