"""Entry point of the command `vmaf` that the wheel installs; it runs the code of the Rust command."""

from __future__ import annotations

import signal
import sys

from . import _native
from ._decoder import select_ffmpeg


def main() -> int:
    """Runs the command with the arguments of this process and returns its exit status."""
    # Python's handler only sets a flag, so the default action is restored: the command handles Ctrl-C
    # itself, and elsewhere it ends the process. If SIGINT is ignored, as for background jobs of a script,
    # it stays ignored.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    select_ffmpeg()
    return _native.main(["vmaf", *sys.argv[1:]])
