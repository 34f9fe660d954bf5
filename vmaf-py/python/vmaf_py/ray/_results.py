"""The durable results file: a line of JSON an encode, as `vmaf batch` writes it.

The driver alone writes to it, under the lock that the command takes as well. A line is on disk
before the next is written; one that was being written when a driver was killed is cut off. Texts of
lines stay in the file, since there may be hundreds of megabytes of them: what is kept in memory is
where they are.
"""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, TypeAlias

from .._errors import VmafError

Verdict: TypeAlias = Literal["passed", "failed", "unmeasured"]


class Labels(NamedTuple):
    """What an encode is called."""

    reference: str
    distorted: str
    name: str | None

    @classmethod
    def of(cls, members: dict[str, Any]) -> Labels:
        """Those of a line, or of a manifest's entry."""
        return cls(members["reference"], members["distorted"], members.get("name"))

    def __str__(self) -> str:
        return self.name or self.distorted


@dataclass(frozen=True)
class Line:
    """A line of the file, read."""

    labels: Labels
    key: str | None
    """What its result depends on, as a digest; only errors may have none."""

    error: str | None
    gates: tuple[str, ...]
    """The gates that it was judged by."""

    verdict: Verdict
    place: slice
    """Where it is in the file, in bytes, its end not included."""

    @classmethod
    def read(cls, text: str | bytes, start: int = 0) -> Line:
        """Reads a line that begins at `start`. Raises ValueError where it is none of a batch."""
        members = json.loads(text)
        try:
            labels, key, error = Labels.of(members), members.get("key"), members.get("error")
            gates = members.get("gates") or []
            held = [gate["held"] for gate in gates]
            judged_by = tuple(gate["gate"] for gate in gates)
        except (AttributeError, KeyError, TypeError) as wrong:
            raise ValueError("it is no result of a batch") from wrong
        if error is None and key is None:
            raise ValueError("it has neither key nor error")
        verdict: Verdict = "passed"
        if error is not None or None in held:
            verdict = "unmeasured"
        elif False in held:
            verdict = "failed"
        return cls(labels, key, error, judged_by, verdict, slice(start, start + len(text)))


class Results:
    """The results so far, and where more go. Use it in a `with` statement."""

    def __init__(self, path: str) -> None:
        """Opens the file at `path`, which is made, for one driver alone.

        Raises VmafError where another batch writes to it, or it holds something else.
        """
        self.path = path
        self._measured: dict[Labels, dict[str, Line]] = {}
        self._errors: dict[Labels, Line] = {}
        try:
            if os.path.exists(path) and not os.path.isfile(path):
                raise VmafError(
                    f"{path} is no file: a batch writes to one, where it can see what is done"
                )
            self._file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o666)
        except OSError as error:
            raise VmafError(f"can't write {path}: {error.strerror}") from error
        try:
            self._lock()
            self._end = self._learn_all()
            os.fsync(self._file)
            _sync_folder_of(path)
        except BaseException:
            os.close(self._file)
            raise

    def __enter__(self) -> Results:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._file)

    def settled(self, line: Line) -> Line | None:
        """The line that says what `line` does: of the same encode, content and gates.

        There is none for a result that an error follows, since the last line of an encode counts.
        """
        failed = self._errors.get(line.labels)
        if line.key is None or line.error is not None:
            return failed if failed is not None and failed.error == line.error else None
        known = self._measured.get(line.labels, {}).get(line.key)
        is_known = known is not None and known.gates == line.gates and failed is None
        return known if is_known else None

    def measured(self, labels: Labels) -> list[Line]:
        """The lines with a result of what is called `labels`, the newest of each content."""
        return list(self._measured.get(labels, {}).values())

    def labels(self) -> Iterable[Labels]:
        """What has lines with results."""
        return self._measured.keys()

    def texts(self, lines: Iterable[Line]) -> Iterator[str]:
        """The texts of `lines`."""
        for line in lines:
            yield os.pread(
                self._file, line.place.stop - line.place.start, line.place.start
            ).decode()

    def append(self, text: str) -> Line:
        """Adds a line, which is on disk afterwards."""
        data = text.encode()
        line = Line.read(data, self._end)
        rest = memoryview(data + b"\n")
        try:
            while rest:
                rest = rest[os.write(self._file, rest) :]
            os.fsync(self._file)
        except OSError as error:
            raise VmafError(f"can't write {self.path}: {error.strerror}") from error
        self._end = line.place.stop + 1
        self._learn(line)
        return line

    def _lock(self) -> None:
        try:
            import fcntl
        except ImportError as error:
            raise VmafError("the driver needs a system with flock, such as Linux") from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise VmafError(f"another batch is writing to {self.path}") from error
        except OSError as error:
            # Some file systems have no locks.
            if error.errno not in (errno.ENOSYS, errno.EOPNOTSUPP):
                raise VmafError(f"can't lock {self.path}: {error.strerror}") from error

    def _learn_all(self) -> int:
        """Takes note of all lines, and cuts off one that is not whole. Gives the file's end."""
        start = 0
        with os.fdopen(os.dup(self._file), "rb") as file:
            for number, text in enumerate(file, 1):
                whole = text.endswith(b"\n")
                if not whole and text.startswith(b"{"):
                    os.ftruncate(self._file, start)
                    break
                try:
                    if not whole:
                        raise ValueError("it is no beginning of a line")
                    if text.strip():
                        self._learn(Line.read(text[:-1], start))
                except ValueError as error:
                    raise VmafError(
                        f"{self.path}: line {number} is no result of 'vmaf batch': give another "
                        "file, or move this one away"
                    ) from error
                start += len(text)
        return start

    def _learn(self, line: Line) -> None:
        if line.error is not None:
            self._errors[line.labels] = line
        elif line.key is not None:
            self._errors.pop(line.labels, None)
            self._measured.setdefault(line.labels, {})[line.key] = line


def _sync_folder_of(path: str) -> None:
    """Makes a file's place in its folder last, where the system lets one."""
    with suppress(OSError):
        folder = os.open(os.path.dirname(path) or ".", os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def write_durably(path: str, data: bytes) -> None:
    """Writes a file that is there as a whole, on disk, or not at all."""
    partial = f"{path}.{os.getpid()}.partial"
    with open(partial, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.replace(partial, path)
    _sync_folder_of(path)


def error_line(labels: Labels, error: str) -> str:
    """A line that tells of an encode that it can't be measured."""
    members = {"reference": labels.reference, "distorted": labels.distorted}
    if labels.name is not None:
        members["name"] = labels.name
    members["error"] = error
    return json.dumps(members, ensure_ascii=False, separators=(",", ":"))
