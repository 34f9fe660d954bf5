#!/usr/bin/env bash
# Installs Rust's standard library for a target, unless it is there.
#
#     scripts/rust-target.sh TARGET
set -euo pipefail

libraries=$(rustc --print target-libdir --target "$1")
if [ ! -d "$libraries" ] && ! rustup --quiet target add "$1" >&2; then
    echo "The standard library of Rust for $1 is missing: rustup target add $1" >&2
    exit 1
fi
