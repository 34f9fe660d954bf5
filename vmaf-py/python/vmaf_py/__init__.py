"""Perceptual video quality with VMAF: scores from 0 to 100 that predict how viewers rate an encode.

`score` compares files or frames in memory, one encode or a whole ladder, with a reference; `Scorer`
takes frames one by one. `metrics` computes single metrics, `maps` shows where in the picture quality
is lost, `gate` checks scores against thresholds, and `models` lists the built-in VMAF models:

>>> import numpy, vmaf_py as vq
>>> video = numpy.zeros((3, 72, 128), numpy.uint8)
>>> result = vq.score(video, video)
>>> bool(vq.gate(result, "mean>=90"))
True

`search` finds the encoder setting of the smallest file that still meets a target, and `ladder` the
heights and settings of an encoding ladder.

`rd_curve`, `bd_rate`, `bd_quality` and `convex_hull` compare encoders; `research` has more tools for
it. `train` makes your own model from features and subjective scores; see `training`.

All errors are `VmafError`, a `ValueError` whose message says what is wrong and how to fix it.
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
    from ._search import LadderResult, SearchResult, ladder, search
    from ._verdicts import Stretch, Verdict, Verdicts, gate
    from .research import bd_quality, bd_rate, convex_hull, rd_curve
    from .training import train

__all__ = [
    "LadderResult",
    "ModelInfo",
    "PartialError",
    "Result",
    "Results",
    "Scorer",
    "SearchResult",
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
    "ladder",
    "maps",
    "metrics",
    "models",
    "rd_curve",
    "research",
    "score",
    "search",
    "train",
    "training",
]

# Public names by module. Each module is imported on first use: the command `vmaf` needs none of them
# and starts faster, and scoring doesn't load the training code.
_NAMES = {
    "._errors": ("PartialError", "VideoError", "VmafError", "VmafWarning"),
    "._models": ("ModelInfo", "models"),
    "._result": ("Result", "Results"),
    "._score": ("score",),
    "._scorer": ("Scorer",),
    "._search": ("LadderResult", "SearchResult", "ladder", "search"),
    "._verdicts": ("Stretch", "Verdict", "Verdicts", "gate"),
    ".research": ("bd_quality", "bd_rate", "convex_hull", "rd_curve"),
    ".training": ("train",),
}
_MODULE_OF = {name: module for module, names in _NAMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name in ("maps", "metrics", "research", "training"):
        return import_module(f".{name}", __name__)
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_MODULE_OF[name], __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
