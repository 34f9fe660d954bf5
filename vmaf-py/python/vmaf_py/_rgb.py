"""Exact conversion from RGB to limited-range Y'CbCr 4:4:4, the same as for still image files.

With R, G and B from 0 to 1, the matrix's coefficients `Kr` and `Kb`, and samples of 8 bits,

    Y' = Kr R + (1 - Kr - Kb) G + Kb B
    luma = 16 + 219 Y'
    Cb = 128 + 224 (B - Y') / (2 - 2 Kb)
    Cr = 128 + 224 (R - Y') / (2 - 2 Kr)

rounded to the nearest integer, halves up. Each additional bit doubles all constants. Coefficients
have four decimals, so integer arithmetic is exact (ITU-R BT.601, BT.709, BT.2020).
"""

from __future__ import annotations

from typing import Any, Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from ._errors import VmafError

Matrix: TypeAlias = Literal["bt601", "bt709", "bt2020"]

_SCALE = 10_000
_COEFFICIENTS: dict[str, tuple[int, int]] = {
    "bt601": (2990, 1140),
    "bt709": (2126, 722),
    "bt2020": (2627, 593),
}
"""Kr and Kb of each matrix, in units of 1 / _SCALE."""


def check_matrix(matrix: str | None) -> Any:
    """Returns `matrix`. Raises VmafError if it is unknown."""
    if matrix is not None and matrix not in get_args(Matrix):
        raise VmafError(f"matrix must be bt601, bt709 or bt2020, not {matrix!r}")
    return matrix


def to_yuv(rgb: NDArray[Any], matrix: Matrix, bit_depth: int | None) -> list[NDArray[Any]]:
    """Converts a picture of shape (H, W, 3) or (H, W, 4) to planes; a fourth channel is ignored.

    Samples of uint16 have `bit_depth` bits, 16 if it is None.
    """
    if rgb.dtype not in (np.uint8, np.uint16):
        raise VmafError(f"samples of RGB must be uint8 or uint16, not {rgb.dtype}")
    bits = 8 if rgb.dtype == np.uint8 else bit_depth or 16
    peak, unit = (1 << bits) - 1, 1 << (bits - 8)
    red, green, blue = (rgb[..., channel].astype(np.int64) for channel in range(3))
    kr, kb = _COEFFICIENTS[matrix]
    luma = kr * red + (_SCALE - kr - kb) * green + kb * blue

    def quantize(value: NDArray[np.int64], gain: int, divisor: int, offset: int) -> NDArray[Any]:
        # Rounds halves up: floor(quotient + 1/2).
        samples = (2 * gain * unit * value + divisor) // (2 * divisor) + offset * unit
        return samples.astype(rgb.dtype)

    return [
        quantize(luma, 219, _SCALE * peak, 16),
        quantize(_SCALE * blue - luma, 224, 2 * (_SCALE - kb) * peak, 128),
        quantize(_SCALE * red - luma, 224, 2 * (_SCALE - kr) * peak, 128),
    ]
