"""Models that predict scores from a table of features, in NumPy.

A `Model` holds the content of a model file. Its first predictor gives the score. Further ones were trained
on resampled rows; the spread of their predictions gives a confidence interval.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from . import _files
from ._errors import TrainingError
from ._features import Feature
from ._predictor import Predictor
from ._table import Table, TableLike
from ._transform import ScoreTransform, score_map

Format = Literal["vmaf", "libvmaf"]


@dataclass(frozen=True)
class Interval:
    """95 % interval of a bootstrap model's predictions; arrays with a value per row of the table."""

    mean: NDArray[np.float64]
    """Score of the mean prediction (libvmaf's `bagging`)."""

    stddev: NDArray[np.float64]
    """Standard deviation of predictions, scaled by the slope of transform and clip to units of score."""

    low: NDArray[np.float64]
    """Lower end: the 2.5th percentile."""

    high: NDArray[np.float64]
    """Upper end: the 97.5th percentile."""


@dataclass(frozen=True, eq=False)
class Model:
    """VMAF-style model: features, one or more support-vector regressors, and a mapping of their score."""

    features: tuple[Feature, ...]
    """Features, in the order of the predictors' inputs."""

    predictors: tuple[Predictor, ...]
    """The predictor of the score, then those trained on resampled rows."""

    clip: tuple[float, float] | None = (0.0, 100.0)
    """Lowest and highest score; None for no limits."""

    transform: ScoreTransform | None = None
    """Transform of scores, applied before the clip."""

    chroma_correction: float | None = None
    """For models with adm3 and speed_chroma: a speed_chroma of 0 is replaced by this value times
    (1 - adm3)."""

    def predict(self, table: TableLike) -> NDArray[np.float64]:
        """Predicts the score of each row; returns an array of shape (rows,).

        VMAF is trained on features averaged over frames but scores each frame. For a whole clip, the mean
        of the frames' scores is close to, but not equal to, the score of the mean features.

        Raises TrainingError if a feature's column is missing or has a cell that isn't a finite number.
        """
        return self._map(self.predictors[0].predict(self._inputs(table)))

    def interval(self, table: TableLike) -> Interval:
        """Computes the 95 % interval of the score of each row, in the same way as libvmaf.

        Raises TrainingError for a model without resampled predictors, and as `predict` does.
        """
        if len(self.predictors) < 2:
            raise TrainingError(
                "only a bootstrap model has an interval; train one with train(..., bootstrap=20)"
            )
        inputs = self._inputs(table)
        raw = np.array([predictor.predict(inputs) for predictor in self.predictors[1:]])
        mean = raw.mean(axis=0)
        step = 0.01
        slope = (self._map(mean + step) - self._map(mean - step)) / (2 * step)
        low, high = np.percentile(raw, [2.5, 97.5], axis=0)
        return Interval(self._map(mean), raw.std(axis=0) * slope, self._map(low), self._map(high))

    def save(
        self,
        path: str | os.PathLike[str],
        *,
        provenance: str,
        name: str | None = None,
        format: Format = "vmaf",
    ) -> None:
        """Writes the model file, which `vmaf score --model PATH` reads.

        Parameters
        ----------
        path
            Path of the file.
        provenance
            Origin of the model, as free text.
        name
            Name of the model; by default that of the file without its extension.
        format
            "vmaf" is this project's format (models/README.md). "libvmaf" is libvmaf's JSON, which FFmpeg,
            libvmaf's tool and `vmaf` read; it has no fields for `name` and `provenance`.

        Raises
        ------
        TrainingError
            The format can't hold the model.
        OSError
            The file can't be written.
        """
        if format == "vmaf":
            text = _files.to_vmaf(self, name or Path(path).stem, provenance)
        elif format == "libvmaf":
            text = _files.to_libvmaf(self)
        else:
            raise TrainingError(f"format must be 'vmaf' or 'libvmaf', not {format!r}")
        Path(path).write_text(text, encoding="utf-8")

    def _inputs(self, table: TableLike) -> NDArray[np.float64]:
        """Returns the features of each row, shape (rows, features), after chroma correction."""
        inputs = Table.of(table).matrix(self.features)
        if self.chroma_correction is not None:
            adm, chroma = self._index_of("adm3"), self._index_of("speed_chroma")
            zero = inputs[:, chroma] == 0
            inputs[zero, chroma] = self.chroma_correction * (1 - inputs[zero, adm])
        return inputs

    def _index_of(self, part: str) -> int:
        """Returns the index of the only feature whose name contains `part`."""
        matches = [i for i, feature in enumerate(self.features) if part in feature.output]
        if len(matches) != 1:
            raise TrainingError(
                f"chroma correction needs one feature with {part!r} in its name, not {len(matches)}"
            )
        return matches[0]

    def _map(self, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        return score_map(scores, self.transform, self.clip)


def read_model(path: str | os.PathLike[str], columns: Mapping[str, str] | None = None) -> Model:
    """Reads a model file of either format.

    Parameters
    ----------
    path
        Path of the file: a saved model or a published one.
    columns
        Columns of tables by printed name of the feature. Needed for features with options, such as
        those of vmaf_v1.0.16_3d0h:
        `{"integer_adm3": "integer_adm3_csf_2_dlmw_0.7_egl_1_min_0.5_nw_0.02", ...}`.

    Raises
    ------
    TrainingError
        The file isn't a model file.
    OSError
        The file can't be read.
    """
    parts = _files.read(path)
    columns = columns or {}
    features = tuple(
        Feature(feature.name, feature.options, columns.get(feature.name))
        for feature in parts.features
    )
    unknown = sorted(set(columns) - {feature.name for feature in features})
    if unknown:
        raise TrainingError(
            f"{os.fspath(path)} has no feature {unknown[0]!r}, only "
            f"{', '.join(feature.name for feature in features)}"
        )
    return Model(features, parts.predictors, parts.clip, parts.transform, parts.chroma_correction)
