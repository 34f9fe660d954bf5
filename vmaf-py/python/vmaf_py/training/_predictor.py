"""A support-vector regressor and the linear scaling around it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ._errors import TrainingError

# Rows whose distances to the support vectors are held at once: a few MB.
_BLOCK = 256


@dataclass(frozen=True, eq=False)
class Scaling:
    """Slopes and intercepts that bring scores and features to the range of the regressor."""

    score: tuple[float, float]
    """The regressor's output is slope · score + intercept."""

    features: NDArray[np.float64]
    """(features, 2): an input is slope · value + intercept."""

    @classmethod
    def to_unit(cls, scores: NDArray[np.float64], inputs: NDArray[np.float64]) -> Scaling:
        """That by which scores, and each column of inputs, reach from 0 to 1."""
        columns = np.column_stack([scores, inputs])
        least, greatest = columns.min(axis=0), columns.max(axis=0)
        pairs = np.column_stack([1 / (greatest - least), -least / (greatest - least)])
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
    """A nu-SVR with a Gaussian kernel: Σ weight · exp(-gamma · |x - vector|²) - rho."""

    gamma: float
    rho: float
    weights: NDArray[np.float64]
    """(vectors,)"""

    vectors: NDArray[np.float64]
    """(vectors, features)"""

    scaling: Scaling | None
    """None where features and scores are taken as they are."""

    def __post_init__(self) -> None:
        count = self.weights.size
        if not count or self.vectors.ndim != 2 or self.vectors.shape[0] != count:
            raise TrainingError(
                f"a regressor has {count} weights and support vectors of shape {self.vectors.shape}"
            )
        if self.scaling is not None and self.scaling.features.shape != (self.vectors.shape[1], 2):
            raise TrainingError("a regressor scales another number of features than it has")
        numbers = [np.array([self.gamma, self.rho]), self.weights, self.vectors.ravel()]
        if self.scaling is not None:
            numbers += [np.array(self.scaling.score), self.scaling.features.ravel()]
        if not np.isfinite(np.concatenate(numbers)).all():
            raise TrainingError("a number of the regressor is not finite")

    def predict(self, inputs: NDArray[np.float64]) -> NDArray[np.float64]:
        """The score of each row of features, neither transformed nor clipped."""
        scaled = inputs if self.scaling is None else self.scaling.scale_features(inputs)
        raw = np.empty(len(scaled))
        for first in range(0, len(scaled), _BLOCK):
            rows = scaled[first : first + _BLOCK]
            distances = ((rows[:, None, :] - self.vectors[None, :, :]) ** 2).sum(axis=2)
            raw[first : first + _BLOCK] = np.exp(-self.gamma * distances) @ self.weights - self.rho
        return raw if self.scaling is None else self.scaling.unscale_scores(raw)
