"""Training of nu-SVRs with scikit-learn, which uses LIBSVM, on all rows and on resampled rows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ._errors import TrainingError
from ._features import Feature
from ._predictor import Predictor, Scaling


@dataclass(frozen=True)
class Parameters:
    """Hyperparameters of a nu-SVR. The defaults are those of the published VMAF models v0.6.1."""

    C: float = 4.0
    """Penalty for errors, above 0. Larger values follow the scores more closely."""

    nu: float = 0.9
    """Lower bound on the share of rows that become support vectors, above 0 and at most 1."""

    gamma: float = 0.04
    """Parameter of the kernel exp(-gamma · distance²), above 0. Larger values fit less smoothly."""

    normalise: bool = True
    """True to scale features and scores linearly to the range 0 to 1."""

    def __post_init__(self) -> None:
        for name, value in (("C", self.C), ("gamma", self.gamma)):
            if not (math.isfinite(value) and value > 0):
                raise TrainingError(f"{name} must be finite and above 0, not {value}")
        if not 0 < self.nu <= 1:
            raise TrainingError(f"nu must be above 0 and at most 1, not {self.nu}")


@dataclass(frozen=True, eq=False)
class Rows:
    """Training data."""

    features: tuple[Feature, ...]
    inputs: NDArray[np.float64]
    """Values of the features, shape (rows, features)."""
    scores: NDArray[np.float64]
    """Subjective scores, shape (rows,)."""

    def take(self, indices: NDArray[np.intp]) -> Rows:
        """Returns a subset of the rows."""
        return Rows(self.features, self.inputs[indices], self.scores[indices])

    def check(self, subset: str) -> None:
        """Raises TrainingError if the scores or a feature are constant. Messages describe the rows by
        `subset`, such as "of the table"."""
        if np.ptp(self.scores) == 0:
            raise TrainingError(
                f"all scores {subset} are {self.scores[0]:g}; training needs scores that differ"
            )
        for feature, values in zip(self.features, self.inputs.T, strict=True):
            if np.ptp(values) == 0:
                raise TrainingError(
                    f"the feature {feature.name!r} is {values[0]:g} in every row {subset} and can't "
                    "be normalised; leave it out"
                )


def fit(rows: Rows, parameters: Parameters, subset: str) -> Predictor:
    """Trains a regressor on all rows, with scaling to their range. `subset` describes them in errors."""
    rows.check(subset)
    scaling = Scaling.to_unit(rows.scores, rows.inputs) if parameters.normalise else None
    return _fit(rows, parameters, scaling, subset)


def fit_resampled(
    rows: Rows, parameters: Parameters, scaling: Scaling | None, count: int, seed: int
) -> list[Predictor]:
    """Trains `count` regressors, each on as many rows drawn with replacement, with the given scaling.

    As in vmaf_b_v0.6.3, their differences show the uncertainty due to the choice of encodes.
    """
    random = np.random.default_rng(seed)
    draws = [random.integers(len(rows.scores), size=len(rows.scores)) for _ in range(count)]
    return [
        _fit(rows.take(draw), parameters, scaling, f"drawn for resampled model {number}")
        for number, draw in enumerate(draws, start=1)
    ]


def _fit(rows: Rows, parameters: Parameters, scaling: Scaling | None, subset: str) -> Predictor:
    try:
        from sklearn.svm import NuSVR
    except ImportError as error:
        raise TrainingError(
            "training needs scikit-learn, which isn't installed: pip install 'vmaf-py[train]'"
        ) from error
    inputs, scores = rows.inputs, rows.scores
    if scaling is not None:
        inputs, scores = scaling.scale_features(inputs), scaling.scale_scores(scores)
    machine = NuSVR(kernel="rbf", C=parameters.C, nu=parameters.nu, gamma=parameters.gamma)
    machine.fit(inputs, scores)
    if not len(machine.support_):
        raise TrainingError(
            f"the rows {subset} gave no support vectors, because their scores hardly differ"
        )
    return Predictor(
        parameters.gamma,
        -float(machine.intercept_[0]),
        np.array(machine.dual_coef_[0], dtype=np.float64),
        np.array(machine.support_vectors_, dtype=np.float64),
        scaling,
    )


def content_folds(
    contents: NDArray[np.str_], folds: int | None, seed: int
) -> Sequence[NDArray[np.intp]]:
    """Returns the indices of the rows of each fold: `folds` groups of contents, or one per content.

    All rows of a content are in one fold. Contents are assigned in random order, each to the fold with
    the fewest rows.
    """
    names, name_of_row = np.unique(contents, return_inverse=True)
    if names.size < 2:
        raise TrainingError(
            f"all rows have the content {str(names[0])!r}, but cross-validation needs at least two "
            "contents; pass content=None to train without it"
        )
    if folds is None:
        folds = names.size
    if not 2 <= folds <= names.size:
        raise TrainingError(
            f"{names.size} contents can't be split into {folds} folds; pass 2 to {names.size}"
        )
    counts = np.bincount(name_of_row)
    rows_in_fold = np.zeros(folds, dtype=int)
    fold_of = np.empty(names.size, dtype=int)
    order = (
        np.arange(names.size)
        if folds == names.size
        else np.random.default_rng(seed).permutation(names.size)
    )
    for position, name in enumerate(order):
        # The first contents go to different folds, so that none is empty.
        fold = position if position < folds else int(rows_in_fold.argmin())
        fold_of[name] = fold
        rows_in_fold[fold] += counts[name]
    return [np.flatnonzero(fold_of[name_of_row] == fold) for fold in range(folds)]
