#!/usr/bin/env bash
# Tests the wheels: that of this machine's architecture in a bare system and with the tests of the
# installed package, others by the libraries that they need.
set -euo pipefail
. scripts/package/test/common.sh

for wheel in "$package_dir"/vmaf_py-*.whl; do
    unpacked=$(scratch wheel-test)
    python3 -m zipfile -e "$wheel" "$unpacked"
    library=$(echo "$unpacked"/vmaf_py/_native*.so)
    need_old_glibc "$library"
    size=$(du --summarize --bytes "$unpacked" | cut -f1)
    [ "$size" -lt 25000000 ] || fail "$wheel takes $size bytes when it is installed."
    echo "    $(basename "$wheel"): $(stat -c %s "$wheel") bytes, unpacked $size" >&2
done

wheel=$(package "vmaf_py-*_${host%%-*}.whl")
fresh_root
install_inside python3-venv
python=$(inside python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])')
mkdir "$root/wheels"
scripts/python-env.sh "$tools_dir-pip" pip
"$tools_dir-pip/bin/python" -m pip download --quiet --only-binary :all: --python-version "$python" \
    --platform manylinux2014_"${host%%-*}" --dest "$root/wheels" "$wheel"
inside python3 -m venv /venv
inside /venv/bin/python -m pip install --quiet --no-index --find-links /wheels vmaf-py
score_inside y4m /venv/bin/vmaf
cp "$(scripts/ffmpeg-path.sh target/ffmpeg-env)" "$root/usr/local/bin/ffmpeg"
score_inside mp4 /venv/bin/vmaf
found=$(inside /venv/bin/python -c 'import vmaf_py as vq
print("%.6f" % vq.score("/clips/reference.y4m", "/clips/encode.y4m").value)')
expected=$(python3 scripts/package/test/mean.py "$clips/y4m.csv")
[ "$found" = "$expected" ] || fail "Python: $found instead of $expected"
echo "    Python: $found" >&2

WHEEL=$wheel scripts/test-python.sh -k test_package >&2
