"""`search` and `ladder`: encoder settings that just meet quality targets."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from . import _native
from ._decoder import select_ffmpeg
from ._errors import VmafError, missing_package
from ._options import DEFAULT_MODEL, Metrics, Models, Size, Stream, options_of
from ._progress import Progress, clear_bar, progress_callback

if TYPE_CHECKING:
    import pandas
    from matplotlib.axes import Axes

Path: TypeAlias = "str | os.PathLike[str]"
Targets: TypeAlias = "float | str | Iterable[float | str]"


@dataclass(frozen=True)
class Encode:
    """Encode at a setting: its values, estimated or measured."""

    quality: float
    """Setting of the encoder."""

    values: dict[str, float]
    """Value of each target, by the target's text."""

    margins: dict[str, float]
    """Distance of each value from the target's bound; negative if the target is missed."""

    deviations: dict[str, float]
    """Half of the 95 % interval of each value; 0 if all frames were scored."""

    bytes: int
    """Size of the video in bytes."""

    encoded_frames: int = 0
    """Frames encoded for it; 0 if it is a prediction, or was stored by an earlier search."""


@dataclass(frozen=True)
class SearchResult:
    """Result of `search`. It is true if a setting was found."""

    quality: float
    """Setting found or, if no setting meets the targets, the best available one."""

    found: bool
    """True if a setting meets the targets."""

    prediction: Encode
    """Estimate at that setting."""

    probes: tuple[Encode, ...]
    """Probes, in the order of encoding."""

    encodes: tuple[Encode, ...]
    """Encodes of the whole source, which were scored completely."""

    output: str | None
    """Path of the encode that meets the targets; None without one."""

    command: str
    """Command line that encodes the source with the setting."""

    document: dict[str, Any]
    """Everything that was found, as the command's JSON has it."""

    def __bool__(self) -> bool:
        return self.found

    @property
    def value(self) -> float:
        """Value of the first target: measured if the source was encoded, otherwise estimated."""
        return next(iter(self._answer.values.values()))

    @property
    def bytes(self) -> int:
        """Size of the video in bytes: measured if the source was encoded, otherwise estimated."""
        return self._answer.bytes

    @property
    def _answer(self) -> Encode:
        matching = [encode for encode in self.encodes if encode.quality == self.quality]
        return matching[-1] if matching else self.prediction

    def to_pandas(self) -> pandas.DataFrame:
        """Returns a data frame with a row for each probe and each encode of the whole source."""
        rows = [
            {
                "kind": kind,
                "quality": encode.quality,
                **encode.values,
                "bytes": encode.bytes,
                "kilobits": encode.bytes * 8 / 1000 / self.document["source"]["seconds"],
            }
            for kind, encodes in [("probe", self.probes), ("encode", self.encodes)]
            for encode in encodes
        ]
        return _data_frame(rows)


@dataclass(frozen=True)
class Rung:
    """Rung of a ladder."""

    target: float
    """Score that it has to reach."""

    height: int | None
    """Height of the encode; None if no height reaches the score."""

    quality: float | None
    """Setting of the encoder."""

    score: float | None
    """Score, scaled up to the source: measured if the rung was encoded, otherwise estimated."""

    kilobits: float | None
    """Bit rate of the video in kilobits per second, measured or estimated like the score."""

    command: str
    """Command line that encodes it; empty if no height reaches the score."""

    output: str | None = None
    """Path of the encode; None if it was not made."""


@dataclass(frozen=True)
class LadderResult:
    """Result of `ladder`."""

    rungs: tuple[Rung, ...]
    """Rungs, in the order of the targets."""

    document: dict[str, Any]
    """Everything that was found, as the command's JSON has it: also the curves and the hull."""

    def save(self, path: Path) -> None:
        """Writes the ladder to a file: a page with the curves if its extension is html, else JSON."""
        _native.save_ladder(json.dumps(self.document), os.fspath(path))

    def to_pandas(self) -> pandas.DataFrame:
        """Returns a data frame with a row for each rung."""
        return _data_frame([vars(rung) for rung in self.rungs])

    def plot(self, ax: Axes | None = None) -> Axes:
        """Plots score by bit rate: the curve of each height, the convex hull, and the rungs."""
        from .research._plot import label_axes, new_axes

        axes = new_axes(ax)
        for of_height in self.document["heights"]:
            curve = of_height["curve"]
            axes.plot(
                [point["kilobits"] for point in curve],
                [point["score"] for point in curve],
                label=f"{of_height['height']}p",
            )
        hull = self.document["hull"]
        axes.plot(
            [point["kilobits"] for point in hull],
            [point["score"] for point in hull],
            "--",
            color="0.4",
            label="convex hull",
        )
        reached = [rung["encode"] for rung in self.document["rungs"] if rung["encode"]]
        axes.plot(
            [encode["kilobits"] for encode in reached],
            [encode["score"] for encode in reached],
            "o",
            color="black",
            fillstyle="none",
            label="rungs",
        )
        label_axes(axes, self.document["score"])
        return axes


