"""Functions that run as tasks on the machines of the cluster.

A task works in its own folder and returns its result to the driver. Only the driver writes permanent
files, so a lost task leaves nothing behind that could disturb its retry.
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
from .._decoder import select_ffmpeg
from .._errors import VideoError, VmafError

Fetch: TypeAlias = Callable[[str], "str | os.PathLike[str]"]


class TaskError(RuntimeError):
    """Failure of a task on its machine, which may not recur on another one."""


class Labels(NamedTuple):
    """Names that identify an encode in a manifest."""

    reference: str
    distorted: str
    name: str | None

    def __str__(self) -> str:
        return self.name or self.distorted


@dataclass(frozen=True)
class Entry:
    """Encode in a manifest."""

    line: int
    """Line number in the manifest, from 1."""

    text: str
    """The entry as a line of JSON. Entries with equal text are the same."""

    labels: Labels

    @classmethod
    def from_manifest(cls, line: int, text: str) -> Entry:
        """Creates the entry at a line of the manifest."""
        members = json.loads(text)
        labels = Labels(members["reference"], members["distorted"], members.get("name"))
        return cls(line, text, labels)


@dataclass(frozen=True)
class BatchOptions:
    """Options of a batch, common to all its tasks."""

    manifest: str
    """Path of the manifest, for errors."""

    options: _native.Options
    gates: tuple[str, ...]
    pools: tuple[str, ...]
    checkpoint: float
    """Interval between checkpoints of an encode, in seconds."""

    checkpoints: str | None = None
    """Folder for checkpoints; None for no checkpoints."""

    fetch: Fetch | None = None
    """Function that copies a video to the machine of a task."""

    @property
    def manifest_folder(self) -> str:
        """Folder of the manifest, which paths in it are relative to, as errors show it."""
        return os.path.dirname(self.manifest)

    def check(self, entries: Sequence[Entry]) -> None:
        """Raises VmafError for an invalid model, metric, gate or option, before tasks start."""
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
class EntryGroup:
    """Encodes of one reference that one task scores."""

    batch: BatchOptions
    entries: tuple[Entry, ...]

    folder: str
    """Folder of the manifest as an absolute path, which paths are relative to."""

    @property
    def reference(self) -> str:
        """The reference, as named in the manifest."""
        return self.entries[0].labels.reference

    @property
    def checkpoint_folder(self) -> str | None:
        """The group's folder in `checkpoints`; its name is a digest of the group and its options."""
        batch = self.batch
        if batch.checkpoints is None:
            return None
        entries = [entry.text for entry in self.entries]
        text = json.dumps([self.folder, batch.options.to_json(), batch.gates, batch.pools, entries])
        return os.path.join(batch.checkpoints, hashlib.sha256(text.encode()).hexdigest()[:32])


def score_entries(
    group: EntryGroup, threads: int, cwd: str, earlier: Sequence[str], others: Sequence[str]
) -> list[str]:
    """Scores the entries of `group` on `threads` threads, and returns a line of results for each.

    Entries with a result in lines of earlier batches aren't measured again: `earlier` are lines of
    the same reference, `others` lines of references that aren't in the manifest.
    """
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(_folder(group.checkpoint_folder))
        errors: dict[Entry, str] = {}
        videos = group.folder
        if group.batch.fetch is not None:
            videos = stack.enter_context(_folder(None))
            errors = _fetch_entries(group.batch.fetch, group.entries, videos)
        entries = [entry for entry in group.entries if entry not in errors]
        lines: dict[Entry, str] = {}
        if entries:
            with _working_folder(cwd):
                lines = _score(group, entries, threads, folder, videos, [*others, *earlier])
    for entry, error in errors.items():
        lines[entry] = _native.error_line(entry.labels, error)
    return [lines[entry] for entry in group.entries]


def _score(
    group: EntryGroup,
    entries: Sequence[Entry],
    threads: int,
    folder: str,
    videos: str,
    earlier: list[str],
) -> dict[Entry, str]:
    """Returns the lines of `entries`, whose videos are in the folder `videos`."""
    select_ffmpeg()
    batch = group.batch
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
        # The driver checked the options, so the cause is this machine.
        raise TaskError(f"{entries[0].labels} got no result: {error}") from None
    local = [_with_manifest_paths(text, videos, batch.manifest_folder) for text in texts]
    return dict(zip(entries, local, strict=True))


