"""`python -m vmaf_py.ray`: the driver as a command, for jobs of a cluster.

    python -m vmaf_py.ray batch list.csv -o results.jsonl --address auto --gate 'mean>=93'
    python -m vmaf_py.ray score film.mp4 encode.mp4 --shards 16 --parts parts -o film.json

The exit status is that of `vmaf batch` and `vmaf score`: 0 if all was measured and all gates held,
1 if a gate failed, 2 if something was not measured.
"""

from __future__ import annotations

import argparse
import importlib
import os
import shlex
import shutil
import signal
import sys
from collections.abc import Callable, Sequence
from typing import Any

from .. import _native
from .._errors import VmafError
from . import _batch, _shards
from ._arguments import judging, measured, measuring
from ._cluster import Retries
from ._measuring import measured_as
from ._task import BatchOptions, Fetch, Labels

_STATUS = {"passed": 0, "failed": 1, "unmeasured": 2}


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command, and gives its exit status."""
    given = _parser().parse_args(arguments)
    try:
        status: int = given.run(given)
    except VmafError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        # It is leaving already: another Ctrl-C must not take the exit status away.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
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
    parents = [common, judging(), measuring()]

    parser = argparse.ArgumentParser("python -m vmaf_py.ray", description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    batch = commands.add_parser(
        "batch", parents=parents, allow_abbrev=False, help="score the encodes of a list"
    )
    batch.add_argument("manifest", metavar="MANIFEST", help="the list, csv or jsonl")
    batch.add_argument("-o", "--output", required=True, metavar="FILE.jsonl", help="the results")
    batch.add_argument(
        "--checkpoints",
        metavar="FOLDER",
        help="shared storage, where work that lost its machine goes on from",
    )
    batch.add_argument(
        "--checkpoint",
        type=float,
        default=30,
        metavar="SECONDS",
        help="how often what was measured of an encode is kept there",
    )
    batch.set_defaults(run=_run_batch)

    score = commands.add_parser(
        "score", parents=parents, allow_abbrev=False, help="score one film in shards"
    )
    score.add_argument("videos", nargs="+", metavar="VIDEO", help="the reference, then its encodes")
    score.add_argument("--shards", type=int, required=True, metavar="N", help="how many parts")
    score.add_argument(
        "--parts", required=True, metavar="FOLDER", help="where parts are; those are not repeated"
    )
    score.add_argument("-o", "--output", action="append", default=[], help="json, jsonl, xml, csv")
    score.add_argument(
        "--format", choices=["json", "jsonl", "xml", "csv"], help="what outputs are by default"
    )
    score.add_argument("--report", metavar="FILE", help="where a page for people goes")
    score.add_argument("--junit", metavar="FILE", help="where the gates' verdicts go")
    score.set_defaults(run=_run_score)
    return parser


def _run_batch(given: argparse.Namespace) -> int:
    def tell(line: _native.AddedLine) -> None:
        labels = Labels(*line.labels)
        if line.error is not None:
            is_told = labels.distorted in line.error and labels.name is None
            print(f"error: {line.error if is_told else f'{labels}: {line.error}'}", file=sys.stderr)
        for problem in line.problems:
            kind = "failed" if line.outcome == "failed" else "error"
            print(f"{kind}: {labels}: {problem}", file=sys.stderr)

    asked = BatchOptions(
        given.manifest,
        measured_as(measured(given)),
        tuple(given.gate),
        tuple(given.pool),
        given.checkpoint,
        given.checkpoints and os.path.abspath(given.checkpoints),
        given.fetch and _function(given.fetch),
    )
    outcome = _batch.run(
        asked,
        given.output,
        progress=None if given.quiet else _batch.show,
        tell=tell,
        **_common(given),
    )
    if not given.quiet:
        print(f"{outcome}; results in {outcome.path}")
    return outcome.status


def _run_score(given: argparse.Namespace) -> int:
    if len(given.videos) < 2:
        raise VmafError("there is no encode to score")
    if given.junit and not given.gate:
        raise VmafError("--junit writes the verdicts of gates, and there are none")
    paths = _shards.measure(
        given.videos,
        measured_as(measured(given)),
        given.shards,
        given.parts,
        fetch=given.fetch and _function(given.fetch),
        progress=None if given.quiet else _shards.show,
        **_common(given),
    )
    try:
        run = _native.MergedRun(paths, given.gate, given.pool)
    except VmafError as error:
        if given.junit:
            # Verdicts of an earlier run must not be taken for this one's.
            _native.save_failed_junit(given.videos[1:], given.gate, str(error), given.junit)
        raise
    for warning in run.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    if given.junit:
        run.write_junit(given.junit)
    for path in given.output:
        run.write(path, given.format)
    if given.report:
        run.write_report(given.report, shlex.join(["python", "-m", "vmaf_py.ray", *sys.argv[1:]]))
    written = [*given.output, *([given.report] if given.report else [])]
    if "-" in written or (given.quiet and written):
        # Verdicts are seen all the same, where results don't go.
        print(run.verdicts(), end="", file=sys.stderr)
    else:
        width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
        print(run.table(width))
    for problem in run.problems:
        print(f"error: {problem}", file=sys.stderr)
    return _STATUS[run.outcome]


def _common(given: argparse.Namespace) -> dict[str, Any]:
    return {
        "address": given.address,
        "num_cpus": given.num_cpus,
        "retries": Retries(given.retries, given.machine_retries),
    }


def _function(named: str) -> Fetch:
    """The function called MODULE:FUNCTION."""
    module, _, name = named.partition(":")
    try:
        found: Callable[[str], str] = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise VmafError(f"--fetch {named}: it should be MODULE:FUNCTION ({error})") from error
    return found


if __name__ == "__main__":
    sys.exit(main())
