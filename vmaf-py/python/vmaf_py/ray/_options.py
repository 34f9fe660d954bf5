"""Options of the command `vmaf` as Python's arguments, and back as flags."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Any

from .._native import VmafError

#: The flags of `vmaf` that say how videos are measured, of batches and shards alike.
MEASURING = (
    "accept",
    "align",
    "assume_range",
    "bit_depth",
    "crop",
    "every",
    "fps",
    "frames",
    "no_model",
    "no_scale",
    "offset",
    "pix_fmt",
    "scaler",
    "score_at",
    "shortest",
    "size",
)

Texts = str | Sequence[str]


def listed(values: Texts) -> list[str]:
    """One text or several, as a list."""
    return [values] if isinstance(values, str) else list(values)


def repeated(flag: str, values: Texts) -> list[str]:
    """A flag that is given once for each of `values`."""
    return [f"--{flag}={value}" for value in listed(values)]


def flags(options: Mapping[str, Any], known: Sequence[str] = MEASURING) -> list[str]:
    """The flags of `options`, by Python's names: `score_at="1920x1080"` is `--score-at=1920x1080`.

    True stands for a flag alone; False and None leave it out; a list gives it several times. Raises
    VmafError for options that are not among `known`.
    """
    made = []
    for name, value in options.items():
        if name not in known:
            close = difflib.get_close_matches(name, known, 1)
            hint = f": did you mean '{close[0]}'?" if close else f" (there are {', '.join(known)})"
            raise VmafError(f"there is no option '{name}'{hint}")
        flag = name.replace("_", "-")
        if value is True:
            made.append(f"--{flag}")
        elif value is not None and value is not False:
            several = value if isinstance(value, list | tuple) else [value]
            made += [f"--{flag}={one}" for one in several]
    return made


def has(given: Sequence[str], flag: str) -> str | None:
    """The last value of `--flag` among the flags `given`, joined to it or behind it."""
    found = None
    for place, word in enumerate(given):
        if word == f"--{flag}":
            found = given[place + 1] if place + 1 < len(given) else ""
        elif word.startswith(f"--{flag}="):
            found = word.partition("=")[2]
    return found
