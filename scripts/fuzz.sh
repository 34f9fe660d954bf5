#!/usr/bin/env bash
# Fuzzes everything that reads what others wrote, each target for MINUTES (default 1).
#
#     scripts/fuzz.sh [MINUTES [TARGET ...]]
#
# libFuzzer runs on the stable compiler: the flags below instrument the code for it. Inputs that reach
# new code are kept in target/fuzz/corpus, those that fail in target/fuzz/failures; a target that fails
# ends the script. fuzz/corpus has inputs to start from. SANITIZER=address checks memory as well, with
# flags that the compiler does not promise to keep.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

minutes=${1:-1}
shift || true
targets=("$@")
if [ ${#targets[@]} -eq 0 ]; then
    for target in fuzz/fuzz_targets/*.rs; do
        targets+=("$(basename "$target" .rs)")
    done
fi
host=$(rustc -vV | sed -n 's/^host: //p')
flags=(-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4)
flags+=(-Cllvm-args=-sanitizer-coverage-inline-8bit-counters)
flags+=(-Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares)
build=target/fuzz/build
if [ -n "${SANITIZER:-}" ]; then
    flags+=("-Zsanitizer=$SANITIZER")
    build=target/fuzz/build-$SANITIZER
    export RUSTC_BOOTSTRAP=1
fi
RUSTFLAGS="${flags[*]} --cfg fuzzing" CARGO_TARGET_DIR=$build cargo build --quiet --release \
    --manifest-path fuzz/Cargo.toml --target "$host"
mkdir -p target/fuzz/failures
for target in "${targets[@]}"; do
    corpus=target/fuzz/corpus/$target
    mkdir -p "$corpus" "fuzz/corpus/$target"
    # A missing program costs the least time.
    log=target/fuzz/$target.log
    if ! VMAF_FFMPEG=/nonexistent "$build/$host/release/$target" "$corpus" \
        "fuzz/corpus/$target" -max_total_time="$(awk "BEGIN { print int(60 * $minutes + 0.999) }")" \
        -timeout=20 -rss_limit_mb=4096 -artifact_prefix="target/fuzz/failures/$target-" \
        -print_final_stats=1 >"$log" 2>&1; then
        tail -n 40 "$log" >&2
        exit 1
    fi
    executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    echo "$target: $executions executions, no finding"
done
