"""What can go wrong with curves, as types: all are `RDError`, a `VmafError`."""

from __future__ import annotations

from .._native import VmafError


class RDError(VmafError):
    """What was given makes no curve, no Bjøntegaard delta or no hull; the message says why."""


class NonMonotonicError(RDError):
    """A curve's quality doesn't rise with its bitrate, so that it has no inverse to integrate."""

    def __init__(
        self, message: str, falls: tuple[tuple[tuple[float, float], tuple[float, float]], ...]
    ) -> None:
        super().__init__(message, falls)
        self.falls = falls
        """The neighbours at fault, each a pair of (bitrate, quality), the lower bitrate first."""

    def __str__(self) -> str:
        return str(self.args[0])


class NoOverlapError(RDError):
    """Two curves have no quality, or no bitrate, in common: there is nothing to compare."""
