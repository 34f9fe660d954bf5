"""The models that are built in."""

from __future__ import annotations

from dataclasses import dataclass

from . import _native


@dataclass(frozen=True)
class ModelInfo:
    """A built-in model."""

    name: str
    """Its name in full, which results have."""

    short: str
    """Its short name."""

    display: str
    """The display it was trained for."""

    viewing_distance: str
    """How far away the viewer sits, in heights of the display."""

    range: tuple[float, float]
    """Least and greatest score."""

    use_for: str
    """When to use it."""


def models() -> list[ModelInfo]:
    """All built-in models, the default one first."""
    return [ModelInfo(**model) for model in _native.models()]
