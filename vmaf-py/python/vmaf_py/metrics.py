"""Single metrics as functions of frames in memory.

>>> import numpy, vmaf_py as vq
>>> frame = numpy.random.default_rng(0).integers(0, 255, (72, 128), numpy.uint8)
>>> vq.metrics.vif(frame, frame)["integer_vif_scale3"] > 0.999
True

Each function takes a reference and a distorted picture or video, and returns a dict of its columns.
For a picture, luma (H, W) or a tuple of planes (Y, U, V), values are numbers. For a video, luma
(N, H, W) or YUV (N, 3, H, W), columns are arrays with a value per frame, and values of the whole video
are numbers. Samples are uint8, or uint16 with `bit_depth`; RGB, (H, W, 3), needs `matrix`.

`butteraugli`, `cvvdp` and `ssimulacra2` compare RGB as it is, as sRGB unless `transfer` and `primaries` state
otherwise. YUV is BT.709 (below 720 lines BT.601) of limited range unless `matrix`, `range`, `transfer`,
`primaries` and `siting` describe it.

Options of a metric are keyword arguments: `vif(a, b, vif_enhn_gain_limit=1.0)`. They are listed by
`vmaf_py.metrics.describe` and, on the command line, by `vmaf metrics NAME`. Temporal metrics (motion,
speed_temporal, xpsnr) are meant for videos; xpsnr depends on `fps`, their frame rate.

All functions raise VmafError if the frames or options are invalid.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from . import _native
from ._errors import VmafError
from ._frames import Format, Matrix, Planes, is_interleaved, video
from ._options import option_text

Values: TypeAlias = "dict[str, float | NDArray[np.float64]]"
"""Values by column: a number for a picture, an array of shape (N,) for a video."""

Matrices: TypeAlias = "tuple[Matrix | None, Matrix | None]"
"""Matrices that convert the reference and the encode from RGB; None for YUV."""

__all__ = [
    "adm",
    "butteraugli",
    "cambi",
    "ciede",
    "cvvdp",
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
    "ssimulacra2",
    "vif",
    "xpsnr",
]


def names() -> list[str]:
    """Returns the names of all metrics."""
    return [feature["name"] for feature in _native.features()]


def describe(name: str) -> dict[str, Any]:
    """Returns a description of the metric `name`: its `summary`, the `paper` that defines it, its
    `columns` and `options`, each with a description, and the minimum size of frames, `least_size`."""
    for feature in _native.features():
        if feature["name"] == name:
            return feature
    raise VmafError(f"there is no metric called {name!r}; the metrics are {', '.join(names())}")


def adm(reference: Any, distorted: Any, **options: Any) -> Values:
    """Detail of the reference that is preserved, and impairment that is added."""
    return _measure("adm", reference, distorted, **options)


def butteraugli(reference: Any, distorted: Any, **options: Any) -> Values:
    """Visible differences by bands of spatial frequency; less is better."""
    return _measure_light("butteraugli", reference, distorted, options)


def cambi(reference: Any, distorted: Any, **options: Any) -> Values:
    """Visibility of banding: false contours in smooth areas."""
    return _measure("cambi", reference, distorted, **options)


def ciede(reference: Any, distorted: Any, **options: Any) -> Values:
    """Perceived colour difference, by the CIEDE2000 formula."""
    return _measure("ciede", reference, distorted, **options)


def cvvdp(reference: Any, distorted: Any, **options: Any) -> Values:
    """Visible differences in colour, detail and motion on a display, also of high dynamic range."""
    if "fps" in options:
        options.setdefault("frame_rate", float(options["fps"]))
    return _measure_light("cvvdp", reference, distorted, options)


def float_adm(reference: Any, distorted: Any, **options: Any) -> Values:
    """Detail of the reference that is preserved, and impairment added, in floating point."""
    return _measure("float_adm", reference, distorted, **options)


def float_ansnr(reference: Any, distorted: Any, **options: Any) -> Values:
    """Signal-to-noise ratio of smoothed luma, in decibels."""
    return _measure("float_ansnr", reference, distorted, **options)


def float_moment(reference: Any, distorted: Any, **options: Any) -> Values:
    """Mean and mean square of the luma of both pictures."""
    return _measure("float_moment", reference, distorted, **options)


def float_motion(reference: Any, distorted: Any, **options: Any) -> Values:
    """Change of the reference from frame to frame, in floating point."""
    return _measure("float_motion", reference, distorted, **options)


def float_ms_ssim(reference: Any, distorted: Any, **options: Any) -> Values:
    """Similarity of luminance, contrast and structure, at five scales."""
    return _measure("float_ms_ssim", reference, distorted, **options)


def float_psnr(reference: Any, distorted: Any, **options: Any) -> Values:
    """Mean squared error of luma in decibels, in floating point."""
    return _measure("float_psnr", reference, distorted, **options)


def float_ssim(reference: Any, distorted: Any, **options: Any) -> Values:
    """Similarity of luminance, contrast and structure."""
    return _measure("float_ssim", reference, distorted, **options)


def float_vif(reference: Any, distorted: Any, **options: Any) -> Values:
    """Visual information of the reference that is preserved, in floating point."""
    return _measure("float_vif", reference, distorted, **options)


def motion(reference: Any, distorted: Any, **options: Any) -> Values:
    """Change of the reference from frame to frame."""
    return _measure("motion", reference, distorted, **options)


def psnr(reference: Any, distorted: Any, **options: Any) -> Values:
    """Mean squared error in decibels, of luma and chroma."""
    return _measure("psnr", reference, distorted, **options)


def psnr_hvs(reference: Any, distorted: Any, **options: Any) -> Values:
    """PSNR of visible errors: weighted by frequency, less those masked by texture."""
    return _measure("psnr_hvs", reference, distorted, **options)


def speed_chroma(reference: Any, distorted: Any, **options: Any) -> Values:
    """Entropy difference of coarse chroma detail."""
    return _measure("speed_chroma", reference, distorted, **options)


def speed_temporal(reference: Any, distorted: Any, **options: Any) -> Values:
    """Entropy difference of coarse change since the previous frame."""
    return _measure("speed_temporal", reference, distorted, **options)


def ssimulacra2(reference: Any, distorted: Any, **options: Any) -> Values:
    """Similarity of structure and colour at six scales, in a model of the eye's cones."""
    return _measure_light("ssimulacra2", reference, distorted, options)


