#!/usr/bin/env bash
# Tests the build for 64-bit Arm under emulation: the released command, without FFmpeg's libraries, beside
# recorded values of libvmaf, then the unit tests of the kernels.
#
#     scripts/arm.sh [quick]
#
# `quick` leaves out the unit tests, whose build takes longest.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. scripts/arm-env.sh

cargo build --release -p vmaf-cli --no-default-features --target "$arm_target"
mkdir -p target/arm
cat >target/arm/vmaf <<END
#!/bin/sh
exec qemu-aarch64 -L $arm_root "$PWD/target/$arm_target/release/vmaf" "\$@"
END
chmod +x target/arm/vmaf
target/arm/vmaf --version
VMAF_COMMAND="$PWD/target/arm/vmaf" cargo test -p vmaf-cli --test command -- recorded::
[ "${1:-}" = quick ] && exit

cargo test -p vmaf-core --lib --target "$arm_target"
