"""What a task does, on whichever machine it is placed.

A task has a folder of its own, in which the engine scores a batch of its entries. It gives its
result to the driver, which alone writes what lasts; a task that is lost leaves nothing that another
one would trip over.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from .. import _native
from .._decoder import prepare
from .._errors import VideoError, VmafError

Fetch: TypeAlias = Callable[[str], "str | os.PathLike[str]"]


class TaskError(RuntimeError):
    """A task got no result on its machine, for a reason that may be gone on another."""


class Labels(NamedTuple):
    """What an encode is called."""

    reference: str
    distorted: str
    name: str | None

    def __str__(self) -> str:
        return self.name or self.distorted


@dataclass(frozen=True)
class Entry:
    """An encode that the manifest names."""

    line: int
    """The manifest's line, from 1."""

    text: str
    """The entry as a line of JSON; equal ones ask for the same."""

    labels: Labels

    @classmethod
    def of(cls, line: int, text: str) -> Entry:
        """The entry of a line of the manifest."""
        members = json.loads(text)
        labels = Labels(members["reference"], members["distorted"], members.get("name"))
        return cls(line, text, labels)


@dataclass(frozen=True)
class BatchOptions:
    """What is the same for all tasks of a batch."""

    manifest: str
    """The manifest's path, which errors name."""

    options: _native.Options
    gates: tuple[str, ...]
    pools: tuple[str, ...]
    checkpoint: float
    """After how many seconds what was measured of an encode is kept."""

    checkpoints: str | None = None
    """Where tasks' folders are, if they are to outlive the tasks."""

    fetch: Fetch | None = None
    """What brings a video to the machine."""

    @property
    def named_folder(self) -> str:
        """What paths are relative to: the manifest's folder, as errors name it."""
        return os.path.dirname(self.manifest)

    def check(self, entries: Sequence[Entry]) -> None:
        """Raises VmafError for a model, metric, gate or option that is wrong, before anything is
        begun."""
        texts = [(entry.line, entry.text) for entry in entries]
        _native.check_batch(
            options=self.options,
            manifest=self.manifest,
            entries=texts,
            gates=list(self.gates),
            pools=list(self.pools),
            checkpoint=self.checkpoint,
        )


@dataclass(frozen=True)
class Work:
    """Encodes of one reference that a task scores."""

    batch: BatchOptions
    entries: tuple[Entry, ...]

    folder: str
    """What paths are relative to: the manifest's folder, from the root."""

    @property
    def reference(self) -> str:
        """The reference, as the manifest has it."""
        return self.entries[0].labels.reference

    @property
    def kept(self) -> str | None:
        """The task's own folder in `checkpoints`: the same for the same work."""
        batch = self.batch
        if batch.checkpoints is None:
            return None
        entries = [entry.text for entry in self.entries]
        what = json.dumps([self.folder, batch.options.to_json(), batch.gates, batch.pools, entries])
        return os.path.join(batch.checkpoints, hashlib.sha256(what.encode()).hexdigest()[:32])


def score_entries(
    work: Work, threads: int, cwd: str, earlier: Sequence[str], renamed: Sequence[str]
) -> list[str]:
    """Scores the entries of `work` on `threads` threads, and gives a line of results for each.

    `earlier` and `renamed` are lines of an earlier batch, from which those are made that need no
    measuring; `renamed` is what the driver knows of references that the manifest doesn't name.
    """
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(_folder(work.kept))
        errors: dict[Entry, str] = {}
        videos = work.folder
        if work.batch.fetch is not None:
            videos = stack.enter_context(_folder(None))
            errors = _fetch_entries(work.batch.fetch, work.entries, videos)
        entries = [entry for entry in work.entries if entry not in errors]
        lines: dict[Entry, str] = {}
        if entries:
            with _within(cwd):
                lines = _score(work, entries, threads, folder, videos, [*renamed, *earlier])
    for entry, error in errors.items():
        lines[entry] = _native.error_line(entry.labels, error)
    return [lines[entry] for entry in work.entries]


def _score(
    work: Work,
    entries: Sequence[Entry],
    threads: int,
    folder: str,
    videos: str,
    earlier: list[str],
) -> dict[Entry, str]:
    """The lines of `entries`, whose videos are in the folder `videos`."""
    prepare()
    batch = work.batch
    try:
        texts = _native.run_batch(
            options=batch.options,
            manifest=batch.manifest,
            entries=[(entry.line, entry.text) for entry in entries],
            gates=list(batch.gates),
            pools=list(batch.pools),
            checkpoint=batch.checkpoint,
            output=os.path.join(folder, "results.jsonl"),
            folder=videos,
            threads=threads,
            earlier=earlier,
        )
    except VmafError as error:
        # The driver has checked what is asked for: it is this machine that can't.
        raise TaskError(f"{entries[0].labels} got no result: {error}") from None
    local = [_local_error(text, videos, batch.named_folder) for text in texts]
    return dict(zip(entries, local, strict=True))


