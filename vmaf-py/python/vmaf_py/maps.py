"""Quality maps of vif, adm, cambi and butteraugli: heat maps that show where a frame loses quality.

>>> import numpy, vmaf_py as vq
>>> frame = numpy.random.default_rng(0).integers(0, 255, (72, 128), numpy.uint8)
>>> vq.maps.adm(frame, frame).heat.shape
(72, 128)

Each function returns `Maps`. NumPy treats it as the heat map: the loss at each pixel, from 0 (none) to
1 (total). It also holds the map of each scale and band. These pool to the feature's values, as the
documentation of `vmaf maps` explains.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from . import _native
from ._options import option_text
from ._plotting import axes_or_current
from .metrics import pair_of_frames

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Maps", "adm", "butteraugli", "cambi", "vif"]


@dataclass(frozen=True, eq=False)
class Maps:
    """Maps of a feature for one frame."""

    heat: NDArray[np.float32]
    """Loss at each pixel, shape (H, W), from 0 (none) to 1 (total)."""

    planes: dict[str, NDArray[np.float32]]
    """Maps by name: scale, quantity (`num`, `den`, `add`, `contrast` or `difference`) and, for adm,
    band, as in "scale0_num_h". Each scale is half as large as the previous one."""

    counted: dict[str, tuple[slice, slice]]
    """Region of each map that is pooled, as an index: adm excludes a tenth at each border."""

    values: dict[str, float]
    """The feature's columns, to which the maps pool."""

    constants: dict[str, float]
    """Constants for pooling the maps: `noise_weight` for adm, `topk` and `window` for cambi."""

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draws the heat map into `ax` or the current axes."""
        ax = axes_or_current(ax)
        ax.imshow(self.heat, cmap="inferno", vmin=0, vmax=1)
        ax.set_axis_off()
        return ax

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        return np.array(self.heat, dtype=dtype, copy=bool(copy) or dtype is not None)


def adm(reference: Any, distorted: Any, *, bit_depth: int | None = None, **options: Any) -> Maps:
    """Maps of lost detail: see `vmaf_py.metrics.adm` for options."""
    return _maps("adm", reference, distorted, bit_depth, options)


def butteraugli(
    reference: Any, distorted: Any, *, bit_depth: int | None = None, **options: Any
) -> Maps:
    """Map of visible differences: see `vmaf_py.metrics.butteraugli` for options."""
    return _maps("butteraugli", reference, distorted, bit_depth, options)


def cambi(reference: Any, distorted: Any, *, bit_depth: int | None = None, **options: Any) -> Maps:
    """Maps of banding: see `vmaf_py.metrics.cambi` for options."""
    return _maps("cambi", reference, distorted, bit_depth, options)


def vif(reference: Any, distorted: Any, *, bit_depth: int | None = None, **options: Any) -> Maps:
    """Maps of lost visual information: see `vmaf_py.metrics.vif` for options."""
    return _maps("vif", reference, distorted, bit_depth, options)


def _maps(
    name: str, reference: Any, distorted: Any, bit_depth: int | None, options: dict[str, Any]
) -> Maps:
    matrix = options.pop("matrix", None)
    format, matrices, pair = pair_of_frames(reference, distorted, bit_depth, matrix)
    if name == "butteraugli" and matrices[0] is not None:
        # RGB is sRGB unless stated; the metric reads it unconverted.
        options = {"transfer": "srgb", "matrix": matrices[0], **options}
    texts = [(option, option_text(value)) for option, value in options.items()]
    heat, planes, values, constants = _native.maps(name, texts, format.layout, matrices, pair)
    return Maps(
        heat,
        {plane: values for plane, _, values in planes},
        {plane: (slice(y, y + h), slice(x, x + w)) for plane, (x, y, w, h), _ in planes},
        dict(values),
        dict(constants),
    )
