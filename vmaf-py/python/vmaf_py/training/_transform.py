"""Mapping of a regressor's score: an optional transform, then the clip."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._errors import TrainingError


@dataclass(frozen=True)
class ScoreTransform:
    """Transform of scores: a polynomial, then a piecewise linear function, then limits by the score.

    Applied to the output of the regressor, which is trained without it. The transform of vmaf_v0.6.1, for
    example, converts scores for a television to scores for a phone.
    """

    polynomial: tuple[float, float, float] | None = None
    """p0, p1, p2 of p0 + p1 x + p2 x²; None for no polynomial."""

    knots: tuple[tuple[float, float], ...] = ()
    """Knots (x, y) of the piecewise linear function, at least two, x rising and y not falling. Its first
    and last pieces extend to infinity. Empty for no such function."""

    at_most_input: bool = False
    """True to limit the result to at most the score (libvmaf's `out_lte_in`)."""

    at_least_input: bool = False
    """True to limit the result to at least the score (libvmaf's `out_gte_in`)."""

    enabled: bool = True
    """True to apply the transform by default. If False, the command applies it with
    `enable_transform`."""

    def __post_init__(self) -> None:
        if self.polynomial is not None:
            if len(self.polynomial) != 3:
                raise TrainingError(
                    f"a transform's polynomial is (p0, p1, p2), not {self.polynomial!r}"
                )
            object.__setattr__(self, "polynomial", tuple(map(float, self.polynomial)))
        knots = tuple((float(x), float(y)) for x, y in self.knots)
        object.__setattr__(self, "knots", knots)
        numbers = [*(self.polynomial or ()), *(number for knot in knots for number in knot)]
        if not all(map(math.isfinite, numbers)):
            raise TrainingError("a number of the score transform is not finite")
        rises = all(a[0] < b[0] and a[1] <= b[1] for a, b in pairwise(knots))
        if len(knots) == 1 or not rises:
            raise TrainingError(
                f"the knots {knots} of the score transform don't rise; pass at least two, with x "
                "ascending and y not descending"
            )

    def __call__(self, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        """Returns the transformed scores, even if `enabled` is False."""
        mapped = scores
        if self.polynomial is not None:
            p0, p1, p2 = self.polynomial
            mapped = p0 + p1 * mapped + p2 * mapped * mapped
        if self.knots:
            x, y = np.array(self.knots).T
            piece = np.clip(np.searchsorted(x, mapped, side="right") - 1, 0, x.size - 2)
            slope = np.diff(y) / np.diff(x)
            mapped = slope[piece] * (mapped - x[piece]) + y[piece]
        if self.at_most_input:
            mapped = np.minimum(mapped, scores)
        if self.at_least_input:
            mapped = np.maximum(mapped, scores)
        return mapped

    @classmethod
    def from_libvmaf(cls, fields: Mapping[str, Any]) -> ScoreTransform:
        """Reads the `score_transform` of a libvmaf model."""
        terms = [fields.get(name) for name in ("p0", "p1", "p2")]
        has_polynomial = any(term is not None for term in terms)
        p0, p1, p2 = (0.0 if term is None else float(term) for term in terms)
        return cls(
            (p0, p1, p2) if has_polynomial else None,
            tuple((x, y) for x, y in fields.get("knots") or ()),
            at_most_input=fields.get("out_lte_in") in ("true", True),
            at_least_input=fields.get("out_gte_in") in ("true", True),
            enabled=fields.get("enabled") is True,
        )

    def to_libvmaf(self) -> dict[str, Any]:
        """Returns the transform as the `score_transform` of a libvmaf model."""
        fields: dict[str, Any] = {"enabled": self.enabled}
        if self.polynomial is not None:
            fields.update(zip(("p0", "p1", "p2"), self.polynomial, strict=True))
        if self.knots:
            fields["knots"] = [list(knot) for knot in self.knots]
        # libvmaf's reader accepts only text here, not JSON booleans.
        if self.at_most_input:
            fields["out_lte_in"] = "true"
        if self.at_least_input:
            fields["out_gte_in"] = "true"
        return fields


def score_map(
    scores: NDArray[np.float64],
    transform: ScoreTransform | None,
    clip: tuple[float, float] | None,
) -> NDArray[np.float64]:
    """Returns a model's scores for the output of its regressor: applies the transform and the clip."""
    if transform is not None and transform.enabled:
        scores = transform(scores)
    return scores if clip is None else np.clip(scores, *clip)