def search(
    source: Path,
    encoder: str | None = None,
    targets: Targets = (),
    *,
    output: Path | None = None,
    preset: str | int | None = None,
    pix_fmt: str | None = None,
    filters: str | None = None,
    arguments: Sequence[str] = (),
    command: str | None = None,
    quality: str | tuple[float, float] | tuple[float, float, float] | None = None,
    jobs: int | None = None,
    cache: Path | None = None,
    keep_clips: bool = False,
    model: Models = DEFAULT_MODEL,
    metrics: Metrics = (),
    threads: int = 0,
    progress: bool | Progress = False,
    scaler: str = "bicubic",
    score_at: Size = None,
    crop: str | tuple[int, int, int, int] | None = None,
    geometry: str = "checked",
    assume_range: str | None = None,
    accept: str | Iterable[str] = (),
    film_grain: str = "on",
    stream: Stream = None,
) -> SearchResult:
    """Searches the encoder setting of the smallest file that still meets targets.

    >>> import vmaf_py as vq
    >>> result = vq.search("source.mkv", "x265", 93, preset="slow", output="encode.mkv")  # doctest: +SKIP
    >>> result.quality, result.value  # doctest: +SKIP
    (23.5, 93.1)

    A sample of the source is encoded with several settings and scored. With `output`, the source is
    then encoded with the setting found, scored completely, and encoded once more if it misses the
    targets or exceeds them by more than half a point. Probes are stored: an interrupted search
    resumes, and another target uses those that exist.

    Parameters
    ----------
    source
        Path of the video to encode.
    encoder
        "x264", "x265", "svt-av1", "aom", "vp9" or another encoder of FFmpeg's.
    targets
        Bounds that the encode has to meet: 93 for the mean score, "p5>=85", "window(2s)>=80",
        "psnr_y:mean>=40", or a list of these.
    output
        Path of the encode. Without it, the setting is only estimated.
    preset, pix_fmt, filters, arguments
        The encoder's preset or speed, FFmpeg's pixel format, filters before the encoder, and
        further arguments of FFmpeg.
    command
        Command line of any other encoder, in which {quality}, {input} and {output} are replaced. It
        needs `quality`.
    quality
        Range of settings, from the best to the worst, and perhaps their step: (16, 40) or
        "16..40:0.5".
    jobs
        Number of settings encoded at once.
    cache, keep_clips
        Folder for probes; and whether the clips that probes encode stay there.
    progress
        True shows a bar for each step. A callable is called with the number of frames done in the
        current step and their total, None if unknown.
    model, metrics, threads, scaler, score_at, crop, geometry, assume_range, accept, film_grain, stream
        As for `score`. A crop is applied before the source is encoded.

    Raises
    ------
    VideoError
        The source can't be read, or an encode can't be scored.
    VmafError
        Any other error, such as an encoder that fails.
    """
    if (encoder is None) == (command is None):
        raise VmafError("pass an encoder or a command")
    if command is not None:
        chosen: dict[str, Any] = {"command": command}
    else:
        chosen = {"named": _encoder(encoder, preset, pix_fmt, filters, arguments)}
    options = options_of(
        model=model,
        metrics=metrics,
        frames=None,
        fps=None,
        threads=threads,
        scaler=scaler,
        score_at=score_at,
        crop=crop,
        geometry=geometry,
        assume_range=assume_range,
        accept=accept,
        film_grain=film_grain,
        stream=stream,
    )
    request = {
        **_common(source, quality, jobs, cache, keep_clips, options),
        "encoder": chosen,
        "targets": _targets(targets),
        "output": None if output is None else os.fspath(output),
    }
    document = _run(_native.search, request, progress)
    return SearchResult(
        quality=document["quality"],
        found=document["outcome"] == "found",
        prediction=_encode({"quality": document["quality"], **document["prediction"]}),
        probes=tuple(_encode(probe) for probe in document["probes"]),
        encodes=tuple(_encode(encode) for encode in document["encodes"]),
        output=document["output"],
        command=document["command"],
        document=document,
    )


