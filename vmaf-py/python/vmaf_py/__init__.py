"""Perceptual video quality: how good an encode looks beside its source, 0 to 100, as a viewer would.

`score` takes files or frames in memory, an encode or a whole ladder, with the published VMAF models;
`Scorer` takes frames one by one. `metrics` has every metric by itself, `maps` where quality went,
`gate` judges scores, and `models` tells which models there are:

>>> import numpy, vmaf_py as vq
>>> video = numpy.zeros((3, 72, 128), numpy.uint8)
>>> result = vq.score(video, video)
>>> bool(vq.gate(result, "mean>=90"))
True

`rd_curve`, `bd_rate`, `bd_quality` and `convex_hull` compare encoders by scores; `research` has the
rest. `train` makes a model of one's own from features and subjective scores; `training` says how.

What can't be done raises `VmafError`, a `ValueError` that says why and what to do.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from . import maps, metrics
from ._errors import PartialError, VideoError, VmafError, VmafWarning
from ._models import ModelInfo, models
from ._native import __version__
from ._result import Result, Results
from ._score import score
from ._scorer import Scorer
from ._verdicts import Stretch, Verdict, Verdicts, gate
from .research import bd_quality, bd_rate, convex_hull, rd_curve

if TYPE_CHECKING:
    from . import training
    from .training import train

__all__ = [
    "ModelInfo",
    "PartialError",
    "Result",
    "Results",
    "Scorer",
    "Stretch",
    "Verdict",
    "Verdicts",
    "VideoError",
    "VmafError",
    "VmafWarning",
    "__version__",
    "bd_quality",
    "bd_rate",
    "convex_hull",
    "gate",
    "maps",
    "metrics",
    "models",
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
