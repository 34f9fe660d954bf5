"""Error and warning types. All errors are `VmafError`, a `ValueError`."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ._native import VideoError, VmafError

if TYPE_CHECKING:
    from ._result import Result

__all__ = ["PartialError", "VideoError", "VmafError", "VmafWarning", "missing_package", "warn"]


class PartialError(VmafError):
    """Error for some of several encodes. `results` holds the results of the others."""

    def __init__(self, message: str, results: Sequence[Result | None]) -> None:
        super().__init__(message, results)
        self.results = list(results)
        """Result of each encode, in the order of the encodes; None for those that failed."""

    def __str__(self) -> str:
        return str(self.args[0])


class VmafWarning(UserWarning):
    """Warning about a result, for example that the model is meant for another resolution."""


def warn(message: str, category: type[Warning]) -> None:
    """Issues a warning that points to the caller's line outside this package."""
    level, frame = 2, sys._getframe(1).f_back
    own = __name__.partition(".")[0]
    while frame is not None and frame.f_globals.get("__name__", "").partition(".")[0] == own:
        level, frame = level + 1, frame.f_back
    warnings.warn(message, category, stacklevel=level + 1)


def missing_package(feature: str, package: str, extra: str) -> VmafError:
    """Returns the error for an optional package that `feature` needs and that isn't installed."""
    return VmafError(
        f"{feature} needs {package}, which isn't installed: pip install 'vmaf-py[{extra}]'"
    )
