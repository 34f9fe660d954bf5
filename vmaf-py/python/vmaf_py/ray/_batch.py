"""`batch`: the encodes of a manifest on a cluster."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from .. import _native
from . import _task
from ._cluster import Cluster, GivenUp, Pool, Progress, Retries, connected
from ._measuring import measured_as
from ._task import BatchOptions, Entry, Fetch, Work


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

    found: tuple[tuple[int, int], ...] = field(repr=False)
    """Where the line of each encode begins and ends in the file, in the manifest's order."""

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
            for start, end in self.found:
                file.seek(start)
                yield json.loads(file.read(end - start))

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
    asked = BatchOptions(
        os.fspath(manifest),
        measured_as(options),
        _several(gates),
        _several(pools),
        checkpoint,
        None if checkpoints is None else os.path.abspath(checkpoints),
        fetch,
    )
    return run(
        asked,
        os.fspath(output),
        address=address,
        num_cpus=num_cpus,
        retries=Retries(retries, machine_retries),
        progress=show if progress is True else progress or None,
    )


def run(
    asked: BatchOptions,
    output: str,
    *,
    address: str | None = None,
    num_cpus: int | None = None,
    retries: Retries,
    progress: Progress | None = None,
    tell: Callable[[_native.AddedLine], None] | None = None,
) -> BatchOutcome:
    """`batch` with its arguments read; `tell` gets each encode's line."""
    entries = [Entry.of(*entry) for entry in _native.batch_entries(asked.manifest)]
    asked.check(entries)
    with (
        contextlib.closing(_native.ResultsFile(output)) as results,
        connected(address, num_cpus) as cluster,
    ):
        driver = _Driver(cluster, results, retries, progress, tell)
        found = driver.score(_works(asked, entries))
    in_order = [found[entry.text] for entry in entries]
    outcomes = [line.outcome for line in in_order]
    return BatchOutcome(
        output,
        outcomes.count("passed"),
        outcomes.count("failed"),
        outcomes.count("unmeasured"),
        sum(line.was_there and line.error is None for line in in_order),
        tuple(line.place for line in in_order),
    )


def show(done: int, total: int, running: int) -> None:
    """Shows progress on standard error: in place on a terminal, by lines elsewhere."""
    text = f"{done}/{total} encodes, {running} tasks running"
    if sys.stderr.isatty():
        print(f"\r{text}\x1b[K", end="\n" if done == total else "", file=sys.stderr, flush=True)
    else:
        print(text, file=sys.stderr, flush=True)


def _several(values: str | Iterable[str]) -> tuple[str, ...]:
    """Texts, of which one may be alone."""
    return (values,) if isinstance(values, str) else tuple(values)


def _works(asked: BatchOptions, entries: Sequence[Entry]) -> list[Work]:
    """The entries as tasks, in the manifest's order: those of one reference together."""
    # As many as the engine measures in one pass.
    most = _native.most_together(asked.options)
    tasks: list[list[Entry]] = []
    last: dict[str, list[Entry]] = {}
    for entry in {entry.text: entry for entry in entries}.values():
        task = last.get(entry.labels.reference)
        if task is None or len(task) == most:
            task = last[entry.labels.reference] = []
            tasks.append(task)
        task.append(entry)
    folder = os.path.abspath(asked.named_folder)
    return [Work(asked, tuple(task), folder) for task in tasks]


class _Driver:
    """Hands work to the cluster, and writes what comes back."""

    def __init__(
        self,
        cluster: Cluster,
        results: _native.ResultsFile,
        retries: Retries,
        progress: Progress | None,
        tell: Callable[[_native.AddedLine], None] | None,
    ) -> None:
        self._cluster = cluster
        self._results = results
        self._progress = progress
        self._tell = tell
        self._pool: Pool[Work] = Pool(cluster, retries)
        self._found: dict[str, _native.AddedLine] = {}
        self._renamed: Any = None

    def score(self, works: Sequence[Work]) -> dict[str, _native.AddedLine]:
        """Sees to it that all entries of `works` have a line, and gives these by entries' texts."""
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
                    error = result.reason
                    result = [_native.error_line(entry.labels, error) for entry in work.entries]
                for entry, text in zip(work.entries, result, strict=True):
                    self._take(entry, text)
                if work.kept is not None:
                    shutil.rmtree(work.kept, ignore_errors=True)
                self._show(total)
        return self._found

    def _add(self, work: Work) -> None:
        """Adds a task, with the lines that may spare it work."""
        remote = self._cluster.remote(_task.score_entries, f"vmaf {work.reference}")

        def submit() -> Any:
            # Of several lines of one content the last counts.
            own = [entry.labels for entry in work.entries]
            earlier = self._results.lines_of(work.reference, own)
            renamed = [] if self._is_measured(work) else self._renamed
            return remote.remote(work, self._cluster.num_cpus, os.getcwd(), earlier, renamed)

        self._pool.add(work, submit)

    def _note_renamed(self, works: Sequence[Work]) -> None:
        """Puts lines of references that no entry names where all machines can have them: files that
        were renamed are known by what they hold."""
        import ray

        others = self._results.lines_without([work.reference for work in works])
        self._renamed = ray.put(others) if others else []

    def _is_measured(self, work: Work) -> bool:
        """Whether all its entries have results, if files are what they were."""
        return all(self._results.has_result(entry.labels) for entry in work.entries)

    def _take(self, entry: Entry, text: str) -> None:
        """Takes note of an entry's line, and writes it unless it is there."""
        line = self._results.add(text)
        self._found[entry.text] = line
        if self._tell is not None:
            self._tell(line)

    def _show(self, total: int) -> None:
        if self._progress is not None:
            self._progress(len(self._found), total, self._pool.running)
