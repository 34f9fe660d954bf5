#!/usr/bin/env bash
# Counts the instructions per frame, and fails if they differ much from the recorded numbers.
#
#     scripts/instructions.sh [arm] [record]
#
# Unlike times, instruction counts hardly depend on other load of the machine. On x86-64, valgrind counts
# them at AVX2, because it doesn't support AVX-512; for Arm, a plugin of QEMU counts them at NEON
# (benches/arm/). The count of a short run on a small generated clip is subtracted from that of a longer
# one, which removes the instructions of the start. `record` writes the numbers to
# benches/instructions*.txt, after a change that affects them on purpose.
#
# LIBVMAF=PATH, for Arm, is libvmaf's tool for Arm: prints its counts too, and the ratios.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

arch=x86
if [ "${1:-}" = arm ]; then
    arch=arm
    shift
fi
size=640x360
few=2
more=6
# Tolerance in percent, in both directions.
bound=25
folder=$PWD/target/instructions
mkdir -p "$folder"

case $arch in
x86)
    if [ "$(uname -m)" != x86_64 ]; then
        echo "Instructions are counted on x86-64 only." >&2
        exit 0
    fi
    recorded=benches/instructions.txt
    measured=(vmaf_v0.6.1 vmaf_v1.0.16_3d0h)
    # Together, so that what they share is built once.
    cargo build --quiet --release -p vmaf-cli -p vmaf-benches --bin vmaf --bin generate_clip
    command=$PWD/target/release/vmaf
    ;;
arm)
    . scripts/arm-env.sh
    recorded=benches/instructions-arm.txt
    measured=(vmaf_v0.6.1 vmaf_v1.0.16_3d0h vif adm motion cambi psnr psnr_hvs float_ssim ciede)
    gcc -shared -fPIC -O2 -o "$folder/libcount.so" benches/arm/count_instructions.c
    cargo build --quiet --release -p vmaf-benches --bin generate_clip
    cargo build --quiet --release -p vmaf-cli --no-default-features --target "$arm_target"
    command=$PWD/target/$arm_target/release/vmaf
    ;;
esac
target/release/generate_clip "$folder" "$size" "$more"

# `run COMMAND NAME FRAMES` prints the instructions of a whole run with a model or a feature.
run() {
    local log=$folder/count.log
    local arguments=(-r "$folder/reference.y4m" -d "$folder/slightly_damaged.y4m"
        --frame_cnt "$3" -q --json -o "$folder/log.json")
    case $2 in
    vmaf_*) arguments+=(-m "version=$2") ;;
    *) arguments+=(--no_prediction --feature "$2") ;;
    esac
    # Without the flag, libvmaf's tool scores in its main thread.
    [ "$1" = "$command" ] && arguments+=(--threads 1)
    if [ $arch = x86 ]; then
        valgrind --tool=callgrind --callgrind-out-file=/dev/null --log-file="$log" \
            "$1" "${arguments[@]}" --cpumask 48 2>"$folder/stderr.log" ||
            { cat "$log" "$folder/stderr.log" >&2; return 1; }
        sed -n 's/.*Collected : \([0-9]*\).*/\1/p' "$log"
    else
        qemu-aarch64 -plugin "$folder/libcount.so" -L "$arm_root" "$1" "${arguments[@]}" 2>"$log" ||
            { cat "$log" >&2; return 1; }
        sed -n 's/^instructions: \([0-9]*\)$/\1/p' "$log"
    fi
}

# `per_frame COMMAND NAME` prints the instructions per frame.
per_frame() {
    local first second
    first=$(run "$1" "$2" "$few")
    second=$(run "$1" "$2" "$more")
    echo $(((second - first) / (more - few)))
}

if [ "${1:-}" = record ]; then
    {
        echo "# Instructions per frame of $size: scripts/instructions.sh ${arch/x86/} record"
        for name in "${measured[@]}"; do
            echo "$name $(per_frame "$command" "$name")"
        done
    } >"$folder/recorded"
    mv "$folder/recorded" "$recorded"
    cat "$recorded"
    exit 0
fi

status=0
for name in "${measured[@]}"; do
    expected=$(sed -n "s/^$name //p" "$recorded")
    found=$(per_frame "$command" "$name")
    percent=$(((found - expected) * 100 / expected))
    echo "$name: $found instructions per frame, $expected recorded ($percent %)"
    if [ -n "${LIBVMAF:-}" ]; then
        theirs=$(per_frame "$LIBVMAF" "$name")
        echo "$name: $theirs of libvmaf, $((found * 100 / theirs)) %"
    fi
    if [ "$percent" -gt "$bound" ]; then
        echo "$name is slower than recorded. If this is intended: make instructions-record" >&2
        status=1
    elif [ "$percent" -lt "-$bound" ]; then
        echo "$name is faster than recorded. Update the record: make instructions-record" >&2
        status=1
    fi
done
exit $status
