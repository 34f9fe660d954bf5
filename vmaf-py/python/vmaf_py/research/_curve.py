"""`RDCurve`: the encodes of one encoder, by bitrate and quality."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from numbers import Real
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeAlias, TypeVar, cast

import numpy as np

from ._errors import NonMonotonicError, RDError
from ._interpolate import interpolant
from ._plot import label_axes, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class Scored(Protocol):
    """A result of scoring, such as `vmaf_py.Score`: anything with a `value`."""

    @property
    def value(self) -> float: ...


Result: TypeAlias = "float | Scored"
Key = TypeVar("Key")


class RDPoint(NamedTuple):
    """One encode."""

    bitrate: float
    """In kbit/s, or any unit that all points share; more than 0."""

    quality: float
    """A score of which more is better."""

    label: str = ""
    """What it is, such as its resolution."""


@dataclass(frozen=True)
class RDCurve:
    """The rate-distortion curve of one encoder on one clip: what quality it gives at what bitrate.

    Points are sorted by bitrate when it is made. Bitrates must be finite and above 0, qualities
    finite; otherwise RDError. That quality rises with bitrate is asked by what needs it, `bd_rate`
    and `bd_quality`: a curve that falls somewhere can still be plotted, which shows where.
    """

    bitrates: tuple[float, ...]
    """In kbit/s, or any unit that the curves to compare share, ascending."""

    qualities: tuple[float, ...]
    """The score at each bitrate, of a measure of which more is better."""

    label: str = ""
    """The encoder and its settings, for legends and errors."""

    metric: str | None = None
    """What measured the quality, such as "vmaf_v0.6.1"; None where that isn't known."""

    def __post_init__(self) -> None:
        bitrates, qualities = tuple(self.bitrates), tuple(self.qualities)
        if len(bitrates) != len(qualities):
            raise RDError(
                f"{self._name} has {len(bitrates)} bitrates and {len(qualities)} qualities: "
                "a point needs both"
            )
        if not bitrates:
            raise RDError(f"{self._name} has no points")
        points = sorted(
            check_point(rate, quality, self._name)
            for rate, quality in zip(bitrates, qualities, strict=True)
        )
        object.__setattr__(self, "bitrates", tuple(rate for rate, _ in points))
        object.__setattr__(self, "qualities", tuple(quality for _, quality in points))

    def __len__(self) -> int:
        return len(self.bitrates)

    @property
    def points(self) -> tuple[RDPoint, ...]:
        """The points by ascending bitrate, each with the curve's label."""
        return tuple(
            RDPoint(rate, quality, self.label)
            for rate, quality in zip(self.bitrates, self.qualities, strict=True)
        )

    @property
    def _name(self) -> str:
        return f"the curve {self.label!r}" if self.label else "a curve"

    def falls(self) -> tuple[tuple[tuple[float, float], tuple[float, float]], ...]:
        """The neighbours between which bitrate or quality doesn't rise: none in a sound curve.

        Each is a pair of (bitrate, quality), the lower bitrate first.
        """
        points = zip(self.bitrates, self.qualities, strict=True)
        return tuple(
            (point, following)
            for point, following in pairwise(points)
            if not (point[0] < following[0] and point[1] < following[1])
        )

    def check_monotonic(self) -> None:
        """Raises NonMonotonicError, which names the points, unless quality rises with bitrate."""
        falls = self.falls()
        if not falls:
            return
        where = "; ".join(
            f"from {low_rate:g} (quality {low:g}) to {high_rate:g} ({high:g})"
            for (low_rate, low), (high_rate, high) in falls
        )
        advice = (
            "less seems to be better in it: give the qualities with a minus"
            if len(falls) == len(self) - 1 and self.qualities[0] > self.qualities[-1]
            else "measure these encodes again, leave one out, or take their convex_hull"
        )
        raise NonMonotonicError(
            f"{self._name} is not monotonic: quality doesn't rise with bitrate {where}. "
            f"Bjøntegaard deltas need that it does; {advice}",
            falls,
        )

    def plot(self, ax: Axes | None = None, **line: Any) -> Axes:
        """Draws the curve, quality over bitrate on a logarithmic axis, and returns the axes.

        A monotonic curve is drawn as `bd_rate` sees it, piecewise cubic; another with straight lines.
        `line` goes to Matplotlib's `plot`. Needs Matplotlib: `pip install vmaf-py[plot]`.
        """
        ax = new_axes(ax)
        style: dict[str, Any] = {"marker": "o", "label": self.label or None, **line}
        if len(self) < 2 or self.falls():
            ax.plot(self.bitrates, self.qualities, **style)
        else:
            quality = np.array(self.qualities)
            dense = np.unique(np.append(np.linspace(quality[0], quality[-1], 200), quality))
            rate = np.exp(interpolant(quality, np.log(self.bitrates), "pchip")(dense))
            # One line, so that it is one legend entry, with marks at the points measured.
            ax.plot(rate, dense, **style, markevery=np.searchsorted(dense, quality).tolist())
        label_axes(ax, self.metric)
        return ax