def _with_manifest_paths(text: str, videos: str, folder: str) -> str:
    """Returns a results line whose error, if any, has paths in `folder` instead of in `videos`, as in
    a local run."""
    members = json.loads(text)
    if members.get("error") is None:
        return text
    task_prefix, prefix = os.path.join(videos, ""), os.path.join(folder, "") if folder else ""
    members["error"] = members["error"].replace(task_prefix, prefix)
    return json.dumps(members, ensure_ascii=False, separators=(",", ":"))


def score_shard(
    videos: Sequence[str],
    options: _native.Options,
    shard: tuple[int, int],
    threads: int,
    cwd: str,
    fetch: Fetch | None,
) -> bytes:
    """Measures a shard and returns its part, the bytes of a `.vmafpart` file.

    `videos` are the reference and its encodes; `shard` is the shard's number, from 1, and the number
    of shards. Raises VmafError if no encode can be measured.
    """
    select_ffmpeg()
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(_folder(None))
        stack.enter_context(_video_folder(videos, cwd, fetch))
        output = os.path.join(folder, "shard.vmafpart")
        reference, *encodes = videos
        try:
            _native.measure_part(options, reference, encodes, shard, output, threads)
        except VmafError as error:
            raise type(error)(f"shard {shard[0]}/{shard[1]}: {error}") from None
        with open(output, "rb") as file:
            return file.read()


def digests(videos: Sequence[str], cwd: str, fetch: Fetch | None) -> list[str | None]:
    """Returns a digest of the content of each video; None if it can't be read, or not twice."""
    results: list[str | None] = []
    with _video_folder(videos, cwd, fetch):
        for video in videos:
            try:
                results.append(_native.video_digest(video))
            except VmafError:
                results.append(None)
    return results


@contextlib.contextmanager
def _folder(path: str | None) -> Iterator[str]:
    """Creates the folder at `path`, or a temporary one that is removed at the end."""
    if path is not None:
        os.makedirs(path, exist_ok=True)
        yield path
        return
    temporary = tempfile.mkdtemp(prefix="vmaf-")
    try:
        yield temporary
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


@contextlib.contextmanager
def _working_folder(path: str) -> Iterator[None]:
    """Makes `path` the working folder for a `with` block, if this machine has it."""
    before = os.getcwd()
    if os.path.isdir(path):
        os.chdir(path)
    try:
        yield
    finally:
        os.chdir(before)


@contextlib.contextmanager
def _video_folder(videos: Sequence[str], cwd: str, fetch: Fetch | None) -> Iterator[None]:
    """Sets a working folder in which the names of `videos` are valid paths."""
    if fetch is None:
        relative = [video for video in videos if not os.path.isabs(video)]
        if relative and not os.path.isdir(cwd):
            raise VideoError(
                f"{relative[0]} is relative to {cwd}, which a machine of the cluster does not "
                "have; pass absolute paths on shared storage, or fetch="
            )
        with _working_folder(cwd):
            yield
        return
    with _folder(None) as folder:
        for video in videos:
            problem = _fetch_one(fetch, video, folder)
            if problem:
                raise VideoError(problem)
        with _working_folder(folder):
            yield


def _fetch_entries(fetch: Fetch, entries: Sequence[Entry], folder: str) -> dict[Entry, str]:
    """Fetches the videos of `entries` into `folder`. Returns the errors of entries that fail."""
    names = {name: None for entry in entries for name in entry.labels[:2]}
    problems = {name: _fetch_one(fetch, name, folder) for name in names}
    errors = {}
    for entry in entries:
        problem = problems[entry.labels.reference] or problems[entry.labels.distorted]
        if problem:
            errors[entry] = problem
    return errors


def _fetch_one(fetch: Fetch, name: str, folder: str) -> str | None:
    """Fetches a video and links it as `name` in `folder`. Returns an error, or None.

    `fetch` runs in a subfolder, so that files that it writes to relative paths are removed with the
    task's folder.
    """
    link = os.path.normpath(os.path.join(folder, name))
    if not link.startswith(os.path.join(folder, "")):
        return f"{name} can't be fetched: with fetch=, names must be relative and not lead above"
    subfolder = os.path.join(folder, ".fetched")
    os.makedirs(subfolder, exist_ok=True)
    try:
        with _working_folder(subfolder):
            path = os.path.abspath(fetch(name))
    except Exception as error:
        return f"{name} can't be fetched: {type(error).__name__}: {error}"
    os.makedirs(os.path.dirname(link), exist_ok=True)
    with contextlib.suppress(FileExistsError):
        os.symlink(path, link)
    return None
