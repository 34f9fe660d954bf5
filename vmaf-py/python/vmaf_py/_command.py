"""The command `vmaf`, which the wheel installs: the same code as the command of its own."""

from __future__ import annotations

import signal
import sys

from . import _native
from ._decoder import prepare


def main() -> int:
    """Runs the command with the arguments of this process; its exit status."""
    # Ctrl-C ends the command as it ends any other, at once; Python would only take note of it. Where
    # it is ignored, as in the background of a script, it stays so.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    prepare()
    return _native.main(["vmaf", *sys.argv[1:]])