def _local_error(text: str, videos: str, folder: str) -> str:
    """A line as a local run has it: if it is an error's, with the paths in `videos` as ones in
    `folder`."""
    members = json.loads(text)
    if members.get("error") is None:
        return text
    here, there = os.path.join(videos, ""), os.path.join(folder, "") if folder else ""
    members["error"] = members["error"].replace(here, there)
    return json.dumps(members, ensure_ascii=False, separators=(",", ":"))


def score_shard(
    videos: Sequence[str],
    options: _native.Options,
    shard: tuple[int, int],
    threads: int,
    cwd: str,
    fetch: Fetch | None,
) -> bytes:
    """Measures a shard, counted from 1, of how many. Gives its part: a `.vmafpart` file's bytes.

    `videos` are the reference and its encodes. Raises VmafError where none can be measured.
    """
    prepare()
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(_folder(None))
        stack.enter_context(_at_videos(videos, cwd, fetch))
        output = os.path.join(folder, "shard.vmafpart")
        reference, *encodes = videos
        try:
            _native.measure_part(options, reference, encodes, shard, output, threads)
        except VmafError as error:
            raise type(error)(f"shard {shard[0]}/{shard[1]}: {error}") from None
        with open(output, "rb") as file:
            return file.read()


def digests(videos: Sequence[str], cwd: str, fetch: Fetch | None) -> list[str | None]:
    """A digest of what each of `videos` holds; None for what can't be read twice, or at all."""
    found: list[str | None] = []
    with _at_videos(videos, cwd, fetch):
        for video in videos:
            try:
                found.append(_native.video_digest(video))
            except VmafError:
                found.append(None)
    return found


@contextlib.contextmanager
def _folder(path: str | None) -> Iterator[str]:
    """The folder at `path`, which stays, or one that goes."""
    if path is not None:
        os.makedirs(path, exist_ok=True)
        yield path
        return
    made = tempfile.mkdtemp(prefix="vmaf-")
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


@contextlib.contextmanager
def _within(path: str) -> Iterator[None]:
    """Makes `path` the working folder for a while, if this machine has it."""
    before = os.getcwd()
    if os.path.isdir(path):
        os.chdir(path)
    try:
        yield
    finally:
        os.chdir(before)


@contextlib.contextmanager
def _at_videos(videos: Sequence[str], cwd: str, fetch: Fetch | None) -> Iterator[None]:
    """Makes the working folder one in which `videos` are found under their names."""
    if fetch is None:
        relative = [video for video in videos if not os.path.isabs(video)]
        if relative and not os.path.isdir(cwd):
            raise VideoError(
                f"{relative[0]} is relative to {cwd}, which a machine of the cluster does not "
                "have: give whole paths of shared storage, or fetch="
            )
        with _within(cwd):
            yield
        return
    with _folder(None) as folder:
        for video in videos:
            problem = _fetch_one(fetch, video, folder)
            if problem:
                raise VideoError(problem)
        with _within(folder):
            yield


def _fetch_entries(fetch: Fetch, entries: Sequence[Entry], folder: str) -> dict[Entry, str]:
    """Puts the videos of `entries` into `folder`. Gives what is wrong with those that can't be."""
    names = {name: None for entry in entries for name in entry.labels[:2]}
    problems = {name: _fetch_one(fetch, name, folder) for name in names}
    wrong = {}
    for entry in entries:
        problem = problems[entry.labels.reference] or problems[entry.labels.distorted]
        if problem:
            wrong[entry] = problem
    return wrong


def _fetch_one(fetch: Fetch, name: str, folder: str) -> str | None:
    """Puts a link called `name` to what `fetch` brings into `folder`. Gives what went wrong.

    `fetch` runs in `folder` too, so that what it writes under a relative path goes with the task.
    """
    link = os.path.normpath(os.path.join(folder, name))
    if not link.startswith(os.path.join(folder, "")):
        return f"{name} can't be fetched: names are relative, and lead nowhere above, with fetch="
    here = os.path.join(folder, ".fetched")
    os.makedirs(here, exist_ok=True)
    try:
        with _within(here):
            path = os.path.abspath(fetch(name))
    except Exception as error:
        return f"{name} can't be fetched: {type(error).__name__}: {error}"
    os.makedirs(os.path.dirname(link), exist_ok=True)
    with contextlib.suppress(FileExistsError):
        os.symlink(path, link)
    return None
