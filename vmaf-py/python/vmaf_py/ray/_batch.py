"""`batch`: the encodes of a manifest on a cluster."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from .. import _native
from .._errors import VmafError
from . import _captured, _task
from ._cluster import Cluster, GivenUp, Pool, Progress, Retries, connected
from ._flags import measured_as, repeated, value_of
from ._results import Labels, Line, Results, Verdict, error_line
from ._task import Fetch, Work

#: How many encodes a task has at most: as many as the command measures in one pass.
MOST_TOGETHER = 8

#: What the driver or its tasks say themselves.
OWN_FLAGS = ("--jobs", "--output", "--quiet", "--relative-to", "--threads")


@dataclass(frozen=True)
class BatchOutcome:
    """What came of a batch."""

    path: str
    """The results file."""

    passed: int
    """How many encodes were measured, and reached what they had to, if anything."""

    failed: int
    """How many were measured and failed a gate."""

    unmeasured: int
    """How many could not be measured, or not judged."""

    known: int
    """How many of these were measured by an earlier batch."""

    found: tuple[Line, ...] = field(repr=False)
    """Where the line of each encode is in the file, in the manifest's order."""

    @property
    def total(self) -> int:
        """How many encodes the manifest names."""
        return self.passed + self.failed + self.unmeasured

    @property
    def status(self) -> int:
        """The exit status of `vmaf batch`: 0 if all were measured and all gates held, 1 if a gate
        failed, and 2 if anything could not be measured, whatever else."""
        return 2 if self.unmeasured else 1 if self.failed else 0

    def lines(self) -> Iterator[dict[str, Any]]:
        """The line of each encode, in the manifest's order, read from the file."""
        with open(self.path, "rb") as file:
            for line in self.found:
                file.seek(line.place.start)
                yield json.loads(file.read(line.place.stop - line.place.start))

    def __str__(self) -> str:
        encodes = "encode" if self.total == 1 else "encodes"
        text = (
            f"{self.total} {encodes}: {self.passed} passed, {self.failed} failed, "
            f"{self.unmeasured} not measured"
        )
        return f"{text}; {self.known} of them were measured before" if self.known else text


def batch(
    manifest: str | os.PathLike[str],
    output: str | os.PathLike[str],
    *,
    gates: str | Iterable[str] = (),
    pools: str | Iterable[str] = (),
    address: str | None = None,
    num_cpus: int | None = None,
    retries: int = 3,
    machine_retries: int = 30,
    checkpoints: str | os.PathLike[str] | None = None,
    checkpoint: float = 30,
    fetch: Fetch | None = None,
    progress: bool | Progress = False,
    **options: Any,
) -> BatchOutcome:
    """Scores the encodes of the list `manifest`, and adds a line for each to the file `output`.

    Both are those of `vmaf batch`: csv or lines of JSON, and lines of JSON that its keys tell
    apart. What `output` has already is not measured again, whichever of the two put it there.
    Encodes of one reference go to one machine, up to eight in a task, which decodes their reference
    once. One that can't be measured costs its own line alone.

    - `gates` such as "p5>=85" judge entries that have none of their own, and `pools` such as "p20"
      are in lines beside the usual ones. `options` say how videos are measured, as they do for
      `vmaf_py.score`: `model`, `metrics`, `frames`, `score_at`, `shortest` and so on; models and
      metrics that an entry has itself take their place.
    - `address` is the cluster's, as `"auto"` or `"head:6379"`. Without one it is that which the
      program is connected to, or which the environment names (RAY_ADDRESS), or this machine.
    - `num_cpus` is how many processors, and threads, a task has: 4 by default, or as many as the
      smallest machine has, so that no machine idles.
    - `retries` is how often a task is begun again after its process crashed, and `machine_retries`
      after its machine vanished. Then its encodes are tried one by one; those for which that fails
      get a line with an error, and are tried again by the next batch.
    - `checkpoints` is a folder on storage that all machines share. With it, what was measured of an
      encode is kept there every `checkpoint` seconds, and work that lost its machine goes on from
      there.
    - `fetch` is called on the machine with the name of a video in the manifest, and gives the path
      of a local file, for videos that aren't on shared storage. What it writes to a relative path
      is removed after the task. Names must be relative, or URLs.
    - `progress` is True for a line on standard error, or is called with how many encodes are done,
      how many there are, and how many tasks run.

    Raises VmafError for what is wrong with the list or an option, where another batch writes to
    `output`, and where there is no cluster. An interrupt cancels what runs and loses nothing that
    was written.
    """
    given = [
        *measured_as(options),
        *repeated("--gate", gates),
        *repeated("--pool", pools),
        f"--checkpoint={checkpoint}",
    ]
    return run(
        os.fspath(manifest),
        os.fspath(output),
        given,
        address=address,
        num_cpus=num_cpus,
        retries=Retries(retries, machine_retries),
        checkpoints=None if checkpoints is None else os.path.abspath(checkpoints),
        fetch=fetch,
        progress=show if progress is True else progress or None,
    )


