"""Where the quality of a frame went: maps of vif, adm and cambi.

>>> import numpy, vmaf_py as vq
>>> frame = numpy.random.default_rng(0).integers(0, 255, (72, 128), numpy.uint8)
>>> vq.maps.adm(frame, frame).heat.shape
(72, 128)

Each gives `Maps`, which is an array where one is wanted: what is lost at each pixel, 0 for nothing
and 1 for everything. The single maps, of each scale and band, are there too, and pool to the
feature's values; the project's documentation of `vmaf maps` tells how.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from . import _native
from ._options import option_text
from ._plotting import axes_or_current
from ._rgb import Matrix
from .metrics import pair_of_frames

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Maps", "adm", "cambi", "vif"]


@dataclass(frozen=True, eq=False)
class Maps:
    """The maps of a feature of one frame."""

    heat: NDArray[np.float32]
    """What is lost at each pixel, (H, W): 0 for nothing, 1 for everything."""

    planes: dict[str, NDArray[np.float32]]
    """The single maps by name: scale, what it holds (`num` or `den`, `add`, `contrast`), and in adm
    the band, as in "scale0_num_h". Each scale is half as large as the one before."""

    counted: dict[str, tuple[slice, slice]]
    """The part of each map that is pooled, to index it by: adm leaves out a tenth at each border."""

    values: dict[str, float]
    """The feature's columns, which the maps pool to."""

    constants: dict[str, float]
    """What pools need beside the maps: adm's `noise_weight`, cambi's `topk` and `window`."""

    def plot(self, ax: Axes | None = None) -> Axes:
        """Shows the heat, in `ax` or the current axes."""
        ax = axes_or_current(ax)
        ax.imshow(self.heat, cmap="inferno", vmin=0, vmax=1)
        ax.set_axis_off()
        return ax

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        return np.array(self.heat, dtype=dtype, copy=bool(copy) or dtype is not None)


def adm(reference: Any, distorted: Any, *, bit_depth: int | None = None, **options: Any) -> Maps:
    """Where detail was lost: the maps of `vmaf_py.metrics.adm`."""
    return _maps("adm", reference, distorted, bit_depth, options)


def cambi(reference: Any, distorted: Any, *, bit_depth: int | None = None, **options: Any) -> Maps:
    """Where banding is: the maps of `vmaf_py.metrics.cambi`."""
    return _maps("cambi", reference, distorted, bit_depth, options)


def vif(reference: Any, distorted: Any, *, bit_depth: int | None = None, **options: Any) -> Maps:
    """Where information was lost: the maps of `vmaf_py.metrics.vif`."""
    return _maps("vif", reference, distorted, bit_depth, options)


def _maps(
    name: str, reference: Any, distorted: Any, bit_depth: int | None, options: dict[str, Any]
) -> Maps:
    matrix: Matrix | None = options.pop("matrix", None)
    format, pair = pair_of_frames(reference, distorted, bit_depth, matrix)
    given = [(option, option_text(value)) for option, value in options.items()]
    heat, planes, values, constants = _native.maps(name, given, format.layout, pair)
    return Maps(
        heat,
        {plane: values for plane, _, values in planes},
        {plane: (slice(y, y + h), slice(x, x + w)) for plane, (x, y, w, h), _ in planes},
        dict(values),
        dict(constants),
    )
