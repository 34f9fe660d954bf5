"""Agreement of predictions with subjective scores: PLCC, SROCC, KROCC and RMSE."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ._errors import TrainingError


@dataclass(frozen=True)
class Figures:
    """Agreement of predictions with subjective scores.

    No mapping is fitted between the two. Correlations are NaN if they are undefined: for fewer than two
    rows, or if all scores or all predictions are equal.
    """

    plcc: float
    """Pearson's linear correlation, -1 to 1."""

    srocc: float
    """Spearman's rank-order correlation, -1 to 1; equal values share the mean of their ranks."""

    krocc: float
    """Kendall's rank correlation tau-b, -1 to 1."""

    rmse: float
    """Root mean squared error, in units of the scores."""

    count: int
    """Number of rows."""

    def __str__(self) -> str:
        return f"PLCC {self.plcc:.3f}, SROCC {self.srocc:.3f}, RMSE {self.rmse:.2f}"


def figures(
    scores: Sequence[float] | NDArray[np.float64], predicted: Sequence[float] | NDArray[np.float64]
) -> Figures:
    """Compares predictions with the subjective scores of the same rows.

    With y the scores, p the predictions and N their number:
    - PLCC = Σ (y - ȳ)(p - p̄) / √(Σ (y - ȳ)² · Σ (p - p̄)²);
    - RMSE = √(Σ (y - p)² / N);
    - SROCC is the PLCC of the ranks; equal values share the mean of their ranks;
    - KROCC is tau-b: (concordant - discordant) / √(pairs that differ in y · pairs that differ in p).

    Raises TrainingError if the lengths differ, are 0, or a value isn't finite.
    """
    y, p = np.asarray(scores, dtype=np.float64), np.asarray(predicted, dtype=np.float64)
    if y.shape != p.shape or y.ndim != 1 or not y.size:
        raise TrainingError(
            f"scores of shape {y.shape} and predictions of shape {p.shape} can't be compared; "
            "pass one of each per row, and at least one row"
        )
    if not (np.isfinite(y).all() and np.isfinite(p).all()):
        raise TrainingError("scores and predictions must be finite")
    return Figures(
        plcc=_pearson(y, p),
        srocc=_pearson(ranks(y), ranks(p)),
        krocc=_kendall(y, p),
        rmse=_root_mean_square(y - p),
        count=y.size,
    )


def ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Returns ranks from 1; equal values share the mean of their ranks."""
    _, group, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray((last - (counts - 1) / 2)[group.reshape(-1)])


def _pearson(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    # Constant values are checked first, because their mean may differ from them by rounding.
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        return math.nan
    x, y = _centred(x), _centred(y)
    return float(np.clip((x @ y) / math.sqrt((x @ x) * (y @ y)), -1, 1))


def _centred(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Subtracts the mean and scales to a maximum of 1, so that squares neither overflow nor vanish."""
    values = values / np.abs(values).max()
    values = values - values.mean()
    return np.asarray(values / np.abs(values).max())


def _kendall(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    """Computes tau-b over all pairs, one row of pairs at a time."""
    balance = differ_x = differ_y = 0
    for i in range(1, x.size):
        order_x, order_y = np.sign(x[:i] - x[i]), np.sign(y[:i] - y[i])
        balance += int(order_x @ order_y)
        differ_x += int(np.count_nonzero(order_x))
        differ_y += int(np.count_nonzero(order_y))
    if not (differ_x and differ_y):
        return math.nan
    return balance / math.sqrt(differ_x * differ_y)


def _root_mean_square(values: NDArray[np.float64]) -> float:
    greatest = float(np.abs(values).max())
    if greatest == 0:
        return 0.0
    return greatest * math.sqrt(float(np.mean((values / greatest) ** 2)))
