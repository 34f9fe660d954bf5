#!/usr/bin/env bash
# Brings the upstream source of a Debian package, without Debian's patches. The machine's own list of
# packages stays as it is.
#
#     scripts/debian-source.sh SUITE PACKAGE FOLDER
set -euo pipefail

suite=$1 package=$2 folder=$3
[ -d "$folder" ] && exit

keyring=/usr/share/keyrings/debian-archive-keyring.gpg
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$work/source"
echo "deb-src [signed-by=$keyring] http://deb.debian.org/debian $suite main" >"$work/sources.list"
cat >"$work/apt.conf" <<END
Dir::Etc::SourceList "$work/sources.list";
Dir::Etc::SourceParts "/dev/null";
Dir::State::Lists "$work/lists";
Dir::Cache "$work/cache";
APT::Sandbox::User "$(id -un)";
END
export APT_CONFIG=$work/apt.conf
apt-get update -qq
(cd "$work" && apt-get source -qq --download-only --tar-only "$package")
tar -xJf "$work/$package"_*.orig.tar.xz -C "$work/source"
# Some archives have one folder for all, others have none.
content=("$work"/source/*)
mkdir -p "$(dirname "$folder")"
if [ ${#content[@]} -eq 1 ]; then
    mv "${content[0]}" "$folder"
else
    mv "$work/source" "$folder"
fi
