"""RGB for metrics that measure light."""

from __future__ import annotations

from typing import Any

import numpy as np

from ._frames import is_interleaved


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
