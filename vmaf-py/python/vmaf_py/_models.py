"""The built-in models."""

from __future__ import annotations

from dataclasses import dataclass

from . import _native


@dataclass(frozen=True)
class ModelInfo:
    """Description of a built-in model."""

    name: str
    """Full name, as in results."""

    short: str
    """Short name."""

    display: str
    """Display that the model was trained for."""

    viewing_distance: str
    """Viewing distance, in display heights."""

    range: tuple[float, float]
    """Lowest and highest score."""

    use_for: str
    """Recommended use."""


def models() -> list[ModelInfo]:
    """Returns all built-in models, the default one first."""
    return [ModelInfo(**model) for model in _native.models()]
