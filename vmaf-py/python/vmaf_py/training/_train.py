"""`train`: trains a model on a table and cross-validates it by content."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ._errors import TrainingError
from ._features import DEFAULT_FEATURES, Feature, as_features
from ._figures import Figures, figures
from ._model import Format, Interval, Model
from ._regression import Parameters, Rows, content_folds, fit, fit_resampled
from ._table import Table, TableLike
from ._transform import ScoreTransform, score_map

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, eq=False)
class Fold:
    """Fold of a cross-validation: contents predicted by a model that was trained on all others."""

    contents: tuple[str, ...]
    """Names of the contents."""

    rows: NDArray[np.intp]
    """Indices of their rows in the table, from 0."""

    predicted: NDArray[np.float64]
    """Prediction of each of these rows."""

    figures: Figures
    """Agreement for these rows. Correlations within a single content tend to be higher than those over
    several, which differ more."""


@dataclass(frozen=True, eq=False)
class CrossValidation:
    """Predictions of all rows, each by a model that was trained on other contents."""

    folds: tuple[Fold, ...]
    predicted: NDArray[np.float64]
    """Prediction of each row of the table, from its fold."""

    figures: Figures
    """Agreement over all rows: an estimate for new contents."""


@dataclass(frozen=True, eq=False)
class Training:
    """Trained model with its predictions and their agreement with the scores, the result of `train`."""

    model: Model
    """Model trained on all rows."""

    figures: Figures
    """Agreement on the training rows, which is better than can be expected for other rows."""

    cross_validation: CrossValidation | None
    """Cross-validation by content; None without `content`."""

    scores: NDArray[np.float64]
    """Subjective score of each row."""

    predicted: NDArray[np.float64]
    """The model's prediction of each row."""

    contents: NDArray[np.str_] | None
    """Content of each row; None without `content`."""

    parameters: Parameters
    """Hyperparameters of the regressor."""

    def predict(self, table: TableLike) -> NDArray[np.float64]:
        """Predicts the score of each row of a table: see `Model.predict`."""
        return self.model.predict(table)

    def interval(self, table: TableLike) -> Interval:
        """Computes the 95 % interval of a bootstrap model for each row: see `Model.interval`."""
        return self.model.interval(table)

    def provenance(self) -> str:
        """Returns a description of the training, the default provenance in saved files."""
        p = self.parameters
        contents = "" if self.contents is None else f" of {len(set(self.contents))} contents"
        resampled = len(self.model.predictors) - 1
        text = (
            f"Trained by vmaf-py {_version()} on {self.scores.size} rows{contents}: nu-SVR, "
            f"C {p.C:g}, nu {p.nu:g}, gamma {p.gamma:g}"
        )
        if resampled:
            text += f", and {resampled} of resampled rows"
        if self.cross_validation is not None:
            text += f". Contents not seen: {self.cross_validation.figures}"
        return text + "."

    def save(
        self,
        path: str | os.PathLike[str],
        *,
        name: str | None = None,
        provenance: str | None = None,
        format: Format = "vmaf",
    ) -> None:
        """Writes the model file: see `Model.save`. `provenance` defaults to that of `provenance()`.

        For a model that others will use, pass a text that names the source of the scores and the licence.
        """
        if provenance is None:
            provenance = self.provenance()
        self.model.save(path, name=name, provenance=provenance, format=format)

    def save_libvmaf(self, path: str | os.PathLike[str]) -> None:
        """Writes the model in libvmaf's format, for FFmpeg and libvmaf's tool."""
        self.save(path, format="libvmaf")

    def plot(self, ax: Axes | None = None) -> Axes:
        """Plots predictions over subjective scores, with a colour per content and the figures as title.

        Predictions are those of the cross-validation, if there is one. Needs Matplotlib:
        `pip install 'vmaf-py[plot]'`.
        """
        from ._plot import scatter

        validation = self.cross_validation
        if validation is None:
            return scatter(self.scores, self.predicted, self.figures, "training rows", None, ax)
        title = "contents not seen"
        return scatter(
            self.scores, validation.predicted, validation.figures, title, self.contents, ax
        )


