"""Conversion of keyword arguments of `vmaf_py.score` to options for tasks."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Mapping
from typing import Any

from .. import _native
from .._errors import VmafError
from .._options import options_of
from .._score import score

# Arguments of `score` that aren't measurement options. Each task sets `threads` itself.
EXCLUDED = ("reference", "distorted", "threads", "progress", "names", "matrix")


def measurement_options(options: Mapping[str, Any]) -> _native.Options:
    """Returns the options of keyword arguments of `vmaf_py.score`. They can be pickled.

    Raises VmafError for an unknown option or a wrong value.
    """
    arguments = inspect.signature(score).parameters.items()
    defaults = {name: one.default for name, one in arguments if name not in EXCLUDED}
    for name in options:
        if name not in defaults:
            close = difflib.get_close_matches(name, defaults, 1)
            hint = (
                f": did you mean '{close[0]}'?"
                if close
                else f"; the options are {', '.join(defaults)}"
            )
            raise VmafError(f"there is no option '{name}'{hint}")
    return options_of(**{**defaults, **options})
