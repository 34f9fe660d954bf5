"""Choice of the FFmpeg program that decodes files.

In order of preference: the program in `VMAF_FFMPEG`; that of the package imageio-ffmpeg, which the
extra `[ffmpeg]` installs; `ffmpeg` on the PATH.
"""

from __future__ import annotations

import os
from functools import cache

VARIABLE = "VMAF_FFMPEG"
"""Environment variable that holds the path of the FFmpeg program."""


@cache
def select_ffmpeg() -> None:
    """Sets `VMAF_FFMPEG` to imageio-ffmpeg's program, unless it is set or the package is missing."""
    if os.environ.get(VARIABLE):
        return
    try:
        from imageio_ffmpeg import get_ffmpeg_exe

        os.environ[VARIABLE] = get_ffmpeg_exe()
    except (ImportError, RuntimeError):
        # Not installed, or no program for this machine. The decoder falls back to the PATH and
        # reports an error if there is no FFmpeg there either.
        pass
