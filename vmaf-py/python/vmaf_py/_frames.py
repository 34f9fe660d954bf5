"""Frames in memory, in whatever form they come, as lists of planes.

A frame is an array of luma, (H, W), of YUV, (3, H, W), or a tuple of planes, (Y,) or (Y, U, V), in
which chroma may be smaller, as in 4:2:0. A video is an array of frames, (N, H, W) or (N, 3, H, W), or
anything that gives one frame after the other. Nothing is copied here: planes are views.

Arrays whose last axis has 3 or 4 channels are RGB, which says nothing of the luma that an encoder saw
until a matrix is named: see `vmaf_py._rgb`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Sized
from dataclasses import dataclass
from itertools import chain
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ._errors import VmafError
from ._rgb import Matrix, check_matrix, to_yuv

Plane: TypeAlias = "NDArray[np.uint8] | NDArray[np.uint16]"
Planes: TypeAlias = list[Plane]

_CHROMA = {(1, 1): "444", (2, 1): "422", (2, 2): "420"}
"""By how much chroma is smaller, across and down."""


@dataclass(frozen=True)
class Format:
    """What frames are like."""

    size: tuple[int, int]
    """Width and height of luma, in pixels."""

    chroma: str
    """"400" without chroma, "420", "422" or "444"."""

    bit_depth: int

    @property
    def layout(self) -> tuple[tuple[int, int], str, int]:
        """As the native half has it."""
        return self.size, self.chroma, self.bit_depth

    def __str__(self) -> str:
        width, height = self.size
        return f"{width}x{height} {self.chroma} {self.bit_depth}-bit"


@dataclass(frozen=True)
class Video:
    """A video in memory: its frames' format, how many there are if that is known, and they."""

    format: Format
    length: int | None
    frames: Iterator[Planes]


def video(source: Any, name: str, bit_depth: int | None, matrix: Matrix | None) -> Video:
    """The frames of `source`, which errors call `name`."""
    check_matrix(matrix)
    frames: Iterable[Any]
    length: int | None
    if _is_array(source):
        array = _of_array(np.asarray(source), name)
        frames, length = array, array.shape[0]
    elif isinstance(source, str | bytes) or not isinstance(source, Iterable):
        raise VmafError(f"{name} is neither an array nor gives frames: {type(source).__name__}")
    else:
        frames = source
        length = len(source) if isinstance(source, Sized) else None
    planes = (frame_planes(frame, name, bit_depth, matrix) for frame in frames)
    first = next(planes, None)
    if first is None:
        raise VmafError(f"{name} has no frames")
    return Video(format_of(first, name, bit_depth), length, chain([first], planes))


def frame_planes(frame: Any, name: str, bit_depth: int | None, matrix: Matrix | None) -> Planes:
    """The planes of a frame of the video called `name`."""
    if isinstance(frame, tuple) and frame and _is_array(frame[0]):
        planes = [np.asarray(plane) for plane in frame]
    else:
        array = np.asarray(frame)
        if array.ndim == 3 and is_interleaved(array.shape):
            planes = to_yuv(array, _stated(matrix, array, name), bit_depth)
        elif array.ndim == 3 and array.shape[0] in (1, 3):
            planes = list(array)
            if matrix is not None and len(planes) == 3:
                planes = to_yuv(np.moveaxis(array, 0, -1), matrix, bit_depth)
        elif array.ndim == 2:
            planes = [array]
        else:
            raise VmafError(
                f"a frame of {name} is of shape {array.shape}: it must be (H, W) or (3, H, W), "
                "or a tuple of planes"
            )
    for plane in planes:
        if plane.dtype not in (np.uint8, np.uint16):
            raise VmafError(f"samples of {name} must be uint8 or uint16, not {plane.dtype}")
        if plane.ndim != 2:
            raise VmafError(f"a plane of {name} is of shape {plane.shape}: it must be (H, W)")
    return planes


def format_of(planes: Planes, name: str, bit_depth: int | None) -> Format:
    """What frames like that of `planes` are, which belong to the video called `name`."""
    luma = planes[0]
    if luma.dtype == np.uint8:
        if bit_depth not in (None, 8):
            raise VmafError(f"{name} is uint8, which holds 8 bits a sample, not {bit_depth}")
        bit_depth = 8
    elif bit_depth is None or not 9 <= bit_depth <= 16:
        raise VmafError(f"{name} is uint16, which needs bit_depth, 9 to 16, not {bit_depth}")
    height, width = luma.shape
    if len(planes) not in (1, 3):
        raise VmafError(f"a frame of {name} has {len(planes)} planes: it must have 1 or 3")
    return Format((width, height), _chroma(planes, name), bit_depth)


def is_frame_list(items: list[Any]) -> bool:
    """Whether a list is one video, of frames, rather than several."""
    return bool(items) and all(
        isinstance(item, tuple) or (_is_array(item) and np.ndim(item) == 2) for item in items
    )


def _chroma(planes: Planes, name: str) -> str:
    if len(planes) == 1:
        return "400"
    (height, width), shapes = planes[0].shape, {planes[1].shape, planes[2].shape}
    for (across, down), chroma in _CHROMA.items():
        if shapes == {(height // down, width // across)}:
            return chroma
    raise VmafError(
        f"chroma of {name} is {planes[1].shape} and {planes[2].shape} beside luma of "
        f"{planes[0].shape}: it must be as large (4:4:4), half as wide (4:2:2), or half as wide and "
        "high (4:2:0), rounded down"
    )


def _of_array(array: NDArray[Any], name: str) -> NDArray[Any]:
    """The array with a first axis of frames."""
    shape = array.shape
    if array.dtype not in (np.uint8, np.uint16):
        raise VmafError(
            f"samples of {name} must be uint8 or uint16, not {array.dtype}: scale and round them "
            "to the range that the encoder saw"
        )
    if array.ndim == 2 or (array.ndim == 3 and is_interleaved(shape)):
        return array[np.newaxis]
    if array.ndim == 3 or (array.ndim == 4 and (shape[1] in (1, 3) or is_interleaved(shape))):
        return array
    raise VmafError(
        f"{name} is of shape {shape}: it must be (N, H, W) for luma, or (N, 3, H, W) for YUV"
    )


def _stated(matrix: Matrix | None, array: NDArray[Any], name: str) -> Matrix:
    if matrix is None:
        raise VmafError(
            f"{name} looks like RGB (its last axis is {array.shape[-1]}), which can't be scored: "
            "give the YUV that the encoder saw, or say with matrix='bt709' how to make it of RGB"
        )
    return matrix


def is_interleaved(shape: Sequence[int]) -> bool:
    """Whether the last axis has channels, not pixels."""
    return shape[-1] in (3, 4) and shape[-3] not in (1, 3)


def _is_array(value: Any) -> bool:
    return isinstance(value, np.ndarray) or hasattr(value, "__array__")
