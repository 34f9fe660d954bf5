"""Matplotlib, which is optional, and what all plots share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._plotting import axes_or_current
from ._errors import RDError

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def new_axes(ax: Axes | None, log_rate: bool = True) -> Axes:
    """`ax`, or Matplotlib's current axes, with bitrate on a logarithmic or a linear scale."""
    ax = axes_or_current(ax, RDError)
    from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

    if not log_rate:
        ax.set_xscale("linear")
        return ax
    ax.set_xscale("log")
    # Few curves span a decade: plain numbers at 1, 2 and 5 say more than powers of ten.
    ax.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    ax.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    ax.xaxis.set_minor_formatter(NullFormatter())
    return ax


def label_axes(ax: Axes, metric: str | None) -> None:
    """Names the axes and, where lines have labels, shows them."""
    ax.set_xlabel("bitrate (kbit/s)")
    ax.set_ylabel(metric or "quality")
    ax.grid(True, which="both", alpha=0.3)
    if ax.get_legend_handles_labels()[1]:
        # Where it hides no curve: quality rises with the rate. Matplotlib takes long to find a place.
        ax.legend(loc="lower right")