def vif(reference: Any, distorted: Any, **options: Any) -> Values:
    """Visual information of the reference that is preserved, at four scales."""
    return _measure("vif", reference, distorted, **options)


def xpsnr(reference: Any, distorted: Any, **options: Any) -> Values:
    """PSNR with errors weighted by visibility, of luma and chroma."""
    return _measure("xpsnr", reference, distorted, **options)


def pair_of_frames(
    reference: Any, distorted: Any, bit_depth: int | None, matrix: Matrix | None
) -> tuple[Format, Matrices, tuple[Planes, Planes]]:
    """Returns the format, the matrices and the planes of two pictures."""
    format, matrices, pairs = _pairs(reference, distorted, bit_depth, matrix)
    if len(pairs) != 1:
        raise VmafError(f"maps need one frame, not {len(pairs)}; pass a single frame: video[0]")
    return format, matrices, pairs[0]


_FRAME_OPTIONS = ("bit_depth", "fps")
"""Options that describe frames to every metric, apart from the matrix of RGB."""


def _measure_light(name: str, reference: Any, distorted: Any, options: dict[str, Any]) -> Values:
    """Measures light: of RGB as it is, of YUV as the metric's options describe it."""
    described = {
        option: options.pop(option) for option in [*options] if option not in _FRAME_OPTIONS
    }
    if _is_rgb(reference) and _is_rgb(distorted):
        if "matrix" in described:
            raise VmafError("matrix describes YUV, but the pictures are RGB")
        if np.asarray(reference).dtype == np.uint16:
            options.setdefault("bit_depth", 16)
        # The metric reads the RGB of pictures that are converted, as it does of files.
        options["matrix"] = "bt709"
        described = {"transfer": "srgb", **described}
    return _measure(name, reference, distorted, described, **options)


def _measure(
    name: str,
    reference: Any,
    distorted: Any,
    described: Mapping[str, Any] | None = None,
    *,
    bit_depth: int | None = None,
    matrix: Matrix | None = None,
    fps: float | Fraction = 25,
    **options: Any,
) -> Values:
    format, matrices, pairs = _pairs(reference, distorted, bit_depth, matrix)
    options = {**options, **(described or {})}
    texts = [(option, option_text(value)) for option, value in options.items()]
    rate = Fraction(fps).limit_denominator(1001)
    columns, aggregates = _native.measure(
        name,
        texts,
        format.layout,
        matrices,
        (rate.numerator, rate.denominator),
        pairs,
    )
    if _is_picture(reference):
        return {**{column: float(values[0]) for column, values in columns.items()}, **aggregates}
    return {**columns, **aggregates}


def _pairs(
    reference: Any, distorted: Any, bit_depth: int | None, matrix: Matrix | None
) -> tuple[Format, Matrices, list[tuple[Planes, Planes]]]:
    names = ("reference", "distorted")
    sources = [[source] if _is_picture(source) else source for source in (reference, distorted)]
    videos = [
        video(source, name, bit_depth, matrix) for source, name in zip(sources, names, strict=True)
    ]
    format = videos[0].format
    if videos[1].format != format:
        raise VmafError(
            f"the distorted picture is {videos[1].format}, but the reference is {format}"
        )
    frames = [list(video.frames) for video in videos]
    if len(frames[0]) != len(frames[1]):
        raise VmafError(
            f"the distorted video has {len(frames[1])} frames, but the reference has "
            f"{len(frames[0])}"
        )
    matrices = (videos[0].matrix, videos[1].matrix)
    return format, matrices, list(zip(*frames, strict=True))


def _is_rgb(source: Any) -> bool:
    """Returns True if `source` is an array of RGB, (H, W, 3) or (N, H, W, 3)."""
    shape = np.shape(source) if hasattr(source, "__array__") else ()
    return len(shape) in (3, 4) and is_interleaved(shape)


def _is_picture(source: Any) -> bool:
    """Returns True if `source` is one picture rather than a video."""
    if isinstance(source, tuple):
        return True
    shape: Sequence[int] = np.shape(source) if hasattr(source, "__array__") else ()
    return len(shape) == 2 or (len(shape) == 3 and is_interleaved(shape))
