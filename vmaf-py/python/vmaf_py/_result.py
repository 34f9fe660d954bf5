"""What scoring gives: `Result`, of one encode, and `Results`, of several."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, SupportsIndex, overload

import numpy as np
from numpy.typing import NDArray

from . import _native
from ._errors import PartialError, VideoError, VmafError, VmafWarning, lacks, warn
from ._verdicts import Verdicts, gate

if TYPE_CHECKING:
    import pandas
    import polars
    from matplotlib.axes import Axes


class Result:
    """What was measured of one encode beside its reference.

    It can be pickled, and compares equal to a result of the same values.
    """

    def __init__(self, native: _native.EncodeResult) -> None:
        self.native = native
        """The native object that holds the values."""

    @property
    def value(self) -> float:
        """The mean over the frames of the first model's score; without a model, of the first
        metric's column."""
        return self.pool("mean")

    @property
    def reference(self) -> str:
        """The reference's path, or the name of what is in memory."""
        return self.native.reference

    @property
    def distorted(self) -> str:
        """The encode's path, or the name of what is in memory."""
        return self.native.distorted

    @cached_property
    def column(self) -> str:
        """The column that `value` is of."""
        return [*self.native.models, *self.native.metrics, *self.frames][0]

    @property
    def model(self) -> str | None:
        """What the first model's score is called; None without a model."""
        return next(iter(self.native.models), None)

    @cached_property
    def frames(self) -> dict[str, NDArray[np.float64]]:
        """A value for each scored frame, by column: features, metrics, then models' scores."""
        return self.native.columns

    @cached_property
    def index(self) -> NDArray[np.uint64]:
        """The number of each scored frame, from 0 at the video's start."""
        return self.native.frames

    @cached_property
    def times(self) -> NDArray[np.float64]:
        """When each scored frame is shown, in seconds; NaN where that isn't known."""
        return self.native.times

    @property
    def seconds(self) -> float:
        """How long the scored frames are shown, in seconds; NaN where that isn't known.

        A bitrate needs it: `vmaf_py.research.bitrate_of(result.distorted, result.seconds)`.
        """
        if len(self.times) < 2:
            return math.nan
        return float((self.times[-1] - self.times[0]) * len(self.times) / (len(self.times) - 1))

    @cached_property
    def aggregates(self) -> dict[str, float]:
        """Values of the whole video that are no pool of a column, as `apsnr_y`, by name."""
        return self.native.aggregates

    @property
    def warnings(self) -> list[str]:
        """What should be known about the result."""
        return self.native.warnings

    @cached_property
    def document(self) -> dict[str, Any]:
        """All that `vmaf score -o result.json` writes: videos, what was done to them, how frames
        were paired, pools, values."""
        document: dict[str, Any] = json.loads(self.native.to_json())
        return document

    def pool(self, pool: str, column: str | None = None) -> float:
        """Makes one number of all frames of `column`, of that of `value` by default.

        Pools are "mean", "harmonic_mean", "min", "max", "median", percentiles such as "p5", and the
        worst stretch of so many seconds, "window(2s)". NaN where a value isn't defined, or a
        window needs times that aren't known. Raises VmafError for what is no pool, or no column.
        """
        value = self.native.pool(self.column if column is None else column, pool)
        return math.nan if value is None else value

    def gate(self, *gates: str) -> Verdicts:
        """Judges the scores, as `vmaf_py.gate` does."""
        return gate(self, *gates)

    def to_pandas(self, pools: Sequence[str] | None = None) -> pandas.DataFrame:
        """A data frame with a row for each frame: its time, and all columns; the index is its
        number. With `pools`, one row with each of them of each model and metric."""
        return Results([self]).to_pandas(pools).drop(columns="distorted")

    def to_polars(self, pools: Sequence[str] | None = None) -> polars.DataFrame:
        """The same as a data frame of Polars, where the frame's number is a column."""
        return Results([self]).to_polars(pools).drop("distorted")

    def plot(self, column: str | None = None, ax: Axes | None = None) -> Axes:
        """Plots `column`, that of `value` by default, by time, into `ax` or the current axes."""
        return Results([self]).plot(column, ax)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the result to `path`, as its extension says: html (the page of `vmaf score
        --report`), json, jsonl, csv or xml (libvmaf's log)."""
        Results([self]).save(path)

    def __repr__(self) -> str:
        pools = ", ".join(f"{pool} {self.pool(pool):.2f}" for pool in ("mean", "p5", "min"))
        return f"<Result {self.distorted}: {self.column} {pools}, {len(self.index)} frames>"

    def __str__(self) -> str:
        return str(Results([self]))

    def _repr_html_(self) -> str:
        return Results([self])._repr_html_()

    def __eq__(self, other: object) -> bool:
        return self.native == other.native if isinstance(other, Result) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> tuple[Any, ...]:
        return Result, (self.native,)


class Results(list[Result]):
    """The results of several encodes, a list, with what can be done of all together.

    A slice of it is one too: `results[:5].plot()`.
    """

    @overload
    def __getitem__(self, index: SupportsIndex) -> Result: ...
    @overload
    def __getitem__(self, index: slice) -> Results: ...
    def __getitem__(self, index: SupportsIndex | slice) -> Result | Results:
        if isinstance(index, slice):
            return Results(super().__getitem__(index))
        return super().__getitem__(index)

    def to_pandas(self, pools: Sequence[str] | None = None) -> pandas.DataFrame:
        """A data frame of all results: a row for each encode and frame, with the encode's path in
        the column `distorted`. With `pools`, a row for each encode."""
        try:
            import pandas
        except ImportError as error:
            raise lacks("to_pandas()", "pandas", "pandas") from error
        frame = pandas.DataFrame(self._columns(pools))
        return frame if pools is not None else frame.set_index("frame")

    def to_polars(self, pools: Sequence[str] | None = None) -> polars.DataFrame:
        """The same as a data frame of Polars."""
        try:
            import polars
        except ImportError as error:
            raise lacks("to_polars()", "Polars", "polars") from error
        return polars.DataFrame(self._columns(pools))

    def plot(self, column: str | None = None, ax: Axes | None = None) -> Axes:
        """Plots `column` of all results by time, into `ax` or the current axes."""
        from ._display import plot

        return plot(self, column, ax)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes all results to one file, as its extension says: html (the page of `vmaf score
        --report`), json, jsonl, csv, or xml (of one encode).

        Raises VmafError where they aren't of one reference, or were measured differently.
        """
        _native.save([result.native for result in self], os.fspath(path))

    def gate(self, *gates: str) -> Verdicts:
        """Judges all, as `vmaf_py.gate` does."""
        return gate(self, *gates)

    def __str__(self) -> str:
        try:
            return _native.table([result.native for result in self])
        except VmafError:
            # They have no table in common, or there are none.
            return "\n\n".join(map(str, self)) if len(self) > 1 else repr(self)

    def __repr__(self) -> str:
        return f"<Results of {len(self)}: {list.__repr__(self)}>"

    def _repr_html_(self) -> str:
        from ._display import html

        return html(self)

    def _columns(self, pools: Sequence[str] | None) -> dict[str, Any]:
        """The columns of a table of all results."""
        if pools is not None:
            return self._pooled(pools)
        names = list(dict.fromkeys(name for result in self for name in result.frames))
        columns: dict[str, Any] = {
            "distorted": [result.distorted for result in self for _ in result.index],
            "frame": _joined([result.index for result in self]),
            "time": _joined([result.times for result in self]),
        }
        for name in names:
            lacking = (np.full(len(result.index), np.nan) for result in self)
            parts = (r.frames.get(name, nan) for r, nan in zip(self, lacking, strict=True))
            columns[name] = _joined(list(parts))
        return columns

    def _pooled(self, pools: Sequence[str]) -> dict[str, Any]:
        columns: dict[str, Any] = {"distorted": [result.distorted for result in self]}
        scores = [r.native.models + r.native.metrics for r in self]
        for name in dict.fromkeys(name for of_one in scores for name in of_one):
            for pool in pools:
                columns[f"{name}_{pool}"] = [
                    result.pool(pool, name) if name in of_one else math.nan
                    for result, of_one in zip(self, scores, strict=True)
                ]
        return columns


def results_of(measured: Iterable[_native.EncodeResult]) -> Results:
    """The results of what was measured, with a warning for each thing to know.

    Raises VideoError where nothing was measured, PartialError where not all was.
    """
    measured = list(measured)
    for text in dict.fromkeys(text for one in measured for text in one.warnings):
        warn(text, VmafWarning)
    failures = [one.failure for one in measured if one.failure is not None]
    if not failures:
        return Results(map(Result, measured))
    message = "; ".join(failures)
    if len(failures) == len(measured):
        raise VideoError(message)
    raise PartialError(
        f"{message} (the results of the other encodes are in this error's `results`)",
        [Result(one) if one.failure is None else None for one in measured],
    )


def _joined(parts: list[NDArray[Any]]) -> NDArray[Any]:
    return np.concatenate(parts) if parts else np.empty(0)
