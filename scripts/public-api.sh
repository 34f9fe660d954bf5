#!/usr/bin/env bash
# Renews the listings of the public interfaces, docs/api/CRATE.txt, or fails where they differ from
# the code.
#
#     scripts/public-api.sh [check]
#
# Removed or changed lines break users; added ones don't. The JSON of rustdoc is not stable: the
# program in scripts/public-api reads that of one release of Rust, and names what it can't read.
set -euo pipefail

crates=(vmaf-core vmaf-media vmaf)
folder=target/public-api

mkdir -p "$folder/found"
# Only rustdoc may use unstable options: compilers that may build everything anew.
printf '#!/bin/sh\nRUSTC_BOOTSTRAP=1 exec rustdoc "$@"\n' >"$folder/rustdoc"
chmod +x "$folder/rustdoc"
# The whole workspace, so that dependencies have the features with which they are built already.
RUSTDOC="$PWD/$folder/rustdoc" RUSTDOCFLAGS="-Zunstable-options --output-format=json" \
    cargo doc --quiet --workspace --lib --no-deps
cargo build --quiet --locked --manifest-path scripts/public-api/Cargo.toml --target-dir "$folder"

status=0
for crate in "${crates[@]}"; do
    found=$folder/found/$crate.txt
    "$folder/debug/list-public-api" "target/doc/${crate//-/_}.json" >"$found"
    if [ "${1:-}" = check ]; then
        diff -u "docs/api/$crate.txt" "$found" || status=1
    else
        mkdir -p docs/api
        cp "$found" "docs/api/$crate.txt"
    fi
done
if [ "$status" -ne 0 ]; then
    echo "The public interface has changed: if it was meant to, run scripts/public-api.sh." >&2
fi
exit "$status"
