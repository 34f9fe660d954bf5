"""What a task does, on whichever machine it is placed.

A task has a folder of its own, in which it runs the command on a manifest of its entries. It gives
its result to the driver, which alone writes what lasts; a task that is lost leaves nothing that
another one would trip over.
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
from typing import Any, TypeAlias

from . import _captured
from ._results import Labels, Line, error_line

Fetch: TypeAlias = Callable[[str], "str | os.PathLike[str]"]

#: What seeds are called. No manifest names an encode so.
SEED = "\0"

#: A video that there is not.
NO_VIDEO = "no-video.yuv"


class TaskError(RuntimeError):
    """A task got no result on its machine, for a reason that may be gone on another."""


class Refused(RuntimeError):
    """A task that has no result on any machine; the driver raises it as VideoError."""


@dataclass(frozen=True)
class Work:
    """Encodes of one reference that a task scores."""

    entries: tuple[dict[str, Any], ...]
    """Entries of the manifest, each of one encode. No two have the same labels."""

    flags: tuple[str, ...]
    """Flags of `vmaf batch` that are the same for all tasks."""

    folder: str
    """What paths are relative to: the manifest's folder, from the root."""

    named_folder: str
    """The same as the driver was given it, which errors name."""

    checkpoints: str | None = None
    """Where the task's folder is, if it is to outlive the task."""

    fetch: Fetch | None = None
    """What brings a video to the machine."""

    @property
    def labels(self) -> list[Labels]:
        """What the encodes are called, in order."""
        return [Labels.of(entry) for entry in self.entries]

    @property
    def kept(self) -> str | None:
        """The task's own folder in `checkpoints`: the same for the same work."""
        if self.checkpoints is None:
            return None
        what = json.dumps([self.folder, self.flags, self.entries], sort_keys=True)
        return os.path.join(self.checkpoints, hashlib.sha256(what.encode()).hexdigest()[:32])


def score_entries(
    work: Work, threads: int, cwd: str, earlier: Sequence[str], renamed: Sequence[str]
) -> list[str]:
    """Scores the entries of `work` on `threads` threads, and gives a line of results for each.

    `earlier` and `renamed` are lines of an earlier batch, from which those are made that need no
    measuring; `renamed` is what the driver knows of references that the manifest doesn't name.

    The command writes no line for what has one already, and which one that is only it can tell, by
    the videos' content. So earlier lines are given to it under another name, for it to write those
    that hold under the encode's own.
    """
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(_folder(work.kept))
        entries, errors = list(work.entries), {}
        videos = work.folder
        if work.fetch is not None:
            videos = stack.enter_context(_folder(None))
            errors = _fetch_entries(work.fetch, work.entries, videos)
            entries = [entry for entry in entries if Labels.of(entry) not in errors]
        if entries:
            with _within(cwd):
                lines = _score(work, entries, threads, folder, videos, [*renamed, *earlier])
        else:
            lines = {}
    lines.update((labels, error_line(labels, error)) for labels, error in errors.items())
    return [lines[labels] for labels in work.labels]


def _score(
    work: Work,
    entries: list[dict[str, Any]],
    threads: int,
    folder: str,
    videos: str,
    seeds: Sequence[str],
) -> dict[Labels, str]:
    """The lines of `entries`, whose videos are in the folder `videos`, by labels."""
    manifest, output = os.path.join(folder, "list.jsonl"), os.path.join(folder, "results.jsonl")
    with open(manifest, "w", encoding="utf-8") as file:
        file.writelines(json.dumps(entry) + "\n" for entry in entries)
    if not os.path.exists(output):
        with open(output + ".new", "w", encoding="utf-8") as file:
            file.writelines(_seed(text) + "\n" for text in seeds)
        os.replace(output + ".new", output)
    said = _captured.run(
        [
            "batch",
            manifest,
            f"--output={output}",
            f"--relative-to={videos}",
            f"--threads={threads}",
            "--quiet",
            *work.flags,
        ]
    )
    with open(output, encoding="utf-8") as file:
        texts = [text.rstrip("\n") for text in file]
    lines: dict[Labels, str] = {}
    for text in filter(None, texts):
        line = Line.read(text)
        if line.labels.name != SEED:
            is_error = line.error is not None
            lines[line.labels] = _local_error(text, videos, work.named_folder) if is_error else text
    missing = [labels for labels in map(Labels.of, entries) if labels not in lines]
    if missing:
        raise TaskError(f"{missing[0]} got no result: {said.reason}")
    return lines


def _seed(text: str) -> str:
    """A line under the name of seeds; its numbers stay what they are."""
    return json.dumps({**json.loads(text), "name": SEED})


def _local_error(text: str, videos: str, folder: str) -> str:
    """An error's line as a local run has it: with the paths in `videos` as ones in `folder`."""
    members = json.loads(text)
    here, there = os.path.join(videos, ""), os.path.join(folder, "") if folder else ""
    members["error"] = members["error"].replace(here, there)
    return json.dumps(members, ensure_ascii=False, separators=(",", ":"))


def score_shard(
    videos: Sequence[str],
    flags: Sequence[str],
    shard: tuple[int, int],
    threads: int,
    cwd: str,
    fetch: Fetch | None,
) -> bytes:
    """Measures a shard, counted from 1, of how many. Gives its part: a `.vmafpart` file's bytes.

    `videos` are the reference and its encodes. Raises Refused where no encode can be measured.
    """
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(_folder(None))
        stack.enter_context(_at_videos(videos, cwd, fetch))
        output = os.path.join(folder, "shard.vmafpart")
        said = _captured.run(
            [
                "score",
                f"--shard={shard[0]}/{shard[1]}",
                f"--output={output}",
                f"--threads={threads}",
                "--quiet",
                *flags,
                "--",
                *videos,
            ]
        )
        try:
            with open(output, "rb") as file:
                return file.read()
        except FileNotFoundError:
            raise Refused(f"shard {shard[0]}/{shard[1]}: {said.reason}") from None


def digests(videos: Sequence[str], cwd: str, fetch: Fetch | None) -> list[str | None]:
    """SHA-256 of what each of `videos` holds; None for what is no single file."""
    found: list[str | None] = []
    with _at_videos(videos, cwd, fetch):
        for video in videos:
            if os.path.isfile(video):
                with open(video, "rb") as file:
                    digest = hashlib.sha256()
                    while piece := file.read(1 << 20):
                        digest.update(piece)
                    found.append(digest.hexdigest())
            else:
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
            raise Refused(
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
                raise Refused(problem)
        with _within(folder):
            yield


def _fetch_entries(
    fetch: Fetch, entries: Sequence[dict[str, Any]], folder: str
) -> dict[Labels, str]:
    """Puts the videos of `entries` into `folder`. Gives what is wrong with those that can't be."""
    names = {entry[role]: None for entry in entries for role in ("reference", "distorted")}
    problems = {name: _fetch_one(fetch, name, folder) for name in names}
    wrong = {}
    for entry in entries:
        problem = problems[entry["reference"]] or problems[entry["distorted"]]
        if problem:
            wrong[Labels.of(entry)] = problem
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
