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
from ._cluster import Cluster, FailedTask, Pool, Progress, Retries, open_cluster
from ._options import measurement_options
from ._task import BatchOptions, Entry, EntryGroup, Fetch


@dataclass(frozen=True)
class BatchOutcome:
    """Summary of a batch."""

    path: str
    """Path of the results file."""

    passed: int
    """Number of encodes that were measured and passed all gates, if any."""

    failed: int
    """Number of encodes that were measured and failed a gate."""

    unmeasured: int
    """Number of encodes that couldn't be measured, or whose gates couldn't be evaluated."""

    known: int
    """Number of encodes, of all these, that an earlier batch had measured."""

    found: tuple[tuple[int, int], ...] = field(repr=False)
    """Start and end of each encode's line in the file, in bytes, in the manifest's order."""

    @property
    def total(self) -> int:
        """Number of encodes in the manifest."""
        return self.passed + self.failed + self.unmeasured

    @property
    def status(self) -> int:
        """Exit status of `vmaf batch`: 0 if all encodes were measured and all gates held, 1 if a gate
        failed, 2 if any encode couldn't be measured."""
        return 2 if self.unmeasured else 1 if self.failed else 0

    def lines(self) -> Iterator[dict[str, Any]]:
        """Reads the results of all encodes from the file, in the manifest's order."""
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
    """Scores the encodes of a manifest on a cluster and adds a line for each to a results file.

    Encodes of one reference go to one machine, up to eight in a task, which decodes the reference
    once. An encode that can't be measured doesn't affect others: its line has an error.

    Parameters
    ----------
    manifest
        Path of the list of encodes, in csv or jsonl, as for `vmaf batch`.
    output
        Path of the results file, in the jsonl format of `vmaf batch`. Encodes that already have a
        result in it, from either, aren't measured again.
    gates
        Gates such as "p5>=85", for entries without their own.
    pools
        Additional pools in results, such as "p20".
    address
        Address of the cluster, such as "auto" or "head:6379". By default, the cluster that this
        process is connected to, or the one in RAY_ADDRESS, or this machine.
    num_cpus
        Processors and threads per task. By default 4, or fewer if the smallest machine has fewer, so
        that every machine gets work.
    retries, machine_retries
        Retries of a task after a crash of its process, and after the loss of its machine. When they
        are used up, its encodes are tried one by one; those that fail again get a line with an error.
        The next batch tries them again.
    checkpoints, checkpoint
        Folder on storage that all machines share, and an interval in seconds. Partial measurements
        are saved there at this interval, and tasks whose machine is lost continue from them.
    fetch
        Function that copies a video to the machine of a task, for videos that aren't on shared
        storage. It takes a name from the manifest, which must be relative or a URL, and returns a
        local path. Files that it writes to relative paths are removed after the task.
    progress
        True prints progress to standard error. A callable is called with the numbers of encodes done,
        of all encodes, and of running tasks.
    options
        Measurement options of `vmaf_py.score`: `model`, `metrics`, `frames`, `score_at`, `shortest`
        and so on. Models and metrics of an entry replace these.

    Raises
    ------
    VmafError
        The manifest or an option is wrong, another batch is writing to `output`, or there is no
        cluster.
    KeyboardInterrupt
        After an interrupt. Running tasks are cancelled; results in the file are kept.
    """
    batch_options = BatchOptions(
        os.fspath(manifest),
        measurement_options(options),
        _as_tuple(gates),
        _as_tuple(pools),
        checkpoint,
        None if checkpoints is None else os.path.abspath(checkpoints),
        fetch,
    )
    return run(
        batch_options,
        os.fspath(output),
        address=address,
        num_cpus=num_cpus,
        retries=Retries(retries, machine_retries),
        progress=show_progress if progress is True else progress or None,
    )


def run(
    options: BatchOptions,
    output: str,
    *,
    address: str | None = None,
    num_cpus: int | None = None,
    retries: Retries,
    progress: Progress | None = None,
    on_line: Callable[[_native.AddedLine], None] | None = None,
) -> BatchOutcome:
    """Runs a batch; `on_line` is called with the results line of each encode."""
    entries = [Entry.from_manifest(*entry) for entry in _native.batch_entries(options.manifest)]
    options.check(entries)
    with (
        contextlib.closing(_native.ResultsFile(output)) as results,
        open_cluster(address, num_cpus) as cluster,
    ):
        driver = _Driver(cluster, results, retries, progress, on_line)
        lines = driver.score(_entry_groups(options, entries))
    in_order = [lines[entry.text] for entry in entries]
    outcomes = [line.outcome for line in in_order]
    return BatchOutcome(
        output,
        outcomes.count("passed"),
        outcomes.count("failed"),
        outcomes.count("unmeasured"),
        sum(line.was_there and line.error is None for line in in_order),
        tuple(line.place for line in in_order),
    )