def run(
    manifest: str,
    output: str,
    given: Sequence[str],
    *,
    address: str | None = None,
    num_cpus: int | None = None,
    retries: Retries,
    checkpoints: str | None = None,
    fetch: Fetch | None = None,
    progress: Progress | None = None,
    tell: Callable[[Line, str], None] | None = None,
) -> BatchOutcome:
    """`batch` with the command's flags as they are; `tell` gets each encode's line and its text."""
    for flag in OWN_FLAGS:
        if value_of(flag, given) is not None:
            raise VmafError(f"{flag} is not a batch's on a cluster")
    numbered = [(line, json.loads(text)) for line, text in _native.batch_entries(manifest)]
    check(manifest, numbered, given)
    entries = [entry for _, entry in numbered]
    with Results(output) as results, connected(address, num_cpus) as cluster:
        works = _works(manifest, entries, given, checkpoints, fetch)
        driver = _Driver(cluster, results, retries, progress, tell)
        found = driver.score(works)
    in_order = tuple(found[_identity(entry)] for entry in entries)
    verdicts: list[Verdict] = [line.verdict for line in in_order]
    return BatchOutcome(
        output,
        verdicts.count("passed"),
        verdicts.count("failed"),
        verdicts.count("unmeasured"),
        sum(_identity(entry) in driver.known for entry in entries),
        in_order,
    )


def check(
    manifest: str, entries: Sequence[tuple[int, dict[str, Any]]], given: Sequence[str]
) -> None:
    """Raises VmafError for a model, metric, gate or flag that is wrong, before anything is begun.
    Entries come with their lines of the manifest.

    The command tells, from a list of what the entries ask for, of videos that there are not.
    """
    asked: dict[str, int] = {}
    for line, entry in entries:
        what = {member: entry[member] for member in ("model", "metric", "gate") if member in entry}
        text = json.dumps({**what, "reference": _task.NO_VIDEO, "distorted": _task.NO_VIDEO})
        asked.setdefault(text, line)
    with tempfile.TemporaryDirectory(prefix="vmaf-") as folder:
        path, output = os.path.join(folder, "list.jsonl"), os.path.join(folder, "results.jsonl")
        with open(path, "w", encoding="utf-8") as file:
            file.writelines(f"{text}\n" for text in asked)
        said = _captured.run(["batch", path, f"--output={output}", "--quiet", *given])
        if os.path.exists(output) and os.path.getsize(output):
            return
    reason = said.reason
    if found := re.match(re.escape(path) + r": line (\d+): (.*)", reason):
        line = list(asked.values())[int(found[1]) - 1]
        reason = f"{manifest}: line {line}: {found[2]}"
    raise VmafError(reason)


def show(done: int, total: int, running: int) -> None:
    """Shows progress on standard error: in place on a terminal, by lines elsewhere."""
    text = f"{done}/{total} encodes, {running} tasks running"
    if sys.stderr.isatty():
        print(f"\r{text}\x1b[K", end="\n" if done == total else "", file=sys.stderr, flush=True)
    else:
        print(text, file=sys.stderr, flush=True)


def _identity(entry: dict[str, Any]) -> str:
    """What tells an entry from all that ask for something else."""
    return json.dumps(entry, sort_keys=True)


