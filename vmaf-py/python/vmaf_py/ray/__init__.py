"""Scores a manifest, or one long film in shards, on a Ray cluster.

On one machine nothing of this is needed: the command `vmaf batch` takes all its cores. Here are its
two ways over many machines (`pip install 'vmaf-py[ray]'`):

- `batch` scores the encodes of a manifest. Those of one reference go to one machine, where the
  reference is decoded once for them.
- `score` scores one film in shards, each of which measures a part of its frames.

    >>> import vmaf_py.ray
    >>> outcome = vmaf_py.ray.batch("list.csv", "results.jsonl", gates="mean>=93")  # doctest: +SKIP
    >>> outcome.status  # doctest: +SKIP
    0

Both measure on the cluster's machines as a local run does, so that every number has its bits; they
place, repeat and collect. Work whose machine vanishes is done again elsewhere. What is done is on
the driver's disk: one that is killed and begun again does what is missing, and the results file of
`batch` is that of `vmaf batch`, which can finish it, and the other way round.

Without an address, work is done by this machine. The cluster's machines need `vmaf-py` of the same
version, and see the videos under the same paths unless `fetch` brings them.
"""

from __future__ import annotations

from ._batch import BatchOutcome, batch
from ._shards import score

__all__ = ["BatchOutcome", "batch", "score"]
