#!/usr/bin/env bash
# Checks that the crates build, without FFmpeg's libraries, with the oldest Rust that Cargo.toml
# promises.
set -euo pipefail

version=$(sed -n 's/^rust-version = "\(.*\)"$/\1/p' Cargo.toml)
rustup toolchain install "$version" --profile minimal
cargo "+$version" check --locked -p vmaf-cli --no-default-features
