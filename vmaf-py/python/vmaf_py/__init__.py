"""Perceptual video quality of NumPy arrays.

`score` says how good a distorted video looks beside its reference, 0 to 100, with the published
VMAF models:

    >>> import numpy, vmaf_py
    >>> video = numpy.zeros((3, 72, 128), numpy.uint8)
    >>> vmaf_py.score(video, video).frames["integer_motion2"]
    array([0., 0., 0.])

`rd_curve`, `bd_rate`, `bd_quality` and `convex_hull` compare encoders by such scores; `research` says
how, and has the rest. `train` makes a model of one's own from features and subjective scores;
`training` says how.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from . import _native
from ._native import VmafError
from .research import bd_quality, bd_rate, convex_hull, rd_curve

if TYPE_CHECKING:
    from . import training
    from .training import train

__all__ = [
    "Score",
    "VmafError",
    "bd_quality",
    "bd_rate",
    "convex_hull",
    "rd_curve",
    "score",
    "train",
    "training",
]


def __getattr__(name: str) -> Any:
    """Imports training when it is first asked for: most who score don't train."""
    if name not in ("train", "training"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = import_module(".training", __name__)
    return module if name == "training" else module.train


@dataclass(frozen=True)
class Score:
    """What `score` gives."""

    value: float
    """The mean of the frames' scores."""

    model: str
    """The model that gave it."""

    frames: dict[str, NDArray[np.float64]] = field(repr=False)
    """A value a frame, by column: the model's features, then its score, under its name."""


def score(
    reference: NDArray[np.uint8] | NDArray[np.uint16],
    distorted: NDArray[np.uint8] | NDArray[np.uint16],
    model: str = "vmaf_v0.6.1",
    bit_depth: int | None = None,
) -> Score:
    """Scores `distorted` beside `reference`, with all processors.

    Both are luma, of shape (frames, height, width). Arrays of uint8 hold 8 bits a sample; arrays of
    uint16 hold `bit_depth` bits, 9 to 16, in the low bits.

    Raises VmafError where they can't be scored.
    """
    value, frames = _measure(np.asarray(reference), np.asarray(distorted), model, bit_depth)
    return Score(value, model, frames)


def _measure(
    reference: NDArray[Any], distorted: NDArray[Any], model: str, bit_depth: int | None
) -> tuple[float, dict[str, NDArray[np.float64]]]:
    """Checks what can be said best here, and hands over to Rust."""
    if reference.dtype != distorted.dtype:
        raise VmafError(
            f"the reference is {reference.dtype}, the distorted video {distorted.dtype}: "
            "they must be of one type"
        )
    if reference.shape != distorted.shape:
        raise VmafError(
            f"the reference is {reference.shape}, the distorted video {distorted.shape}: "
            "they must be of one shape"
        )
    if reference.ndim != 3:
        raise VmafError(f"an array of shape {reference.shape} is not (frames, height, width)")

    if reference.dtype == np.uint8:
        if bit_depth not in (None, 8):
            raise VmafError(f"arrays of uint8 hold 8 bits a sample, not {bit_depth}")
        return _native.score_u8(reference, distorted, model)
    elif reference.dtype == np.uint16:
        if bit_depth is None or not 9 <= bit_depth <= 16:
            raise VmafError(f"arrays of uint16 need bit_depth, 9 to 16, not {bit_depth}")
        greatest = max(int(reference.max(initial=0)), int(distorted.max(initial=0)))
        if greatest >> bit_depth:
            raise VmafError(f"a sample of {greatest} has more than {bit_depth} bits")
        return _native.score_u16(reference, distorted, bit_depth, model)
    raise VmafError(f"samples must be uint8 or uint16, not {reference.dtype}")
