#!/usr/bin/env bash
# Makes the Debian package NAME of a folder with its files, which becomes the package's root.
#
#     scripts/package/deb.sh NAME FOLDER
#
# packaging/debian/NAME.* are its control files. FOLDER/THIRD-PARTY has the licences of the crates in
# its programs. The maintainer is $DEBFULLNAME <$DEBEMAIL>.
set -euo pipefail
. scripts/package/common.sh

name=$1
root=$2
source=packaging/debian
maintainer="${DEBFULLNAME:-vmaf-rs maintainers} <${DEBEMAIL:-maintainers@vmaf-rs.invalid}>"
architecture=$(dpkg --print-architecture)
# The libraries that it links are those of this release.
release=$(os_release ID)$(os_release VERSION_ID)
codename=$(os_release VERSION_CODENAME)
debian_version=$version-1+$release

documents=$root/usr/share/doc/$name
install -d "$documents" "$root/DEBIAN"
install -m 644 "$source/copyright" "$documents/copyright"
mv "$root/THIRD-PARTY" "$documents/THIRD-PARTY"
cp CHANGELOG.md "$documents/changelog"
cat >"$documents/changelog.Debian" <<ENTRY
vmaf-rs ($debian_version) $codename; urgency=medium

  * Version $version; changelog.gz lists the changes.

 -- $maintainer  $(date -R -u -d "@$SOURCE_DATE_EPOCH")
ENTRY
gzip -9n "$documents"/{THIRD-PARTY,changelog,changelog.Debian}
if [ -f "$source/$name.lintian-overrides" ]; then
    install -D -m 644 "$source/$name.lintian-overrides" "$root/usr/share/lintian/overrides/$name"
fi

# What its programs and libraries link. dpkg-shlibdeps reads debian/control in the current folder.
depends=
mapfile -t linked < <(find "$PWD/$root/usr" -type f \( -path '*/bin/*' -o -name '*.so.*' \))
if [ ${#linked[@]} -gt 0 ]; then
    shlibs=$(scratch shlibs)
    install -d "$shlibs/debian"
    printf 'Source: vmaf-rs\n\nPackage: %s\nArchitecture: any\n' "$name" >"$shlibs/debian/control"
    depends=$(cd "$shlibs" && dpkg-shlibdeps -O "${linked[@]}" | sed -n 's/^shlibs:Depends=//p')
fi

find "$root" -mindepth 1 ! -type l -exec chmod u+rwX,go+rX,go-w {} +
find "$root" -mindepth 1 -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +
size=$(du --apparent-size --summarize --block-size=1024 "$root/usr" | cut -f1)
sed -e "s/@VERSION@/$debian_version/" -e "s/@ARCHITECTURE@/$architecture/" -e "s/@SIZE@/$size/" \
    -e "s/@MAINTAINER@/$maintainer/" -e "s/@DEPENDS@/$depends/" \
    "$source/$name.control" >"$root/DEBIAN/control"
for file in shlibs triggers; do
    if [ -f "$source/$name.$file" ]; then
        install -m 644 "$source/$name.$file" "$root/DEBIAN/$file"
    fi
done
(cd "$root" && find usr -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum) >"$root/DEBIAN/md5sums"

mkdir -p "$package_dir"
rm -f "$package_dir/${name}"_*.deb
dpkg-deb --root-owner-group --build -Zxz "$root" \
    "$package_dir/${name}_${debian_version}_$architecture.deb" >&2
