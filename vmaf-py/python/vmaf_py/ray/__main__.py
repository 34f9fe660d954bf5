"""`python -m vmaf_py.ray`: the driver as a command, for jobs of a cluster.

    python -m vmaf_py.ray batch list.csv -o results.jsonl --address auto --gate 'mean>=93'
    python -m vmaf_py.ray score film.mp4 encode.mp4 --shards 16 --parts parts -o film.json

Flags that are not its own are those of `vmaf batch` and `vmaf score`. The exit status is theirs:
0 if all was measured and all gates held, 1 if a gate failed, 2 if something was not measured.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import sys
from collections.abc import Sequence
from typing import Any

from .. import _native
from .._errors import VmafError
from . import _batch, _shards
from ._cluster import Retries
from ._results import Line
from ._task import Fetch

#: What `vmaf merge` is asked rather than `vmaf score`. All take a value.
_MERGING = ("--gate", "--pool", "--fail-under", "--junit", "--output", "--report", "--format")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command, and gives its exit status."""
    given, flags = _parser().parse_known_args(arguments)
    try:
        status: int = given.run(given, flags)
    except VmafError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("stopped; the same command goes on", file=sys.stderr)
        return 130
    return status


def _parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    common.add_argument(
        "--address", help="the cluster, as auto or ray://head:10001 [default: this machine]"
    )
    common.add_argument("--num-cpus", type=int, help="how many processors a task has [default: 4]")
    common.add_argument(
        "--retries", type=int, default=3, help="how often work that crashed is begun again"
    )
    common.add_argument(
        "--machine-retries",
        type=int,
        default=30,
        help="how often work is begun again whose machine vanished",
    )
    common.add_argument(
        "--fetch",
        metavar="MODULE:FUNCTION",
        help="what brings a video to a machine: gets its name, gives a path",
    )
    common.add_argument("-q", "--quiet", action="store_true", help="nothing but errors")

    parser = argparse.ArgumentParser("python -m vmaf_py.ray", description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    batch = commands.add_parser(
        "batch",
        parents=[common],
        allow_abbrev=False,
        help="score the encodes of a list",
        epilog="Other flags are those of 'vmaf batch', with values joined by '='.",
    )
    batch.add_argument("manifest", metavar="MANIFEST", help="the list, csv or jsonl")
    batch.add_argument("-o", "--output", required=True, metavar="FILE.jsonl", help="the results")
    batch.add_argument(
        "--checkpoints",
        metavar="FOLDER",
        help="shared storage, where work that lost its machine goes on from",
    )
    batch.set_defaults(run=_run_batch)

    score = commands.add_parser(
        "score",
        parents=[common],
        allow_abbrev=False,
        help="score one film in shards",
        epilog="Other flags are those of 'vmaf score', with values joined by '='.",
    )
    score.add_argument("videos", nargs="+", metavar="VIDEO", help="the reference, then its encodes")
    score.add_argument("--shards", type=int, required=True, metavar="N", help="how many parts")
    score.add_argument(
        "--parts", required=True, metavar="FOLDER", help="where parts are; those are not repeated"
    )
    score.add_argument("-o", "--output", action="append", default=[], help="json, jsonl, xml, csv")
    score.set_defaults(run=_run_score)
    return parser


def _run_batch(given: argparse.Namespace, flags: list[str]) -> int:
    def tell(line: Line, text: str) -> None:
        if line.error is not None:
            is_told = line.labels.distorted in line.error and line.labels.name is None
            named = line.error if is_told else f"{line.labels}: {line.error}"
            print(f"error: {named}", file=sys.stderr)
        elif line.verdict != "passed":
            for gate in json.loads(text)["gates"]:
                if gate["held"] is None:
                    told = (
                        "error: {}: gate '{gate}': a value is not defined, or times are not known"
                    )
                elif gate["value"] is None:
                    told = "failed: {}: gate '{gate}': the value is infinite"
                else:
                    told = "failed: {}: gate '{gate}': it is {value:.2f}, off by {margin:.2f}"
                if not gate["held"]:
                    print(told.format(line.labels, **gate), file=sys.stderr)

    outcome = _batch.run(
        given.manifest,
        given.output,
        flags,
        checkpoints=given.checkpoints and os.path.abspath(given.checkpoints),
        progress=None if given.quiet else _batch.show,
        tell=tell,
        **_common(given),
    )
    if not given.quiet:
        print(f"{outcome}; results in {outcome.path}")
    return outcome.status


def _run_score(given: argparse.Namespace, flags: list[str]) -> int:
    if len(given.videos) < 2:
        raise VmafError("there is no encode to score")
    merging = [flag for flag in flags if flag.partition("=")[0] in _MERGING]
    for flag in merging:
        if "=" not in flag:
            raise VmafError(f"{flag}: join the value to it, as in {flag}=VALUE")
    paths = _shards.measure(
        given.videos,
        [flag for flag in flags if flag not in merging],
        given.shards,
        given.parts,
        progress=None if given.quiet else _shards.show,
        **_common(given),
    )
    merging += [f"--output={path}" for path in given.output]
    return _native.main(["vmaf", "merge", *paths, *merging, *(["--quiet"] if given.quiet else [])])


def _common(given: argparse.Namespace) -> dict[str, Any]:
    return {
        "address": given.address,
        "num_cpus": given.num_cpus,
        "retries": Retries(given.retries, given.machine_retries),
        "fetch": given.fetch and _function(given.fetch),
    }


def _function(named: str) -> Fetch:
    """The function called MODULE:FUNCTION."""
    module, _, name = named.partition(":")
    try:
        found: Fetch = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise VmafError(f"--fetch {named}: it should be MODULE:FUNCTION ({error})") from error
    return found


if __name__ == "__main__":
    sys.exit(main())
