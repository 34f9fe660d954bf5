"""The command `vmaf`, run in this process, with what it says kept."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from .. import _native
from .._decoder import prepare

# What a process says is kept by turning its standard error aside, which is one for all threads.
_ONE_AT_A_TIME = threading.Lock()


class Said(NamedTuple):
    """What came of a command."""

    status: int
    """0: measured, and all gates held; 1: a gate failed; 2: something was not measured."""

    text: str
    """What it wrote to standard output and standard error."""

    @property
    def reason(self) -> str:
        """The errors that it told, without the word, in one line."""
        told = [line for line in self.text.splitlines() if line.strip()]
        errors = [line.removeprefix("error: ") for line in told if line.startswith("error: ")]
        return "; ".join(errors or told[-1:]) or f"the command ended with status {self.status}"


def run(arguments: Sequence[str]) -> Said:
    """Runs `vmaf` with `arguments`, the command's name not among them."""
    prepare()
    with _ONE_AT_A_TIME, tempfile.TemporaryFile() as file:
        with _turned_aside(file.fileno()):
            status = _native.main(["vmaf", *arguments])
        file.seek(0)
        return Said(status, file.read().decode(errors="replace"))


@contextlib.contextmanager
def _turned_aside(target: int) -> Iterator[None]:
    """Makes standard output and standard error those of the file `target` for a while."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, OSError, ValueError):
            stream.flush()
    kept = {descriptor: os.dup(descriptor) for descriptor in (1, 2)}
    try:
        for descriptor in kept:
            os.dup2(target, descriptor)
        yield
    finally:
        for descriptor, copy in kept.items():
            os.dup2(copy, descriptor)
            os.close(copy)
