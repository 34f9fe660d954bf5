#!/usr/bin/env bash
# Tests the build without FFmpeg's libraries, which needs no system packages. Takes arguments of
# `cargo test`.
set -euo pipefail

cargo test --package vmaf-media --package vmaf-cli --no-default-features "$@"
