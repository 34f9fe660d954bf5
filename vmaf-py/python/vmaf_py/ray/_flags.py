"""Keyword arguments as flags of the command `vmaf`: those of `vmaf_py.score`, and a batch's own."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .._errors import VmafError
from .._options import DEFAULT_MODEL
from ._options import measuring, of_files

# What `vmaf_py.score` has in common with the command, and its defaults.
_COMMON = {
    "model": DEFAULT_MODEL,
    "metrics": (),
    "frames": None,
    "every": 1,
    "sample": None,
    "align": "time",
    "offset": 0,
    "fps": None,
}
_OF_FILES = {
    "shortest": False,
    "scaler": "bicubic",
    "score_at": None,
    "scale": True,
    "crop": None,
    "crop_encode": None,
    "geometry": "checked",
    "assume_range": None,
    "accept": (),
    "film_grain": "on",
    "size": None,
    "pix_fmt": None,
    "bit_depth": None,
    "stream": None,
}


def measured_as(options: Mapping[str, Any]) -> list[str]:
    """The flags of keyword arguments that say how videos are measured, as `vmaf_py.score` has them.

    Raises VmafError for others.
    """
    known = {**_COMMON, **_OF_FILES}
    for name in options:
        if name not in known:
            close = difflib.get_close_matches(name, known, 1)
            hint = f": did you mean '{close[0]}'?" if close else f" (there are {', '.join(known)})"
            raise VmafError(f"there is no option '{name}'{hint}")
    common = {name: options.get(name, default) for name, default in _COMMON.items()}
    of_videos = {name: options.get(name, default) for name, default in _OF_FILES.items()}
    return [*measuring(**common, threads=0), *of_files(**of_videos)]


def repeated(flag: str, values: str | Iterable[str]) -> list[str]:
    """A flag that is given once for each of `values`, or for the one."""
    return [f"{flag}={value}" for value in ([values] if isinstance(values, str) else values)]


def value_of(flag: str, flags: Sequence[str]) -> str | None:
    """The last value of `flag` among `flags`, joined to it or behind it; None without it."""
    found = None
    for place, word in enumerate(flags):
        if word == flag:
            found = flags[place + 1] if place + 1 < len(flags) else ""
        elif word.startswith(f"{flag}="):
            found = word.partition("=")[2]
    return found
