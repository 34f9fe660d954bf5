"""The native half: `vmaf_py` is the way to use it."""

from collections.abc import Callable, Iterable
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

_Planes = list[NDArray[np.uint8] | NDArray[np.uint16]]
_Options = list[tuple[str, str]]
# Width and height, chroma sampling, bits a sample.
_Layout = tuple[tuple[int, int], str, int]

__all__ = [
    "Measured",
    "Pusher",
    "VideoError",
    "VmafError",
    "__version__",
    "batch_entries",
    "check",
    "features",
    "main",
    "maps",
    "measure",
    "merge",
    "models",
    "save",
    "score",
    "table",
]

__version__: str

class VmafError(ValueError): ...
class VideoError(VmafError): ...

@final
class Measured:
    @staticmethod
    def from_bytes(bytes: bytes) -> Measured: ...
    def to_bytes(self) -> bytes: ...
    def __reduce__(self) -> tuple[Callable[[bytes], Measured], tuple[bytes]]: ...
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
    def columns(self) -> dict[str, NDArray[np.float64]]: ...
    @property
    def aggregates(self) -> dict[str, float]: ...
    def pool(self, column: str, pool: str) -> float | None: ...
    def judge(
        self, gates: list[str]
    ) -> list[tuple[str, float, bool, float, tuple[float, float, float] | None, str]]: ...
    def to_json(self) -> str: ...

@final
class Pusher:
    def __new__(
        cls,
        options: list[str],
        layout: _Layout,
        reference: str,
        distorted: list[str],
    ) -> Pusher: ...
    def push(self, reference: _Planes, distorted: list[_Planes]) -> None: ...
    def finish(self) -> list[Measured]: ...

def score(
    options: list[str],
    reference: str,
    distorted: list[str],
    progress: Callable[[int, int | None], object] | None = None,
) -> list[Measured]: ...
def check(options: list[str]) -> None: ...
def merge(paths: list[str]) -> list[Measured]: ...
def batch_entries(manifest: str) -> list[tuple[int, str]]: ...
def main(words: list[str]) -> int: ...
def save(measured: list[Measured], path: str) -> None: ...
def table(measured: list[Measured]) -> str: ...
def measure(
    name: str,
    options: _Options,
    layout: _Layout,
    frame_rate: tuple[int, int],
    pairs: Iterable[tuple[_Planes, _Planes]],
) -> tuple[dict[str, NDArray[np.float64]], dict[str, float]]: ...
def maps(
    name: str,
    options: _Options,
    layout: _Layout,
    pair: tuple[_Planes, _Planes],
) -> tuple[
    NDArray[np.float32],
    list[tuple[str, tuple[int, int, int, int], NDArray[np.float32]]],
    list[tuple[str, float]],
    list[tuple[str, float]],
]: ...
def features() -> list[dict[str, Any]]: ...
def models() -> list[dict[str, Any]]: ...
