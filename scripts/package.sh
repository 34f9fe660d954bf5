#!/usr/bin/env bash
# Builds the wheel that is published, target/wheels/vmaf_py-*.whl: fully optimised, and as low as
# Linux goes (manylinux_2_17, which zig links for). Tests it as a package.
set -euo pipefail

tools=target/package-tools

scripts/python-env.sh "$tools" 'maturin>=1.9.4,<2' ziglang
rm -f target/wheels/vmaf_py-*.whl
# maturin looks for `python3 -m ziglang`.
PATH="$PWD/$tools/bin:$PATH" "$tools/bin/maturin" build --quiet --release \
    --zig --compatibility manylinux_2_17 --manifest-path vmaf-py/Cargo.toml --out target/wheels
WHEEL=$(echo target/wheels/vmaf_py-*.whl)
export WHEEL
scripts/test-python.sh -k test_package
