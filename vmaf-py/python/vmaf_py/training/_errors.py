"""Error type of training."""

from __future__ import annotations

from .._native import VmafError


class TrainingError(VmafError):
    """Error for a table, an option or a model file that can't be used."""
