"""Convex hulls: which of many encodes, at several resolutions, are worth their bitrate.

Each resolution of a clip has its curve, and they cross: at a low bitrate a small picture, scaled up,
looks better than a large one. The upper convex hull over all points holds those that are the best
for some price of a bit, those which maximise quality - price * bitrate; a per-title ladder takes its
rungs from them.
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
    """What `convex_hull` gives."""

    points: tuple[RDPoint, ...]
    """All points, in the order they were given."""

    indices: tuple[int, ...]
    """Which of `points` are on the hull, by ascending bitrate."""

    log_rate: bool
    """Whether the hull is over the logarithm of bitrate."""

    metric: str | None = None
    """What measured the quality, where the curves tell it."""

    @property
    def on_hull(self) -> tuple[RDPoint, ...]:
        """The points on the hull, by ascending bitrate; quality rises with it."""
        return tuple(self.points[index] for index in self.indices)

    @property
    def slopes(self) -> tuple[float, ...]:
        """From each point on the hull to the next, the quality gained for bitrate; ever less.

        Per kbit/s or, with `log_rate`, per factor e of bitrate.
        """
        hull = [(_abscissa(point, self.log_rate), point.quality) for point in self.on_hull]
        return tuple((high - low) / (end - start) for (start, low), (end, high) in pairwise(hull))

    def curve(self, label: str = "convex hull") -> RDCurve:
        """The hull as a curve, to compare encoders at the best resolutions of each by `bd_rate`."""
        hull = self.on_hull
        return RDCurve(
            tuple(point.bitrate for point in hull),
            tuple(point.quality for point in hull),
            label,
            self.metric,
        )

    def plot(self, ax: Axes | None = None, **line: Any) -> Axes:
        """Draws all points, a colour for each label, and the hull; returns the axes.

        Bitrate is on the scale that the hull is over, so that it is convex to the eye too. `line`
        goes to Matplotlib's `plot` of the hull. Needs Matplotlib: `pip install vmaf-py[plot]`.
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
    """The upper convex hull of encodes: those that no mixture of others beats.

    `points` are curves, one a resolution, whose labels their points keep, or points: (bitrate,
    quality) or (bitrate, quality, label), as `RDPoint` is. The hull goes from the point of least
    bitrate to that of best quality, quality rising and slopes falling; what lies on a straight line
    between others is left out, and of equal points the first counts.

    By default bitrate counts as it is, as in Lagrangian optimisation: a mixture of two encodes in
    time has the mean of their bitrates. With `log_rate` its logarithm counts, in which curves are
    often drawn; that keeps fewer points, all of them on the plain hull too.

    Raises RDError where there are no points, a bitrate isn't finite and above 0, a quality isn't
    finite, or curves are measured by several metrics.
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
        raise RDError(f"the curves are measured by {names}: a hull is of one metric")
    return ConvexHull(tuple(flat), _upper_hull(flat, log_rate), log_rate, next(iter(metrics), None))


def _upper_hull(points: list[RDPoint], log_rate: bool) -> tuple[int, ...]:
    """Andrew's monotone chain, on the points that are better than all of less bitrate."""
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
        # The last point stays only where it is above the line from the one before it to this one.
        while len(hull) >= 2 and slope(hull[-2], hull[-1]) <= slope(hull[-1], index):
            hull.pop()
        hull.append(index)
    return tuple(hull)


def _abscissa(point: RDPoint, log_rate: bool) -> float:
    return math.log(point.bitrate) if log_rate else point.bitrate
