"""Convex hulls: selection of the best encodes over several resolutions, for per-title ladders.

The curves of a clip's resolutions cross: at low bitrates, a small picture that is scaled up looks
better than a large one. The upper convex hull over all points has those that maximise
quality - price * bitrate for some price of a bit.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from ._curve import RDCurve, RDPoint, check_point
from ._errors import RDError
from ._plot import label_axes, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True)
class ConvexHull:
    """Convex hull of encodes, the result of `convex_hull`."""

    points: tuple[RDPoint, ...]
    """All points, in input order."""

    indices: tuple[int, ...]
    """Indices in `points` of those on the hull, by ascending bitrate."""

    log_rate: bool
    """True if the hull is over the logarithm of bitrate."""

    metric: str | None = None
    """Name of the quality metric; None if the curves don't state it."""

    @property
    def on_hull(self) -> tuple[RDPoint, ...]:
        """Points on the hull, by ascending bitrate and quality."""
        return tuple(self.points[index] for index in self.indices)

    @property
    def slopes(self) -> tuple[float, ...]:
        """Quality gain per bitrate from each point on the hull to the next, in descending order.

        In units of quality per kbit/s or, with `log_rate`, per factor e of bitrate.
        """
        hull = [(_abscissa(point, self.log_rate), point.quality) for point in self.on_hull]
        return tuple((high - low) / (end - start) for (start, low), (end, high) in pairwise(hull))

    def curve(self, label: str = "convex hull") -> RDCurve:
        """Returns the hull as a curve, to compare encoders at their best resolutions with `bd_rate`."""
        hull = self.on_hull
        return RDCurve(
            tuple(point.bitrate for point in hull),
            tuple(point.quality for point in hull),
            label,
            self.metric,
        )

    def plot(self, ax: Axes | None = None, **line: Any) -> Axes:
        """Plots all points, with a colour per label, and the hull; returns the axes.

        The bitrate axis is logarithmic if the hull is, so that it looks convex. `line` is passed to
        Matplotlib's `plot` of the hull. Needs Matplotlib: `pip install 'vmaf-py[plot]'`.
        """
        ax = new_axes(ax, self.log_rate)
        for label in dict.fromkeys(point.label for point in self.points):
            group = sorted(point for point in self.points if point.label == label)
            ax.plot(
                [point.bitrate for point in group],
                [point.quality for point in group],
                marker="o",
                markersize=4,
                linewidth=1,
                alpha=0.7,
                label=label or None,
            )
        ax.plot(
            [point.bitrate for point in self.on_hull],
            [point.quality for point in self.on_hull],
            **{"color": "black", "linewidth": 2, "label": "convex hull", "zorder": 1, **line},
        )
        label_axes(ax, self.metric)
        return ax


def convex_hull(
    points: RDCurve | Iterable[RDCurve | tuple[float, float] | tuple[float, float, str]],
    *,
    log_rate: bool = False,
) -> ConvexHull:
    """Computes the upper convex hull of encodes.

    The hull goes from the point with the lowest bitrate to the one with the best quality; quality
    rises and slopes fall along it. Points on a straight line between others are left out. Of equal
    points, the first is used.

    Parameters
    ----------
    points
        Curves, one per resolution, whose labels are kept, or points: (bitrate, quality) or (bitrate,
        quality, label), such as `RDPoint`.
    log_rate
        Uses the logarithm of bitrate, as plots often do. By default bitrate is linear, as in
        Lagrangian optimisation: a mixture of two encodes over time has the mean of their bitrates.
        The logarithmic hull is a subset of the linear one.

    Raises
    ------
    RDError
        There are no points, a bitrate isn't finite and positive, a quality isn't finite, or the curves
        have different metrics.
    """
    flat: list[RDPoint] = []
    metrics: set[str] = set()
    for entry in [points] if isinstance(points, RDCurve) else points:
        if isinstance(entry, RDCurve):
            flat.extend(entry.points)
            metrics.update([entry.metric] if entry.metric else [])
            continue
        try:
            point = RDPoint(*entry)
        except TypeError as error:
            raise RDError(
                f"{entry!r} is neither a curve nor a point of (bitrate, quality, label)"
            ) from error
        name = f"the point {point.label!r}" if point.label else "a point"
        flat.append(RDPoint(*check_point(point.bitrate, point.quality, name), point.label))
    if not flat:
        raise RDError("a convex hull needs at least one point")
    if len(metrics) > 1:
        names = " and ".join(sorted(metrics))
        raise RDError(f"the curves are measured by {names}, but a hull needs one metric")
    return ConvexHull(tuple(flat), _upper_hull(flat, log_rate), log_rate, next(iter(metrics), None))


def _upper_hull(points: list[RDPoint], log_rate: bool) -> tuple[int, ...]:
    """Runs Andrew's monotone chain on the points that are better than all with less bitrate."""
    rates = [_abscissa(point, log_rate) for point in points]
    qualities = [point.quality for point in points]

    def slope(start: int, end: int) -> float:
        return (qualities[end] - qualities[start]) / (rates[end] - rates[start])

    hull: list[int] = []
    best = -math.inf
    for index in sorted(range(len(points)), key=lambda i: (rates[i], -qualities[i])):
        if qualities[index] <= best:
            continue
        best = qualities[index]
        # Drops the last point unless it is above the line from its predecessor to this point.
        while len(hull) >= 2 and slope(hull[-2], hull[-1]) <= slope(hull[-1], index):
            hull.pop()
        hull.append(index)
    return tuple(hull)


def _abscissa(point: RDPoint, log_rate: bool) -> float:
    return math.log(point.bitrate) if log_rate else point.bitrate