def ladder(
    source: Path,
    encoder: str,
    heights: Sequence[int],
    targets: Sequence[float],
    *,
    output: Path | None = None,
    container: str | None = None,
    preset: str | int | None = None,
    pix_fmt: str | None = None,
    filters: str | None = None,
    arguments: Sequence[str] = (),
    quality: str | tuple[float, float] | tuple[float, float, float] | None = None,
    jobs: int | None = None,
    cache: Path | None = None,
    keep_clips: bool = False,
    model: Models = DEFAULT_MODEL,
    threads: int = 0,
    progress: bool | Progress = False,
    scaler: str = "bicubic",
    crop: str | tuple[int, int, int, int] | None = None,
    accept: str | Iterable[str] = (),
    stream: Stream = None,
) -> LadderResult:
    """Finds the height and setting of each rung of an encoding ladder.

    Encodes of each of the `heights` are scored scaled up to the source, as a player shows them. The
    rung of each of the `targets`, mean scores, is the smallest encode that reaches it. With `output`,
    a folder, the rungs are then encoded into it and scored completely; `container` is the extension
    of their names, "mkv" by default. The other parameters are those of `search`.

    >>> import vmaf_py as vq
    >>> result = vq.ladder("source.mkv", "x264", [1080, 720, 540], [95, 85, 70])  # doctest: +SKIP
    >>> result.save("ladder.html")  # doctest: +SKIP
    """
    options = options_of(
        model=model,
        metrics=(),
        frames=None,
        fps=None,
        threads=threads,
        scaler=scaler,
        crop=crop,
        accept=accept,
        stream=stream,
    )
    request = {
        **_common(source, quality, jobs, cache, keep_clips, options),
        "encoder": _encoder(encoder, preset, pix_fmt, filters, arguments),
        "heights": [int(height) for height in heights],
        "scores": [float(target) for target in targets],
        "output": None if output is None else os.fspath(output),
        "container": container,
    }
    document = _run(_native.ladder, request, progress)
    rungs = tuple(_rung(rung) for rung in document["rungs"])
    return LadderResult(rungs=rungs, document=document)


def _data_frame(rows: list[dict[str, Any]]) -> pandas.DataFrame:
    try:
        import pandas as pd
    except ImportError as error:
        raise missing_package("to_pandas()", "pandas", "pandas") from error
    return pd.DataFrame(rows)


def _encoder(
    name: str | None,
    preset: str | int | None,
    pix_fmt: str | None,
    filters: str | None,
    arguments: Sequence[str],
) -> dict[str, Any]:
    return {
        "name": name,
        "preset": None if preset is None else str(preset),
        "pixel_format": pix_fmt,
        "filters": filters,
        "arguments": [str(argument) for argument in arguments],
    }


def _common(
    source: Path,
    quality: str | tuple[float, ...] | None,
    jobs: int | None,
    cache: Path | None,
    keep_clips: bool,
    options: _native.Options,
) -> dict[str, Any]:
    if quality is not None and not isinstance(quality, str):
        best, worst, *step = quality
        quality = f"{best}..{worst}" + "".join(f":{number}" for number in step)
    return {
        "source": os.fspath(source),
        "quality": quality,
        "options": json.loads(options.to_json()),
        "cache": None if cache is None else os.fspath(cache),
        "jobs": jobs,
        "keep_clips": keep_clips,
    }


def _targets(targets: Targets) -> list[str]:
    single = isinstance(targets, str | int | float)
    bounds: Iterable[Any] = [targets] if single else targets  # type: ignore[assignment]
    return [bound if isinstance(bound, str) else f"mean>={bound}" for bound in bounds]


def _run(call: Any, request: dict[str, Any], progress: bool | Progress) -> dict[str, Any]:
    select_ffmpeg()
    callback = progress_callback(progress)
    try:
        document: dict[str, Any] = json.loads(call(json.dumps(request), callback))
        return document
    finally:
        clear_bar(callback)


def _encode(document: dict[str, Any]) -> Encode:
    targets = document["targets"]
    return Encode(
        quality=document["quality"],
        values={target["target"]: target["value"] for target in targets},
        margins={target["target"]: target["margin"] for target in targets},
        deviations={target["target"]: target["deviation"] for target in targets},
        bytes=document["bytes"],
        encoded_frames=document.get("encoded_frames", 0),
    )


def _rung(document: dict[str, Any]) -> Rung:
    encode = document["encode"] or {}
    return Rung(
        target=document["target"],
        height=encode.get("height"),
        quality=encode.get("quality"),
        score=encode.get("score"),
        kilobits=encode.get("kilobits"),
        command=document["command"],
        output=document["output"],
    )
