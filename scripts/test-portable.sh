#!/usr/bin/env bash
# Tests the build without FFmpeg's libraries, which needs no system packages. Takes options of
# `cargo test`. Recorded values, logs and pages of y4m and raw video, which both builds read alike, are
# left to the tests of the other build.
set -euo pipefail

cargo test --package vmaf-media --package vmaf-cli --no-default-features "$@" -- \
    --skip recorded:: --skip xpsnr:: --skip ssimulacra2:: --skip cvvdp:: --skip butteraugli:: --skip dropin:: --skip report::
