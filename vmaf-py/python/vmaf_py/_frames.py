"""Conversion of frames in memory to lists of planes.

A frame is an array of luma, (H, W), or of YUV, (3, H, W), or a tuple of planes, (Y,) or (Y, U, V),
whose chroma may be smaller, as in 4:2:0. A video is an array of frames, (N, H, W) or (N, 3, H, W), or
an iterable of frames. Planes are views.

Arrays whose last axis has 3 or 4 channels are RGB. They need a matrix, because the luma that the
encoder saw depends on it: the native module converts them to limited-range YUV, as RGB files.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Sized
from dataclasses import dataclass
from itertools import chain
from typing import Any, Literal, NamedTuple, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from ._errors import VmafError

Plane: TypeAlias = "NDArray[np.uint8] | NDArray[np.uint16]"
Planes: TypeAlias = list[Plane]
Matrix: TypeAlias = Literal["bt601", "bt709", "bt2020"]

_CHROMA = {(1, 1): "444", (2, 1): "422", (2, 2): "420"}
"""Chroma sampling by the factors between luma and chroma, horizontal and vertical."""


@dataclass(frozen=True)
class Format:
    """Size, chroma sampling and bit depth of frames."""

    size: tuple[int, int]
    """Width and height of luma, in pixels."""

    chroma: str
    """"400" without chroma, "420", "422" or "444"."""

    bit_depth: int

    @property
    def layout(self) -> tuple[tuple[int, int], str, int]:
        """The format as the native module takes it."""
        return self.size, self.chroma, self.bit_depth

    def __str__(self) -> str:
        width, height = self.size
        return f"{width}x{height} {self.chroma} {self.bit_depth}-bit"


class Picture(NamedTuple):
    """A frame's planes."""

    planes: Planes
    """Luma, or luma, Cb and Cr, or red, green and blue."""

    is_rgb: bool


@dataclass(frozen=True)
class Video:
    """A video in memory."""

    format: Format

    matrix: Matrix | None
    """Matrix that converts the frames from RGB; None if they are YUV."""

    length: int | None
    """Number of frames; None if the source doesn't state it."""

    frames: Iterator[Planes]


def video(source: Any, name: str, bit_depth: int | None, matrix: Matrix | None) -> Video:
    """Opens `source` as a video. Errors refer to it as `name`."""
    check_matrix(matrix)
    frames: Iterable[Any]
    length: int | None
    if _is_array(source):
        array = _with_frame_axis(np.asarray(source), name)
        frames, length = array, array.shape[0]
    elif isinstance(source, str | bytes) or not isinstance(source, Iterable):
        raise VmafError(
            f"{name} must be an array or an iterable of frames, not {type(source).__name__}"
        )
    else:
        frames = source
        length = len(source) if isinstance(source, Sized) else None
    pictures = (picture(frame, name, matrix) for frame in frames)
    first = next(pictures, None)
    if first is None:
        raise VmafError(f"{name} has no frames")
    planes = (planes_of(each, first.is_rgb, name) for each in chain([first], pictures))
    video_matrix = matrix if first.is_rgb else None
    return Video(format_of(first.planes, name, bit_depth), video_matrix, length, planes)


def check_matrix(matrix: str | None) -> Any:
    """Returns `matrix`. Raises VmafError if it is unknown."""
    if matrix is not None and matrix not in get_args(Matrix):
        raise VmafError(f"matrix must be bt601, bt709 or bt2020, not {matrix!r}")
    return matrix


def planes_of(frame: Picture, is_rgb: bool, name: str) -> Planes:
    """Returns the planes of a frame of the video `name`, whose first frame is RGB if `is_rgb`."""
    if frame.is_rgb != is_rgb:
        now, before = ("RGB", "YUV") if frame.is_rgb else ("YUV", "RGB")
        raise VmafError(f"a frame of {name} is {now}, but the first frame is {before}")
    return frame.planes


