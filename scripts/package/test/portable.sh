#!/usr/bin/env bash
# Tests the portable command: of this machine's architecture by running it, of others by the libraries
# that it needs.
set -euo pipefail
. scripts/package/test/common.sh

for archive in "$package_dir"/vmaf-"$version"-*-linux-gnu.tar.gz; do
    unpacked=$(scratch portable-test)
    tar -xzf "$archive" -C "$unpacked"
    command=$(echo "$unpacked"/*/vmaf)
    size=$(stat -c %s "$archive")
    [ "$size" -lt 12000000 ] || fail "$archive has $size bytes, more than 12 MB"
    need_old_glibc "$command"
    echo "    $(basename "$archive"): $size bytes, unpacked $(stat -c %s "$command"), $(objdump -p "$command" | awk '/NEEDED/ { printf "%s ", $2 }')" >&2
done

fresh_root
tar -xzf "$(package "vmaf-$version-$host.tar.gz")" -C "$root/opt"
command=/opt/vmaf-$version-$host/vmaf
score_inside y4m "$command"
# The message names the program that is missing.
if inside "$command" score /clips/reference.mp4 /clips/encode.mp4 2>"$test_dir/score.log"; then
    fail "The portable command decoded a file without an ffmpeg program."
fi
grep -q ffmpeg "$test_dir/score.log" || fail "see $test_dir/score.log"
cp "$(scripts/ffmpeg-path.sh target/ffmpeg-env)" "$root/usr/local/bin/ffmpeg"
score_inside mp4 "$command"
