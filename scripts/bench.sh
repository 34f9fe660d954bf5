#!/usr/bin/env bash
# Times the command beside libvmaf on the same files in the same run, and beside itself, and prints
# tables. Takes 20 minutes and 6 GB in target/bench.
#
#     scripts/bench.sh [RUNS]
#
# LIBVMAF=path names libvmaf's tool; without it the FFmpeg of PyPI's imageio-ffmpeg serves, for
# single models. ONLY=word picks rows, those of single features included: ONLY=feature, ONLY=1080.
set -euo pipefail

runs=${1:-3}
clips=$(scripts/demo-clip.sh)
read -r -a clips <<<"$clips"
VMAF_FFMPEG=$(scripts/ffmpeg-path.sh target/ffmpeg-env)
export VMAF_FFMPEG
# Only a real clip is worth scaling: the harness generates its own otherwise.
source=()
if [ "${clips[0]##*.}" = mp4 ]; then
    source=("${clips[0]}")
fi
# Together, so that what they share is built once.
cargo build --quiet --release -p vmaf-cli -p vmaf-benches
target/release/side_by_side target/release/vmaf target/bench "$runs" "${source[@]}"
