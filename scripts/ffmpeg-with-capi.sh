#!/usr/bin/env bash
# Builds an unmodified FFmpeg against our libvmaf.so.3, and scores a generated clip with its filter.
# Prints the path of the program, target/ffmpeg-capi/ffmpeg. Takes four minutes on two processors.
#
#     scripts/ffmpeg-with-capi.sh
#
# The source is Debian's, from the newest suite that configures. SUITES="bookworm" selects others.
# VMAF_PREFIX=folder uses the libvmaf installed there instead of building ours.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

folder=$PWD/target/ffmpeg-capi
read -r -a suites <<<"${SUITES:-sid trixie bookworm}"
mkdir -p "$folder"

prefix=${VMAF_PREFIX:-}
if [ -z "$prefix" ]; then
    prefix=$folder/prefix
    PREFIX=$prefix scripts/install-capi.sh >&2
fi

# `configure SUITE` selects what the filter needs, and an H.264 decoder for encodes.
configure() {
    mkdir -p "$folder/$1/build"
    cd "$folder/$1/build" || return
    PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name libvmaf.pc)") \
        ../source/configure --disable-everything --disable-autodetect --disable-doc --disable-debug \
        --disable-asm --disable-ffplay --disable-ffprobe --disable-network \
        --enable-libvmaf --enable-filter=libvmaf,scale,format,testsrc2 --enable-indev=lavfi \
        --enable-protocol=file,pipe --enable-demuxer=yuv4mpegpipe,rawvideo,mov,matroska \
        --enable-decoder=rawvideo,wrapped_avframe,h264 --enable-parser=h264 \
        --enable-encoder=rawvideo,wrapped_avframe --enable-muxer=null,yuv4mpegpipe,rawvideo \
        --extra-ldflags="-Wl,-rpath,$prefix/lib" >configure.log 2>&1
}

suite=
for candidate in "${suites[@]}"; do
    if scripts/debian-source.sh "$candidate" ffmpeg "$folder/$candidate/source" >&2 && (configure "$candidate"); then
        suite=$candidate
        break
    fi
    echo "FFmpeg of Debian $candidate can't be configured; see $folder/$candidate/build." >&2
done
[ -n "$suite" ] || exit 1

make -C "$folder/$suite/build" -j"$(nproc)" ffmpeg >"$folder/$suite/build.log" 2>&1 || {
    tail -n 30 "$folder/$suite/build.log" >&2
    exit 1
}
ln -sf "$suite/build/ffmpeg" "$folder/ffmpeg"

clip=testsrc2=size=320x180:rate=25:duration=1,format=yuv420p
"$folder/ffmpeg" -nostdin -v error -f lavfi -i "$clip,scale=160:90,scale=320:180" -f lavfi -i "$clip" \
    -lavfi "libvmaf=feature=name=psnr:n_threads=2:log_fmt=json:log_path=$folder/scores.json" -f null - >&2
grep -q '"vmaf"' "$folder/scores.json"
"$folder/ffmpeg" -nostdin -version | head -1 >&2
echo "$folder/ffmpeg"
