"""Keyword arguments of `vmaf_py.score` as options of the command `vmaf score`, which tasks run."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any, TypeAlias, cast

from .._errors import VmafError

DEFAULT_MODEL = "vmaf_v0.6.1"
"""The model that thresholds in use are tuned to."""

Models: TypeAlias = "str | os.PathLike[str] | Sequence[str | os.PathLike[str]] | None"
Metric: TypeAlias = "str | tuple[str, Mapping[str, Any]]"
Metrics: TypeAlias = "Metric | Iterable[Metric]"
Frames: TypeAlias = "range | slice | tuple[int | None, int | None] | str | None"
Sample: TypeAlias = "int | float | str | None"
Size: TypeAlias = "tuple[int, int] | str | None"
Stream: TypeAlias = "int | str | Sequence[int | None] | None"


def measuring(
    *,
    model: Models,
    metrics: Metrics,
    frames: Frames,
    every: int,
    sample: Sample,
    threads: int,
    align: str,
    offset: int,
    fps: float | Fraction | str | None,
) -> list[str]:
    """The options that frames from files and from memory share."""
    options = []
    models = [model] if isinstance(model, str | os.PathLike) else list(model or ())
    for one in models:
        options += ["--model", os.fspath(one)]
    if not models:
        options.append("--no-model")
    for metric in _metrics(metrics):
        options += ["--metric", metric_text(metric)]
    if frames is not None:
        options += ["--frames", _frames(frames)]
    if every != 1:
        options += ["--every", str(every)]
    if sample is not None:
        options += ["--sample", str(sample)]
    if threads:
        options += ["--threads", str(threads)]
    if align != "time":
        options += ["--align", align]
    if offset:
        options.append(f"--offset={offset}")
    if fps is not None:
        options += ["--fps", _rate(fps)]
    return options


def of_files(
    *,
    shortest: bool,
    scaler: str,
    score_at: Size,
    scale: bool,
    crop: str | tuple[int, int, int, int] | None,
    crop_encode: str | tuple[int, int, int, int] | None,
    geometry: str,
    assume_range: str | None,
    accept: str | Iterable[str],
    film_grain: str,
    size: Size,
    pix_fmt: str | None,
    bit_depth: int | None,
    stream: Stream,
) -> list[str]:
    """The options that only files have."""
    options = []
    if shortest:
        options.append("--shortest")
    if scaler != "bicubic":
        options += ["--scaler", scaler]
    if score_at is not None:
        options += ["--score-at", _size(score_at)]
    if not scale:
        options.append("--no-scale")
    if crop is not None:
        options += ["--crop", _rect(crop)]
    if crop_encode is not None:
        options += ["--crop-encode", _rect(crop_encode)]
    if geometry != "checked":
        options += ["--geometry", geometry]
    if assume_range is not None:
        options += ["--assume-range", assume_range]
    for what in [accept] if isinstance(accept, str) else accept:
        options += ["--accept", what]
    if film_grain != "on":
        options += ["--film-grain", film_grain]
    if size is not None:
        options += ["--size", _size(size)]
    if pix_fmt is not None:
        options += ["--pix-fmt", pix_fmt]
    if bit_depth is not None:
        options += ["--bit-depth", str(bit_depth)]
    if stream is not None:
        numbers = [stream] if isinstance(stream, int | str) else stream
        words = ["auto" if number is None else str(number) for number in numbers]
        options.append(f"--stream={','.join(words)}")
    return options


def _metrics(metrics: Metrics) -> Iterable[Metric]:
    """The metrics, of which one may be alone."""
    if isinstance(metrics, str):
        return [metrics]
    if isinstance(metrics, tuple) and len(metrics) == 2 and isinstance(metrics[1], Mapping):
        return [metrics]
    return cast("Iterable[Metric]", metrics)


def metric_text(metric: Metric) -> str:
    """A metric as the command line has it: "vif", "vif=debug=true"."""
    if isinstance(metric, str):
        return metric
    try:
        name, settings = metric
        pairs = [f"{option}={option_text(value)}" for option, value in settings.items()]
    except (TypeError, ValueError, AttributeError):
        raise VmafError(
            f"a metric is a name, or a name and a dict of its options, not {metric!r}"
        ) from None
    return f"{name}={':'.join(pairs)}" if pairs else name


def option_text(value: Any) -> str:
    """The value of a metric's option, as the command line has it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _frames(frames: Frames) -> str:
    if isinstance(frames, str):
        return frames
    if isinstance(frames, tuple) and len(frames) == 2:
        start, end, step = *frames, None
    elif isinstance(frames, range | slice):
        start, end, step = frames.start, frames.stop, frames.step
    else:
        raise VmafError(f"frames is a range, as range(240, 480), or (240, None), not {frames!r}")
    if step not in (None, 1):
        raise VmafError(f"frames can't have a step: every={step} scores every {step}th frame")
    return f"{'' if start is None else start}..{'' if end is None else end}"


def _size(size: tuple[int, int] | str) -> str:
    return size if isinstance(size, str) else "x".join(map(str, size))


def _rect(rect: tuple[int, int, int, int] | str) -> str:
    return rect if isinstance(rect, str) else ":".join(map(str, rect))


def _rate(fps: float | Fraction | str) -> str:
    return f"{fps.numerator}/{fps.denominator}" if isinstance(fps, Fraction) else str(fps)
