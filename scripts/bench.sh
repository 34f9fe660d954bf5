#!/usr/bin/env bash
# Times the command beside libvmaf on the same files in the same run, and prints a table.
#
#     scripts/bench.sh [RUNS]
#
# LIBVMAF=path names libvmaf's tool; without it the FFmpeg of PyPI's imageio-ffmpeg serves.
set -euo pipefail

runs=${1:-5}
clips=$(scripts/demo-clip.sh)
read -r -a clips <<<"$clips"
VMAF_FFMPEG=$(scripts/ffmpeg-path.sh target/ffmpeg-env)
export VMAF_FFMPEG
# Only a real clip is worth scaling: the harness generates its own otherwise.
source=()
if [ "${clips[0]##*.}" = mp4 ]; then
    source=("${clips[0]}")
fi
cargo run --quiet --release -p vmaf-benches --bin side_by_side -- \
    target/release/vmaf target/bench "$runs" "${source[@]}"
