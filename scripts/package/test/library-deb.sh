#!/usr/bin/env bash
# Tests the Debian packages of the library: a C program is built with libvmaf-rs-dev, and runs with
# libvmaf3-rs alone, which takes the place of a package libvmaf3.
set -euo pipefail
. scripts/package/test/common.sh

runtime=$(package 'libvmaf3-rs_*.deb')
development=$(package 'libvmaf-rs-dev_*.deb')
lintian --allow-root --fail-on error,warning "$runtime" "$development"

fresh_root
cp "$runtime" "$root/libvmaf3-rs.deb"
cp "$development" "$root/libvmaf-rs-dev.deb"
cp scripts/package/test/score.c "$root/score.c"
install_inside /libvmaf3-rs.deb /libvmaf-rs-dev.deb gcc libc6-dev pkg-config
# shellcheck disable=SC2016 # the shell inside expands them
inside sh -euc 'cc -Wall -Werror -o /score /score.c $(pkg-config --cflags --libs libvmaf)
    cc -o /score-static /score.c $(pkg-config --cflags libvmaf) -l:libvmaf.a \
        $(pkg-config --static --libs libvmaf | sed s/-lvmaf//)'
expected=$(python3 scripts/package/test/mean.py "$clips/y4m.csv")
cp "$root/score" "$root/score-static" "$test_dir"

fresh_root
cp "$runtime" "$root/libvmaf3-rs.deb"
cp "$test_dir/score" "$test_dir/score-static" "$root"
# Packages as a distribution has them: the library, and a program that needs it.
for name in libvmaf3 libvmaf-user; do
    mkdir -p "$root/fake/$name/DEBIAN"
    printf '%s\n' "Package: $name" 'Version: 3.1.0-1' 'Architecture: all' 'Maintainer: none <none@none.invalid>' \
        'Description: stand-in' >"$root/fake/$name/DEBIAN/control"
done
echo 'Depends: libvmaf3 (>= 3.0.0)' >>"$root/fake/libvmaf-user/DEBIAN/control"
for name in libvmaf3 libvmaf-user; do
    inside dpkg-deb --build --root-owner-group "/fake/$name" "/$name.deb" >&2
    inside dpkg --install "/$name.deb" >&2
done
inside apt-get install -qq /libvmaf3-rs.deb >"$test_dir/apt.log" 2>&1 || fail "see $test_dir/apt.log"
is_installed() {
    inside dpkg-query --status "$1" 2>/dev/null | grep -qx 'Status: install ok installed'
}
is_installed libvmaf-user \
    || fail "libvmaf3-rs does not satisfy what depends on libvmaf3"
if is_installed libvmaf3; then
    fail "libvmaf3-rs does not take the place of libvmaf3"
fi
for program in score score-static; do
    found=$(inside "/$program" /clips/reference.y4m /clips/encode.y4m)
    [ "$found" = "$expected" ] || fail "$program: $found instead of $expected"
    echo "    $program: $found" >&2
done
