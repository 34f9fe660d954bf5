"""How well predictions agree with subjective scores: PLCC, SROCC, KROCC and RMSE."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ._errors import TrainingError


@dataclass(frozen=True)
class Figures:
    """The agreement of predictions with subjective scores.

    No mapping is fitted between the two. Correlations are NaN where they are not defined: for fewer than
    two rows, or where all scores or all predictions are the same.
    """

    plcc: float
    """Pearson's linear correlation, -1 to 1: how near the points are to any rising line."""

    srocc: float
    """Spearman's rank-order correlation, -1 to 1; equal values share the mean of their ranks."""

    krocc: float
    """Kendall's rank correlation tau-b, -1 to 1: pairs in the right order less those in the wrong one."""

    rmse: float
    """The root of the mean squared difference, in units of the scores."""

    count: int
    """How many rows were compared."""

    def __str__(self) -> str:
        return f"PLCC {self.plcc:.3f}, SROCC {self.srocc:.3f}, RMSE {self.rmse:.2f}"


def figures(
    scores: Sequence[float] | NDArray[np.float64], predicted: Sequence[float] | NDArray[np.float64]
) -> Figures:
    """Compares predictions with the subjective scores of the same rows.

    With y the scores, p the predictions and N their number:
    - PLCC = Σ (y - ȳ)(p - p̄) / √(Σ (y - ȳ)² · Σ (p - p̄)²);
    - RMSE = √(Σ (y - p)² / N), whatever was fitted before;
    - SROCC is the PLCC of ranks, equal values having the mean of theirs;
    - KROCC is tau-b: (concordant - discordant) / √(pairs that differ in y · pairs that differ in p).

    Raises TrainingError where the two are not of one length, empty, or not finite.
    """
    y, p = np.asarray(scores, dtype=np.float64), np.asarray(predicted, dtype=np.float64)
    if y.shape != p.shape or y.ndim != 1 or not y.size:
        raise TrainingError(
            f"scores of shape {y.shape} and predictions of shape {p.shape} can't be compared: "
            "there must be one of each a row, and one row at least"
        )
    if not (np.isfinite(y).all() and np.isfinite(p).all()):
        raise TrainingError("scores and predictions must be finite to be compared")
    return Figures(
        plcc=_pearson(y, p),
        srocc=_pearson(ranks(y), ranks(p)),
        krocc=_kendall(y, p),
        rmse=_root_mean_square(y - p),
        count=y.size,
    )


def ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Ranks from 1, equal values having the mean of theirs."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray((last - (counts - 1) / 2)[place.reshape(-1)])


def _pearson(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    # Rounding makes the mean of equal values differ from them: what is constant is asked first.
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        return math.nan
    x, y = _centred(x), _centred(y)
    return float(np.clip((x @ y) / math.sqrt((x @ x) * (y @ y)), -1, 1))


def _centred(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The values less their mean, scaled to 1 so that squares neither overflow nor vanish."""
    values = values / np.abs(values).max()
    values = values - values.mean()
    return np.asarray(values / np.abs(values).max())


def _kendall(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    """Tau-b, by looking at all pairs, a row of them at a time."""
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