def picture(frame: Any, name: str, matrix: Matrix | None) -> Picture:
    """Returns a frame of the video `name`."""
    is_rgb = False
    if isinstance(frame, tuple) and frame and _is_array(frame[0]):
        planes = [np.asarray(plane) for plane in frame]
    else:
        array = np.asarray(frame)
        if array.ndim == 3 and is_interleaved(array.shape):
            _require_matrix(matrix, array, name)
            planes, is_rgb = [array[..., channel] for channel in range(3)], True
        elif array.ndim == 3 and array.shape[0] in (1, 3):
            planes = list(array)
            is_rgb = matrix is not None and len(planes) == 3
        elif array.ndim == 2:
            planes = [array]
        else:
            raise VmafError(
                f"a frame of {name} has shape {array.shape}; it must be (H, W), (3, H, W), "
                "or a tuple of planes"
            )
    for plane in planes:
        if plane.dtype not in (np.uint8, np.uint16):
            raise VmafError(f"samples of {name} must be uint8 or uint16, not {plane.dtype}")
        if plane.ndim != 2:
            raise VmafError(f"a plane of {name} has shape {plane.shape}; it must be (H, W)")
    return Picture(planes, is_rgb)


def format_of(planes: Planes, name: str, bit_depth: int | None) -> Format:
    """Returns the format of a frame of the video `name`, given its planes."""
    luma = planes[0]
    if luma.dtype == np.uint8:
        if bit_depth not in (None, 8):
            raise VmafError(
                f"{name} is uint8, which holds 8 bits per sample, but bit_depth is {bit_depth}"
            )
        bit_depth = 8
    elif bit_depth is None or not 9 <= bit_depth <= 16:
        raise VmafError(f"{name} is uint16, which needs bit_depth from 9 to 16, not {bit_depth}")
    height, width = luma.shape
    if len(planes) not in (1, 3):
        raise VmafError(f"a frame of {name} has {len(planes)} planes; it must have 1 or 3")
    return Format((width, height), _chroma(planes, name), bit_depth)


def is_frame_list(items: list[Any]) -> bool:
    """Returns True if a list holds the frames of one video rather than several videos."""
    return bool(items) and all(
        isinstance(item, tuple) or (_is_array(item) and np.ndim(item) == 2) for item in items
    )


def _chroma(planes: Planes, name: str) -> str:
    if len(planes) == 1:
        return "400"
    (height, width), shapes = planes[0].shape, {planes[1].shape, planes[2].shape}
    for (x_factor, y_factor), chroma in _CHROMA.items():
        if shapes == {(height // y_factor, width // x_factor)}:
            return chroma
    raise VmafError(
        f"chroma of {name} has shapes {planes[1].shape} and {planes[2].shape} but luma has "
        f"{planes[0].shape}; chroma must have the size of luma (4:4:4), half its width (4:2:2), or "
        "half its width and height (4:2:0), rounded down"
    )


def _with_frame_axis(array: NDArray[Any], name: str) -> NDArray[Any]:
    """Returns the array of a video or of a single frame with frames as its first axis."""
    shape = array.shape
    if array.dtype not in (np.uint8, np.uint16):
        raise VmafError(
            f"samples of {name} must be uint8 or uint16, not {array.dtype}; scale and round them "
            "to the range that the encoder saw"
        )
    if array.ndim == 2 or (array.ndim == 3 and is_interleaved(shape)):
        return array[np.newaxis]
    if array.ndim == 3 or (array.ndim == 4 and (shape[1] in (1, 3) or is_interleaved(shape))):
        return array
    raise VmafError(
        f"{name} has shape {shape}; it must be (N, H, W) for luma or (N, 3, H, W) for YUV"
    )


def _require_matrix(matrix: Matrix | None, array: NDArray[Any], name: str) -> None:
    if matrix is None:
        raise VmafError(
            f"{name} looks like RGB (its last axis has {array.shape[-1]} channels), which can't be "
            "scored directly; pass the YUV that the encoder saw, or convert with matrix='bt709'"
        )


def is_interleaved(shape: Sequence[int]) -> bool:
    """Returns True if the last axis holds 3 or 4 channels rather than pixels."""
    return shape[-1] in (3, 4) and shape[-3] not in (1, 3)


def _is_array(value: Any) -> bool:
    return isinstance(value, np.ndarray) or hasattr(value, "__array__")
