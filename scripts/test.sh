#!/usr/bin/env bash
# Runs all tests: Rust, Rust without FFmpeg's libraries, Python.
#
# Tests use the FFmpeg program of PyPI's imageio-ffmpeg, passed in VMAF_FFMPEG. VMAF_GOLDENS may be a
# folder with recordings of libvmaf to compare with (docs/testing.md).
set -euo pipefail

if scripts/python-env.sh target/ffmpeg-env imageio-ffmpeg; then
    VMAF_FFMPEG=$(scripts/ffmpeg-path.sh target/ffmpeg-env)
    export VMAF_FFMPEG
else
    echo "imageio-ffmpeg can't be installed; tests use the FFmpeg on the PATH, if there is one." >&2
fi

# Python packages are downloaded while the compiler runs.
scripts/test-env.sh &
environments=$!
cargo test --workspace --no-run
scripts/test-portable.sh --no-run
wait "$environments"
scripts/build-test-wheel.sh
WHEEL=$(echo target/test-wheels/vmaf_py-*.whl)
export WHEEL

# Rust and Python tests run at the same time, because neither keeps two processors busy.
log=$(mktemp)
trap 'rm -f "$log"' EXIT
scripts/test-python.sh >"$log" 2>&1 &
python=$!
status=0
cargo test --workspace && scripts/test-portable.sh || status=1
wait "$python" || status=1
cat "$log"
exit "$status"
