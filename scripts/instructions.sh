#!/usr/bin/env bash
# Counts the instructions per frame, and fails if they differ much from the recorded numbers.
#
#     scripts/instructions.sh [record]
#
# Unlike times, instruction counts hardly depend on other load of the machine. valgrind counts them at
# AVX2, because it doesn't support AVX-512, on a small generated clip. The count of a short run is
# subtracted from that of a longer one, which removes the instructions of the start. `record` writes
# the numbers to benches/instructions.txt, after a change that affects them on purpose.
set -euo pipefail

recorded=benches/instructions.txt
models=(vmaf_v0.6.1 vmaf_v1.0.16_3d0h)
size=640x360
few=2
more=6
# Tolerance in percent, in both directions.
bound=25

if [ "$(uname -m)" != x86_64 ]; then
    echo "Instructions are counted on x86-64 only." >&2
    exit 0
fi
folder=target/instructions
mkdir -p "$folder"
# Together, so that what they share is built once.
cargo build --quiet --release -p vmaf-cli -p vmaf-benches
target/release/generate_clip "$folder" "$size" "$more"

# `run MODEL FRAMES` prints the instructions of a whole run.
run() {
    local log=$folder/valgrind.log
    valgrind --tool=callgrind --callgrind-out-file=/dev/null --log-file="$log" \
        target/release/vmaf -r "$folder/reference.y4m" -d "$folder/slightly_damaged.y4m" \
        -m "version=$1" --frame_cnt "$2" --threads 1 --cpumask 48 -q --json -o "$folder/log.json" \
        2>"$folder/stderr.log" || { cat "$log" "$folder/stderr.log" >&2; return 1; }
    sed -n 's/.*Collected : \([0-9]*\).*/\1/p' "$log"
}

# `per_frame MODEL` prints the instructions per frame.
per_frame() {
    local first second
    first=$(run "$1" "$few")
    second=$(run "$1" "$more")
    echo $(((second - first) / (more - few)))
}

if [ "${1:-}" = record ]; then
    {
        echo "# Instructions per frame of $size at AVX2: scripts/instructions.sh record"
        for model in "${models[@]}"; do
            echo "$model $(per_frame "$model")"
        done
    } >"$folder/recorded"
    mv "$folder/recorded" "$recorded"
    cat "$recorded"
    exit 0
fi

status=0
for model in "${models[@]}"; do
    expected=$(sed -n "s/^$model //p" "$recorded")
    found=$(per_frame "$model")
    percent=$(((found - expected) * 100 / expected))
    echo "$model: $found instructions per frame, $expected recorded ($percent %)"
    if [ "$percent" -gt "$bound" ]; then
        echo "$model is slower than recorded. If this is intended: make instructions-record" >&2
        status=1
    elif [ "$percent" -lt "-$bound" ]; then
        echo "$model is faster than recorded. Update the record: make instructions-record" >&2
        status=1
    fi
done
exit $status
