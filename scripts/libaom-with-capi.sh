#!/usr/bin/env bash
# Builds an unmodified aomenc against our libvmaf.so.3, encodes a generated clip with each tuning for VMAF,
# and compares the bitstreams with those of libvmaf itself. Takes five minutes on two processors.
#
#     LIBVMAF=FOLDER MODEL=FILE scripts/libaom-with-capi.sh
#
# FOLDER has libvmaf's own libvmaf.so.3 (3.2), and FILE is vmaf_v0.6.1.json as libvmaf publishes it; without
# them, the bitstreams are only made. The source is Debian's. VMAF_PREFIX=folder uses the libvmaf installed there instead of building ours; VMAF_FFMPEG, or
# `ffmpeg`, makes the clip.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

folder=$PWD/target/libaom-capi
mkdir -p "$folder"
prefix=${VMAF_PREFIX:-}
if [ -z "$prefix" ]; then
    prefix=$folder/prefix
    PREFIX=$prefix scripts/install-capi.sh >&2
fi
scripts/system-packages.sh cmake nasm
scripts/debian-source.sh "${SUITE:-sid}" aom "$folder/source"
export PKG_CONFIG_PATH=$prefix/lib/pkgconfig
cmake -S "$folder/source" -B "$folder/build" -DCMAKE_BUILD_TYPE=Release -DCONFIG_TUNE_VMAF=1 \
    -DCONFIG_AV1_DECODER=0 -DENABLE_TESTS=0 -DENABLE_DOCS=0 -DENABLE_TOOLS=0 >"$folder/build.log"
cmake --build "$folder/build" --target aomenc --parallel "$(nproc)" >>"$folder/build.log"

ffmpeg=${VMAF_FFMPEG:-ffmpeg}
"$ffmpeg" -v error -y -f lavfi -i testsrc2=size=352x288:rate=25,noise=c0s=8:c0f=t,format=yuv420p \
    -frames:v 8 "$folder/8.y4m"
"$ffmpeg" -v error -y -f lavfi -i mandelbrot=size=416x240:rate=25,format=yuv420p10le -strict -1 \
    -frames:v 6 "$folder/10.y4m"

# `encode LIBRARIES DEPTH TUNE` prints the digest of a bitstream.
encode() {
    LD_LIBRARY_PATH=$1 "$folder/build/aomenc" --cpu-used=5 --end-usage=q --cq-level=40 --threads=1 \
        --bit-depth="$2" --tune="$3" --vmaf-model-path="${MODEL:-$PWD/models/vmaf_v0.6.1.json}" -q \
        --obu -o "$folder/out.obu" "$folder/$2.y4m"
    sha256sum <"$folder/out.obu"
}

status=0
for depth in 8 10; do
    for tune in vmaf_without_preprocessing vmaf_with_preprocessing; do
        ours=$(encode "$prefix/lib" "$depth" "$tune")
        plain=$(encode "$prefix/lib" "$depth" psnr)
        result="made"
        if [ -n "${LIBVMAF:-}" ]; then
            result="equal to libvmaf's"
            [ "$ours" = "$(encode "$LIBVMAF" "$depth" "$tune")" ] || result="different from libvmaf's"
        fi
        # A tuning that changes nothing would be equal with any library.
        [ "$ours" != "$plain" ] || result="not tuned"
        echo "$depth bits, --tune=$tune: $result"
        case $result in different* | not*) status=1 ;; esac
    done
done
exit $status
