#!/usr/bin/env bash
# Compares the released command with the recorded figures of libvmaf.
#
# VMAF_GOLDENS, if set, names recordings of more pairs (docs/testing.md); the FFmpeg that decodes
# their clips is that of PyPI's imageio-ffmpeg, unless VMAF_FFMPEG names another.
set -euo pipefail

if [ -n "${VMAF_GOLDENS:-}" ] && [ -z "${VMAF_FFMPEG:-}" ]; then
    scripts/python-env.sh target/ffmpeg-env imageio-ffmpeg
    VMAF_FFMPEG=$(scripts/ffmpeg-path.sh target/ffmpeg-env)
    export VMAF_FFMPEG
fi
cargo build --release -p vmaf-cli -p vmaf-benches
VMAF_COMMAND="$PWD/target/release/vmaf" \
    cargo test -p vmaf-cli --test command -- recorded:: xpsnr:: goldens::
