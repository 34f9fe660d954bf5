"""`RDCurve`: the rate-distortion curve of one encoder on one clip."""

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


class HasValue(Protocol):
    """Result of scoring, such as `vmaf_py.Result`: any object with a `value`."""

    @property
    def value(self) -> float: ...


Result: TypeAlias = "float | HasValue"
Key = TypeVar("Key")


class RDPoint(NamedTuple):
    """Bitrate and quality of one encode."""

    bitrate: float
    """Bitrate in kbit/s, or any unit that all points share; positive."""

    quality: float
    """Score of a metric for which higher is better."""

    label: str = ""
    """Label, such as the resolution."""


@dataclass(frozen=True)
class RDCurve:
    """Rate-distortion curve of one encoder on one clip.

    Points are sorted by bitrate. Raises RDError unless bitrates are finite and positive, and qualities
    finite. Quality may fall with bitrate: such a curve can be plotted, but `bd_rate` and `bd_quality`
    reject it.
    """

    bitrates: tuple[float, ...]
    """Bitrates in kbit/s, or any unit that compared curves share, ascending."""

    qualities: tuple[float, ...]
    """Score at each bitrate, of a metric for which higher is better."""

    label: str = ""
    """Encoder and settings, for legends and errors."""

    metric: str | None = None
    """Name of the quality metric, such as "vmaf_v0.6.1"; None if unknown."""

    def __post_init__(self) -> None:
        bitrates, qualities = tuple(self.bitrates), tuple(self.qualities)
        if len(bitrates) != len(qualities):
            raise RDError(
                f"{self._name} has {len(bitrates)} bitrates and {len(qualities)} qualities; "
                "their numbers must be equal"
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
        """Points by ascending bitrate, each with the curve's label."""
        return tuple(
            RDPoint(rate, quality, self.label)
            for rate, quality in zip(self.bitrates, self.qualities, strict=True)
        )

    @property
    def _name(self) -> str:
        return f"the curve {self.label!r}" if self.label else "a curve"

    def falls(self) -> tuple[tuple[tuple[float, float], tuple[float, float]], ...]:
        """Returns the pairs of neighbouring points between which bitrate or quality doesn't rise.

        Each point is (bitrate, quality), the lower bitrate first. Empty for a monotonic curve.
        """
        points = zip(self.bitrates, self.qualities, strict=True)
        return tuple(
            (point, following)
            for point, following in pairwise(points)
            if not (point[0] < following[0] and point[1] < following[1])
        )

    def check_monotonic(self) -> None:
        """Raises NonMonotonicError, which lists the points, unless quality rises with bitrate."""
        falls = self.falls()
        if not falls:
            return
        pairs = "; ".join(
            f"from {low_rate:g} (quality {low:g}) to {high_rate:g} ({high:g})"
            for (low_rate, low), (high_rate, high) in falls
        )
        advice = (
            "if lower is better for this metric, negate the qualities"
            if len(falls) == len(self) - 1 and self.qualities[0] > self.qualities[-1]
            else "measure these encodes again, leave one out, or use their convex_hull"
        )
        raise NonMonotonicError(
            f"{self._name} is not monotonic: quality doesn't rise with bitrate {pairs}. "
            f"Bjøntegaard deltas need a monotonic curve; {advice}",
            falls,
        )

    def plot(self, ax: Axes | None = None, **line: Any) -> Axes:
        """Plots quality over logarithmic bitrate and returns the axes.

        A monotonic curve is drawn as a piecewise cubic, as `bd_rate` interpolates it; others with
        straight lines. `line` is passed to Matplotlib's `plot`. Needs Matplotlib:
        `pip install 'vmaf-py[plot]'`.
        """
        ax = new_axes(ax)
        style: dict[str, Any] = {"marker": "o", "label": self.label or None, **line}
        if len(self) < 2 or self.falls():
            ax.plot(self.bitrates, self.qualities, **style)
        else:
            quality = np.array(self.qualities)
            dense = np.unique(np.append(np.linspace(quality[0], quality[-1], 200), quality))
            rate = np.exp(interpolant(quality, np.log(self.bitrates), "pchip")(dense))
            # A single line, for one legend entry, with markers at the measured points.
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
    """Creates the curve of the encodes of one clip by one encoder.

    Parameters
    ----------
    results
        Pairs of (bitrate, score), without `bitrates`; or a sequence of scores; or a mapping of scores,
        by file name for example. Scores are results of `vmaf_py.score` or numbers.
    bitrates
        Bitrates in kbit/s: a sequence in the order of `results`, or a mapping with the same keys.
        `bitrate_of` computes them from files.
    label
        Encoder and settings, for legends and errors.
    metric
        Name of the quality metric. By default the model or `column` of the results, with the pool.
    pool
        Pool of results of `vmaf_py.score`, such as "p5"; the mean by default.
    column
        Column of results of `vmaf_py.score`, such as "psnr_y"; the score by default.

    Raises
    ------
    RDError
        Results and bitrates don't match, or `RDCurve` rejects them.
    """
    scores: list[Result]
    if bitrates is None:
        if isinstance(results, Mapping):
            raise RDError("a mapping of results needs a mapping of bitrates under the same keys")
        pairs = [_pair(entry) for entry in results]
        rates, scores = [rate for rate, _ in pairs], [score for _, score in pairs]
    elif isinstance(results, Mapping) and isinstance(bitrates, Mapping):
        unmatched = [
            repr(key) for key in [*results, *bitrates] if (key in results) != (key in bitrates)
        ]
        if unmatched:
            raise RDError(
                f"only one of results and bitrates has {', '.join(unmatched)}; "
                "they must have the same keys"
            )
        scores = list(results.values())
        rates = [bitrates[key] for key in results]
    elif isinstance(results, Mapping) or isinstance(bitrates, Mapping):
        raise RDError("results and bitrates must both be mappings or both be sequences")
    else:
        scores, rates = cast("list[Result]", list(results)), list(bitrates)
        if len(scores) != len(rates):
            raise RDError(
                f"there are {len(scores)} results and {len(rates)} bitrates; "
                "their numbers must be equal"
            )
    return RDCurve(
        tuple(rates),
        tuple(_quality(score, pool, column) for score in scores),
        label,
        metric if metric is not None else _metric_name(scores, pool, column),
    )


def bitrate_of(path: str | os.PathLike[str], seconds: float) -> float:
    """Mean bitrate of a file with a duration of `seconds`, in kbit/s (1000 bits per second).

    This is the file's size divided by its duration, so it includes the container and audio. Compare
    files of the same container, preferably without audio.

    Raises RDError if the duration isn't positive or the file is empty, OSError if it can't be read.
    """
    if not (math.isfinite(seconds) and seconds > 0):
        raise RDError(f"the duration must be above 0 seconds, not {seconds}")
    size = os.path.getsize(path)
    if size == 0:
        raise RDError(f"{os.fspath(path)} is empty and has no bitrate")
    return size * 8 / 1000 / seconds


def check_point(bitrate: float, quality: float, name: str) -> tuple[float, float]:
    """Returns the coordinates of a point as floats. Raises RDError if they are invalid."""
    try:
        rate, score = float(bitrate), float(quality)
    except (TypeError, ValueError) as error:
        raise RDError(
            f"{name} has the point ({bitrate!r}, {quality!r}); both must be numbers"
        ) from error
    if not (math.isfinite(rate) and rate > 0):
        raise RDError(f"{name} has the bitrate {rate}; it must be finite and above 0")
    if not math.isfinite(score):
        raise RDError(f"{name} has the quality {score} at the bitrate {rate:g}; it must be finite")
    return rate, score


def _pair(entry: object) -> tuple[float, Result]:
    """Returns `entry` as a pair of (bitrate, score). Raises RDError if it isn't one."""
    if isinstance(entry, Real) or hasattr(entry, "value"):
        raise RDError("a curve needs a bitrate for each score; pass bitrates=")
    try:
        rate, score = cast("tuple[float, Result]", entry)
    except (TypeError, ValueError) as error:
        raise RDError(f"{entry!r} is not a pair of (bitrate, score)") from error
    return rate, score


def _quality(result: Result, pool: str | None, column: str | None) -> float:
    if pool is None and column is None:
        return result.value if hasattr(result, "value") else result
    if not hasattr(result, "pool"):
        raise RDError(f"pool and column apply to results of vmaf_py.score, not to {result!r}")
    return float(result.pool(pool or "mean", column))


def _metric_name(scores: Iterable[Result], pool: str | None, column: str | None) -> str | None:
    """Returns the name of the curve's quality metric; None if unknown."""
    name = _model(scores) if column is None else column
    return f"{name} {pool}" if name is not None and pool not in (None, "mean") else name


def _model(scores: Iterable[Result]) -> str | None:
    """Returns the model of all scores; None if unknown."""
    models = {getattr(score, "model", None) for score in scores}
    if len(models) > 1:
        names = ", ".join(sorted(str(model) for model in models))
        raise RDError(f"the results are of several models ({names}), but a curve needs one")
    return cast("str | None", models.pop()) if models else None
