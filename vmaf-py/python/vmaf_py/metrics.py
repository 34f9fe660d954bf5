"""Every metric as a function of frames in memory.

>>> import numpy, vmaf_py as vq
>>> frame = numpy.random.default_rng(0).integers(0, 255, (72, 128), numpy.uint8)
>>> vq.metrics.vif(frame, frame)["integer_vif_scale3"] > 0.999
True

Each takes a reference and a distorted picture, and gives its columns by name. A picture is luma,
(H, W), or a tuple of planes (Y, U, V): then values are numbers. Videos, (N, H, W) of luma or
(N, 3, H, W) of YUV, give an array with a value for each frame, and numbers for what is a value of the whole
video. Samples are uint8, or uint16 with `bit_depth`; RGB, (H, W, 3), needs `matrix`.

Options of a metric are keywords, `vif(a, b, vif_enhn_gain_limit=1.0)`; `vmaf metrics NAME` on the
command line, and `vmaf_py.metrics.describe`, tell which there are. What looks at time (motion,
speed_temporal, xpsnr) wants videos; `fps`, their frames a second, matters to xpsnr.

All raise VmafError for what can't be measured.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from . import _native
from ._errors import VmafError
from ._frames import Format, Planes, is_interleaved, video
from ._options import option_text
from ._rgb import Matrix

Values: TypeAlias = "dict[str, float | NDArray[np.float64]]"
"""Values by column: a number of a picture, an array of a video."""

__all__ = [
    "adm",
    "cambi",
    "ciede",
    "describe",
    "float_adm",
    "float_ansnr",
    "float_moment",
    "float_motion",
    "float_ms_ssim",
    "float_psnr",
    "float_ssim",
    "float_vif",
    "motion",
    "names",
    "psnr",
    "psnr_hvs",
    "speed_chroma",
    "speed_temporal",
    "vif",
    "xpsnr",
]


def names() -> list[str]:
    """The names of all metrics."""
    return [feature["name"] for feature in _native.features()]


def describe(name: str) -> dict[str, Any]:
    """What the metric called `name` measures: its `summary`, the `paper` it comes from, its
    `columns` and `options`, each with what it tells, and the `least_size` of frames."""
    for feature in _native.features():
        if feature["name"] == name:
            return feature
    raise VmafError(f"there is no metric called {name!r}: there are {', '.join(names())}")


def adm(reference: Any, distorted: Any, **options: Any) -> Values:
    """Detail of the reference that is left, and impairment that was added."""
    return _measured("adm", reference, distorted, **options)


def cambi(reference: Any, distorted: Any, **options: Any) -> Values:
    """How visible banding is, false contours in smooth places."""
    return _measured("cambi", reference, distorted, **options)


def ciede(reference: Any, distorted: Any, **options: Any) -> Values:
    """How far apart the colours look, by the CIE's formula of 2000."""
    return _measured("ciede", reference, distorted, **options)


def float_adm(reference: Any, distorted: Any, **options: Any) -> Values:
    """Detail of the reference that is left, and impairment added, in floating point."""
    return _measured("float_adm", reference, distorted, **options)


def float_ansnr(reference: Any, distorted: Any, **options: Any) -> Values:
    """Signal-to-noise ratio of smoothed luma, in decibels."""
    return _measured("float_ansnr", reference, distorted, **options)


def float_moment(reference: Any, distorted: Any, **options: Any) -> Values:
    """Mean and mean square of the luma of both pictures."""
    return _measured("float_moment", reference, distorted, **options)


def float_motion(reference: Any, distorted: Any, **options: Any) -> Values:
    """How much the reference changes from frame to frame, in floating point."""
    return _measured("float_motion", reference, distorted, **options)


def float_ms_ssim(reference: Any, distorted: Any, **options: Any) -> Values:
    """How alike luminance, contrast and structure are, at five scales."""
    return _measured("float_ms_ssim", reference, distorted, **options)


def float_psnr(reference: Any, distorted: Any, **options: Any) -> Values:
    """Mean squared error of luma in decibels, in floating point."""
    return _measured("float_psnr", reference, distorted, **options)


