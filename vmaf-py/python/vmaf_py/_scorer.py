"""`Scorer`: scores frames as an encoder or a simulation produces them."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from . import _native
from ._errors import VmafError
from ._frames import Format, Matrix, Planes, check_matrix, format_of, picture, planes_of
from ._options import DEFAULT_MODEL, Frames, Metrics, Models, Sample, options_of
from ._result import results_of


class Scorer:
    """Scores frames that are pushed one by one.

    >>> import numpy, vmaf_py as vq
    >>> scorer = vq.Scorer(width=128, height=72)
    >>> for value in range(3):
    ...     frame = numpy.full((72, 128), value, numpy.uint8)
    ...     scorer.push(frame, [frame])
    >>> [result] = scorer.finish()
    >>> len(result.index)
    3

    `width`, `height` and `bit_depth` state the format of frames; by default the first frames set it.
    The other arguments are those of `score`. Frames are measured in the background while others are
    pushed, and only a few are held in memory. As in `score`, an encode whose frames don't match those
    of the reference is rejected, unless `align` is "unchecked".
    """

    def __init__(
        self,
        model: Models = DEFAULT_MODEL,
        *,
        width: int | None = None,
        height: int | None = None,
        bit_depth: int | None = None,
        metrics: Metrics = (),
        frames: Frames = None,
        every: int = 1,
        sample: Sample = None,
        threads: int = 0,
        align: str = "time",
        offset: int = 0,
        fps: float | Fraction | str | None = None,
        matrix: Matrix | None = None,
        names: Sequence[str] | None = None,
    ) -> None:
        self._options = options_of(
            model=model,
            metrics=metrics,
            frames=frames,
            every=every,
            sample=sample,
            threads=threads,
            align=align,
            offset=offset,
            fps=fps,
        )
        self._size = (width, height)
        self._bit_depth = bit_depth
        self._matrix: Matrix | None = check_matrix(matrix)
        self._are_rgb: list[bool] = []
        self._names = names
        self._single = False
        self._all_names: list[str] = []
        self._run: FrameRun | None = None
        self._is_finished = False

    def push(self, reference: Any, distorted: Any) -> None:
        """Pushes the next frame of the reference and of the encode, or of a list of encodes.

        A frame is an array of luma (H, W) or of YUV (3, H, W), or a tuple of planes. Raises VmafError
        if the format differs from that of earlier frames, or if the run has failed.
        """
        if self._is_finished:
            raise VmafError("this scorer is finished; create a new one for more frames")
        is_list = isinstance(distorted, list)
        encodes = distorted if is_list else [distorted]
        if not encodes:
            raise VmafError("there is no encode to score")
        if self._run is None:
            self._single = not is_list
            self._all_names = video_names(self._names, len(encodes), self._single)
        names = self._all_names
        if len(encodes) + 1 != len(names):
            raise VmafError(
                f"this frame has {len(encodes)} encodes, but earlier frames have {len(names) - 1}"
            )
        pictures = [
            picture(frame, name, self._matrix)
            for frame, name in zip([reference, *encodes], names, strict=True)
        ]
        if self._run is None:
            self._are_rgb = [each.is_rgb for each in pictures]
        planes = [
            planes_of(each, is_rgb, name)
            for each, is_rgb, name in zip(pictures, self._are_rgb, names, strict=True)
        ]
        if self._run is None:
            formats = [
                format_of(frame, name, self._bit_depth)
                for frame, name in zip(planes, names, strict=True)
            ]
            self._check_size(formats[0])
            matrices = [self._matrix if is_rgb else None for is_rgb in self._are_rgb]
            self._run = FrameRun(formats, matrices, names, self._options)
        self._run.push(planes[0], planes[1:])

    def finish(self) -> Any:
        """Ends the run. Returns the encode's `Result`, or `Results` if lists of encodes were pushed.

        Raises VideoError if all encodes failed, PartialError if some did.
        """
        if self._is_finished:
            raise VmafError("this scorer is finished; its results were already returned")
        if self._run is None:
            raise VmafError("no frame was pushed")
        run, self._run, self._is_finished = self._run, None, True
        results = results_of(run.finish())
        return results[0] if self._single else results

    def _check_size(self, format: Format) -> None:
        for side, expected, length in zip(("wide", "high"), self._size, format.size, strict=True):
            if expected not in (None, length):
                raise VmafError(f"frames are {length} pixels {side}, not {expected}")


class FrameRun:
    """Run over pushed frames, given as planes. All videos must have the format of the reference."""

    def __init__(
        self,
        formats: list[Format],
        matrices: list[Matrix | None],
        names: list[str],
        options: _native.Options,
    ) -> None:
        for name, format in zip(names, formats, strict=True):
            if format != formats[0]:
                raise VmafError(f"{name} is {format}, but the reference is {formats[0]}")
        self._run = _native.FrameRun(options, formats[0].layout, matrices, names[0], names[1:])

    def push(self, reference: Planes, distorted: list[Planes]) -> None:
        self._run.push(reference, distorted)

    def finish(self) -> list[_native.EncodeResult]:
        return self._run.finish()


def video_names(names: Sequence[str] | None, encodes: int, single: bool) -> list[str]:
    """Returns the names of the reference and the encodes: `names`, or default ones."""
    if names is not None:
        if len(names) != encodes + 1 or isinstance(names, str):
            raise VmafError(
                f"names must be a list of {encodes + 1}: the reference, then each encode"
            )
        return list(names)
    numbered = ["distorted"] if single else [f"distorted[{index}]" for index in range(encodes)]
    return ["reference", *numbered]
