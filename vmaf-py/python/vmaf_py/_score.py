"""`score`: scores one or several encodes of a reference, in files or in memory."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any, TypeAlias, cast, overload

from . import _native
from ._decoder import select_ffmpeg
from ._errors import VmafError
from ._frames import Matrix, Video, is_frame_list, video
from ._options import DEFAULT_MODEL, Frames, Metrics, Models, Sample, Size, Stream, options_of
from ._progress import Progress, clear_bar, progress_callback
from ._result import Result, Results, results_of
from ._scorer import FrameRun, video_names

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
    """Scores the quality of one or several encodes of a reference, from 0 to 100.

    `reference` and `distorted` are both paths of files or both frames in memory: an array of luma
    (N, H, W) or of YUV (N, 3, H, W), or an iterable of frames, each an array or a tuple of planes
    (Y, U, V), whose chroma may be smaller. Samples are uint8, or uint16 with `bit_depth`.

    >>> import numpy, vmaf_py as vq
    >>> video = numpy.zeros((3, 72, 128), numpy.uint8)
    >>> vq.score(video, video).frames["integer_motion2"]
    array([0., 0., 0.])

    Parameters
    ----------
    reference
        The reference.
    distorted
        The encode, or a list of encodes. Several encodes are measured in one pass.
    model
        Name or short name of a built-in model ("v1", see `vmaf_py.models`), "auto", the path of a
        model file, or a list of these. Settings follow after colons, as in "v0:enable_transform".
        None measures `metrics` only.
    metrics
        Additional metrics: "psnr", ("vif", {"debug": True}), or a list; `vmaf_py.metrics` has all.
    frames
        Frames to score, such as range(240, 480). Values are the same as in a run over the whole
        video.
    every
        Scores every Nth frame. The result is biased if quality depends on a frame's position in the
        encoder's pyramid.
    sample
        Scores a random sample, spread evenly over time: a number of frames (for videos of known
        length) or a share, such as 0.1 or "10%". `Result.document` has 95 % intervals of the pools.
    shortest
        If lengths differ, scores the part that the reference and the encode both have.
    threads
        Number of threads; 0 means one per processor. Scores don't depend on it.
    align
        Pairing of frames. "time" pairs them in order and rejects encodes whose times or pictures show
        that they don't match the reference; "frames" checks pictures alone; "content" pairs frames by
        content (files only); "unchecked" disables the check.
    offset
        Number of frames to skip at the start of the encodes or, if negative, of the reference.
    fps
        Frame rate of video without timestamps: frames in memory and raw video. 25 by default.
    progress
        True shows a bar on terminals and in notebooks. A callable is called with the number of frames
        measured and the total, which is None if unknown.
    bit_depth
        Bit depth of uint16 samples in memory, 9 to 16, stored in the low bits; of raw video in files.
    matrix
        Frames in memory: converts RGB, (N, H, W, 3), to limited-range YUV with "bt709", "bt601" or
        "bt2020". Metrics that measure light compare the RGB itself.
    names
        Frames in memory: names of the reference and the encodes in results.
    scaler, score_at, scale
        Files: `scaler`, "bilinear", "bicubic" or "lanczos", scales smaller encodes up to the
        reference. `score_at`, (W, H) or "WxH", scales the reference and the encodes to this size.
        scale=False rejects encodes of another size.
    crop, crop_encode
        Files: (W, H, X, Y), the part of the reference to score, and the part of the encodes that
        shows it. crop="auto" finds both.
    geometry
        Files: "checked" rejects encodes whose pictures are shifted, cropped or zoomed; "unchecked"
        disables the check.
    assume_range
        Files: color range of those that don't state one, "limited" or "full".
    accept
        Files: differences and defects to accept: "color", "hdr", "interlaced", "changes" (of range,
        color, interlacing or pixel shape within a video), "damage", or a list of these.
    film_grain
        Files: "off" decodes without the film grain that the stream describes.
    size, pix_fmt
        Files: size and pixel format of raw video.
    stream
        Files: index of the video stream to read, numbered as by ffprobe. A sequence has one for the
        reference and one for the encodes, or one per file; None selects automatically, which is also
        the default: the stream marked as default, or the largest.

    Returns
    -------
    A `Result` for one encode. `Results`, a list in the order of the encodes, for a list.

    Raises
    ------
    VideoError
        A video can't be read or compared.
    PartialError
        Some of several encodes failed; the error holds the results of the others.
    VmafError
        Any other error, such as an unknown option.
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
        file_options = {
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
        _check_unset(file_options, "frames in memory are scored without conversion")
        encodes, single = _encodes(distorted)
        all_names = video_names(names, len(encodes), single)
        videos = [
            video(source, name, bit_depth, matrix)
            for source, name in zip([reference, *encodes], all_names, strict=True)
        ]
        options = options_of(**common)
        natives = _score_frames(videos, all_names, options, shortest, progress)
    else:
        memory_options = {"names": names is not None, "matrix": matrix is not None}
        _check_unset(memory_options, "files have their own names and formats")
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
        reference_path, encode_paths, single = paths
        natives = _score_files(reference_path, encode_paths, options, progress)
    results = results_of(natives)
    return results[0] if single else results


def _score_files(
    reference: str, distorted: list[str], options: _native.Options, progress: bool | Progress
) -> list[_native.EncodeResult]:
    select_ffmpeg()
    callback = progress_callback(progress)
    try:
        return _native.score(options, reference, distorted, callback)
    finally:
        clear_bar(callback)


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
    formats, matrices = [video.format for video in videos], [video.matrix for video in videos]
    run = FrameRun(formats, matrices, names, options)
    callback = progress_callback(progress)
    try:
        for count in _push_frames(run, videos, names, shortest):
            if callback is not None:
                callback(count, total)
        return run.finish()
    finally:
        clear_bar(callback)


def _push_frames(
    run: FrameRun, videos: list[Video], names: list[str], shortest: bool
) -> Iterable[int]:
    """Pushes frames until a video ends, and yields their number after each."""
    count = 0
    while True:
        frames = [next(video.frames, None) for video in videos]
        if any(frame is None for frame in frames):
            if not shortest and any(frame is not None for frame in frames):
                lengths = [count + (frame is not None) for frame in frames]
                _check_lengths(lengths, names)
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
                "pass shortest=True to score the part that both have"
            )
        if length > frames:
            raise VmafError(
                f"{name} is longer than the reference, which has {frames} frames; "
                "pass shortest=True to score the part that both have"
            )


