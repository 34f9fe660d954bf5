"""`train`: from a table to a model, with how well it predicts contents that it hasn't seen."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ._errors import TrainingError
from ._features import DEFAULT_FEATURES, Feature, features_given
from ._figures import Figures, figures
from ._model import Format, Interval, Model
from ._regression import Parameters, Rows, fit, fit_resampled, spread_contents
from ._table import Table, TableLike
from ._transform import ScoreTransform, score_map

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, eq=False)
class Fold:
    """Contents that were predicted by a model trained on all others."""

    contents: tuple[str, ...]
    """Which, by name."""

    rows: NDArray[np.intp]
    """Their rows in the table, from 0."""

    predicted: NDArray[np.float64]
    """The prediction of each of these rows."""

    figures: Figures
    """How well these rows are predicted. Correlations within one content are high: contents differ more
    than that."""


@dataclass(frozen=True, eq=False)
class CrossValidation:
    """Predictions of every row by a model that has seen no row of the same content."""

    folds: tuple[Fold, ...]
    predicted: NDArray[np.float64]
    """The prediction of each row of the table, from the fold that it is in."""

    figures: Figures
    """How well they agree with the scores, all rows pooled: what to expect of new contents."""


@dataclass(frozen=True, eq=False)
class Training:
    """What `train` gives."""

    model: Model
    """Trained on all rows."""

    figures: Figures
    """How well the model predicts the rows that it was trained on: no better than this on others."""

    cross_validation: CrossValidation | None
    """How well such models predict contents that they haven't seen; None without `content`."""

    scores: NDArray[np.float64]
    """The subjective score of each row."""

    predicted: NDArray[np.float64]
    """The model's prediction of each row."""

    contents: NDArray[np.str_] | None
    """The content of each row; None where none was given."""

    parameters: Parameters
    """What the regressor was trained with."""

    def predict(self, table: TableLike) -> NDArray[np.float64]:
        """The score of each row of a table: see `Model.predict`."""
        return self.model.predict(table)

    def interval(self, table: TableLike) -> Interval:
        """The spread of a bootstrap model's predictions for each row: see `Model.interval`."""
        return self.model.interval(table)

    def provenance(self) -> str:
        """A sentence on where the model comes from: what `save` writes unless told otherwise."""
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
        """Writes the model file: see `Model.save`. `provenance` is `provenance()` if not given.

        Say in it what the scores are and under what licence, if others will use the model.
        """
        if provenance is None:
            provenance = self.provenance()
        self.model.save(path, name=name, provenance=provenance, format=format)

    def save_libvmaf(self, path: str | os.PathLike[str]) -> None:
        """Writes the model in libvmaf's format, for FFmpeg and libvmaf's tool."""
        self.save(path, format="libvmaf")

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draws predictions over subjective scores, a colour a content, with the figures as title.

        Predictions are the cross-validation's, where there is one. Needs Matplotlib:
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

    `table` has a row for each encode: the path of a CSV file, a dict of columns, a data frame or a list
    of dicts (`features_of` makes rows of results). `score` names the column of subjective scores (MOS,
    DMOS; more is better) and `content` that of the source's name; `content=None` leaves out the
    cross-validation. `features` are columns by name, or `Feature` where options were set; by default
    those of vmaf_v0.6.1.

    The regressor is a nu-SVR with a Gaussian kernel of `C`, `nu` and `gamma`, whose defaults are those of
    the published models v0.6.1. With `normalise`, features and scores are scaled to 0 to 1 first. The
    regressor's score goes through `transform`, if there is one, and is bounded by `clip`.

    `bootstrap` is how many models are trained beside the first, each on as many rows drawn with
    replacement, which gives scores a 95 % interval; the published vmaf_b_v0.6.3 has 20.

    Cross-validation predicts each content from all others or, with `folds`, each of so many groups of
    contents from the other groups. `seed` decides what is drawn: the same table, options and seed give
    the same model.

    Raises TrainingError where a column is missing, a cell is no finite number, a feature or the score
    is constant, there are fewer than two contents, or an option is out of its range.
    """
    parameters = Parameters(C, nu, gamma, normalise)
    if clip is not None and not (np.isfinite(clip).all() and clip[0] < clip[1]):
        raise TrainingError(f"clip is (least, greatest), not {clip}")
    if bootstrap < 0:
        raise TrainingError(f"bootstrap is how many models are resampled, not {bootstrap}")
    given = features_given(features)
    read = Table.of(table)
    rows = Rows(given, read.matrix(given), read.numbers(score))
    contents = None if content is None else read.labels(content)

    first = fit(rows, parameters, "of the table")
    others = fit_resampled(rows, parameters, first.scaling, bootstrap, seed)
    if clip is not None:
        clip = (float(clip[0]), float(clip[1]))
    model = Model(given, (first, *others), clip, transform)
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
    """Predicts each fold from the others. Scaling is of the training rows alone, too."""
    done = []
    pooled = np.empty(len(rows.scores))
    for test in spread_contents(contents, folds, seed):
        names = tuple(dict.fromkeys(map(str, contents[test])))
        training = np.setdiff1d(np.arange(len(rows.scores)), test)
        predictor = fit(rows.take(training), parameters, f"without content {', '.join(names)}")
        predicted = score_map(predictor.predict(rows.inputs[test]), model.transform, model.clip)
        pooled[test] = predicted
        done.append(Fold(names, test, predicted, figures(rows.scores[test], predicted)))
    return CrossValidation(tuple(done), pooled, figures(rows.scores, pooled))


def _version() -> str:
    """The version of this package."""
    # Here, because it takes a tenth of what importing the package does.
    from importlib import metadata

    try:
        return metadata.version("vmaf-py")
    except metadata.PackageNotFoundError:
        return "(not installed)"
