#!/usr/bin/env bash
# Builds the Debian packages of the library in place of libvmaf: libvmaf3-rs has libvmaf.so.3,
# libvmaf-rs-dev what building with it needs.
set -euo pipefail
. scripts/package/common.sh

libraries=/usr/lib/$(dpkg-architecture -qDEB_HOST_MULTIARCH)
all=$(scratch libvmaf)
DESTDIR=$PWD/$all PREFIX=/usr LIBDIR=$libraries scripts/install-capi.sh
# Debian's libraries are not executable.
chmod 644 "$all$libraries"/libvmaf.so.*.*
strip --strip-unneeded --remove-section=.comment --remove-section=.note "$all$libraries"/libvmaf.so.*.*
strip --strip-debug --enable-deterministic-archives "$all$libraries/libvmaf.a"

scripts/package/licences.py vmaf-capi --target "$host" >target/package-scratch/third-party
for name in libvmaf3-rs libvmaf-rs-dev; do
    root=$(scratch "$name")
    install -d "$root$libraries"
    cp target/package-scratch/third-party "$root/THIRD-PARTY"
    if [ "$name" = libvmaf3-rs ]; then
        mv "$all$libraries"/libvmaf.so.3* "$root$libraries"
    else
        mv "$all$libraries"/* "$root$libraries"
        mv "$all/usr/include" "$root/usr"
    fi
    scripts/package/deb.sh "$name" "$root"
done
