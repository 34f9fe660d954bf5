"""`score`: an encode, or a whole ladder, beside its reference, from files or from memory."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any, TypeAlias, cast, overload

from . import _native
from ._decoder import prepare
from ._errors import VmafError
from ._frames import Video, is_frame_list, video
from ._options import DEFAULT_MODEL, Frames, Metrics, Models, Sample, Size, Stream, options_of
from ._progress import Progress, done, shown
from ._result import Result, Results, results_of
from ._rgb import Matrix
from ._scorer import Pushing, names_of

Path: TypeAlias = "str | os.PathLike[str]"


@overload
def score(
    reference: Any,
    distorted: list[Any] | tuple[Path, ...],
    model: Models = ...,
    *,
    metrics: Metrics = ...,
    frames: Frames = ...,
    every: int = ...,
    sample: Sample = ...,
    shortest: bool = ...,
    threads: int = ...,
    align: str = ...,
    offset: int = ...,
    fps: float | Fraction | str | None = ...,
    bit_depth: int | None = ...,
    progress: bool | Progress = ...,
    names: Sequence[str] | None = ...,
    matrix: Matrix | None = ...,
    scaler: str = ...,
    score_at: Size = ...,
    scale: bool = ...,
    crop: str | tuple[int, int, int, int] | None = ...,
    crop_encode: str | tuple[int, int, int, int] | None = ...,
    geometry: str = ...,
    assume_range: str | None = ...,
    accept: str | Iterable[str] = ...,
    film_grain: str = ...,
    size: Size = ...,
    pix_fmt: str | None = ...,
    stream: Stream = ...,
) -> Results: ...
@overload
def score(
    reference: Any,
    distorted: Any,
    model: Models = ...,
    *,
    metrics: Metrics = ...,
    frames: Frames = ...,
    every: int = ...,
    sample: Sample = ...,
    shortest: bool = ...,
    threads: int = ...,
    align: str = ...,
    offset: int = ...,
    fps: float | Fraction | str | None = ...,
    bit_depth: int | None = ...,
    progress: bool | Progress = ...,
    names: Sequence[str] | None = ...,
    matrix: Matrix | None = ...,
    scaler: str = ...,
    score_at: Size = ...,
    scale: bool = ...,
    crop: str | tuple[int, int, int, int] | None = ...,
    crop_encode: str | tuple[int, int, int, int] | None = ...,
    geometry: str = ...,
    assume_range: str | None = ...,
    accept: str | Iterable[str] = ...,
    film_grain: str = ...,
    size: Size = ...,
    pix_fmt: str | None = ...,
    stream: Stream = ...,
) -> Result: ...
def score(
    reference: Any,
    distorted: Any,
    model: Models = DEFAULT_MODEL,
    *,
    metrics: Metrics = (),
    frames: Frames = None,
    every: int = 1,
    sample: Sample = None,
    shortest: bool = False,
    threads: int = 0,
    align: str = "time",
    offset: int = 0,
    fps: float | Fraction | str | None = None,
    bit_depth: int | None = None,
    progress: bool | Progress = False,
    names: Sequence[str] | None = None,
    matrix: Matrix | None = None,
    scaler: str = "bicubic",
    score_at: Size = None,
    scale: bool = True,
    crop: str | tuple[int, int, int, int] | None = None,
    crop_encode: str | tuple[int, int, int, int] | None = None,
    geometry: str = "checked",
    assume_range: str | None = None,
    accept: str | Iterable[str] = (),
    film_grain: str = "on",
    size: Size = None,
    pix_fmt: str | None = None,
    stream: Stream = None,
) -> Any:
    """Scores how good `distorted` looks beside `reference`, 0 to 100.

    Both are paths of files, or both are frames in memory: an array of luma (N, H, W) or of YUV
    (N, 3, H, W), or anything that gives one frame after the other, each an array or a tuple of
    planes (Y, U, V), of which chroma may be smaller. Samples are uint8, or uint16 with `bit_depth`.
    For one encode it gives a `Result`. For a list of encodes, which are measured in one pass, it
    gives `Results`, a list of them in the same order.

    >>> import numpy, vmaf_py as vq
    >>> video = numpy.zeros((3, 72, 128), numpy.uint8)
    >>> vq.score(video, video).frames["integer_motion2"]
    array([0., 0., 0.])

    What both take:

    model: a built-in model, in full or in short ("v1", see `vmaf_py.models`), "auto", the path of a
        model file, or several; settings follow after colons, as in "v0:enable_transform". None
        measures `metrics` only.
    metrics: what to measure beside the models' features: "psnr", ("vif", {"debug": True}), or
        several; `vmaf_py.metrics` has all.
    frames: which to score, as range(240, 480); with the values that they have in the whole video.
    every: scores every so manyth frame, which is biased where frames differ in quality by their place
        in the encoder's pyramid.
    sample: scores a random sample, spread evenly over time: so many frames (of videos that say how
        many they have), or a share as 0.1 or "10%". `Result.document` has pools' 95 % intervals.
    shortest: where a video and its encode differ in length, scores what both have.
    threads: how many to use; 0 is one for each processor. The scores are the same.
    align: "time" pairs frames in order and refuses encodes whose frames turn out to be others than
        the reference's, by times and pictures; "frames" by pictures alone; "content" pairs frames
        that show the same (files only); "unchecked" trusts you.
    offset: leaves out so many frames at the encodes' start, or at the reference's if negative.
    fps: frames a second of what has no times: frames in memory, raw video. 25 by default.
    progress: True shows a bar where one can be seen; or what to call with the frames done and all.

    Frames in memory:

    bit_depth: how many bits samples of uint16 have, 9 to 16, in the low bits.
    matrix: for RGB, (N, H, W, 3): "bt709", "bt601" or "bt2020" makes limited-range YUV of it.
    names: what results call the reference and the encodes.

    Files are made comparable, and what was done is told; see `vmaf score --help`:

    scaler, score_at, scale: "bilinear", "bicubic" or "lanczos" scales smaller encodes up to the
        reference; (W, H) or "WxH" scales all; scale=False refuses.
    crop, crop_encode: (W, H, X, Y), the part of the reference that is scored, and the part of encodes
        that shows it; crop="auto" finds both.
    geometry: "checked" refuses encodes whose pictures turn out to be shifted, cropped or zoomed;
        "unchecked" trusts you.
    assume_range: "limited" or "full", of files that don't say theirs.
    accept: "color", "hdr", "interlaced" or "damage": what is fine because you say so.
    film_grain: "off" leaves out the grain that a stream describes and decoders add.
    size, pix_fmt, bit_depth, fps: the layout of raw video.
    stream: the number of the video stream to read of files that have several, as ffprobe numbers
        them; (0, 2) are the reference's and the encodes', more are one for each file, None in them
        leaves the choice. By itself it is the default or the largest.

    Raises VideoError where a video can't be read or compared, PartialError where some of several
    encodes can't be, VmafError for anything else that can't be done.
    """
    common: dict[str, Any] = {
        "model": model,
        "metrics": metrics,
        "frames": frames,
        "every": every,
        "sample": sample,
        "threads": threads,
        "align": align,
        "offset": offset,
        "fps": fps,
    }
    paths = _paths(reference, distorted)
    if paths is None:
        given = {
            "scaler": scaler != "bicubic",
            "score_at": score_at is not None,
            "scale": not scale,
            "crop": crop is not None,
            "crop_encode": crop_encode is not None,
            "geometry": geometry != "checked",
            "assume_range": assume_range is not None,
            "accept": bool(accept),
            "film_grain": film_grain != "on",
            "size": size is not None,
            "pix_fmt": pix_fmt is not None,
            "stream": stream is not None,
        }
        _check_absent(given, "frames in memory are scored as they are")
        encodes, single = _encodes(distorted)
        call = names_of(names, len(encodes), single)
        videos = [
            video(source, name, bit_depth, matrix)
            for source, name in zip([reference, *encodes], call, strict=True)
        ]
        options = options_of(**common)
        found = _score_frames(videos, call, options, shortest, progress)
    else:
        given = {"names": names is not None, "matrix": matrix is not None}
        _check_absent(given, "files have their own names and formats")
        options = options_of(
            **common,
            shortest=shortest,
            scaler=scaler,
            score_at=score_at,
            scale=scale,
            crop=crop,
            crop_encode=crop_encode,
            geometry=geometry,
            assume_range=assume_range,
            accept=accept,
            film_grain=film_grain,
            size=size,
            pix_fmt=pix_fmt,
            bit_depth=bit_depth,
            stream=stream,
        )
        of_reference, of_encodes, single = paths
        found = _score_files(of_reference, of_encodes, options, progress)
    results = results_of(found)
    return results[0] if single else results


def _score_files(
    reference: str, distorted: list[str], options: _native.Options, progress: bool | Progress
) -> list[_native.EncodeResult]:
    prepare()
    show = shown(progress)
    try:
        return _native.score(options, reference, distorted, show)
    finally:
        done(show)


def _score_frames(
    videos: list[Video],
    names: list[str],
    options: _native.Options,
    shortest: bool,
    progress: bool | Progress,
) -> list[_native.EncodeResult]:
    lengths = {video.length for video in videos}
    if not shortest and None not in lengths:
        _check_lengths([cast(int, video.length) for video in videos], names)
    total = min((n for n in lengths if n is not None), default=None)
    run = Pushing([video.format for video in videos], names, options)
    show = shown(progress)
    try:
        for count in _counted(run, videos, names, shortest):
            if show is not None:
                show(count, total)
        return run.finish()
    finally:
        done(show)


def _counted(run: Pushing, videos: list[Video], names: list[str], shortest: bool) -> Iterable[int]:
    """Pushes frame after frame, and counts them, until a video ends."""
    count = 0
    while True:
        frames = [next(video.frames, None) for video in videos]
        if any(frame is None for frame in frames):
            if not shortest and any(frame is not None for frame in frames):
                longer = [count + (frame is not None) for frame in frames]
                _check_lengths(longer, names)
            return
        reference, *encodes = [frame for frame in frames if frame is not None]
        run.push(reference, encodes)
        count += 1
        yield count


def _check_lengths(lengths: list[int], names: list[str]) -> None:
    frames = lengths[0]
    for name, length in zip(names, lengths, strict=True):
        if length < frames:
            raise VmafError(
                f"{name} ends after {length} frames, before the reference; "
                "shortest=True scores what both have"
            )
        if length > frames:
            raise VmafError(
                f"{name} goes on after the {frames} frames of the reference; "
                "shortest=True scores what both have"
            )


def _paths(reference: Any, distorted: Any) -> tuple[str, list[str], bool] | None:
    """The paths of the reference and the encodes, and whether one encode was given alone; None
    where they are no paths."""
    single = isinstance(distorted, str | os.PathLike)
    encodes = [distorted] if single else distorted
    several = isinstance(encodes, list | tuple) and bool(encodes)
    are_paths = several and all(isinstance(path, str | os.PathLike) for path in encodes)
    if isinstance(reference, str | os.PathLike) != are_paths:
        if isinstance(distorted, list | tuple) and not distorted:
            raise VmafError("there is no encode to score")
        raise VmafError("the reference and the encodes must all be files, or all frames in memory")
    if not are_paths:
        return None
    return os.fspath(reference), [os.fspath(path) for path in encodes], single


def _encodes(distorted: Any) -> tuple[list[Any], bool]:
    """The encodes in memory, and whether one was given alone."""
    if isinstance(distorted, list) and not is_frame_list(distorted):
        if not distorted:
            raise VmafError("there is no encode to score")
        return distorted, False
    return [distorted], True


def _check_absent(given: dict[str, bool], why: str) -> None:
    named = [name for name, is_given in given.items() if is_given]
    if named:
        raise VmafError(f"{', '.join(named)} can't be given here: {why}")
