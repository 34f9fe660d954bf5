#!/usr/bin/env bash
# Builds the wheel that tests install, target/test-wheels/vmaf_py-*.whl, as little optimised as the
# Rust tests are, from what they have built already.
set -euo pipefail

rm -f target/test-wheels/vmaf_py-*.whl
target/python-tools/bin/maturin build --quiet --profile dev --compatibility linux \
    --manifest-path vmaf-py/Cargo.toml --out target/test-wheels