def train(
    table: TableLike,
    *,
    score: str,
    content: str | None,
    features: Iterable[str | Feature] = DEFAULT_FEATURES,
    C: float = 4.0,
    nu: float = 0.9,
    gamma: float = 0.04,
    normalise: bool = True,
    clip: tuple[float, float] | None = (0.0, 100.0),
    transform: ScoreTransform | None = None,
    bootstrap: int = 0,
    folds: int | None = None,
    seed: int = 0,
) -> Training:
    """Trains a VMAF-style model on features and subjective scores, and cross-validates it by content.

    The regressor is a nu-SVR with a Gaussian kernel. The same table, options and seed give the same model.

    Parameters
    ----------
    table
        Table with a row per encode: the path of a CSV file, a dict of columns, a data frame or a list of
        dicts. `features_of` makes rows from results.
    score
        Column of subjective scores (MOS, DMOS), for which higher is better.
    content
        Column with the name of the source content; None skips the cross-validation.
    features
        Names of features, or `Feature` for those with options. By default those of vmaf_v0.6.1.
    C, nu, gamma
        Hyperparameters: see `Parameters`. The defaults are those of the published models v0.6.1.
    normalise
        Scales features and scores to the range 0 to 1.
    clip
        Lowest and highest score; None for no limits.
    transform
        Transform of the regressor's score, applied before the clip.
    bootstrap
        Number of additional models, each trained on as many rows drawn with replacement. They give scores
        a 95 % interval. The published vmaf_b_v0.6.3 has 20.
    folds
        Number of groups of contents for cross-validation; by default each content is a group. Each group
        is predicted by a model that was trained on the others.
    seed
        Seed of the random numbers for bootstrap and folds.

    Raises
    ------
    TrainingError
        A column is missing, a cell isn't a finite number, a feature or the score is constant, there are
        fewer than two contents, or an option is out of range.
    """
    parameters = Parameters(C, nu, gamma, normalise)
    if clip is not None and not (np.isfinite(clip).all() and clip[0] < clip[1]):
        raise TrainingError(f"clip must be (lowest, highest), not {clip}")
    if bootstrap < 0:
        raise TrainingError(f"bootstrap must be a number of models from 0, not {bootstrap}")
    feature_list = as_features(features)
    parsed = Table.of(table)
    rows = Rows(feature_list, parsed.matrix(feature_list), parsed.numbers(score))
    contents = None if content is None else parsed.labels(content)

    first = fit(rows, parameters, "of the table")
    others = fit_resampled(rows, parameters, first.scaling, bootstrap, seed)
    if clip is not None:
        clip = (float(clip[0]), float(clip[1]))
    model = Model(feature_list, (first, *others), clip, transform)
    predicted = score_map(first.predict(rows.inputs), transform, clip)
    validation = None
    if contents is not None:
        validation = _cross_validate(rows, contents, model, parameters, folds, seed)
    return Training(
        model,
        figures(rows.scores, predicted),
        validation,
        rows.scores,
        predicted,
        contents,
        parameters,
    )


def _cross_validate(
    rows: Rows,
    contents: NDArray[np.str_],
    model: Model,
    parameters: Parameters,
    folds: int | None,
    seed: int,
) -> CrossValidation:
    """Predicts each fold from the others. Scaling uses the training rows only."""
    results = []
    pooled = np.empty(len(rows.scores))
    for test in content_folds(contents, folds, seed):
        names = tuple(dict.fromkeys(map(str, contents[test])))
        training = np.setdiff1d(np.arange(len(rows.scores)), test)
        predictor = fit(rows.take(training), parameters, f"without content {', '.join(names)}")
        predicted = score_map(predictor.predict(rows.inputs[test]), model.transform, model.clip)
        pooled[test] = predicted
        results.append(Fold(names, test, predicted, figures(rows.scores[test], predicted)))
    return CrossValidation(tuple(results), pooled, figures(rows.scores, pooled))


def _version() -> str:
    """Returns the version of this package."""
    # Imported here because it is slow: a tenth of the time to import the package.
    from importlib import metadata

    try:
        return metadata.version("vmaf-py")
    except metadata.PackageNotFoundError:
        return "(not installed)"
