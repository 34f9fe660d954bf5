"""Rate-distortion research: curves, Bjøntegaard deltas and convex hulls of encodes.

Encodes of one clip by one encoder at several settings are points of (bitrate, quality) on its
rate-distortion curve. This package builds such curves, compares two of them with one number, and finds
the convex hull of many encodes:

    >>> import vmaf_py as vq
    >>> medium = vq.rd_curve([(1500, 71.2), (2500, 82.9), (4500, 91.3), (7500, 95.8)])
    >>> slow = vq.rd_curve([(1400, 71.9), (2300, 83.0), (4150, 91.4), (6900, 95.9)])
    >>> round(vq.bd_rate(medium, slow), 1)  # per cent of bitrate at equal quality; negative saves
    -8.6
    >>> round(vq.bd_quality(medium, slow), 1)  # in units of the quality, at equal bitrate
    1.4

Plot labels and `bitrate_of` use kbit/s; deltas and hulls work with any unit that the curves share.
Quality is any metric for which higher is better: VMAF, PSNR in dB, SSIM.

References
- G. Bjøntegaard, "Calculation of average PSNR differences between RD-curves", ITU-T VCEG-M33, 2001:
  the integral, with one cubic polynomial per curve.
- "Working practices using objective metrics for evaluation of video coding efficiency experiments",
  ITU-T HSTP-VID-WPOM, 2020 (ISO/IEC TR 23002-8): the practice of the standards groups.
- C. Herglotz et al., "The Bjøntegaard Bible: Why your Way of Comparing Video Codecs May Be Wrong",
  arXiv:2304.12852: the accuracy of interpolations.
- I. Katsavounidis, L. Guo, "Video codec comparison using the dynamic optimizer framework", SPIE 2018:
  convex hulls over resolutions.
"""

from __future__ import annotations

from ._bd import Overlap, SmallOverlapWarning, bd_quality, bd_rate, overlap, plot_bd_rate
from ._curve import RDCurve, RDPoint, bitrate_of, rd_curve
from ._errors import NonMonotonicError, NoOverlapError, RDError
from ._hull import ConvexHull, convex_hull

__all__ = [
    "ConvexHull",
    "NoOverlapError",
    "NonMonotonicError",
    "Overlap",
    "RDCurve",
    "RDError",
    "RDPoint",
    "SmallOverlapWarning",
    "bd_quality",
    "bd_rate",
    "bitrate_of",
    "convex_hull",
    "overlap",
    "plot_bd_rate",
    "rd_curve",
]
