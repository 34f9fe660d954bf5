"""Descriptions of RGB for metrics that measure light."""

from __future__ import annotations

from typing import Any

import numpy as np

from ._frames import is_interleaved
from ._rgb import Matrix

LIGHT_METRICS = frozenset({"butteraugli", "cvvdp", "ssimulacra2"})
"""Metrics with the options matrix, range, transfer, primaries and siting."""


def described(
    name: str, options: list[tuple[str, str]], matrix: Matrix | None
) -> list[tuple[str, str]]:
    """Returns a metric's options with a description of YUV that was converted from RGB by `matrix`;
    unchanged if the metric needs none."""
    if matrix is None or name not in LIGHT_METRICS:
        return options
    description = {"matrix": matrix, "range": "limited", "transfer": "srgb"}
    return [*{**description, **dict(options)}.items()]


def rgb_planes(source: Any) -> Any:
    """Returns RGB without conversion: of a picture (H, W, 3) a tuple of green, blue and red, of a
    video an array (N, 3, H, W) of them; None if `source` is not an array of RGB."""
    if not hasattr(source, "__array__"):
        return None
    array = np.asarray(source)
    if array.ndim not in (3, 4) or not is_interleaved(array.shape):
        return None
    planes = tuple(array[..., channel] for channel in (1, 2, 0))
    return planes if array.ndim == 3 else np.stack(planes, axis=1)
