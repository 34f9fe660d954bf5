"""The two interpolations of Bjøntegaard deltas, with exact integrals.

- `pchip`: a cubic in each interval, that goes through all points and rises all along where they do,
  with the derivatives of Fritsch and Butland ("A method for constructing local monotone piecewise
  cubic interpolants", SIAM J. Sci. Stat. Comput. 5, 1984): inside, a weighted harmonic mean of the
  slopes to the neighbours; at the ends, a parabola's through three points, or level where that turns.
  The worksheets of JCT-VC and JVET use it; SciPy's `PchipInterpolator` gives the same.
- `cubic`: one polynomial of degree 3 for the whole curve, by least squares, as in VCEG-M33. With four
  points it goes through them; between them it may swing.

Integrals are those of the polynomials in closed form; nothing is sampled.
"""

from __future__ import annotations

from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from ._errors import RDError

Method = Literal["pchip", "cubic"]
Floats = NDArray[np.float64]


class Interpolant(Protocol):
    """A function through points, within their range."""

    def __call__(self, x: Floats) -> Floats:
        """Its values at `x`."""

    def integral(self, low: float, high: float) -> float:
        """Its integral from `low` to `high`."""


class PiecewiseCubic:
    """A cubic in each interval between knots, given by values and derivatives at the knots."""

    def __init__(self, x: Floats, y: Floats, slopes: Floats) -> None:
        self._x = x
        width = np.diff(x)
        chord = np.diff(y) / width
        # In t = x - x[i], ascending powers, a row an interval.
        self._powers = np.stack(
            [
                y[:-1],
                slopes[:-1],
                (3 * chord - 2 * slopes[:-1] - slopes[1:]) / width,
                (slopes[:-1] + slopes[1:] - 2 * chord) / width**2,
            ],
            axis=1,
        )

    def __call__(self, x: Floats) -> Floats:
        last = len(self._powers) - 1
        piece = np.clip(np.searchsorted(self._x, x, side="right") - 1, 0, last)
        t = x - self._x[piece]
        constant, linear, square, cube = self._powers[piece].T
        values: Floats = constant + t * (linear + t * (square + t * cube))
        return values

    def integral(self, low: float, high: float) -> float:
        starts, ends = self._x[:-1], self._x[1:]
        return float(
            np.sum(
                self._antiderivative(np.clip(high, starts, ends) - starts)
                - self._antiderivative(np.clip(low, starts, ends) - starts)
            )
        )

    def _antiderivative(self, t: Floats) -> Floats:
        """In each interval, the integral over its first `t`."""
        constant, linear, square, cube = self._powers.T
        integrals: Floats = t * (constant + t * (linear / 2 + t * (square / 3 + t * cube / 4)))
        return integrals


class SingleCubic:
    """The polynomial of degree 3, or less for fewer points, that is nearest to the points.

    It is fitted to points moved and scaled so that both coordinates go from 0 to 1, which keeps least
    squares well conditioned.
    """

    def __init__(self, x: Floats, y: Floats) -> None:
        self._start, self._span = x[0], x[-1] - x[0]
        self._base, self._rise = y[0], (y[-1] - y[0]) or 1.0
        degree = min(3, len(x) - 1)
        self._powers = np.polyfit(self._along(x), (y - self._base) / self._rise, degree)
        self._antiderivative = np.polyint(self._powers)

    def __call__(self, x: Floats) -> Floats:
        values = np.polyval(self._powers, self._along(x))
        return np.asarray(self._base + self._rise * values, np.float64)

    def integral(self, low: float, high: float) -> float:
        ends = np.polyval(self._antiderivative, [self._along(low), self._along(high)])
        return float(self._base * (high - low) + self._rise * self._span * (ends[1] - ends[0]))

    def _along(self, x: Any) -> Any:
        """How far `x` is from the first point to the last, 0 to 1."""
        return (x - self._start) / self._span


def interpolant(x: Floats, y: Floats, method: Method) -> Interpolant:
    """The function through the points (`x`, `y`), two at least, with `x` strictly ascending.

    Raises RDError where their differences are beyond what a float holds.
    """
    with np.errstate(all="ignore"):
        if not np.isfinite([x[-1] - x[0], 2 / np.diff(x).min(), y[-1] - y[0]]).all():
            raise RDError("a curve has points too close together, or too far apart, for its deltas")
    if method == "cubic":
        return SingleCubic(x, y)
    return PiecewiseCubic(x, y, pchip_slopes(x, y))


def pchip_slopes(x: Floats, y: Floats) -> Floats:
    """The derivative at each of points that rise, or fall, all along, so that the cubics do too."""
    width = np.diff(x)
    chord = np.diff(y) / width
    if len(x) == 2:
        return np.repeat(chord, 2)

    slopes = np.zeros_like(y)
    # Level where a chord is: differences too small for a float are 0.
    steep = np.sign(chord[:-1]) * np.sign(chord[1:]) > 0
    left, right = width[:-1][steep], width[1:][steep]
    before, after = chord[:-1][steep], chord[1:][steep]
    weight_before, weight_after = left + 2 * right, 2 * left + right
    slopes[1:-1][steep] = (weight_before + weight_after) / (
        weight_before / before + weight_after / after
    )
    slopes[0] = _end_slope(width[0], width[1], chord[0], chord[1])
    slopes[-1] = _end_slope(width[-1], width[-2], chord[-1], chord[-2])
    return slopes


def _end_slope(width: float, next_width: float, chord: float, next_chord: float) -> float:
    """The derivative at an end: that of the parabola through three points, or level if it turns."""
    slope = ((2 * width + next_width) * chord - width * next_chord) / (width + next_width)
    return slope if np.sign(slope) == np.sign(chord) else 0.0
