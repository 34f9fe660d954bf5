#!/usr/bin/env bash
# Builds the wheel for tests, target/test-wheels/vmaf_py-*.whl, with the dev profile of the Rust tests,
# which reuses their build.
set -euo pipefail

rm -f target/test-wheels/vmaf_py-*.whl
target/python-tools/bin/maturin build --quiet --profile dev --strip --compatibility linux \
    --manifest-path vmaf-py/Cargo.toml --out target/test-wheels
