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

from ._native import __version__

if TYPE_CHECKING:
    from . import maps, metrics, research, training
    from ._errors import PartialError, VideoError, VmafError, VmafWarning
    from ._models import ModelInfo, models
    from ._result import Result, Results
    from ._score import score
    from ._scorer import Scorer
    from ._verdicts import Stretch, Verdict, Verdicts, gate
    from .research import bd_quality, bd_rate, convex_hull, rd_curve
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
    "research",
    "score",
    "train",
    "training",
]

# Where what is public comes from. It is imported when it is first asked for, so that the command,
# which needs nothing of it, starts at once, and who scores doesn't wait for what trains.
_MODULES = {
    "._errors": ("PartialError", "VideoError", "VmafError", "VmafWarning"),
    "._models": ("ModelInfo", "models"),
    "._result": ("Result", "Results"),
    "._score": ("score",),
    "._scorer": ("Scorer",),
    "._verdicts": ("Stretch", "Verdict", "Verdicts", "gate"),
    ".research": ("bd_quality", "bd_rate", "convex_hull", "rd_curve"),
    ".training": ("train",),
}
_HOMES = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name in ("maps", "metrics", "research", "training"):
        return import_module(f".{name}", __name__)
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name], __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
