#!/usr/bin/env bash
# Runs every test: Rust, Rust without FFmpeg's libraries, Python.
#
# The tests that need an FFmpeg program get that of PyPI's imageio-ffmpeg by VMAF_FFMPEG.
# VMAF_GOLDENS, if set, names recordings of libvmaf to compare with (CONTRIBUTING.md).
set -euo pipefail

if scripts/python-env.sh target/ffmpeg-env imageio-ffmpeg; then
    VMAF_FFMPEG=$(scripts/ffmpeg-path.sh target/ffmpeg-env)
    export VMAF_FFMPEG
else
    echo "imageio-ffmpeg can't be had: tests that need an FFmpeg use the one on the path, if any." >&2
fi

cargo test --workspace
cargo test -p vmaf-media -p vmaf-cli --no-default-features
scripts/test-python.sh
