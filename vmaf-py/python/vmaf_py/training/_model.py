"""Models: from a table's features to scores, in NumPy.

A `Model` is what a model file holds. Its first predictor gives the score; any more were trained on
resampled rows, and their spread tells how sure the score is.
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
    """What a bootstrap model's resampled predictors give for the rows of a table."""

    mean: NDArray[np.float64]
    """The score of the mean of their predictions (libvmaf's `bagging`)."""

    stddev: NDArray[np.float64]
    """Their standard deviation, in units of the score: times the slope of transform and clip there."""

    low: NDArray[np.float64]
    """The 2.5th percentile."""

    high: NDArray[np.float64]
    """The 97.5th percentile: between the two is the 95 % interval."""


@dataclass(frozen=True, eq=False)
class Model:
    """A VMAF-style model: features, one or more support-vector regressors, and a map of their score."""

    features: tuple[Feature, ...]
    """What it looks at, in the order of the predictors' inputs."""

    predictors: tuple[Predictor, ...]
    """The one that gives the score, and then those trained on resampled rows."""

    clip: tuple[float, float] | None = (0.0, 100.0)
    """Least and greatest score."""

    transform: ScoreTransform | None = None
    """What is done to scores before the clip."""

    chroma_correction: float | None = None
    """For models with adm3 and speed_chroma: where the latter is 0, it is taken for this times
    (1 - adm3)."""

    def predict(self, table: TableLike) -> NDArray[np.float64]:
        """The score of each row.

        VMAF is trained on means over frames, and scores frames: for a whole clip, the mean of the frames'
        scores is near to, not equal to, the score of the mean features.

        Raises TrainingError where a feature's column is missing or has a cell without a number.
        """
        return self._map(self.predictors[0].predict(self._inputs(table)))

    def interval(self, table: TableLike) -> Interval:
        """The spread of the resampled predictors for each row, computed as libvmaf does it.

        Raises TrainingError where the model has none, or as `predict` does.
        """
        if len(self.predictors) < 2:
            raise TrainingError("only a bootstrap model has an interval: train(..., bootstrap=20)")
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

        `format` "vmaf" is this project's (models/README.md), with a `name`, by default that of the file,
        and `provenance`: where the numbers come from, for people. "libvmaf" is libvmaf's JSON, which has
        no room for either, and which FFmpeg and libvmaf's tool read as well as `vmaf`.

        Raises TrainingError where the format can't hold the model, OSError where the file can't be
        written.
        """
        if format == "vmaf":
            text = _files.to_vmaf(self, name or Path(path).stem, provenance)
        elif format == "libvmaf":
            text = _files.to_libvmaf(self)
        else:
            raise TrainingError(f"a model's format is 'vmaf' or 'libvmaf', not {format!r}")
        Path(path).write_text(text, encoding="utf-8")

    def _inputs(self, table: TableLike) -> NDArray[np.float64]:
        """The features of each row, with chroma corrected."""
        inputs = Table.of(table).matrix(self.features)
        if self.chroma_correction is not None:
            adm, chroma = self._only("adm3"), self._only("speed_chroma")
            lossless = inputs[:, chroma] == 0
            inputs[lossless, chroma] = self.chroma_correction * (1 - inputs[lossless, adm])
        return inputs

    def _only(self, part: str) -> int:
        found = [i for i, feature in enumerate(self.features) if part in feature.output]
        if len(found) != 1:
            raise TrainingError(
                f"chroma correction needs one feature with {part!r} in its name, not {len(found)}"
            )
        return found[0]

    def _map(self, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        return score_map(scores, self.transform, self.clip)


def read_model(path: str | os.PathLike[str], columns: Mapping[str, str] | None = None) -> Model:
    """Reads a model file of either format: one that was saved, or a published one.

    `columns` says which column of tables has the feature of that printed name; it is needed for those
    with options, as in vmaf_v1.0.16_3d0h:
    `{"integer_adm3": "integer_adm3_csf_2_dlmw_0.7_egl_1_min_0.5_nw_0.02", ...}`.

    Raises TrainingError where the file is no such model, OSError where it can't be read.
    """
    parts = _files.read(path)
    given = columns or {}
    features = tuple(
        Feature(feature.name, feature.options, given.get(feature.name))
        for feature in parts.features
    )
    unknown = sorted(set(given) - {feature.name for feature in features})
    if unknown:
        raise TrainingError(
            f"{os.fspath(path)} has no feature {unknown[0]!r}, only "
            f"{', '.join(feature.name for feature in features)}"
        )
    return Model(features, parts.predictors, parts.clip, parts.transform, parts.chroma_correction)
