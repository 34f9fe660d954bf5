#!/usr/bin/env bash
# Builds the website of docs/ in target/site. If `make doc` has built the documentation of the crates,
# the site contains it.
#
# SITE_REPOSITORY, SITE_REVISION and SITE_URL are explained in scripts/site-pages.py.
set -euo pipefail

build=target/site-build
site=target/site

scripts/python-env.sh target/site-tools \
    zensical==0.0.73 markdown==3.11.3 pymdown-extensions==13.1.2 pygments==2.21.0

rm -rf "$build" "$site"
mkdir -p "$build"
scripts/site-pages.py "$build"
target/site-tools/bin/zensical build --strict --config-file "$build/zensical.toml"
if [ -f target/doc/vmaf/index.html ]; then
    cp -r target/doc "$build/site/rustdoc"
fi
scripts/site-check.py "$build/site"
mv "$build/site" "$site"
echo "The website is in $site. To read it: python3 -m http.server --directory $site"
