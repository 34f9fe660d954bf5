#!/usr/bin/env bash
# Compares a release build of the command with recorded values of libvmaf.
#
# VMAF_GOLDENS may be a folder with recordings of more pairs (docs/testing.md). Their clips are decoded
# by the FFmpeg in VMAF_FFMPEG, or else that of PyPI's imageio-ffmpeg.
set -euo pipefail

if [ -n "${VMAF_GOLDENS:-}" ] && [ -z "${VMAF_FFMPEG:-}" ]; then
    scripts/python-env.sh target/ffmpeg-env imageio-ffmpeg
    VMAF_FFMPEG=$(scripts/ffmpeg-path.sh target/ffmpeg-env)
    export VMAF_FFMPEG
fi
cargo build --release -p vmaf-cli -p vmaf-benches --bin vmaf --bin generate_clip
VMAF_COMMAND="$PWD/target/release/vmaf" \
    cargo test -p vmaf-cli --test command -- recorded:: xpsnr:: goldens::
