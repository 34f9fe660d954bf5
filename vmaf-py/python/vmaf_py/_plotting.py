"""Access to Matplotlib, an optional dependency."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._errors import VmafError

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def axes_or_current(ax: Axes | None, error: type[VmafError] = VmafError) -> Axes:
    """Returns `ax`, or Matplotlib's current axes. Raises `error` if Matplotlib isn't installed."""
    try:
        from matplotlib import pyplot
    except ImportError as missing:
        raise error(
            "plots need Matplotlib, which isn't installed: pip install 'vmaf-py[plot]'"
        ) from missing
    return pyplot.gca() if ax is None else ax
