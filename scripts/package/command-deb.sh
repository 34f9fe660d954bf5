#!/usr/bin/env bash
# Builds the Debian package of the command, target/package/vmaf-rs_*.deb. It links the FFmpeg libraries
# of the system that builds it, and is for that release of Debian or Ubuntu.
set -euo pipefail
. scripts/package/common.sh

cargo build --quiet --release --locked -p vmaf-cli
root=$(scratch vmaf-rs)
install -D -m 755 "$(target_dir)/release/vmaf" "$root/usr/bin/vmaf"
strip --remove-section=.comment --remove-section=.note "$root/usr/bin/vmaf"
system_files "$root/usr/bin/vmaf" "$root/usr/share"
gzip -9n "$root"/usr/share/man/man1/*.1
scripts/package/licences.py vmaf-cli --target "$host" >"$root/THIRD-PARTY"
scripts/package/deb.sh vmaf-rs "$root"
