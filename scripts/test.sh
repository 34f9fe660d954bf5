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

# The network brings what Python needs while the compiler works.
scripts/test-env.sh &
environments=$!
cargo test --workspace --no-run
scripts/test-portable.sh --no-run
wait "$environments"
scripts/build-test-wheel.sh
WHEEL=$(echo target/test-wheels/vmaf_py-*.whl)
export WHEEL

# Neither Rust's tests nor Python's keep two processors busy.
log=$(mktemp)
trap 'rm -f "$log"' EXIT
scripts/test-python.sh >"$log" 2>&1 &
python=$!
status=0
cargo test --workspace && scripts/test-portable.sh || status=1
wait "$python" || status=1
cat "$log"
exit "$status"
