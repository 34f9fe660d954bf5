# Sets up the build for 64-bit Arm Linux and its emulation, for scripts that source it. Installs the cross
# compiler, the emulator and Rust's standard library where they are missing.
# shellcheck shell=bash

arm_target=aarch64-unknown-linux-gnu
arm_root=/usr/aarch64-linux-gnu
if ! { command -v aarch64-linux-gnu-gcc && command -v qemu-aarch64; } >/dev/null; then
    as_root=()
    [ "$(id -u)" -eq 0 ] || as_root=(sudo)
    "${as_root[@]}" apt-get update -qq || true
    DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -qq --no-install-recommends \
        gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user >/dev/null
fi
scripts/rust-target.sh "$arm_target"

export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=aarch64-linux-gnu-gcc
export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER="qemu-aarch64 -L $arm_root"
