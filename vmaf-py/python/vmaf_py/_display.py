"""Results for people: plots, and a chart and a table for notebooks."""

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
"""What is left free around it: left, right, top, bottom."""

_COLORS = ("#2563eb", "#dc7d1c", "#16a34a", "#b5179e", "#0e7490", "#7c2d12", "#64748b", "#ca8a04")

_POOLS = {
    "mean": "mean",
    "harmonic": "harmonic_mean",
    "min": "min",
    "p1": "p1",
    "p5": "p5",
    "lowest second": "window(1s)",
}
"""The pools that the table has, by what its head calls them."""


def plot(results: Results, column: str | None, ax: Axes | None) -> Axes:
    """Plots a column of all results by time."""
    if not results:
        raise VmafError("there is no result to plot")
    ax = axes_or_current(ax)
    names = {column or result.column for result in results}
    for result in results:
        name = column or result.column
        if name not in result.frames:
            # Says which there are.
            result.pool("mean", name)
        places, axis = _places(result)
        ax.plot(places, result.frames[name], linewidth=1, label=result.distorted)
        ax.set_xlabel(axis)
    ax.set_ylabel(" / ".join(sorted(names)))
    ax.grid(True, alpha=0.3)
    if len(results) > 1:
        # Matplotlib takes long to find a place among many frames.
        ax.legend(loc="lower right")
    else:
        ax.set_title(results[0].distorted)
    return ax


def html(results: Results) -> str:
    """A chart of the scores by time, and a table of their pools."""
    if not results:
        return "<p>no results</p>"
    return f"<div>{_chart(results)}{_table(results)}</div>"


def _places(result: Result) -> tuple[NDArray[np.float64], str]:
    """Where frames are on an axis, and what that is."""
    if np.isfinite(result.times).all():
        return result.times, "time (s)"
    return result.index.astype(np.float64), "frame"


def _chart(results: Results) -> str:
    width, height = _SIZE
    left, right, top, bottom = _MARGIN
    series = [(*_places(result), result.frames[result.column]) for result in results]
    finite = [values[np.isfinite(values)] for _, _, values in series]
    everything = np.concatenate(finite)
    if everything.size == 0:
        return ""
    low, high = _round_range(everything.min(), everything.max())
    ends = [(places[0], places[-1]) for places, _, _ in series if places.size]
    first, last = min(end[0] for end in ends), max(end[1] for end in ends)
    across, up = width / max(last - first, 1e-9), height / (high - low)
    lines = []
    for color, (places, _, values) in zip(cycle(_COLORS), series, strict=False):
        xs, ys = _thinned(places, values, width)
        points = " ".join(
            f"{left + (x - first) * across:.1f},{top + (high - y) * up:.1f}"
            for x, y in zip(xs, ys, strict=True)
            if np.isfinite(y)
        )
        lines.append(
            f'<polyline points="{points}" fill="none" stroke="{color}" stroke-width="1.5"/>'
        )
    axis = series[0][1]
    column = " / ".join(dict.fromkeys(result.column for result in results))
    said = escape(f"{column} by {axis}")
    ticks = "".join(
        f'<line x1="{left}" x2="{left + width}" y1="{y:.1f}" y2="{y:.1f}" stroke="#8884"/>'
        f'<text x="{left - 5}" y="{y + 4:.1f}" text-anchor="end">{value:g}</text>'
        for value in np.linspace(low, high, 3)
        for y in [top + (high - value) * up]
    )
    below = top + height + 15
    labels = (
        f'<text x="{left}" y="{below}">{first:g}</text>'
        f'<text x="{left + width / 2}" y="{below}" text-anchor="middle">{said}</text>'
        f'<text x="{left + width}" y="{below}" text-anchor="end">{last:.6g}</text>'
    )
    return (
        f'<svg width="{left + width + right}" height="{top + height + bottom}" role="img" '
        f'aria-label="{said}" '
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


def _thinned(
    places: NDArray[np.float64], values: NDArray[np.float64], most: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The least value of each of `most` stretches: what is ruined must not get lost."""
    if len(values) <= most:
        return places, values
    edges = np.linspace(0, len(values), most + 1).astype(int)
    filled = np.where(np.isfinite(values), values, np.inf)
    least = np.array([filled[a:b].argmin() + a for a, b in zip(edges, edges[1:], strict=False)])
    return places[least], values[least]


def _round_range(low: float, high: float) -> tuple[float, float]:
    """A range of round numbers that has both."""
    step = 10.0 ** np.floor(np.log10(max(high - low, 1e-6)))
    low, high = np.floor(low / step) * step, np.ceil(high / step) * step
    return low, high if high > low else low + step
