"""Scores videos on a Ray cluster: the driver as the command `python -m vmaf_py.ray`.

    python -m vmaf_py.ray batch list.csv -o results.jsonl --address auto --gate 'mean>=93'
    python -m vmaf_py.ray score film.mp4 encode.mp4 --shards 16 --parts parts -o film.json

The exit status is that of `vmaf batch` and `vmaf score`: 0 if everything was measured and all gates
held, 1 if a gate failed, 2 if something couldn't be measured. An interrupt exits with 130.
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
from ._arguments import gate_parser, measurement_keywords, measurement_parser
from ._cluster import Retries
from ._options import measurement_options
from ._task import BatchOptions, Fetch, Labels

_STATUS = {"passed": 0, "failed": 1, "unmeasured": 2}


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command and returns its exit status."""
    args = _parser().parse_args(arguments)
    try:
        status: int = args.run(args)
    except VmafError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        # Another Ctrl-C must not change the exit status while the process ends.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        print("stopped; run the same command to continue", file=sys.stderr)
        return 130
    return status


def _parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    common.add_argument(
        "--address",
        help="address of the cluster, such as auto or ray://head:10001 [default: this machine]",
    )
    common.add_argument("--num-cpus", type=int, help="processors per task [default: 4]")
    common.add_argument(
        "--retries", type=int, default=3, help="retries of a task that crashes [default: 3]"
    )
    common.add_argument(
        "--machine-retries",
        type=int,
        default=30,
        help="retries of a task whose machine is lost [default: 30]",
    )
    common.add_argument(
        "--fetch",
        metavar="MODULE:FUNCTION",
        help="function that copies a video to a machine: takes its name, returns a local path",
    )
    common.add_argument("-q", "--quiet", action="store_true", help="print errors only")
    parents = [common, gate_parser(), measurement_parser()]

    parser = argparse.ArgumentParser("python -m vmaf_py.ray", description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    batch = commands.add_parser(
        "batch", parents=parents, allow_abbrev=False, help="score the encodes of a list"
    )
    batch.add_argument("manifest", metavar="MANIFEST", help="list of encodes, csv or jsonl")
    batch.add_argument("-o", "--output", required=True, metavar="FILE.jsonl", help="results file")
    batch.add_argument(
        "--checkpoints",
        metavar="FOLDER",
        help="folder on shared storage for checkpoints, from which interrupted tasks continue",
    )
    batch.add_argument(
        "--checkpoint",
        type=float,
        default=30,
        metavar="SECONDS",
        help="interval between checkpoints [default: 30]",
    )
    batch.set_defaults(run=_run_batch)

    score = commands.add_parser(
        "score", parents=parents, allow_abbrev=False, help="score one film in shards"
    )
    score.add_argument("videos", nargs="+", metavar="VIDEO", help="the reference, then its encodes")
    score.add_argument("--shards", type=int, required=True, metavar="N", help="number of shards")
    score.add_argument(
        "--parts",
        required=True,
        metavar="FOLDER",
        help="folder for the results of shards; shards with a result there aren't measured again",
    )
    score.add_argument(
        "-o",
        "--output",
        action="append",
        default=[],
        metavar="FILE",
        help="write results to a json, jsonl, xml or csv file, or to standard output with '-'; "
        "may be repeated",
    )
    score.add_argument(
        "--format",
        choices=["json", "jsonl", "xml", "csv"],
        help="format of standard output, or of a file without a known extension",
    )
    score.add_argument("--report", metavar="FILE", help="write an HTML report")
    score.add_argument("--junit", metavar="FILE", help="write the gates' verdicts as JUnit XML")
    score.set_defaults(run=_run_score)
    return parser


def _run_batch(args: argparse.Namespace) -> int:
    def print_problems(line: _native.AddedLine) -> None:
        labels = Labels(*line.labels)
        if line.error is not None:
            names_encode = labels.distorted in line.error and labels.name is None
            error = line.error if names_encode else f"{labels}: {line.error}"
            print(f"error: {error}", file=sys.stderr)
        for problem in line.problems:
            kind = "failed" if line.outcome == "failed" else "error"
            print(f"{kind}: {labels}: {problem}", file=sys.stderr)

    options = BatchOptions(
        args.manifest,
        measurement_options(measurement_keywords(args)),
        tuple(args.gate),
        tuple(args.pool),
        args.checkpoint,
        args.checkpoints and os.path.abspath(args.checkpoints),
        args.fetch and _load_function(args.fetch),
    )
    outcome = _batch.run(
        options,
        args.output,
        progress=None if args.quiet else _batch.show_progress,
        on_line=print_problems,
        **_cluster_options(args),
    )
    if not args.quiet:
        print(f"{outcome}; results in {outcome.path}")
    return outcome.status


def _run_score(args: argparse.Namespace) -> int:
    if len(args.videos) < 2:
        raise VmafError("there is no encode to score")
    if args.junit and not args.gate:
        raise VmafError("--junit writes the verdicts of gates; pass --gate too")
    paths = _shards.measure(
        args.videos,
        measurement_options(measurement_keywords(args)),
        args.shards,
        args.parts,
        fetch=args.fetch and _load_function(args.fetch),
        progress=None if args.quiet else _shards.show_progress,
        **_cluster_options(args),
    )
    try:
        run = _native.MergedRun(paths, args.gate, args.pool)
    except VmafError as error:
        if args.junit:
            # Replaces the verdicts of an earlier run.
            _native.save_failed_junit(args.videos[1:], args.gate, str(error), args.junit)
        raise
    for warning in run.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    if args.junit:
        run.write_junit(args.junit)
    for path in args.output:
        run.write(path, args.format)
    if args.report:
        run.write_report(args.report, shlex.join(["python", "-m", "vmaf_py.ray", *sys.argv[1:]]))
    outputs = [*args.output, *([args.report] if args.report else [])]
    if "-" in outputs or (args.quiet and outputs):
        # Standard output is taken or quiet: verdicts go to standard error.
        print(run.verdicts(), end="", file=sys.stderr)
    else:
        width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
        print(run.table(width))
    for problem in run.problems:
        print(f"error: {problem}", file=sys.stderr)
    return _STATUS[run.outcome]


def _cluster_options(args: argparse.Namespace) -> dict[str, Any]:
    return {
        "address": args.address,
        "num_cpus": args.num_cpus,
        "retries": Retries(args.retries, args.machine_retries),
    }


def _load_function(text: str) -> Fetch:
    """Imports the function MODULE:FUNCTION."""
    module, _, name = text.partition(":")
    try:
        function: Callable[[str], str] = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise VmafError(f"--fetch {text}: it must be MODULE:FUNCTION ({error})") from error
    return function


if __name__ == "__main__":
    sys.exit(main())
