#!/usr/bin/env bash
# Builds the wheel for tests, target/test-wheels/vmaf_py-*.whl, with the dev profile of the Rust tests,
# which reuses their build. Only vmaf is built anew: unoptimised, it makes the wheel a quarter larger
# than the tests allow.
set -euo pipefail

rm -f target/test-wheels/vmaf_py-*.whl
target/python-tools/bin/maturin build --quiet --profile dev --compatibility linux \
    --config profile.dev.package.vmaf.opt-level=1 --manifest-path vmaf-py/Cargo.toml \
    --out target/test-wheels
