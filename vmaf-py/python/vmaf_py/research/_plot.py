"""Axes of the plots, drawn with Matplotlib, an optional dependency."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._plotting import axes_or_current
from ._errors import RDError

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def new_axes(ax: Axes | None, log_rate: bool = True) -> Axes:
    """Returns `ax`, or Matplotlib's current axes, with a logarithmic or linear bitrate scale."""
    ax = axes_or_current(ax, RDError)
    from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

    if not log_rate:
        ax.set_xscale("linear")
        return ax
    ax.set_xscale("log")
    # Ticks at 1, 2 and 5 times powers of ten, because curves often span less than a decade.
    ax.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    ax.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    ax.xaxis.set_minor_formatter(NullFormatter())
    return ax


def label_axes(ax: Axes, metric: str | None) -> None:
    """Sets axis labels and a grid, and adds a legend if lines have labels."""
    ax.set_xlabel("bitrate (kbit/s)")
    ax.set_ylabel(metric or "quality")
    ax.grid(True, which="both", alpha=0.3)
    if ax.get_legend_handles_labels()[1]:
        # Curves rise, so this corner is free. Matplotlib's search for the best location is slow.
        ax.legend(loc="lower right")
