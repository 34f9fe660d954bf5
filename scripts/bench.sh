#!/usr/bin/env bash
# Times the command and libvmaf on the same files in the same run, and prints tables. Takes 20 minutes
# and 6 GB in target/bench.
#
#     scripts/bench.sh [RUNS]
#
# LIBVMAF=path is the path of libvmaf's tool; without it, single models are timed in the FFmpeg of
# PyPI's imageio-ffmpeg. ONLY=word selects rows: ONLY=feature, ONLY=1080.
set -euo pipefail

runs=${1:-3}
clips=$(scripts/demo-clip.sh)
read -r -a clips <<<"$clips"
VMAF_FFMPEG=$(scripts/ffmpeg-path.sh target/ffmpeg-env)
export VMAF_FFMPEG
# A real clip is scaled to the benchmark's sizes; without one, the harness generates clips.
source=()
if [ "${clips[0]##*.}" = mp4 ]; then
    source=("${clips[0]}")
fi
# In one command, so that shared dependencies are built once.
cargo build --quiet --release -p vmaf-cli -p vmaf-benches
target/release/side_by_side target/release/vmaf target/bench "$runs" "${source[@]}"
