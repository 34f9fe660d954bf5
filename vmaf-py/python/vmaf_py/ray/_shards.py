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
from ._cluster import Cluster, GivenUp, Pool, Progress, Retries, connected
from ._measuring import measured_as
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
    """Scores `distorted`, an encode or several, beside `reference` in `shards` tasks.

    It gives what `vmaf_py.score` does, bit for bit: each shard measures its part of the frames, and
    what depends on others is computed when all are there. Each decodes the videos from their start
    to its own end, which bounds the gain.

    `parts` is a folder, which is made, for what was measured: a driver that is begun again measures
    the shards that are missing there. Parts of other videos, models, options and versions may be in
    it as well; which are meant tells a digest in their names. For it the files are read once more.

    `options` are those of `vmaf_py.score` for files, and the other arguments those of `batch`, with
    `progress` of shards.

    Raises VideoError where no encode can be measured, PartialError where some of several can't be,
    and VmafError where a shard is given up, an option is wrong, or there is no cluster.
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
            measured_as(options),
            shards,
            os.fspath(parts),
            address=address,
            num_cpus=num_cpus,
            retries=Retries(retries, machine_retries),
            fetch=fetch,
            progress=show if progress is True else progress or None,
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
    """Measures the shards that are missing in the folder `parts`, and gives the paths of all.

    `videos` are the reference and its encodes.
    """
    if shards < 1:
        raise VmafError(f"there must be a shard at least, not shards={shards}")
    os.makedirs(parts, exist_ok=True)
    with connected(address, num_cpus) as cluster:
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
                if isinstance(part, GivenUp):
                    raise VmafError(f"shard {index + 1}/{shards}: {part.reason}")
                _write_durably(paths[index], part)
                done += 1
                if progress is not None:
                    progress(done, shards, pool.running)
    return paths


def show(done: int, total: int, running: int) -> None:
    """Shows progress on standard error."""
    print(f"{done}/{total} shards, {running} tasks running", file=sys.stderr, flush=True)


def _identity(
    cluster: Cluster,
    videos: Sequence[str],
    options: _native.Options,
    retries: Retries,
    fetch: Fetch | None,
) -> str:
    """A digest of what parts depend on: what files hold, options, and the version."""
    remote = cluster.remote(_task.digests, "vmaf digests")
    pool: Pool[None] = Pool(cluster, retries)
    pool.add(None, lambda: remote.remote(videos, os.getcwd(), fetch))
    ((_, contents),) = pool.finished()
    if isinstance(contents, GivenUp):
        raise VmafError(f"reading the videos: {contents.reason}")
    # What has no digest is told from all other runs.
    contents = [content or os.urandom(32).hex() for content in contents]
    reference, *encodes = videos
    return _native.part_identity(options, reference, encodes, contents)


def _write_durably(path: str, data: bytes) -> None:
    """Writes a file that is there as a whole, on disk, or not at all."""
    partial = f"{path}.{os.getpid()}.partial"
    with open(partial, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.replace(partial, path)
    # Where folders can't be opened or synced, the system sees to it.
    with contextlib.suppress(OSError):
        folder = os.open(os.path.dirname(path) or ".", os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
