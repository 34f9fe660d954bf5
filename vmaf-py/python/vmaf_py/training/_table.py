"""Reading of tables with features and scores.

A table is the path of a CSV file, a mapping of columns, a data frame (pandas, Polars, or any object with
`columns` that is indexed by column name) or a sequence of mappings, one per row. Rows in messages count
from 1, without the header of a file.
"""

from __future__ import annotations

import csv
import difflib
import math
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ._errors import TrainingError
from ._features import Feature

TableLike: TypeAlias = (
    "str | os.PathLike[str] | Mapping[str, Any] | Sequence[Mapping[str, Any]] | Any"
)


class Table:
    """Columns of equal length, by name."""

    def __init__(self, columns: Mapping[str, Iterable[Any]]) -> None:
        self.columns = {name: list(values) for name, values in columns.items()}
        lengths = {name: len(values) for name, values in self.columns.items()}
        self.rows = next(iter(lengths.values()), 0)
        for name, length in lengths.items():
            if length != self.rows:
                raise TrainingError(
                    f"the column {name!r} has {length} rows and {next(iter(lengths))!r} has "
                    f"{self.rows}; all columns must have the same length"
                )
        if not self.rows:
            raise TrainingError("the table has no rows")

    @classmethod
    def of(cls, source: TableLike) -> Table:
        """Reads a table from any of the forms that this module's documentation lists."""
        if isinstance(source, Table):
            return source
        if isinstance(source, (str, os.PathLike)):
            return cls(_read_csv(source))
        if isinstance(source, Mapping):
            return cls(source)
        if hasattr(source, "columns") and hasattr(source, "__getitem__"):
            names = list(source.columns)
            for index, name in enumerate(names):
                if name in names[:index]:
                    raise TrainingError(f"the table has two columns {name!r}")
            return cls({str(name): np.asarray(source[name], dtype=object) for name in names})
        if isinstance(source, Iterable):
            rows = list(source)
            if all(isinstance(row, Mapping) for row in rows):
                names = list(dict.fromkeys(name for row in rows for name in row))
                return cls({name: [row.get(name) for row in rows] for name in names})
        raise TrainingError(
            f"{type(source).__name__} is not a table; pass the path of a CSV file, a dict of "
            "columns, a data frame or a list of dicts"
        )

    def numbers(self, column: str) -> NDArray[np.float64]:
        """Returns a column as finite numbers. Raises TrainingError with the first row without one."""
        values = self._column(column)
        numbers = np.empty(self.rows)
        for row, value in enumerate(values):
            number = _number(value)
            if number is None or not math.isfinite(number):
                text = "empty" if _is_missing(value) else repr(value)
                raise TrainingError(
                    f"row {row + 1} of column {column!r} is {text}; every row needs a finite number"
                )
            numbers[row] = number
        return numbers

    def labels(self, column: str) -> NDArray[np.str_]:
        """Returns a column as names. Raises TrainingError with the first row without one."""
        values = self._column(column)
        for row, value in enumerate(values):
            if _is_missing(value):
                raise TrainingError(
                    f"row {row + 1} of column {column!r} is empty; every row needs a content"
                )
        return np.array([str(value) for value in values])

    def matrix(self, features: Sequence[Feature]) -> NDArray[np.float64]:
        """Returns the values of features, shape (rows, features)."""
        return np.column_stack([self.numbers(self._column_name(feature)) for feature in features])

    def _column_name(self, feature: Feature) -> str:
        column = feature.find(self.columns)
        return (feature.column or feature.name) if column is None else column

    def _column(self, name: str) -> list[Any]:
        if name in self.columns:
            return self.columns[name]
        close = difflib.get_close_matches(name, self.columns, n=1)
        hint = f"; did you mean {close[0]!r}?" if close else "."
        names = ", ".join(self.columns)
        raise TrainingError(f"the table has no column {name!r}{hint} Its columns are {names}")


def _read_csv(path: str | os.PathLike[str]) -> dict[str, list[str]]:
    """Reads the columns of a CSV file with a header, in UTF-8."""
    name = os.fspath(path)
    with open(path, newline="", encoding="utf-8-sig") as file:
        lines = [line for line in csv.reader(file) if line]
    if not lines:
        raise TrainingError(f"{name} is empty; it needs a header and a row per encode")
    header, *rows = lines
    for index, column in enumerate(header):
        if column in header[:index]:
            raise TrainingError(f"{name} has two columns {column!r}")
    for number, row in enumerate(rows, start=1):
        if len(row) != len(header):
            raise TrainingError(
                f"row {number} of {name} has {len(row)} values, but the header has {len(header)}"
            )
    return {column: [row[index] for row in rows] for index, column in enumerate(header)}


def _number(value: Any) -> float | None:
    """Returns a cell as a number; None if it isn't one."""
    if isinstance(value, (bool, np.bool_)):
        # Python treats it as 0 or 1, but in a column of numbers it is a mistake.
        return None
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _is_missing(value: Any) -> bool:
    """Returns True for a missing value: None, an empty text, NaN, or pandas' NA."""
    if value is None:
        return True
    try:
        return bool(value == "" or value != value)
    except TypeError:
        # Comparisons with pandas' NA have no truth value.
        return True