def _paths(reference: Any, distorted: Any) -> tuple[str, list[str], bool] | None:
    """Returns the paths of the reference and the encodes, and True if `distorted` is a single
    encode. Returns None for frames in memory."""
    single = isinstance(distorted, str | os.PathLike)
    encodes = [distorted] if single else distorted
    several = isinstance(encodes, list | tuple) and bool(encodes)
    are_paths = several and all(isinstance(path, str | os.PathLike) for path in encodes)
    if isinstance(reference, str | os.PathLike) != are_paths:
        if isinstance(distorted, list | tuple) and not distorted:
            raise VmafError("there is no encode to score")
        raise VmafError("the reference and the encodes must all be files or all frames in memory")
    if not are_paths:
        return None
    return os.fspath(reference), [os.fspath(path) for path in encodes], single


def _encodes(distorted: Any) -> tuple[list[Any], bool]:
    """Returns the encodes in memory, and True if `distorted` is a single encode."""
    if isinstance(distorted, list) and not is_frame_list(distorted):
        if not distorted:
            raise VmafError("there is no encode to score")
        return distorted, False
    return [distorted], True


def _check_unset(options: dict[str, bool], reason: str) -> None:
    names = [name for name, is_set in options.items() if is_set]
    if names:
        raise VmafError(f"{', '.join(names)} can't be used here: {reason}")
