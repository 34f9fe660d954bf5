"""The types of errors: all are `VmafError`, a `ValueError`."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ._native import VideoError, VmafError

if TYPE_CHECKING:
    from ._result import Result

__all__ = ["PartialError", "VideoError", "VmafError", "VmafWarning", "lacks", "warn"]


class PartialError(VmafError):
    """Some of several encodes could not be measured; those that could are in `results`."""

    def __init__(self, message: str, results: Sequence[Result | None]) -> None:
        super().__init__(message, results)
        self.results = list(results)
        """The result of each encode, in the order given; None for those that failed."""

    def __str__(self) -> str:
        return str(self.args[0])


class VmafWarning(UserWarning):
    """A fact to know about a result, as that a model is made for other pictures."""


def warn(message: str, category: type[Warning]) -> None:
    """Warns, at the line outside of this package that led here."""
    level, frame = 2, sys._getframe(1).f_back
    own = __name__.partition(".")[0]
    while frame is not None and frame.f_globals.get("__name__", "").partition(".")[0] == own:
        level, frame = level + 1, frame.f_back
    warnings.warn(message, category, stacklevel=level + 1)


def lacks(what: str, package: str, extra: str) -> VmafError:
    """The error where an optional package is missing that `what` needs."""
    return VmafError(
        f"{what} needs {package}, which isn't installed: pip install 'vmaf-py[{extra}]'"
    )
