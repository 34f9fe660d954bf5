"""Bjøntegaard deltas: two curves compared by one number.

`bd_rate` is the mean, over the qualities that both curves reach, of the difference of their log
bitrates at equal quality, told as per cent:

    100 * (exp(1 / (high - low) * integral from low to high of (ln R_test(q) - ln R_anchor(q)) dq) - 1)

`bd_quality` (BD-PSNR, where quality is PSNR) is the same with the axes exchanged. What the integral
is taken of, and the checks before it, decide what the number is worth, so both are here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from .._errors import warn
from ._curve import RDCurve
from ._errors import NoOverlapError, RDError
from ._interpolate import Floats, Interpolant, Method, interpolant
from ._plot import label_axes, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Axis = Literal["quality", "bitrate"]


class SmallOverlapWarning(UserWarning):
    """Two curves were compared over a small part of their range: the number says little of the rest."""


@dataclass(frozen=True)
class Overlap:
    """The range that two curves share, over which a Bjøntegaard delta is the mean."""

    low: float
    """Its lower end: a quality, or a bitrate."""

    high: float
    """Its upper end."""

    share: float
    """Its part of the range that the two cover together, 0 to 1; of bitrates, the logarithms count."""


def bd_rate(
    anchor: RDCurve,
    test: RDCurve,
    *,
    method: Method = "pchip",
    min_points: int = 4,
    min_overlap: float = 0.75,
) -> float:
    """How much more bitrate `test` needs than `anchor` for the same quality, in per cent.

    -20 says that the encoder under test spends a fifth less than the anchor, on the mean over the
    qualities that both reach. Exchanging the two doesn't change the sign alone: -20 becomes +25.

    `method` is "pchip" (piecewise cubic, the practice of JCT-VC and JVET) or "cubic" (one polynomial
    a curve, VCEG-M33, to compare with old figures). Integrals are exact, not sampled.

    What is checked first:
    - either curve has `min_points` points, as many as common test conditions have QPs, or RDError;
    - in both, quality rises with bitrate, or NonMonotonicError, which names the points;
    - both are measured by one metric, where they tell it, or RDError;
    - they share an interval of qualities, or NoOverlapError; where it is less than `min_overlap` of
      what they cover together, SmallOverlapWarning. Nothing is ever extrapolated.
    """
    log_rate = _mean_difference(anchor, test, "quality", method, min_points, min_overlap)
    # No more than a float holds: bitrates are, and a hundred times their quotient may not be.
    percent = 100 * math.expm1(log_rate) if log_rate < 700 else math.inf
    if not math.isfinite(percent):
        raise RDError(
            "the curves' bitrates are too far apart to be compared: are the units the same?"
        )
    return percent


def bd_quality(
    anchor: RDCurve,
    test: RDCurve,
    *,
    method: Method = "pchip",
    min_points: int = 4,
    min_overlap: float = 0.75,
) -> float:
    """How much better `test` is than `anchor` at the same bitrate, in units of the quality.

    The mean over the logarithms of the bitrates that both have: of PSNR it is BD-PSNR, in dB; of
    VMAF, its points. More than 0 says that the encoder under test is better. Arguments, checks and
    errors are those of `bd_rate`, with the overlap that of bitrates.
    """
    return _mean_difference(anchor, test, "bitrate", method, min_points, min_overlap)


def overlap(anchor: RDCurve, test: RDCurve, axis: Axis = "quality") -> Overlap:
    """The range of qualities, or of bitrates, that two curves share.

    Raises NoOverlapError where it is none, or a single value.
    """
    if axis not in get_args(Axis):
        raise RDError(f"axis must be 'quality' or 'bitrate', not {axis!r}")
    ranges = []
    for curve in (anchor, test):
        values = curve.qualities if axis == "quality" else curve.bitrates
        ranges.append((min(values), max(values)))
    (anchor_low, anchor_high), (test_low, test_high) = ranges
    low, high = max(anchor_low, test_low), min(anchor_high, test_high)
    scale = math.log if axis == "bitrate" else float
    if not scale(low) < scale(high):
        what = "qualities" if axis == "quality" else "bitrates"
        raise NoOverlapError(
            f"the curves share no {what}: the anchor's go from {anchor_low:g} to {anchor_high:g}, "
            f"the test's from {test_low:g} to {test_high:g}; encode at settings that bring them "
            "together"
        )
    shared = scale(high) - scale(low)
    covered = scale(max(anchor_high, test_high)) - scale(min(anchor_low, test_low))
    return Overlap(low, high, shared / covered)


def plot_bd_rate(
    anchor: RDCurve,
    test: RDCurve,
    ax: Axes | None = None,
    *,
    min_points: int = 4,
    min_overlap: float = 0.75,
) -> Axes:
    """Draws two curves, shades what `bd_rate` integrates between them, and says the number above.

    Arguments, checks and errors are those of `bd_rate`, with its piecewise cubics. Needs Matplotlib:
    `pip install vmaf-py[plot]`.
    """
    percent = bd_rate(anchor, test, min_points=min_points, min_overlap=min_overlap)
    shared = overlap(anchor, test)
    ax = new_axes(ax)
    anchor.plot(ax, label=anchor.label or "anchor")
    test.plot(ax, label=test.label or "test")
    quality = np.linspace(shared.low, shared.high, 200)
    rates = [np.exp(_function(curve, "quality", "pchip")(quality)) for curve in (anchor, test)]
    ax.fill_betweenx(quality, rates[0], rates[1], color="grey", alpha=0.25, linewidth=0)
    ax.set_title(f"BD-rate {percent:+.2f} %, over qualities {shared.low:.4g} to {shared.high:.4g}")
    label_axes(ax, anchor.metric or test.metric)
    return ax


def _mean_difference(
    anchor: RDCurve,
    test: RDCurve,
    axis: Axis,
    method: Method,
    min_points: int,
    min_overlap: float,
) -> float:
    """The mean of test less anchor over the shared range of `axis`, after all checks."""
    if method not in get_args(Method):
        raise RDError(f"method must be 'pchip' or 'cubic', not {method!r}")
    if min_points < 2:
        raise RDError(f"min_points must be 2 or more, not {min_points}: a point alone is no curve")
    for role, curve in (("anchor", anchor), ("test", test)):
        if len(curve) < min_points:
            name = f" {curve.label!r}" if curve.label else ""
            raise RDError(
                f"the {role}{name} has {len(curve)} points and {min_points} are needed: "
                "encode at more settings, or pass min_points="
            )
        curve.check_monotonic()
    if anchor.metric and test.metric and anchor.metric != test.metric:
        raise RDError(
            f"the anchor is measured by {anchor.metric}, the test by {test.metric}: "
            "score both by one metric"
        )

    shared = overlap(anchor, test, axis)
    if shared.share < min_overlap:
        warn(
            f"the curves share {shared.share:.0%} of the range of {axis} that they cover, less than "
            f"{min_overlap:.0%}: encode at settings that bring them together, or pass min_overlap=",
            SmallOverlapWarning,
        )
    low, high = shared.low, shared.high
    if axis == "bitrate":
        low, high = math.log(low), math.log(high)
    with np.errstate(all="ignore"):
        mean = (
            _function(test, axis, method).integral(low, high)
            - _function(anchor, axis, method).integral(low, high)
        ) / (high - low)
    if not math.isfinite(mean):
        raise RDError("the curves' points are too close together, or too far apart, for deltas")
    return mean


def _function(curve: RDCurve, axis: Axis, method: Method) -> Interpolant:
    """A curve as a function of `axis`, with the logarithm of bitrate."""
    rates: Floats = np.log(np.array(curve.bitrates))
    qualities: Floats = np.array(curve.qualities)
    if axis == "quality":
        return interpolant(qualities, rates, method)
    return interpolant(rates, qualities, method)
