#!/usr/bin/env bash
# Builds the wheels, target/package/vmaf_py-*.whl, for Python 3.10 and newer: linked with zig, they need
# glibc 2.17 or newer.
#
#     scripts/package/wheels.sh [ARCHITECTURE...]
#
# Without arguments, builds for x86_64 and aarch64.
set -euo pipefail
. scripts/package/common.sh

architectures=("$@")
if [ ${#architectures[@]} -eq 0 ]; then
    architectures=(x86_64 aarch64)
fi
need_zig
mkdir -p "$package_dir"
for architecture in "${architectures[@]}"; do
    target=$architecture-unknown-linux-gnu
    scripts/rust-target.sh "$target"
    # The wheel takes it with the licences of the project.
    scripts/package/licences.py vmaf-py --target "$target" >vmaf-py/LICENSES-THIRD-PARTY.txt
    rm -f "$package_dir"/vmaf_py-*"_$architecture.whl"
    "$tools_dir/bin/maturin" build --quiet --release --locked --zig --compatibility manylinux_2_17 \
        --target "$target" --manifest-path vmaf-py/Cargo.toml --out "$package_dir"
done
