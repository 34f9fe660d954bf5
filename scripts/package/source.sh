#!/usr/bin/env bash
# Makes the source archive, target/package/vmaf-rs-VERSION.tar.gz: the files of the commit that is
# checked out. The same commit gives the same archive.
set -euo pipefail
. scripts/package/common.sh

if [ -n "$(git status --porcelain)" ]; then
    echo "The source archive is that of the last commit, without the changes since." >&2
fi
mkdir -p "$package_dir"
name=vmaf-rs-$version
git archive --format=tar --prefix="$name/" HEAD | gzip -9n >"$package_dir/$name.tar.gz"
