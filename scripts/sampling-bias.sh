#!/usr/bin/env bash
# Prints the bias of `--every` on real encodes with frame pyramids, and random samples of the same size
# for comparison: the table of docs/pooling.md. The argument is the path of the command, by default the
# one that `make demo` builds.
set -euo pipefail

vmaf=${1:-target/release/vmaf}
read -r reference _ < <(scripts/demo-clip.sh)
ffmpeg=$(scripts/ffmpeg-path.sh target/ffmpeg-env)
folder=$(dirname "$reference")

encode() {
    [ -f "$folder/$1" ] || "$ffmpeg" -nostdin -v error -y -i "$reference" -an "${@:2}" "$folder/$1"
}

# `score ENCODE OPTION...` prints the mean, and for samples its interval.
score() {
    "$vmaf" score "$reference" "$folder/$1" "${@:2}" --threads 1 --quiet -o - | python3 -c '
import json, sys
score = json.load(sys.stdin)["distorted"][0]["scores"]["vmaf_v0.6.1"]
interval = score.get("intervals", {}).get("mean")
print("%.2f" % score["mean"], "(%.2f to %.2f)" % tuple(interval) if interval else "")'
}

# Pyramids whose quantisers differ by level, so that quality does: that of SVT-AV1 has 32 frames.
encode svtav1_crf55.mp4 -c:v libsvtav1 -preset 8 -crf 55 -g 300 -svtav1-params hierarchical-levels=5
encode x264_pyramid.mp4 -c:v libx264 -preset medium -crf 34 -bf 7 -x264-params \
    b-adapt=0:b-pyramid=normal:pbratio=1.6:keyint=300:scenecut=0

for encode in svtav1_crf55.mp4 x264_pyramid.mp4; do
    echo "$encode: $(score $encode)"
    for distance in 2 4 8; do
        echo "  --every $distance: $(score $encode --every $distance)"
        echo "  --sample $((100 / distance))%: $(score $encode --sample $((100 / distance))%)"
    done
done
