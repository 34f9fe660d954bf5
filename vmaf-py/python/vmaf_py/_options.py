"""Conversion of keyword arguments to the options of a run. The native module validates values."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any, TypeAlias, cast

from . import _native
from ._errors import VmafError

DEFAULT_MODEL = "vmaf_v0.6.1"
"""Default model: the one that most existing thresholds refer to."""

Models: TypeAlias = "str | os.PathLike[str] | Sequence[str | os.PathLike[str]] | None"
Metric: TypeAlias = "str | tuple[str, Mapping[str, Any]]"
Metrics: TypeAlias = "Metric | Iterable[Metric]"
Frames: TypeAlias = "range | slice | tuple[int | None, int | None] | str | None"
Sample: TypeAlias = "int | float | str | None"
Size: TypeAlias = "tuple[int, int] | str | None"
Stream: TypeAlias = "int | str | Sequence[int | None] | None"


def options_of(
    *,
    model: Models,
    metrics: Metrics,
    frames: Frames,
    fps: float | Fraction | str | None,
    sample: Sample = None,
    crop: str | tuple[int, int, int, int] | None = None,
    crop_encode: str | tuple[int, int, int, int] | None = None,
    score_at: Size = None,
    size: Size = None,
    accept: str | Iterable[str] = (),
    stream: Stream = None,
    **others: Any,
) -> _native.Options:
    """Returns the options of keyword arguments; `others` are passed on unchanged."""
    models = [model] if isinstance(model, str | os.PathLike) else list(model or ())
    metric_list = list(_metrics(metrics))
    if not models and not metric_list:
        raise VmafError("there is nothing to measure; pass model or metrics")
    return _native.Options(
        models=[os.fspath(one) for one in models],
        metrics=[_metric(metric) for metric in metric_list],
        frames=_frames(frames),
        fps=_rate(fps),
        sample=None if sample is None else str(sample),
        crop=_tuple(crop),
        crop_encode=_tuple(crop_encode),
        score_at=_tuple(score_at),
        size=_tuple(size),
        accept=[accept] if isinstance(accept, str) else list(accept),
        stream=_streams(stream),
        **others,
    )


def _metrics(metrics: Metrics) -> Iterable[Metric]:
    """Returns the metrics as an iterable; a single metric becomes a list of one."""
    if isinstance(metrics, str):
        return [metrics]
    if isinstance(metrics, tuple) and len(metrics) == 2 and isinstance(metrics[1], Mapping):
        return [metrics]
    return cast("Iterable[Metric]", metrics)


def _metric(metric: Metric) -> str | tuple[str, list[tuple[str, str]]]:
    """Returns a metric as the native module takes it: text, or a name with options."""
    if isinstance(metric, str):
        return metric
    try:
        name, settings = metric
        return name, [(option, option_text(value)) for option, value in settings.items()]
    except (TypeError, ValueError, AttributeError):
        raise VmafError(
            f"a metric must be a name, or a name and a dict of options, not {metric!r}"
        ) from None


def option_text(value: Any) -> str:
    """Returns the value of a metric's option as text, as on the command line."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _frames(frames: Frames) -> str | tuple[int | None, int | None] | None:
    if frames is None or isinstance(frames, str):
        return frames
    if isinstance(frames, tuple) and len(frames) == 2:
        start, end, step = *frames, None
    elif isinstance(frames, range | slice):
        start, end, step = frames.start, frames.stop, frames.step
    else:
        raise VmafError(
            f"frames must be a range, such as range(240, 480) or (240, None), not {frames!r}"
        )
    if step not in (None, 1):
        raise VmafError(f"frames can't have a step; pass every={step} instead")
    if any(bound is not None and bound < 0 for bound in (start, end)):
        raise VmafError(f"frames must not be negative: {frames!r}")
    return start, end


def _tuple(numbers: str | tuple[int, ...] | None) -> Any:
    """Returns a sequence of numbers as a tuple; text and None are returned unchanged."""
    return numbers if numbers is None or isinstance(numbers, str) else tuple(numbers)


def _streams(stream: Stream) -> list[int | None]:
    if stream is None:
        return []
    numbers: Sequence[int | str | None]
    if isinstance(stream, str):
        numbers = stream.split(",")
    elif isinstance(stream, int):
        numbers = [stream]
    else:
        numbers = stream
    return [_stream(number) for number in numbers]


def _stream(number: int | str | None) -> int | None:
    if number is None or number == "auto":
        return None
    try:
        index = int(number)
    except ValueError:
        index = -1
    if index < 0:
        raise VmafError(f"stream must be an integer from 0, or None, not {number!r}")
    return index


def _rate(fps: float | Fraction | str | None) -> str | tuple[int, int] | None:
    if isinstance(fps, Fraction):
        return fps.numerator, fps.denominator
    return None if fps is None else str(fps)
