#!/usr/bin/env bash
# Builds packages in target/package, with a bill of materials beside each (PACKAGE.cdx.json), and the
# digests of all in SHA256SUMS there.
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
rm -f target/package/*.cdx.json target/package/SHA256SUMS
scripts/package/sbom.py target/package/*
cd target/package
sha256sum -- * >SHA256SUMS
ls -l