def _works(
    manifest: str,
    entries: Sequence[dict[str, Any]],
    given: Sequence[str],
    checkpoints: str | None,
    fetch: Fetch | None,
) -> list[Work]:
    """The entries as tasks, in the manifest's order: those of one reference together, and no two of
    the same labels, which only their results would tell apart."""
    # Pairs that are found by what frames show are those of one encode: nothing is shared.
    most = 1 if value_of("--align", given) == "content" else MOST_TOGETHER
    tasks: list[dict[Labels, dict[str, Any]]] = []
    of_reference: dict[str, list[dict[Labels, dict[str, Any]]]] = {}
    for entry in {_identity(entry): entry for entry in entries}.values():
        labels = Labels.of(entry)
        open_tasks = of_reference.setdefault(labels.reference, [])
        for task in open_tasks:
            if len(task) < most and labels not in task:
                break
        else:
            task = {}
            tasks.append(task)
            open_tasks.append(task)
        task[labels] = entry
    folder = os.path.dirname(manifest)
    return [
        Work(
            tuple(task.values()),
            tuple(given),
            os.path.abspath(folder),
            folder,
            checkpoints,
            fetch,
        )
        for task in tasks
    ]


class _Driver:
    """Hands work to the cluster, and writes what comes back."""

    def __init__(
        self,
        cluster: Cluster,
        results: Results,
        retries: Retries,
        progress: Progress | None,
        tell: Callable[[Line, str], None] | None,
    ) -> None:
        self._cluster = cluster
        self._results = results
        self._progress = progress
        self._tell = tell
        self._pool: Pool[Work] = Pool(cluster, retries)
        self._found: dict[str, Line] = {}
        self._renamed: Any = None
        self.known: set[str] = set()
        """The identities of entries whose lines were there already."""

    def score(self, works: Sequence[Work]) -> dict[str, Line]:
        """Sees to it that all entries of `works` have a line, and gives these by identity."""
        self._note_renamed(works)
        total = sum(len(work.entries) for work in works)
        # What is new first: what was measured before only has to be read once more.
        for work in sorted(works, key=self._is_measured):
            self._add(work)
        self._show(total)
        with contextlib.closing(self._pool.finished()) as finished:
            for work, result in finished:
                if isinstance(result, GivenUp) and len(work.entries) > 1:
                    # One of them may be to blame for what came of all.
                    for entry in work.entries:
                        self._add(replace(work, entries=(entry,)))
                    continue
                if isinstance(result, GivenUp):
                    result = [error_line(labels, result.reason) for labels in work.labels]
                for entry, text in zip(work.entries, result, strict=True):
                    self._take(entry, text)
                if work.kept is not None:
                    shutil.rmtree(work.kept, ignore_errors=True)
                self._show(total)
        return self._found

    def _add(self, work: Work) -> None:
        """Adds a task, with the lines that may spare it work."""
        remote = self._cluster.remote(_task.score_entries, f"vmaf {work.entries[0]['reference']}")

        def submit() -> Any:
            of_reference = self._of_reference.get(work.entries[0]["reference"], ())
            own = set(work.labels)
            # The command takes the last of several lines of one content.
            labels = sorted(of_reference, key=lambda labels: labels in own)
            lines = [line for one in labels for line in self._results.measured(one)]
            renamed = [] if self._is_measured(work) else self._renamed
            earlier = list(self._results.texts(lines))
            return remote.remote(work, self._cluster.num_cpus, os.getcwd(), earlier, renamed)

        self._pool.add(work, submit)

    def _note_renamed(self, works: Sequence[Work]) -> None:
        """Puts lines of references that no entry names where all machines can have them: files that
        were renamed are known by what they hold."""
        import ray

        self._of_reference: dict[str, list[Labels]] = {
            work.entries[0]["reference"]: [] for work in works
        }
        others = []
        for labels in self._results.labels():
            if labels.reference in self._of_reference:
                self._of_reference[labels.reference].append(labels)
            else:
                others += self._results.measured(labels)
        self._renamed = ray.put(list(self._results.texts(others))) if others else []

    def _is_measured(self, work: Work) -> bool:
        """Whether all its entries have results, if files are what they were."""
        return all(self._results.measured(labels) for labels in work.labels)

    def _take(self, entry: dict[str, Any], text: str) -> None:
        """Takes note of an entry's line, and writes it unless it is there."""
        line = Line.read(text)
        settled = self._results.settled(line)
        if settled is None:
            settled = self._results.append(text)
        elif settled.error is None:
            self.known.add(_identity(entry))
        self._found[_identity(entry)] = settled
        if self._tell is not None:
            self._tell(settled, text)

    def _show(self, total: int) -> None:
        if self._progress is not None:
            self._progress(len(self._found), total, self._pool.running)
