"""Support-vector regressor with linear scaling of inputs and output."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ._errors import TrainingError

# Rows per block; the distances of a block to the support vectors take a few MB.
_BLOCK = 256


@dataclass(frozen=True, eq=False)
class Scaling:
    """Linear scaling of scores and features to the range of the regressor."""

    score: tuple[float, float]
    """(slope, intercept): the regressor's output is slope · score + intercept."""

    features: NDArray[np.float64]
    """(slope, intercept) of each feature, shape (features, 2): an input is slope · value + intercept."""

    @classmethod
    def to_unit(cls, scores: NDArray[np.float64], inputs: NDArray[np.float64]) -> Scaling:
        """Returns the scaling that maps scores, and each column of inputs, to the range 0 to 1."""
        columns = np.column_stack([scores, inputs])
        low, high = columns.min(axis=0), columns.max(axis=0)
        pairs = np.column_stack([1 / (high - low), -low / (high - low)])
        return cls((float(pairs[0, 0]), float(pairs[0, 1])), pairs[1:])

    def scale_scores(self, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        slope, intercept = self.score
        return slope * scores + intercept

    def unscale_scores(self, scaled: NDArray[np.float64]) -> NDArray[np.float64]:
        slope, intercept = self.score
        return (scaled - intercept) / slope

    def scale_features(self, inputs: NDArray[np.float64]) -> NDArray[np.float64]:
        return self.features[:, 0] * inputs + self.features[:, 1]


@dataclass(frozen=True, eq=False)
class Predictor:
    """nu-SVR with a Gaussian kernel: Σ weight · exp(-gamma · |x - vector|²) - rho."""

    gamma: float
    rho: float
    weights: NDArray[np.float64]
    """Weights of the support vectors, shape (vectors,)."""

    vectors: NDArray[np.float64]
    """Support vectors, shape (vectors, features)."""

    scaling: Scaling | None
    """Scaling of features and scores; None for no scaling."""

    def __post_init__(self) -> None:
        count = self.weights.size
        if not count or self.vectors.ndim != 2 or self.vectors.shape[0] != count:
            raise TrainingError(
                f"a regressor has {count} weights but support vectors of shape {self.vectors.shape}"
            )
        if self.scaling is not None and self.scaling.features.shape != (self.vectors.shape[1], 2):
            raise TrainingError("a regressor's scaling has a different number of features")
        numbers = [np.array([self.gamma, self.rho]), self.weights, self.vectors.ravel()]
        if self.scaling is not None:
            numbers += [np.array(self.scaling.score), self.scaling.features.ravel()]
        if not np.isfinite(np.concatenate(numbers)).all():
            raise TrainingError("a number of the regressor is not finite")

    def predict(self, inputs: NDArray[np.float64]) -> NDArray[np.float64]:
        """Predicts the score of each row of features, without transform and clip; shape (rows,)."""
        scaled = inputs if self.scaling is None else self.scaling.scale_features(inputs)
        raw = np.empty(len(scaled))
        for first in range(0, len(scaled), _BLOCK):
            rows = scaled[first : first + _BLOCK]
            distances = ((rows[:, None, :] - self.vectors[None, :, :]) ** 2).sum(axis=2)
            raw[first : first + _BLOCK] = np.exp(-self.gamma * distances) @ self.weights - self.rho
        return raw if self.scaling is None else self.scaling.unscale_scores(raw)
