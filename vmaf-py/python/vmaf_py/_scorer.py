"""`Scorer`: frames pushed one after the other, as they come out of an encoder or a simulation."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from . import _native
from ._errors import VmafError
from ._frames import Format, Planes, format_of, frame_planes
from ._options import DEFAULT_MODEL, Frames, Metrics, Models, Sample, options_of
from ._result import results_of
from ._rgb import Matrix, check_matrix


class Scorer:
    """Scores frames that are pushed.

    >>> import numpy, vmaf_py as vq
    >>> scorer = vq.Scorer(width=128, height=72)
    >>> for value in range(3):
    ...     frame = numpy.full((72, 128), value, numpy.uint8)
    ...     scorer.push(frame, [frame])
    >>> [result] = scorer.finish()
    >>> len(result.index)
    3

    `width`, `height` and `bit_depth`, where they are given, are what frames have to be; otherwise the
    first ones say. The other arguments are those of `score`. Frames are measured while others are
    pushed, and memory stays that of a few frames. As in `score`, an encode whose frames turn out to
    be others than the reference's is refused, unless `align` is "unchecked".
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
        self._names = names
        self._single = False
        self._called: list[str] = []
        self._run: Pushing | None = None
        self._is_over = False

    def push(self, reference: Any, distorted: Any) -> None:
        """Pushes the next frame of the reference, and of one encode or of a list of them.

        A frame is an array of luma (H, W) or of YUV (3, H, W), or a tuple of planes. Raises VmafError
        where frames differ in format from those before them, or the run has failed.
        """
        if self._is_over:
            raise VmafError("this scorer is finished: its results were given")
        is_list = isinstance(distorted, list)
        encodes = distorted if is_list else [distorted]
        if not encodes:
            raise VmafError("there is no encode to score")
        if self._run is None:
            self._single = not is_list
            self._called = names_of(self._names, len(encodes), self._single)
        names = self._called
        if len(encodes) + 1 != len(names):
            raise VmafError(
                f"a frame comes with {len(encodes)} encodes, those before it with {len(names) - 1}"
            )
        planes = [
            frame_planes(frame, name, self._bit_depth, self._matrix)
            for frame, name in zip([reference, *encodes], names, strict=True)
        ]
        if self._run is None:
            formats = [
                format_of(of_one, name, self._bit_depth)
                for of_one, name in zip(planes, names, strict=True)
            ]
            self._check_size(formats[0])
            self._run = Pushing(formats, names, self._options)
        self._run.push(planes[0], planes[1:])

    def finish(self) -> Any:
        """The `Result` of the encode, or where lists of encodes were pushed their `Results`.

        Raises VideoError where nothing could be measured, PartialError where some of several encodes
        couldn't be.
        """
        if self._is_over:
            raise VmafError("this scorer is finished: its results were given")
        if self._run is None:
            raise VmafError("no frame was pushed")
        run, self._run, self._is_over = self._run, None, True
        results = results_of(run.finish())
        return results[0] if self._single else results

    def _check_size(self, format: Format) -> None:
        for side, wanted, length in zip(("wide", "high"), self._size, format.size, strict=True):
            if wanted not in (None, length):
                raise VmafError(f"frames are {length} pixels {side}, not {wanted}")


class Pushing:
    """A run whose frames are pushed as planes; all videos are of the reference's format."""

    def __init__(self, formats: list[Format], names: list[str], options: _native.Options) -> None:
        for name, format in zip(names, formats, strict=True):
            if format != formats[0]:
                raise VmafError(f"{name} is {format}, the reference {formats[0]}")
        self._run = _native.FrameRun(options, formats[0].layout, names[0], names[1:])

    def push(self, reference: Planes, distorted: list[Planes]) -> None:
        self._run.push(reference, distorted)

    def finish(self) -> list[_native.EncodeResult]:
        return self._run.finish()


def names_of(names: Sequence[str] | None, encodes: int, single: bool) -> list[str]:
    """What the reference and the encodes are called."""
    if names is not None:
        if len(names) != encodes + 1 or isinstance(names, str):
            raise VmafError(
                f"names are those of the reference and of {encodes} encodes: {encodes + 1} in all"
            )
        return list(names)
    numbered = ["distorted"] if single else [f"distorted[{index}]" for index in range(encodes)]
    return ["reference", *numbered]
