"""Bjøntegaard deltas: comparison of two curves as one number.

`bd_rate` is the mean difference of log bitrate at equal quality, over the qualities that both curves
reach, converted to per cent:

    100 * (exp(1 / (high - low) * integral from low to high of (ln R_test(q) - ln R_anchor(q)) dq) - 1)

`bd_quality` (BD-PSNR for PSNR) is the same with the axes exchanged, without the conversion. Both check
their curves first, because the number is meaningful only for suitable ones.
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
    """Warning for curves that share only a small part of their range, so that a delta says little."""


@dataclass(frozen=True)
class Overlap:
    """Range that two curves share, over which a Bjøntegaard delta is averaged."""

    low: float
    """Lower end: a quality or a bitrate."""

    high: float
    """Upper end."""

    share: float
    """Length of the shared range divided by that of the range that both curves cover together, 0 to 1;
    logarithmic for bitrates."""


def bd_rate(
    anchor: RDCurve,
    test: RDCurve,
    *,
    method: Method = "pchip",
    min_points: int = 4,
    min_overlap: float = 0.75,
) -> float:
    """BD-rate: the bitrate that `test` needs relative to `anchor` for the same quality, in per cent.

    -20 means that the encoder under test needs 20 % less bitrate than the anchor, averaged over the
    qualities that both reach. If the two are exchanged, -20 becomes +25.

    Parameters
    ----------
    anchor, test
        Curve of the anchor, and of the encoder under test.
    method
        "pchip" (piecewise cubic, the practice of JCT-VC and JVET) or "cubic" (one polynomial per
        curve, VCEG-M33, for comparison with old figures). Integrals are exact, not sampled, and
        curves are never extrapolated.
    min_points
        Required number of points per curve; common test conditions use four QPs.
    min_overlap
        Share of the joint range of qualities below which a SmallOverlapWarning is issued, 0 to 1.

    Raises
    ------
    NonMonotonicError
        Quality doesn't rise with bitrate in a curve.
    NoOverlapError
        The curves have no interval of qualities in common.
    RDError
        A curve has too few points, the curves have different metrics, or an option is wrong.
    """
    log_rate = _mean_difference(anchor, test, "quality", method, min_points, min_overlap)
    # The percentage may overflow although both bitrates are finite.
    percent = 100 * math.expm1(log_rate) if log_rate < 700 else math.inf
    if not math.isfinite(percent):
        raise RDError("the curves' bitrates are too far apart to compare; check their units")
    return percent


def bd_quality(
    anchor: RDCurve,
    test: RDCurve,
    *,
    method: Method = "pchip",
    min_points: int = 4,
    min_overlap: float = 0.75,
) -> float:
    """Mean quality gain of `test` over `anchor` at the same bitrate, in units of the quality.

    The mean is over the logarithm of the bitrates that both curves cover. For PSNR it is BD-PSNR, in
    dB; for VMAF it is in VMAF points. Positive values mean that the encoder under test is better.
    Arguments and errors are those of `bd_rate`, with the overlap of bitrates.
    """
    return _mean_difference(anchor, test, "bitrate", method, min_points, min_overlap)


def overlap(anchor: RDCurve, test: RDCurve, axis: Axis = "quality") -> Overlap:
    """Returns the range of qualities, or of bitrates, that two curves share.

    Raises NoOverlapError if they share none or only a single value.
    """
    if axis not in get_args(Axis):
        raise RDError(f"axis must be 'quality' or 'bitrate', not {axis!r}")
    ranges = []
    for curve in (anchor, test):
        coordinates = curve.qualities if axis == "quality" else curve.bitrates
        ranges.append((min(coordinates), max(coordinates)))
    (anchor_low, anchor_high), (test_low, test_high) = ranges
    low, high = max(anchor_low, test_low), min(anchor_high, test_high)
    scale = math.log if axis == "bitrate" else float
    if not scale(low) < scale(high):
        values = "qualities" if axis == "quality" else "bitrates"
        raise NoOverlapError(
            f"the curves share no {values}: the anchor covers {anchor_low:g} to {anchor_high:g}, "
            f"the test {test_low:g} to {test_high:g}; encode at settings with overlapping {values}"
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
    """Plots two curves, the area between them that `bd_rate` integrates, and the BD-rate as title.

    Arguments and errors are those of `bd_rate` with method "pchip". Needs Matplotlib:
    `pip install 'vmaf-py[plot]'`.
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
    """Checks both curves, and returns the mean of test minus anchor over the shared range of `axis`."""
    if method not in get_args(Method):
        raise RDError(f"method must be 'pchip' or 'cubic', not {method!r}")
    if min_points < 2:
        raise RDError(f"min_points must be 2 or more, not {min_points}")
    for role, curve in (("anchor", anchor), ("test", test)):
        if len(curve) < min_points:
            name = f" {curve.label!r}" if curve.label else ""
            raise RDError(
                f"the {role}{name} has {len(curve)} points, but {min_points} are needed; "
                "encode at more settings, or pass min_points="
            )
        curve.check_monotonic()
    if anchor.metric and test.metric and anchor.metric != test.metric:
        raise RDError(
            f"the anchor is measured by {anchor.metric}, the test by {test.metric}; "
            "score both with one metric"
        )

    shared = overlap(anchor, test, axis)
    if shared.share < min_overlap:
        warn(
            f"the curves share {shared.share:.0%} of the range of {axis} that they cover, less than "
            f"{min_overlap:.0%}; encode at settings with more overlap, or pass min_overlap=",
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
        raise RDError("the curves' points are too close together or too far apart for deltas")
    return mean


def _function(curve: RDCurve, axis: Axis, method: Method) -> Interpolant:
    """Interpolates a curve as a function of `axis`; bitrate is logarithmic."""
    rates: Floats = np.log(np.array(curve.bitrates))
    qualities: Floats = np.array(curve.qualities)
    if axis == "quality":
        return interpolant(qualities, rates, method)
    return interpolant(rates, qualities, method)
