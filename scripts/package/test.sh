#!/usr/bin/env bash
# Tests the packages in target/package: installs each into a bare Debian of its own, in target/package-test,
# and scores a clip there. Every package has to give the same bits as the released command.
#
#     scripts/package/test.sh [PART...]
#
# Parts are those of scripts/package.sh. Must run as root, which debootstrap and chroot need.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
. scripts/package/test/common.sh

if [ "$(id -u)" -ne 0 ]; then
    echo "make package-test makes bare systems and enters them with chroot; run it as root." >&2
    exit 1
fi
scripts/system-packages.sh debootstrap lintian

parts=("$@")
if [ ${#parts[@]} -eq 0 ]; then
    parts=(source command-deb library-deb portable wheels)
    (cd "$package_dir" && sha256sum --quiet --check SHA256SUMS)
fi
mkdir -p "$test_dir"
make_base
make_clips
for part in "${parts[@]}"; do
    echo "$part" >&2
    "scripts/package/test/$part.sh"
    rm -rf "$test_dir/root"
done
echo "All packages score as the released command does: ${parts[*]}"
