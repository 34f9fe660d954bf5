"""Scores a manifest of encodes, or one long film in shards, on a Ray cluster.

Needs `pip install 'vmaf-py[ray]'`. A single machine doesn't need Ray: `vmaf batch` uses all its cores.

- `batch` scores the encodes of a manifest. Encodes of one reference go to one machine, which decodes
  the reference once for all of them.
- `score` scores one film in shards; each shard measures a part of the frames.

    >>> import vmaf_py.ray
    >>> outcome = vmaf_py.ray.batch("list.csv", "results.jsonl", gates="mean>=93")  # doctest: +SKIP
    >>> outcome.status  # doctest: +SKIP
    0

Results are bit-identical to those of a local run. Tasks whose machine fails run again on another one.
Finished results are on the driver's disk: after an interruption, the same call continues with what is
missing. The results file of `batch` has the format of `vmaf batch`, and each can continue the other's
file.

Without an address, work runs on this machine. All machines of the cluster need the same version of
`vmaf-py`, and the videos under the same paths unless `fetch` copies them.
"""

from __future__ import annotations

from ._batch import BatchOutcome, batch
from ._shards import score

__all__ = ["BatchOutcome", "batch", "score"]
