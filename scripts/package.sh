#!/usr/bin/env bash
# Builds packages in target/package, with their digests in SHA256SUMS there.
#
#     scripts/package.sh [PART...]
#
# A part is the name of a script in scripts/package: source, command-deb, library-deb, portable, wheels.
# Without arguments, all are built. scripts/package/test.sh tests them.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

parts=("$@")
if [ ${#parts[@]} -eq 0 ]; then
    parts=(source command-deb library-deb portable wheels)
    rm -rf target/package
fi
scripts/system-packages.sh
mkdir -p target/package
for part in "${parts[@]}"; do
    "scripts/package/$part.sh"
done
cd target/package
rm -f SHA256SUMS
sha256sum -- * >SHA256SUMS
ls -l
