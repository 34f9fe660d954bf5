#!/usr/bin/env bash
# Tests the source archive: builds the command from it, outside of the repository, and runs that in a
# bare system.
set -euo pipefail
. scripts/package/test/common.sh

archive=$(package "vmaf-rs-$version.tar.gz")
# Outside of any workspace and clone; what it builds is kept for the next time.
unpacked=$(mktemp -d)
trap 'rm -rf "$unpacked"' EXIT
tar -xzf "$archive" -C "$unpacked"
target=$PWD/$test_dir/source-target
(cd "$unpacked"/vmaf-rs-* && CARGO_TARGET_DIR=$target cargo build --quiet --release --locked -p vmaf-cli \
    --no-default-features)
fresh_root
cp "$target/release/vmaf" "$root/usr/local/bin/vmaf"
score_inside y4m vmaf
