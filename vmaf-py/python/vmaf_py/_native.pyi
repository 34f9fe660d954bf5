"""Native module, written in Rust. It is private: use `vmaf_py`."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal, final

import numpy as np
from numpy.typing import NDArray

_Planes = list[NDArray[np.uint8] | NDArray[np.uint16]]
_Options = list[tuple[str, str]]
# Width and height in pixels, chroma sampling, bit depth.
_Layout = tuple[tuple[int, int], str, int]

_Matrix = Literal["bt601", "bt709", "bt2020"]
# Matrices that convert the reference and the encode from RGB, None for YUV.
_Matrices = tuple[_Matrix | None, _Matrix | None]

# Line number in the manifest, and the entry as a line of JSON.
_Entry = tuple[int, str]
# Reference, encode, and name of the entry.
_Labels = tuple[str, str, str | None]
_Outcome = Literal["passed", "failed", "unmeasured"]

__all__ = [
    "AddedLine",
    "EncodeResult",
    "FrameRun",
    "MergedRun",
    "Options",
    "ResultsFile",
    "VideoError",
    "VmafError",
    "__version__",
    "batch_entries",
    "check_batch",
    "error_line",
    "features",
    "ladder",
    "main",
    "maps",
    "measure",
    "measure_part",
    "models",
    "most_together",
    "part_identity",
    "run_batch",
    "save",
    "save_failed_junit",
    "save_ladder",
    "score",
    "search",
    "table",
    "video_digest",
    "worded_settings",
]

__version__: str

class VmafError(ValueError): ...
class VideoError(VmafError): ...

@final
class EncodeResult:
    @staticmethod
    def from_bytes(bytes: bytes) -> EncodeResult: ...
    def to_bytes(self) -> bytes: ...
    def __reduce__(self) -> tuple[Callable[[bytes], EncodeResult], tuple[bytes]]: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    @property
    def reference(self) -> str: ...
    @property
    def distorted(self) -> str: ...
    @property
    def failure(self) -> str | None: ...
    @property
    def models(self) -> list[str]: ...
    @property
    def metrics(self) -> list[str]: ...
    @property
    def warnings(self) -> list[str]: ...
    @property
    def frames(self) -> NDArray[np.uint64]: ...
    @property
    def times(self) -> NDArray[np.float64]: ...
    @property
    def scenes(self) -> list[tuple[int, int]]: ...
    @property
    def columns(self) -> dict[str, NDArray[np.float64]]: ...
    @property
    def aggregates(self) -> dict[str, float]: ...
    def pool(self, column: str, pool: str) -> float | None: ...
    def judge(
        self, gates: list[str]
    ) -> list[tuple[str, float, bool, float, tuple[float, float, float] | None, str]]: ...
    def to_json(self) -> str: ...

@final
class Options:
    def __new__(
        cls,
        *,
        models: list[str],
        metrics: Sequence[str | tuple[str, list[tuple[str, str]]]],
        frames: str | tuple[int | None, int | None] | None = None,
        every: int = 1,
        sample: str | None = None,
        shortest: bool = False,
        threads: int = 0,
        align: str = "time",
        offset: int = 0,
        fps: str | tuple[int, int] | None = None,
        scaler: str = "bicubic",
        score_at: str | tuple[int, int] | None = None,
        scale: bool = True,
        crop: str | tuple[int, int, int, int] | None = None,
        crop_encode: str | tuple[int, int, int, int] | None = None,
        geometry: str = "checked",
        assume_range: str | None = None,
        accept: list[str] = ...,
        film_grain: str = "on",
        size: str | tuple[int, int] | None = None,
        pix_fmt: str | None = None,
        bit_depth: int | None = None,
        stream: list[int | None] = ...,
    ) -> Options: ...
    @staticmethod
    def from_json(text: str) -> Options: ...
    def to_json(self) -> str: ...
    def __reduce__(self) -> tuple[Callable[[str], Options], tuple[str]]: ...

@final
class ResultsFile:
    def __new__(cls, path: str) -> ResultsFile: ...
    def has_result(self, labels: _Labels) -> bool: ...
    def lines_of(self, reference: str, entries: Sequence[_Labels]) -> list[str]: ...
    def lines_without(self, references: list[str]) -> list[str]: ...
    def add(self, text: str) -> AddedLine: ...
    def close(self) -> None: ...

@final
class AddedLine:
    @property
    def labels(self) -> _Labels: ...
    @property
    def outcome(self) -> _Outcome: ...
    @property
    def error(self) -> str | None: ...
    @property
    def problems(self) -> list[str]: ...
    @property
    def place(self) -> tuple[int, int]: ...
    @property
    def was_there(self) -> bool: ...

@final
class MergedRun:
    def __new__(cls, paths: list[str], gates: list[str], pools: list[str]) -> MergedRun: ...
    def results(self) -> list[EncodeResult]: ...
    @property
    def outcome(self) -> _Outcome: ...
    @property
    def warnings(self) -> list[str]: ...
    @property
    def problems(self) -> list[str]: ...
    def table(self, width: int | None = None) -> str: ...
    def verdicts(self) -> str: ...
    def write(self, path: str, format: str | None = None) -> None: ...
    def write_report(self, path: str, reproduction: str) -> None: ...
    def write_junit(self, path: str) -> None: ...

@final
class FrameRun:
    def __new__(
        cls,
        options: Options,
        layout: _Layout,
        matrices: Sequence[_Matrix | None],
        reference: str,
        distorted: list[str],
    ) -> FrameRun: ...
    def push(self, reference: _Planes, distorted: list[_Planes]) -> None: ...
    def finish(self) -> list[EncodeResult]: ...

def score(
    options: Options,
    reference: str,
    distorted: list[str],
    progress: Callable[[int, int | None], object] | None = None,
) -> list[EncodeResult]: ...
def search(search: str, progress: Callable[[int, int | None], object] | None = None) -> str: ...
def ladder(ladder: str, progress: Callable[[int, int | None], object] | None = None) -> str: ...
def save_ladder(result: str, path: str) -> None: ...
def batch_entries(manifest: str) -> list[_Entry]: ...
def most_together(options: Options) -> int: ...
def check_batch(
    options: Options,
    manifest: str,
    entries: Sequence[_Entry],
    gates: list[str],
    pools: list[str],
    checkpoint: float,
) -> None: ...
def run_batch(
    options: Options,
    manifest: str,
    entries: Sequence[_Entry],
    gates: list[str],
    pools: list[str],
    checkpoint: float,
    output: str,
    folder: str,
    threads: int,
    earlier: list[str],
) -> list[str]: ...
def error_line(labels: _Labels, error: str) -> str: ...
def measure_part(
    options: Options,
    reference: str,
    distorted: list[str],
    shard: tuple[int, int],
    path: str,
    threads: int,
) -> None: ...
def part_identity(
    options: Options, reference: str, distorted: list[str], digests: list[str]
) -> str: ...
def video_digest(path: str) -> str: ...
def save_failed_junit(distorted: list[str], gates: list[str], reason: str, path: str) -> None: ...
def main(words: list[str]) -> int: ...
def save(results: list[EncodeResult], path: str) -> None: ...
def table(results: list[EncodeResult]) -> str: ...
def measure(
    name: str,
    options: _Options,
    layout: _Layout,
    matrices: _Matrices,
    frame_rate: tuple[int, int],
    pairs: Iterable[tuple[_Planes, _Planes]],
) -> tuple[dict[str, NDArray[np.float64]], dict[str, float]]: ...
def maps(
    name: str,
    options: _Options,
    layout: _Layout,
    matrices: _Matrices,
    pair: tuple[_Planes, _Planes],
) -> tuple[
    NDArray[np.float32],
    list[tuple[str, tuple[int, int, int, int], NDArray[np.float32]]],
    list[tuple[str, float]],
    list[tuple[str, float]],
]: ...
def features() -> list[dict[str, Any]]: ...
def models() -> list[dict[str, Any]]: ...
def worded_settings() -> list[str]: ...
