#!/usr/bin/env bash
# Builds libvmaf.so.3 and installs it with its static form, headers and libvmaf.pc.
#
#     PREFIX=/usr/local scripts/install-capi.sh
#
# LIBDIR is the folder of the libraries, $PREFIX/lib if not given. DESTDIR is put before all paths, for
# packages.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

version=3.2.0
prefix=${PREFIX:-/usr/local}
libdir=${LIBDIR:-$prefix/lib}
for folder in "$prefix" "$libdir"; do
    if [ "${folder#/}" = "$folder" ]; then
        echo "$folder is not an absolute path; PREFIX and LIBDIR have to be." >&2
        exit 1
    fi
done
libraries=${DESTDIR:-}$libdir
headers=${DESTDIR:-}$prefix/include/libvmaf
built=${CARGO_TARGET_DIR:-target}/release

cargo build --quiet --release -p vmaf-capi

# The dynamic linker may have the former file open, which stays as it is until it is closed.
rm -f "$libraries/libvmaf.so.$version"
install -D -m 755 "$built/libvmaf_capi.so" "$libraries/libvmaf.so.$version"
ln -sf "libvmaf.so.$version" "$libraries/libvmaf.so.${version%%.*}"
ln -sf "libvmaf.so.${version%%.*}" "$libraries/libvmaf.so"
install -D -m 644 "$built/libvmaf_capi.a" "$libraries/libvmaf.a"
install -d "$headers"
install -m 644 vmaf-capi/include/libvmaf/*.h "$headers"
install -d "$libraries/pkgconfig"
sed -e "s|@PREFIX@|$prefix|" -e "s|@LIBDIR@|$libdir|" -e "s|@VERSION@|$version|" \
    vmaf-capi/libvmaf.pc.in >"$libraries/pkgconfig/libvmaf.pc"
