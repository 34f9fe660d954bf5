"""What can go wrong with training, as a type."""

from __future__ import annotations

from .._native import VmafError


class TrainingError(VmafError):
    """A table, an option or a model file can't be used; the message says which part and why."""