def show_progress(done: int, total: int, running: int) -> None:
    """Prints progress to standard error: in place on a terminal, as lines elsewhere."""
    text = f"{done}/{total} encodes, {running} tasks running"
    if sys.stderr.isatty():
        print(f"\r{text}\x1b[K", end="\n" if done == total else "", file=sys.stderr, flush=True)
    else:
        print(text, file=sys.stderr, flush=True)


def _as_tuple(values: str | Iterable[str]) -> tuple[str, ...]:
    """Returns one or several texts as a tuple."""
    return (values,) if isinstance(values, str) else tuple(values)


def _entry_groups(options: BatchOptions, entries: Sequence[Entry]) -> list[EntryGroup]:
    """Groups entries into tasks by reference, in the manifest's order."""
    # A task has at most as many entries as the engine measures in one pass.
    limit = _native.most_together(options.options)
    groups: list[list[Entry]] = []
    last: dict[str, list[Entry]] = {}
    for entry in {entry.text: entry for entry in entries}.values():
        group = last.get(entry.labels.reference)
        if group is None or len(group) == limit:
            group = last[entry.labels.reference] = []
            groups.append(group)
        group.append(entry)
    folder = os.path.abspath(options.manifest_folder)
    return [EntryGroup(options, tuple(group), folder) for group in groups]


class _Driver:
    """Submits tasks to the cluster and writes their results."""

    def __init__(
        self,
        cluster: Cluster,
        results: _native.ResultsFile,
        retries: Retries,
        progress: Progress | None,
        on_line: Callable[[_native.AddedLine], None] | None,
    ) -> None:
        self._cluster = cluster
        self._results = results
        self._progress = progress
        self._on_line = on_line
        self._pool: Pool[EntryGroup] = Pool(cluster, retries)
        self._lines: dict[str, _native.AddedLine] = {}
        self._other_lines: Any = None

    def score(self, groups: Sequence[EntryGroup]) -> dict[str, _native.AddedLine]:
        """Scores all groups and returns the line of each entry by the entry's text."""
        self._share_other_lines(groups)
        total = sum(len(group.entries) for group in groups)
        # New entries first; entries with a result only need a check that the files are the same.
        for group in sorted(groups, key=self._has_results):
            self._add(group)
        self._report_progress(total)
        with contextlib.closing(self._pool.finished()) as finished:
            for group, result in finished:
                if isinstance(result, FailedTask) and len(group.entries) > 1:
                    # A single entry may have caused the failure, so each is tried by itself.
                    for entry in group.entries:
                        self._add(replace(group, entries=(entry,)))
                    continue
                if isinstance(result, FailedTask):
                    error = result.reason
                    result = [_native.error_line(entry.labels, error) for entry in group.entries]
                for entry, text in zip(group.entries, result, strict=True):
                    self._write(entry, text)
                if group.checkpoint_folder is not None:
                    shutil.rmtree(group.checkpoint_folder, ignore_errors=True)
                self._report_progress(total)
        return self._lines

    def _add(self, group: EntryGroup) -> None:
        """Adds a task for a group, with earlier lines that it may reuse."""
        remote = self._cluster.remote(_task.score_entries, f"vmaf {group.reference}")

        def submit() -> Any:
            # The group's own lines come last: of several lines for one content, the last counts.
            own = [entry.labels for entry in group.entries]
            earlier = self._results.lines_of(group.reference, own)
            others = [] if self._has_results(group) else self._other_lines
            return remote.remote(group, self._cluster.num_cpus, os.getcwd(), earlier, others)

        self._pool.add(group, submit)

    def _share_other_lines(self, groups: Sequence[EntryGroup]) -> None:
        """Puts the lines of references that aren't in the manifest into Ray's object store. Files
        that were renamed since are recognized there by their content."""
        import ray

        others = self._results.lines_without([group.reference for group in groups])
        self._other_lines = ray.put(others) if others else []

    def _has_results(self, group: EntryGroup) -> bool:
        """Returns True if all entries of a group have results, which hold if files are unchanged."""
        return all(self._results.has_result(entry.labels) for entry in group.entries)

    def _write(self, entry: Entry, text: str) -> None:
        """Adds an entry's line to the results file, unless it is there."""
        line = self._results.add(text)
        self._lines[entry.text] = line
        if self._on_line is not None:
            self._on_line(line)

    def _report_progress(self, total: int) -> None:
        if self._progress is not None:
            self._progress(len(self._lines), total, self._pool.running)
