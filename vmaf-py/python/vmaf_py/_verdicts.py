"""What scores had to reach, and whether they do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from ._errors import VmafError

if TYPE_CHECKING:
    from ._result import Result


class Stretch(NamedTuple):
    """A stretch of a video."""

    start: float
    """In seconds."""

    end: float
    """In seconds."""

    mean: float
    """The mean of the values in it."""


@dataclass(frozen=True)
class Verdict:
    """What came of a gate for one encode."""

    distorted: str
    """The encode."""

    gate: str
    """The gate, with the column that it judges."""

    value: float
    """The pooled value."""

    held: bool
    """Whether it is on the right side of the bound."""

    margin: float
    """How far it is on the right side; negative on the wrong one."""

    worst: Stretch | None
    """Where the column is worst, if the frames' times are known."""

    message: str
    """What came of it, in one sentence."""

    def __bool__(self) -> bool:
        return self.held

    def __str__(self) -> str:
        word = "held" if self.held else "FAILED"
        return f"{self.distorted}: {self.gate} {word}: {self.value:.6g} ({self.margin:+.3g})"


class Verdicts(tuple[Verdict, ...]):
    """The verdicts on one or several encodes, a `Verdict` each. True where all gates held."""

    __slots__ = ()

    def __bool__(self) -> bool:
        return all(self)

    @property
    def failed(self) -> tuple[Verdict, ...]:
        """Those whose gate did not hold."""
        return tuple(verdict for verdict in self if not verdict)

    def __str__(self) -> str:
        return "\n".join(map(str, self))

    def __repr__(self) -> str:
        return f"<Verdicts: {len(self) - len(self.failed)} held, {len(self.failed)} failed>"


def gate(results: Result | Iterable[Result], *gates: str) -> Verdicts:
    """Judges `results`, one or several, by `gates`, as "mean>=90", "p5>=80", "window(2s)>=75".

    A gate is meant of each model's score; of another column, it begins with its name:
    "psnr_y:mean>=38". The same gates are `vmaf score --gate`. The verdicts are true as a whole
    where all gates held:

    >>> import numpy, vmaf_py as vq
    >>> same = numpy.zeros((3, 72, 128), numpy.uint8)
    >>> bool(vq.gate(vq.score(same, same), "mean>=90", "p5>=80"))
    True

    Raises VmafError where a gate is wrong, is of a column that isn't measured, or can't be judged.
    """
    if not gates:
        raise VmafError("there is no gate: give one, as 'mean>=90'")
    # `Result` can't be imported: it has this as a method.
    several = results if isinstance(results, Iterable) else [results]
    verdicts = []
    for result in several:
        for name, value, held, margin, worst, message in result.native.judge(list(gates)):
            stretch = None if worst is None else Stretch(*worst)
            told = f"{result.distorted}: {name}: {message if not held else f'{value:.6g} holds'}"
            verdicts.append(Verdict(result.distorted, name, value, held, margin, stretch, told))
    return Verdicts(verdicts)
