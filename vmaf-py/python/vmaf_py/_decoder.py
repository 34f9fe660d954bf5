"""Which FFmpeg decodes files: the one that `VMAF_FFMPEG` names, or that of the package
imageio-ffmpeg, which the extra `[ffmpeg]` installs, or the one on the path."""

from __future__ import annotations

import os
from functools import cache

VARIABLE = "VMAF_FFMPEG"
"""The environment variable that the decoder looks at."""


@cache
def prepare() -> None:
    """Names imageio-ffmpeg's program to the decoder, unless another one is named."""
    if os.environ.get(VARIABLE):
        return
    try:
        from imageio_ffmpeg import get_ffmpeg_exe

        os.environ[VARIABLE] = get_ffmpeg_exe()
    except (ImportError, RuntimeError):
        # There is none for this machine: the one on the path serves, or the decoder says what to do.
        pass
