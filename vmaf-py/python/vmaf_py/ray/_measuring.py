"""Keyword arguments of `vmaf_py.score` as options that tasks get."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Mapping
from typing import Any

from .. import _native
from .._errors import VmafError
from .._options import options_of
from .._score import score

# Arguments of `score` that are not about how files are measured, and `threads`, which tasks have.
_OTHERS = ("reference", "distorted", "threads", "progress", "names", "matrix")


def measured_as(options: Mapping[str, Any]) -> _native.Options:
    """The options of keyword arguments that say how videos are measured, as `vmaf_py.score` has
    them. They can be pickled.

    Raises VmafError for others, and for a value that is wrong.
    """
    arguments = inspect.signature(score).parameters.items()
    known = {name: one.default for name, one in arguments if name not in _OTHERS}
    for name in options:
        if name not in known:
            close = difflib.get_close_matches(name, known, 1)
            hint = f": did you mean '{close[0]}'?" if close else f" (there are {', '.join(known)})"
            raise VmafError(f"there is no option '{name}'{hint}")
    return options_of(**{**known, **options})
