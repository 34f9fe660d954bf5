"""Fitting: a nu-SVR by scikit-learn, which has LIBSVM inside, and resampled ones beside it."""

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
    """What a nu-SVR is trained with. The defaults are those of the published VMAF models v0.6.1."""

    C: float = 4.0
    """The price of errors, above 0: more follows the scores more closely."""

    nu: float = 0.9
    """From 0 (excluded) to 1: the least share of rows that become support vectors."""

    gamma: float = 0.04
    """The kernel is exp(-gamma · distance²), above 0: more makes a less smooth function."""

    normalise: bool = True
    """Whether features and scores are scaled linearly so that they reach from 0 to 1."""

    def __post_init__(self) -> None:
        for name, value in (("C", self.C), ("gamma", self.gamma)):
            if not (math.isfinite(value) and value > 0):
                raise TrainingError(f"{name} must be finite and above 0, not {value}")
        if not 0 < self.nu <= 1:
            raise TrainingError(f"nu must be above 0 and at most 1, not {self.nu}")


@dataclass(frozen=True, eq=False)
class Rows:
    """What a model is trained on."""

    features: tuple[Feature, ...]
    inputs: NDArray[np.float64]
    """(rows, features)"""
    scores: NDArray[np.float64]
    """(rows,)"""

    def take(self, indices: NDArray[np.intp]) -> Rows:
        """Some of the rows."""
        return Rows(self.features, self.inputs[indices], self.scores[indices])

    def check(self, where: str) -> None:
        """Raises TrainingError where scores or a feature are the same in all rows; `where` says which."""
        if np.ptp(self.scores) == 0:
            raise TrainingError(f"all scores {where} are {self.scores[0]:g}: nothing can be learnt")
        for feature, values in zip(self.features, self.inputs.T, strict=True):
            if np.ptp(values) == 0:
                raise TrainingError(
                    f"the feature {feature.name!r} is {values[0]:g} in every row {where}: it tells "
                    "nothing and can't be normalised; leave it out"
                )


def fit(rows: Rows, parameters: Parameters, where: str) -> Predictor:
    """A regressor of all rows, scaled by them. `where` says which rows they are, for errors."""
    rows.check(where)
    scaling = Scaling.to_unit(rows.scores, rows.inputs) if parameters.normalise else None
    return _fit(rows, parameters, scaling, where)


def fit_resampled(
    rows: Rows, parameters: Parameters, scaling: Scaling | None, count: int, seed: int
) -> list[Predictor]:
    """Regressors of as many rows drawn with replacement, in the scaling of the whole.

    As in vmaf_b_v0.6.3: what differs between them is what the sample of encodes decides.
    """
    random = np.random.default_rng(seed)
    draws = [random.integers(len(rows.scores), size=len(rows.scores)) for _ in range(count)]
    return [
        _fit(rows.take(draw), parameters, scaling, f"drawn for resampled model {number}")
        for number, draw in enumerate(draws, start=1)
    ]


def _fit(rows: Rows, parameters: Parameters, scaling: Scaling | None, where: str) -> Predictor:
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
        raise TrainingError(f"the rows {where} gave no support vectors: their scores hardly differ")
    return Predictor(
        parameters.gamma,
        -float(machine.intercept_[0]),
        np.array(machine.dual_coef_[0], dtype=np.float64),
        np.array(machine.support_vectors_, dtype=np.float64),
        scaling,
    )


def spread_contents(
    contents: NDArray[np.str_], folds: int | None, seed: int
) -> Sequence[NDArray[np.intp]]:
    """The rows of each fold: of one content, or of several where `folds` says how many folds.

    All rows of a content are in one fold. Contents are dealt in a random order, each to the fold that
    has the fewest rows.
    """
    names, of_row = np.unique(contents, return_inverse=True)
    if names.size < 2:
        raise TrainingError(
            f"all rows are of the content {str(names[0])!r}: cross-validation needs two contents or more, "
            "so that one is predicted from the others (content=None trains without it)"
        )
    if folds is None:
        folds = names.size
    if not 2 <= folds <= names.size:
        raise TrainingError(
            f"{folds} folds of {names.size} contents can't be: give 2 to {names.size} folds"
        )
    counts = np.bincount(of_row)
    filled = np.zeros(folds, dtype=int)
    fold_of = np.empty(names.size, dtype=int)
    order = (
        np.arange(names.size)
        if folds == names.size
        else np.random.default_rng(seed).permutation(names.size)
    )
    for position, name in enumerate(order):
        # The first ones each open a fold, so that none is empty.
        fold = position if position < folds else int(filled.argmin())
        fold_of[name] = fold
        filled[fold] += counts[name]
    return [np.flatnonzero(fold_of[of_row] == fold) for fold in range(folds)]
