#!/usr/bin/env bash
# Tests the Debian package of the command.
set -euo pipefail
. scripts/package/test/common.sh

deb=$(package 'vmaf-rs_*.deb')
lintian --allow-root --fail-on error,warning "$deb"
fresh_root
cp "$deb" "$root/vmaf-rs.deb"
install_inside /vmaf-rs.deb
score_inside y4m vmaf
score_inside mp4 vmaf
for file in man/man1/vmaf.1.gz man/man1/vmaf-score.1.gz man/man1/vmaf-libvmaf.1.gz \
    bash-completion/completions/vmaf zsh/vendor-completions/_vmaf fish/vendor_completions.d/vmaf.fish; do
    # Bare systems are configured without documents, but with these.
    [ -f "$root/usr/share/$file" ] || fail "$file is missing"
done
inside apt-get remove -qq vmaf-rs >"$test_dir/apt.log" 2>&1
if find "$root/usr" -name '*vmaf*' | grep .; then
    fail "The package leaves these files behind."
fi
