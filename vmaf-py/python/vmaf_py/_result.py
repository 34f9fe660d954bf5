"""Results of scoring: `Result` for one encode, `Results` for several."""

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
from ._errors import PartialError, VideoError, VmafError, VmafWarning, missing_package, warn
from ._verdicts import Verdicts, gate

if TYPE_CHECKING:
    import pandas
    import polars
    from matplotlib.axes import Axes


class Result:
    """Scores and metrics of one encode.

    Results can be pickled. Two results are equal if their values are.
    """

    def __init__(self, native: _native.EncodeResult) -> None:
        self.native = native
        """Native object that holds the values."""

    @property
    def value(self) -> float:
        """Mean of the first model's score over all frames; without a model, of the first metric."""
        return self.pool("mean")

    @property
    def reference(self) -> str:
        """Path of the reference, or its name if it is in memory."""
        return self.native.reference

    @property
    def distorted(self) -> str:
        """Path of the encode, or its name if it is in memory."""
        return self.native.distorted

    @cached_property
    def column(self) -> str:
        """Name of the column that `value` is the mean of."""
        return [*self.native.models, *self.native.metrics, *self.frames][0]

    @property
    def model(self) -> str | None:
        """Name of the first model's score; None without a model."""
        return next(iter(self.native.models), None)

    @cached_property
    def frames(self) -> dict[str, NDArray[np.float64]]:
        """Values of all scored frames by column: features, metrics, then model scores. Each column
        is an array of shape (N,)."""
        return self.native.columns

    @cached_property
    def index(self) -> NDArray[np.uint64]:
        """Frame numbers of the scored frames, counted from 0 at the start of the video; shape (N,)."""
        return self.native.frames

    @cached_property
    def times(self) -> NDArray[np.float64]:
        """Presentation times of the scored frames in seconds, NaN if unknown; shape (N,)."""
        return self.native.times

    @cached_property
    def scenes(self) -> list[range]:
        """Frame numbers of each scene of the reference, in order: a scene ends where the picture
        cuts to another. `pool("scene(min)")` is the lowest mean of any scene."""
        return [range(*scene) for scene in self.native.scenes]

    @property
    def seconds(self) -> float:
        """Duration of the scored frames in seconds; NaN if unknown.

        Used to compute bitrates: `vmaf_py.research.bitrate_of(result.distorted, result.seconds)`.
        """
        if len(self.times) < 2:
            return math.nan
        return float((self.times[-1] - self.times[0]) * len(self.times) / (len(self.times) - 1))

    @cached_property
    def aggregates(self) -> dict[str, float]:
        """Values of the whole video that aren't pools of a column, such as `apsnr_y`, by name."""
        return self.native.aggregates

    @property
    def warnings(self) -> list[str]:
        """Warnings about the result."""
        return self.native.warnings

    @cached_property
    def document(self) -> dict[str, Any]:
        """The document that `vmaf score -o result.json` writes: videos, conversions, frame pairing,
        pools and values."""
        document: dict[str, Any] = json.loads(self.native.to_json())
        return document

    def pool(self, pool: str, column: str | None = None) -> float:
        """Pools a column over all frames.

        Parameters
        ----------
        pool
            "mean", "harmonic_mean", "min", "max", "median", a percentile such as "p5", the mean of
            the worst interval of a given length, such as "window(2s)", or the lowest or highest
            mean of any scene: "scene(min)", "scene(max)".
        column
            Name of the column; that of `value` by default.

        Returns
        -------
        The pooled value. NaN if a value isn't defined, or if a window needs unknown frame times.

        Raises
        ------
        VmafError
            The pool or the column is unknown.
        """
        value = self.native.pool(self.column if column is None else column, pool)
        return math.nan if value is None else value

    def gate(self, *gates: str) -> Verdicts:
        """Checks the result against `gates`: see `vmaf_py.gate`."""
        return gate(self, *gates)

    def to_pandas(self, pools: Sequence[str] | None = None) -> pandas.DataFrame:
        """Returns a pandas data frame with a row per frame: its time and all columns, indexed by
        frame number. With `pools`, it has one row with these pools of each model and metric."""
        return Results([self]).to_pandas(pools).drop(columns="distorted")

    def to_polars(self, pools: Sequence[str] | None = None) -> polars.DataFrame:
        """Returns the table of `to_pandas` as a Polars data frame, with the frame number as a column."""
        return Results([self]).to_polars(pools).drop("distorted")

    def plot(self, column: str | None = None, ax: Axes | None = None) -> Axes:
        """Plots `column` (that of `value` by default) over time into `ax` or the current axes."""
        return Results([self]).plot(column, ax)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the result to `path`. The extension sets the format: html (the page of `vmaf score
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
    """List of the results of several encodes, with methods for all of them together.

    Slices are `Results` too: `results[:5].plot()`.
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
        """Returns a pandas data frame with a row per encode and frame; the column `distorted` holds
        the encode's path. With `pools`, it has a row per encode."""
        try:
            import pandas
        except ImportError as error:
            raise missing_package("to_pandas()", "pandas", "pandas") from error
        frame = pandas.DataFrame(self._columns(pools))
        return frame if pools is not None else frame.set_index("frame")

    def to_polars(self, pools: Sequence[str] | None = None) -> polars.DataFrame:
        """Returns the table of `to_pandas` as a Polars data frame."""
        try:
            import polars
        except ImportError as error:
            raise missing_package("to_polars()", "Polars", "polars") from error
        return polars.DataFrame(self._columns(pools))

    def plot(self, column: str | None = None, ax: Axes | None = None) -> Axes:
        """Plots `column` of all results over time into `ax` or the current axes."""
        from ._display import plot

        return plot(self, column, ax)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes all results to one file. The extension sets the format: html (the page of `vmaf
        score --report`), json, jsonl, csv, or xml (for a single encode).

        Raises VmafError if the results have different references or were measured differently.
        """
        _native.save([result.native for result in self], os.fspath(path))

    def gate(self, *gates: str) -> Verdicts:
        """Checks all results against `gates`: see `vmaf_py.gate`."""
        return gate(self, *gates)

    def __str__(self) -> str:
        try:
            return _native.table([result.native for result in self])
        except VmafError:
            # There are no results, or they don't fit into one table.
            return "\n\n".join(map(str, self)) if len(self) > 1 else repr(self)

    def __repr__(self) -> str:
        return f"<Results of {len(self)}: {list.__repr__(self)}>"

    def _repr_html_(self) -> str:
        from ._display import html

        return html(self)

    def _columns(self, pools: Sequence[str] | None) -> dict[str, Any]:
        """Returns the columns of a table of all results."""
        if pools is not None:
            return self._pool_columns(pools)
        names = list(dict.fromkeys(name for result in self for name in result.frames))
        columns: dict[str, Any] = {
            "distorted": [result.distorted for result in self for _ in result.index],
            "frame": _concatenated([result.index for result in self]),
            "time": _concatenated([result.times for result in self]),
        }
        for name in names:
            columns[name] = _concatenated(
                [r.frames.get(name, np.full(len(r.index), np.nan)) for r in self]
            )
        return columns

    def _pool_columns(self, pools: Sequence[str]) -> dict[str, Any]:
        columns: dict[str, Any] = {"distorted": [result.distorted for result in self]}
        scores = [r.native.models + r.native.metrics for r in self]
        for name in dict.fromkeys(name for score_names in scores for name in score_names):
            for pool in pools:
                columns[f"{name}_{pool}"] = [
                    result.pool(pool, name) if name in score_names else math.nan
                    for result, score_names in zip(self, scores, strict=True)
                ]
        return columns


def results_of(natives: Iterable[_native.EncodeResult]) -> Results:
    """Wraps native results and issues their warnings, each text once.

    Raises VideoError if all encodes failed, PartialError if some did.
    """
    natives = list(natives)
    for text in dict.fromkeys(text for native in natives for text in native.warnings):
        warn(text, VmafWarning)
    failures = [native.failure for native in natives if native.failure is not None]
    if not failures:
        return Results(map(Result, natives))
    message = "; ".join(failures)
    if len(failures) == len(natives):
        raise VideoError(message)
    raise PartialError(
        f"{message} (the results of the other encodes are in this error's `results`)",
        [Result(native) if native.failure is None else None for native in natives],
    )


def _concatenated(parts: list[NDArray[Any]]) -> NDArray[Any]:
    return np.concatenate(parts) if parts else np.empty(0)
