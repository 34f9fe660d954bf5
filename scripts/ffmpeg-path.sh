#!/usr/bin/env bash
# Prints the path of an FFmpeg with encoders: that in VMAF_FFMPEG, that of imageio-ffmpeg in the virtual
# environment FOLDER, or that on the PATH. Prints nothing if there is none.
#
#     scripts/ffmpeg-path.sh FOLDER
set -euo pipefail

python="$1/bin/python"

if [ -n "${VMAF_FFMPEG:-}" ]; then
    echo "$VMAF_FFMPEG"
elif [ -x "$python" ] && "$python" -c 'import imageio_ffmpeg' 2>/dev/null; then
    "$python" -c 'import imageio_ffmpeg; print(imageio_ffmpeg.get_ffmpeg_exe())'
else
    command -v ffmpeg || true
fi
