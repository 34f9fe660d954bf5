"""Error types for curves. All are `RDError`, a `VmafError`."""

from __future__ import annotations

from .._native import VmafError


class RDError(VmafError):
    """Error for input from which no curve, Bjøntegaard delta or hull can be computed."""


class NonMonotonicError(RDError):
    """Error for a curve whose quality doesn't rise with bitrate everywhere."""

    def __init__(
        self, message: str, falls: tuple[tuple[tuple[float, float], tuple[float, float]], ...]
    ) -> None:
        super().__init__(message, falls)
        self.falls = falls
        """Pairs of neighbouring points between which it doesn't rise, each point (bitrate, quality),
        the lower bitrate first."""

    def __str__(self) -> str:
        return str(self.args[0])


class NoOverlapError(RDError):
    """Error for two curves without an interval of qualities, or of bitrates, in common."""
