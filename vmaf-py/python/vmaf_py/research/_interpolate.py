"""The two interpolations of Bjøntegaard deltas, with exact integrals.

- `pchip`: piecewise cubic through all points, monotonic wherever they are, with the derivatives of
  Fritsch and Butland ("A method for constructing local monotone piecewise cubic interpolants", SIAM
  J. Sci. Stat. Comput. 5, 1984). At inner points these are a weighted harmonic mean of the slopes to
  the neighbours; at the ends, that of a parabola through three points, or 0 if that has the wrong
  sign. The worksheets of JCT-VC and JVET use it; SciPy's `PchipInterpolator` is equal.
- `cubic`: one polynomial of degree 3 for the whole curve, by least squares, as in VCEG-M33. It passes
  through the points if there are four, and may oscillate between them.

Integrals of the polynomials are computed in closed form.
"""

from __future__ import annotations

from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from ._errors import RDError

Method = Literal["pchip", "cubic"]
Floats = NDArray[np.float64]


class Interpolant(Protocol):
    """Interpolating function, defined within the range of its points."""

    def __call__(self, x: Floats) -> Floats:
        """Returns the values at `x`."""

    def integral(self, low: float, high: float) -> float:
        """Returns the integral from `low` to `high`."""


class PiecewiseCubic:
    """Piecewise cubic function, defined by values and derivatives at the knots."""

    def __init__(self, x: Floats, y: Floats, slopes: Floats) -> None:
        self._x = x
        width = np.diff(x)
        chord = np.diff(y) / width
        # Coefficients of ascending powers of t = x - x[i], one row per interval.
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
        """Returns, for each interval, the integral over its first `t`."""
        constant, linear, square, cube = self._powers.T
        integrals: Floats = t * (constant + t * (linear / 2 + t * (square / 3 + t * cube / 4)))
        return integrals


class SingleCubic:
    """Least-squares polynomial of degree 3, or lower for fewer points.

    Both coordinates are first normalised to 0 to 1, which keeps the least squares well conditioned.
    """

    def __init__(self, x: Floats, y: Floats) -> None:
        self._start, self._span = x[0], x[-1] - x[0]
        self._base, self._rise = y[0], (y[-1] - y[0]) or 1.0
        degree = min(3, len(x) - 1)
        self._powers = np.polyfit(self._normalise(x), (y - self._base) / self._rise, degree)
        self._antiderivative = np.polyint(self._powers)

    def __call__(self, x: Floats) -> Floats:
        values = np.polyval(self._powers, self._normalise(x))
        return np.asarray(self._base + self._rise * values, np.float64)

    def integral(self, low: float, high: float) -> float:
        ends = np.polyval(self._antiderivative, [self._normalise(low), self._normalise(high)])
        return float(self._base * (high - low) + self._rise * self._span * (ends[1] - ends[0]))

    def _normalise(self, x: Any) -> Any:
        """Maps `x` from the range of the points to 0 to 1."""
        return (x - self._start) / self._span


def interpolant(x: Floats, y: Floats, method: Method) -> Interpolant:
    """Interpolates the points (`x`, `y`), at least two, with `x` strictly ascending.

    Raises RDError if their differences overflow a float.
    """
    with np.errstate(all="ignore"):
        if not np.isfinite([x[-1] - x[0], 2 / np.diff(x).min(), y[-1] - y[0]]).all():
            raise RDError("a curve's points are too close together or too far apart for deltas")
    if method == "cubic":
        return SingleCubic(x, y)
    return PiecewiseCubic(x, y, pchip_slopes(x, y))


def pchip_slopes(x: Floats, y: Floats) -> Floats:
    """Returns the derivative at each point, such that cubics are monotonic wherever the points are."""
    width = np.diff(x)
    chord = np.diff(y) / width
    if len(x) == 2:
        return np.repeat(chord, 2)

    slopes = np.zeros_like(y)
    # 0 at points next to a level chord, and where the chords' signs differ.
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
    """Returns the derivative at an end: that of a parabola through three points, or 0 if that has the
    wrong sign."""
    slope = ((2 * width + next_width) * chord - width * next_chord) / (width + next_width)
    return slope if np.sign(slope) == np.sign(chord) else 0.0
