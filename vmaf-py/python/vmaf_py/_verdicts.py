"""Gates: required scores, and verdicts on results."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from ._errors import VmafError

if TYPE_CHECKING:
    from ._result import Result


class Stretch(NamedTuple):
    """Interval of a video."""

    start: float
    """Start time in seconds."""

    end: float
    """End time in seconds."""

    mean: float
    """Mean of the column's values in the interval."""


@dataclass(frozen=True)
class Verdict:
    """Verdict of one gate on one encode. True if the gate held."""

    distorted: str
    """Path or name of the encode."""

    gate: str
    """The gate, including the column that it applies to."""

    value: float
    """Pooled value."""

    held: bool
    """True if the value is on the required side of the bound."""

    margin: float
    """Distance to the bound; negative if the gate failed."""

    worst: Stretch | None
    """Worst interval of the column; None if frame times are unknown."""

    message: str
    """The verdict in one sentence."""

    def __bool__(self) -> bool:
        return self.held

    def __str__(self) -> str:
        word = "held" if self.held else "FAILED"
        return f"{self.distorted}: {self.gate} {word}: {self.value:.6g} ({self.margin:+.3g})"


class Verdicts(tuple[Verdict, ...]):
    """Verdicts on one or several encodes, a tuple of `Verdict`. True if all gates held."""

    __slots__ = ()

    def __bool__(self) -> bool:
        return all(self)

    @property
    def failed(self) -> tuple[Verdict, ...]:
        """Verdicts whose gate failed."""
        return tuple(verdict for verdict in self if not verdict)

    def __str__(self) -> str:
        return "\n".join(map(str, self))

    def __repr__(self) -> str:
        return f"<Verdicts: {len(self) - len(self.failed)} held, {len(self.failed)} failed>"


def gate(results: Result | Iterable[Result], *gates: str) -> Verdicts:
    """Checks one or several results against gates such as "mean>=90", "p5>=80" or "scene(min)>=75".

    A gate applies to the score of each model. For another column, prefix its name:
    "psnr_y:mean>=38". `vmaf score --gate` accepts the same gates. The returned `Verdicts` are true
    if all gates held:

    >>> import numpy, vmaf_py as vq
    >>> same = numpy.zeros((3, 72, 128), numpy.uint8)
    >>> bool(vq.gate(vq.score(same, same), "mean>=90", "p5>=80"))
    True

    Raises VmafError if a gate is malformed, names a column that wasn't measured, or can't be
    evaluated.
    """
    if not gates:
        raise VmafError("there is no gate; pass at least one, such as 'mean>=90'")
    # `Result` can't be imported here: its module imports this one.
    all_results = results if isinstance(results, Iterable) else [results]
    verdicts = []
    for result in all_results:
        for name, value, held, margin, worst, message in result.native.judge(list(gates)):
            stretch = None if worst is None else Stretch(*worst)
            finding = f"{value:.6g} holds" if held else message
            sentence = f"{result.distorted}: {name}: {finding}"
            verdicts.append(Verdict(result.distorted, name, value, held, margin, stretch, sentence))
    return Verdicts(verdicts)
