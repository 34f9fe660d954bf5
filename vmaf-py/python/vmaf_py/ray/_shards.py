"""`score`: one long film in shards on a cluster."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Sequence
from functools import partial
from typing import Any, TypeAlias, overload

from .. import _native
from .._errors import VmafError
from .._result import Result, Results, results_of
from . import _task
from ._cluster import Cluster, FailedTask, Pool, Progress, Retries, open_cluster
from ._options import measurement_options
from ._task import Fetch

Path: TypeAlias = "str | os.PathLike[str]"


@overload
def score(reference: Path, distorted: Path, *, shards: int, **options: Any) -> Result: ...
@overload
def score(
    reference: Path, distorted: Sequence[Path], *, shards: int, **options: Any
) -> Results: ...
def score(
    reference: Path,
    distorted: Path | Sequence[Path],
    *,
    shards: int,
    parts: Path | None = None,
    address: str | None = None,
    num_cpus: int | None = None,
    retries: int = 3,
    machine_retries: int = 30,
    fetch: Fetch | None = None,
    progress: bool | Progress = False,
    **options: Any,
) -> Result | Results:
    """Scores one or several encodes of a long film on a cluster, in `shards` tasks.

    The results are bit-identical to those of `vmaf_py.score`. Each shard measures its part of the
    frames; values that depend on several parts are computed at the end. Each shard decodes the videos
    from their start to the end of its part, which limits the speedup.

    Parameters
    ----------
    reference
        Path of the reference.
    distorted
        Path of the encode, or a list of paths.
    shards
        Number of shards.
    parts
        Folder for the results of shards, created if missing. A run that is repeated measures only
        shards without a result there. The folder may be shared by runs of other videos, models,
        options or versions: names contain a digest of these, for which each file is read once more.
        By default a temporary folder.
    address, num_cpus, retries, machine_retries, fetch
        As for `batch`.
    progress
        As for `batch`, with numbers of shards.
    options
        Options of `vmaf_py.score` for files.

    Raises
    ------
    VideoError
        No encode can be measured.
    PartialError
        Some of several encodes can't be measured.
    VmafError
        A shard failed after all retries, an option is wrong, or there is no cluster.
    """
    single = isinstance(distorted, str | os.PathLike)
    encodes = [distorted] if isinstance(distorted, str | os.PathLike) else list(distorted)
    if not encodes:
        raise VmafError("there is no encode to score")
    with contextlib.ExitStack() as stack:
        if parts is None:
            parts = stack.enter_context(tempfile.TemporaryDirectory(prefix="vmaf-"))
        paths = measure(
            [os.fspath(path) for path in (reference, *encodes)],
            measurement_options(options),
            shards,
            os.fspath(parts),
            address=address,
            num_cpus=num_cpus,
            retries=Retries(retries, machine_retries),
            fetch=fetch,
            progress=show_progress if progress is True else progress or None,
        )
        results = results_of(_native.MergedRun(paths, [], []).results())
    return results[0] if single else results


def measure(
    videos: Sequence[str],
    options: _native.Options,
    shards: int,
    parts: str,
    *,
    address: str | None = None,
    num_cpus: int | None = None,
    retries: Retries,
    fetch: Fetch | None = None,
    progress: Progress | None = None,
) -> list[str]:
    """Measures the shards that are missing in the folder `parts`, and returns the paths of all.

    `videos` are the reference and its encodes.
    """
    if shards < 1:
        raise VmafError(f"there must be at least one shard, not shards={shards}")
    os.makedirs(parts, exist_ok=True)
    with open_cluster(address, num_cpus) as cluster:
        identity = _identity(cluster, videos, options, retries, fetch)
        paths = [
            os.path.join(parts, f"{identity}-{index}-of-{shards}.vmafpart")
            for index in range(1, shards + 1)
        ]
        missing = [index for index, path in enumerate(paths) if not os.path.exists(path)]
        pool: Pool[int] = Pool(cluster, retries)
        remote = cluster.remote(_task.score_shard, "vmaf shard")
        for index in missing:
            arguments = (videos, options, (index + 1, shards), cluster.num_cpus, os.getcwd(), fetch)
            pool.add(index, partial(remote.remote, *arguments))
        done = shards - len(missing)
        with contextlib.closing(pool.finished()) as finished:
            if progress is not None:
                progress(done, shards, pool.running)
            for index, part in finished:
                if isinstance(part, FailedTask):
                    raise VmafError(f"shard {index + 1}/{shards}: {part.reason}")
                _write_durably(paths[index], part)
                done += 1
                if progress is not None:
                    progress(done, shards, pool.running)
    return paths


def show_progress(done: int, total: int, running: int) -> None:
    """Prints progress to standard error."""
    print(f"{done}/{total} shards, {running} tasks running", file=sys.stderr, flush=True)


def _identity(
    cluster: Cluster,
    videos: Sequence[str],
    options: _native.Options,
    retries: Retries,
    fetch: Fetch | None,
) -> str:
    """Returns a digest of everything that parts depend on: file contents, options and version."""
    remote = cluster.remote(_task.digests, "vmaf digests")
    pool: Pool[None] = Pool(cluster, retries)
    pool.add(None, lambda: remote.remote(videos, os.getcwd(), fetch))
    ((_, contents),) = pool.finished()
    if isinstance(contents, FailedTask):
        raise VmafError(f"can't read the videos: {contents.reason}")
    # A random digest for videos without one, so that their parts are never reused.
    contents = [content or os.urandom(32).hex() for content in contents]
    reference, *encodes = videos
    return _native.part_identity(options, reference, encodes, contents)


def _write_durably(path: str, data: bytes) -> None:
    """Writes a file atomically and syncs it to disk."""
    partial = f"{path}.{os.getpid()}.partial"
    with open(partial, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.replace(partial, path)
    # Some systems can't open or sync folders.
    with contextlib.suppress(OSError):
        folder = os.open(os.path.dirname(path) or ".", os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