def rd_curve(
    results: Iterable[tuple[float, float]] | Iterable[Result] | Mapping[Key, Result],
    bitrates: Sequence[float] | Mapping[Key, float] | None = None,
    *,
    label: str = "",
    metric: str | None = None,
    pool: str | None = None,
    column: str | None = None,
) -> RDCurve:
    """A curve of results: encodes of one clip by one encoder.

    `results` are one of
    - pairs of (bitrate, score), without `bitrates`;
    - a sequence of scores (`vmaf_py.score` gives such, and plain numbers count), with a sequence of
      as many `bitrates` in the same order;
    - a mapping of scores, with a mapping of `bitrates` under the same keys, such as file names.

    Bitrates are in kbit/s; `bitrate_of` tells them from files. The quality of a result of
    `vmaf_py.score` is its mean score; `pool` takes another pool, such as "p5", and `column` the values
    of another column, such as "psnr_y". `metric` says what measured; where results have a `model`, it
    is that, or else the column, with the pool.

    Raises RDError where bitrates and results don't fit, or as RDCurve does.
    """
    scores: list[Result]
    if bitrates is None:
        if isinstance(results, Mapping):
            raise RDError("a mapping of results needs a mapping of bitrates under the same keys")
        pairs = [_pair(entry) for entry in results]
        rates, scores = [rate for rate, _ in pairs], [score for _, score in pairs]
    elif isinstance(results, Mapping) and isinstance(bitrates, Mapping):
        differ = [
            repr(key) for key in [*results, *bitrates] if (key in results) != (key in bitrates)
        ]
        if differ:
            raise RDError(
                f"only one of results and bitrates has {', '.join(differ)}: "
                "they must have the same keys"
            )
        scores = list(results.values())
        rates = [bitrates[key] for key in results]
    elif isinstance(results, Mapping) or isinstance(bitrates, Mapping):
        raise RDError("results and bitrates must both be mappings, or both sequences")
    else:
        scores, rates = cast("list[Result]", list(results)), list(bitrates)
        if len(scores) != len(rates):
            raise RDError(
                f"there are {len(scores)} results and {len(rates)} bitrates: one for each"
            )
    return RDCurve(
        tuple(rates),
        tuple(_quality(score, pool, column) for score in scores),
        label,
        metric if metric is not None else _measure(scores, pool, column),
    )


def bitrate_of(path: str | os.PathLike[str], seconds: float) -> float:
    """The mean bitrate of a file that plays for `seconds`, in kbit/s (1000 bits a second).

    It is the file's size over its duration, so it counts the container and any sound with the video:
    compare files that have the same of them, best none.

    Raises RDError where the duration isn't above 0 or the file is empty, OSError where it can't be
    read.
    """
    if not (math.isfinite(seconds) and seconds > 0):
        raise RDError(f"a duration must be above 0 seconds, not {seconds}")
    size = os.path.getsize(path)
    if size == 0:
        raise RDError(f"{os.fspath(path)} is empty: it has no bitrate")
    return size * 8 / 1000 / seconds


def check_point(bitrate: float, quality: float, name: str) -> tuple[float, float]:
    """The two as floats, if they can be a point's."""
    try:
        rate, score = float(bitrate), float(quality)
    except (TypeError, ValueError) as error:
        raise RDError(
            f"{name} has the point ({bitrate!r}, {quality!r}): both must be numbers"
        ) from error
    if not (math.isfinite(rate) and rate > 0):
        raise RDError(f"{name} has the bitrate {rate}: it must be finite and above 0")
    if not math.isfinite(score):
        raise RDError(f"{name} has the quality {score} at the bitrate {rate:g}: it must be finite")
    return rate, score


def _pair(entry: object) -> tuple[float, Result]:
    """A pair of (bitrate, score), or words that help."""
    if isinstance(entry, Real) or hasattr(entry, "value"):
        raise RDError("scores alone make no curve: give bitrates=, one for each")
    try:
        rate, score = cast("tuple[float, Result]", entry)
    except (TypeError, ValueError) as error:
        raise RDError(f"{entry!r} is not a pair of (bitrate, score)") from error
    return rate, score


def _quality(result: Result, pool: str | None, column: str | None) -> float:
    if pool is None and column is None:
        # `float` may have no `value`, and what has one is no number.
        return result.value if hasattr(result, "value") else result
    if not hasattr(result, "pool"):
        raise RDError(f"pool and column are of results of vmaf_py.score, not of {result!r}")
    return float(result.pool(pool or "mean", column))


def _measure(scores: Iterable[Result], pool: str | None, column: str | None) -> str | None:
    """What the curve's quality is."""
    measure = _model(scores) if column is None else column
    return f"{measure} {pool}" if measure is not None and pool not in (None, "mean") else measure


def _model(scores: Iterable[Result]) -> str | None:
    """The model that gave all scores, where they tell it."""
    models = {getattr(score, "model", None) for score in scores}
    if len(models) > 1:
        names = ", ".join(sorted(str(model) for model in models))
        raise RDError(f"the results are of several models ({names}): a curve has one measure")
    return cast("str | None", models.pop()) if models else None