def float_ssim(reference: Any, distorted: Any, **options: Any) -> Values:
    """How alike luminance, contrast and structure are."""
    return _measured("float_ssim", reference, distorted, **options)


def float_vif(reference: Any, distorted: Any, **options: Any) -> Values:
    """Visual information of the reference that is left, in floating point."""
    return _measured("float_vif", reference, distorted, **options)


def motion(reference: Any, distorted: Any, **options: Any) -> Values:
    """How much the reference changes from frame to frame."""
    return _measured("motion", reference, distorted, **options)


def psnr(reference: Any, distorted: Any, **options: Any) -> Values:
    """Mean squared error in decibels, of luma and chroma."""
    return _measured("psnr", reference, distorted, **options)


def psnr_hvs(reference: Any, distorted: Any, **options: Any) -> Values:
    """PSNR of what a viewer sees: errors by frequency, less what texture hides."""
    return _measured("psnr_hvs", reference, distorted, **options)


def speed_chroma(reference: Any, distorted: Any, **options: Any) -> Values:
    """Coarse chroma detail that differs, by its entropy."""
    return _measured("speed_chroma", reference, distorted, **options)


def speed_temporal(reference: Any, distorted: Any, **options: Any) -> Values:
    """Coarse change since the frame before that differs, by its entropy."""
    return _measured("speed_temporal", reference, distorted, **options)


def vif(reference: Any, distorted: Any, **options: Any) -> Values:
    """Visual information of the reference that is left, at four scales."""
    return _measured("vif", reference, distorted, **options)


def xpsnr(reference: Any, distorted: Any, **options: Any) -> Values:
    """PSNR with errors weighed by how visible they are, of luma and chroma."""
    return _measured("xpsnr", reference, distorted, **options)


def pair_of_frames(
    reference: Any, distorted: Any, bit_depth: int | None, matrix: Matrix | None
) -> tuple[Format, tuple[Planes, Planes]]:
    """The planes of two pictures, and their format."""
    format, pairs = _pairs(reference, distorted, bit_depth, matrix)
    if len(pairs) != 1:
        raise VmafError(f"maps are of one frame, these are {len(pairs)}: give one, as video[0]")
    return format, pairs[0]


def _measured(
    name: str,
    reference: Any,
    distorted: Any,
    *,
    bit_depth: int | None = None,
    matrix: Matrix | None = None,
    fps: float | Fraction = 25,
    **options: Any,
) -> Values:
    format, pairs = _pairs(reference, distorted, bit_depth, matrix)
    given = [(option, option_text(value)) for option, value in options.items()]
    rate = Fraction(fps).limit_denominator(1001)
    columns, aggregates = _native.measure(
        name,
        given,
        format.layout,
        (rate.numerator, rate.denominator),
        pairs,
    )
    if _is_picture(reference):
        return {**{column: float(of[0]) for column, of in columns.items()}, **aggregates}
    return {**columns, **aggregates}


def _pairs(
    reference: Any, distorted: Any, bit_depth: int | None, matrix: Matrix | None
) -> tuple[Format, list[tuple[Planes, Planes]]]:
    names = ("reference", "distorted")
    sources = [[source] if _is_picture(source) else source for source in (reference, distorted)]
    videos = [
        video(source, name, bit_depth, matrix) for source, name in zip(sources, names, strict=True)
    ]
    format = videos[0].format
    if videos[1].format != format:
        raise VmafError(f"the distorted picture is {videos[1].format}, the reference {format}")
    frames = [list(video.frames) for video in videos]
    if len(frames[0]) != len(frames[1]):
        raise VmafError(
            f"the distorted video has {len(frames[1])} frames, the reference {len(frames[0])}"
        )
    return format, list(zip(*frames, strict=True))


def _is_picture(source: Any) -> bool:
    """Whether this is one picture rather than a video."""
    if isinstance(source, tuple):
        return True
    shape: Sequence[int] = np.shape(source) if hasattr(source, "__array__") else ()
    return len(shape) == 2 or (len(shape) == 3 and is_interleaved(shape))
