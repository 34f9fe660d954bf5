"""Display of results: plots, and an HTML chart and table for notebooks."""

from __future__ import annotations

from html import escape
from itertools import cycle
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ._errors import VmafError
from ._plotting import axes_or_current

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ._result import Result, Results

_SIZE = (640, 150)
"""Width and height of the chart's area, in pixels."""

_MARGIN = (38, 6, 8, 20)
"""Margins of the chart, in pixels: left, right, top, bottom."""

_COLORS = ("#2563eb", "#dc7d1c", "#16a34a", "#b5179e", "#0e7490", "#7c2d12", "#64748b", "#ca8a04")

_POOLS = {
    "mean": "mean",
    "harmonic": "harmonic_mean",
    "min": "min",
    "p1": "p1",
    "p5": "p5",
    "lowest second": "window(1s)",
}
"""Pools of the table by column heading."""


def plot(results: Results, column: str | None, ax: Axes | None) -> Axes:
    """Plots a column of all results over time."""
    if not results:
        raise VmafError("there is no result to plot")
    ax = axes_or_current(ax)
    names = {column or result.column for result in results}
    for result in results:
        name = column or result.column
        if name not in result.frames:
            # Raises an error that lists the columns.
            result.pool("mean", name)
        xs, axis = _time_axis(result)
        ax.plot(xs, result.frames[name], linewidth=1, label=result.distorted)
        ax.set_xlabel(axis)
    ax.set_ylabel(" / ".join(sorted(names)))
    ax.grid(True, alpha=0.3)
    if len(results) > 1:
        # A fixed location: Matplotlib's search for the best one is slow with many frames.
        ax.legend(loc="lower right")
    else:
        ax.set_title(results[0].distorted)
    return ax


def html(results: Results) -> str:
    """Returns HTML with a chart of the scores over time and a table of their pools."""
    if not results:
        return "<p>no results</p>"
    return f"<div>{_chart(results)}{_table(results)}</div>"


def _time_axis(result: Result) -> tuple[NDArray[np.float64], str]:
    """Returns the frames' x coordinates and the axis label: times, or frame numbers without times."""
    if np.isfinite(result.times).all():
        return result.times, "time (s)"
    return result.index.astype(np.float64), "frame"


def _chart(results: Results) -> str:
    width, height = _SIZE
    left, right, top, bottom = _MARGIN
    series = [(*_time_axis(result), result.frames[result.column]) for result in results]
    finite = np.concatenate([values[np.isfinite(values)] for _, _, values in series])
    if finite.size == 0:
        return ""
    low, high = _round_range(finite.min(), finite.max())
    ends = [(xs[0], xs[-1]) for xs, _, _ in series if xs.size]
    first, last = min(end[0] for end in ends), max(end[1] for end in ends)
    x_scale, y_scale = width / max(last - first, 1e-9), height / (high - low)
    lines = []
    for color, (xs, _, values) in zip(cycle(_COLORS), series, strict=False):
        points = " ".join(
            f"{left + (x - first) * x_scale:.1f},{top + (high - y) * y_scale:.1f}"
            for x, y in zip(*_interval_minima(xs, values, width), strict=True)
            if np.isfinite(y)
        )
        lines.append(
            f'<polyline points="{points}" fill="none" stroke="{color}" stroke-width="1.5"/>'
        )
    axis = series[0][1]
    column = " / ".join(dict.fromkeys(result.column for result in results))
    caption = escape(f"{column} by {axis}")
    ticks = "".join(
        f'<line x1="{left}" x2="{left + width}" y1="{y:.1f}" y2="{y:.1f}" stroke="#8884"/>'
        f'<text x="{left - 5}" y="{y + 4:.1f}" text-anchor="end">{value:g}</text>'
        for value in np.linspace(low, high, 3)
        for y in [top + (high - value) * y_scale]
    )
    below = top + height + 15
    labels = (
        f'<text x="{left}" y="{below}">{first:g}</text>'
        f'<text x="{left + width / 2}" y="{below}" text-anchor="middle">{caption}</text>'
        f'<text x="{left + width}" y="{below}" text-anchor="end">{last:.6g}</text>'
    )
    return (
        f'<svg width="{left + width + right}" height="{top + height + bottom}" role="img" '
        f'aria-label="{caption}" '
        'style="font: 11px sans-serif; max-width: 100%" fill="currentColor">'
        f"{ticks}{labels}{''.join(lines)}</svg>"
    )


def _table(results: Results) -> str:
    head = "".join(f"<th>{name}</th>" for name in ("", "encode", "column", *_POOLS, "frames"))
    rows = []
    for color, result in zip(cycle(_COLORS), results, strict=False):
        mark = f'<td style="color: {color}">&#9644;</td>'
        for name in result.native.models + result.native.metrics:
            pools = (f"<td>{_number(result.pool(pool, name))}</td>" for pool in _POOLS.values())
            encode = f"<td>{escape(result.distorted)}</td><td>{escape(name)}</td>"
            rows.append(f"<tr>{mark}{encode}{''.join(pools)}<td>{len(result.index)}</td></tr>")
            mark = "<td></td>"
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _number(value: float) -> str:
    return "–" if np.isnan(value) else f"{value:.4f}" if abs(value) < 10 else f"{value:.2f}"


def _interval_minima(
    xs: NDArray[np.float64], values: NDArray[np.float64], count: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Reduces a series to the minimum of each of `count` intervals, so that bad frames stay visible."""
    if len(values) <= count:
        return xs, values
    edges = np.linspace(0, len(values), count + 1).astype(int)
    filled = np.where(np.isfinite(values), values, np.inf)
    minima = np.array([filled[a:b].argmin() + a for a, b in zip(edges, edges[1:], strict=False)])
    return xs[minima], values[minima]


def _round_range(low: float, high: float) -> tuple[float, float]:
    """Returns a range with round ends that contains both numbers."""
    step = 10.0 ** np.floor(np.log10(max(high - low, 1e-6)))
    low, high = np.floor(low / step) * step, np.ceil(high / step) * step
    return low, high if high > low else low + step
