"""Scatter plot of predictions and subjective scores. Needs Matplotlib, an optional dependency."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .._plotting import axes_or_current
from ._errors import TrainingError
from ._figures import Figures

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Largest number of contents in a legend.
_MAX_LEGEND_ENTRIES = 12


def scatter(
    scores: NDArray[np.float64],
    predicted: NDArray[np.float64],
    agreement: Figures,
    title: str,
    contents: NDArray[np.str_] | None,
    ax: Axes | None,
) -> Axes:
    """Plots `predicted` over `scores`, with a colour per content and the figures in the title."""
    ax = axes_or_current(ax, TrainingError)
    from matplotlib import colormaps

    low = min(scores.min(), predicted.min())
    high = max(scores.max(), predicted.max())
    ax.plot([low, high], [low, high], color="grey", linewidth=1, linestyle="--", zorder=1)
    names = np.array([""]) if contents is None else np.unique(contents)
    colours = colormaps["turbo"](np.linspace(0.05, 0.95, names.size))
    for name, colour in zip(names, colours, strict=True):
        rows = slice(None) if contents is None else contents == name
        ax.scatter(scores[rows], predicted[rows], s=18, color=colour, label=str(name), alpha=0.8)
    ax.set_aspect("equal", adjustable="datalim")
    ax.set_xlabel("subjective score")
    ax.set_ylabel("predicted score")
    ax.set_title(f"{title}: {agreement.count} rows\n{agreement}", fontsize="medium")
    ax.grid(True, alpha=0.3)
    if contents is not None and names.size <= _MAX_LEGEND_ENTRIES:
        # Beside the axes, because the points fill much of them.
        ax.legend(fontsize="small", loc="upper left", bbox_to_anchor=(1.02, 1), borderaxespad=0)
    return ax
