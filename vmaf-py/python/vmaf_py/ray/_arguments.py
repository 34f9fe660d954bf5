"""Arguments that `python -m vmaf_py.ray` shares with `vmaf batch` and `vmaf score`, and their
conversion to keyword arguments of `vmaf_py.score`."""

from __future__ import annotations

import argparse
from typing import Any


def measurement_parser() -> argparse.ArgumentParser:
    """Returns a parser of measurement options."""
    parser = argparse.ArgumentParser(
        add_help=False, allow_abbrev=False, argument_default=argparse.SUPPRESS
    )
    group = parser.add_argument_group(
        "measurement", "Described by 'vmaf score --help'; also arguments of vmaf_py.score."
    )
    add = group.add_argument
    models = group.add_mutually_exclusive_group()
    models.add_argument(
        "-m",
        "--model",
        action="append",
        metavar="MODEL",
        help="model name, auto, or path of a model file; may be repeated",
    )
    models.add_argument("--no-model", action="store_true", help="measure metrics only")
    add(
        "--metric",
        "--feature",
        action="append",
        metavar="METRIC",
        help="metric with its options, such as psnr; may be repeated",
    )
    add("--frames", metavar="A..B", help="score frames A to B - 1")
    sampling = group.add_mutually_exclusive_group()
    sampling.add_argument("--every", type=int, metavar="N", help="score every Nth frame")
    sampling.add_argument("--sample", metavar="N|SHARE", help="score a random sample of frames")
    add("--shortest", action="store_true", help="if lengths differ, score the common part")
    add("--align", choices=["time", "frames", "content", "unchecked"], help="pairing of frames")
    add("--offset", type=int, metavar="N", help="frames to skip at the start of the encodes")
    add("--scaler", choices=["bilinear", "bicubic", "lanczos"], help="filter that scales encodes")
    add("--score-at", metavar="WxH", help="scale the reference and the encodes to this size")
    add("--no-scale", action="store_true", help="reject encodes of another size")
    add("--crop", metavar="auto|W:H:X:Y", help="score a part of the picture")
    add("--crop-encode", metavar="W:H:X:Y", help="part of the encodes that shows the --crop part")
    add("--geometry", choices=["checked", "unchecked"], help="check for shifted or zoomed pictures")
    add("--assume-range", choices=["limited", "full"], help="color range of files without one")
    add("--accept", action="append", metavar="WHAT", help="color, hdr, interlaced, changes, damage")
    add("--film-grain", choices=["on", "off"], help="decode with or without film grain")
    add("--size", metavar="WxH", help="size of raw video")
    add("--pix-fmt", metavar="FMT", help="pixel format of raw video")
    add("--bit-depth", type=int, metavar="N", help="bit depth of raw video")
    add("--fps", metavar="R", help="frame rate of raw video")
    add("--stream", metavar="N[,N...]", help="video stream to read, by its number in the file")
    return parser


def measurement_keywords(args: argparse.Namespace) -> dict[str, Any]:
    """Returns the parsed measurement options as keyword arguments of `vmaf_py.score`."""
    options = {
        name: getattr(args, name)
        for name in (
            *("model", "frames", "every", "sample", "shortest", "align", "offset", "fps"),
            *("scaler", "score_at", "crop", "crop_encode", "geometry", "assume_range"),
            *("film_grain", "size", "pix_fmt", "bit_depth", "stream"),
        )
        if hasattr(args, name)
    }
    if hasattr(args, "no_model"):
        options["model"] = None
    if hasattr(args, "metric"):
        options["metrics"] = args.metric
    if hasattr(args, "no_scale"):
        options["scale"] = False
    if hasattr(args, "accept"):
        options["accept"] = [name for text in args.accept for name in text.split(",")]
    return options


def gate_parser() -> argparse.ArgumentParser:
    """Returns a parser of gates and pools."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    group = parser.add_argument_group("gates and pools")
    group.add_argument(
        "--gate",
        action="append",
        default=[],
        metavar="GATE",
        help="fail unless a score meets this condition, such as 'mean>=93'; may be repeated",
    )
    group.add_argument(
        "--fail-under",
        dest="gate",
        action="append",
        type=lambda score: f"mean>={float(score)}",
        metavar="SCORE",
        help="short for --gate 'mean>=SCORE'",
    )
    group.add_argument(
        "--pool",
        action="append",
        default=[],
        metavar="POOL",
        help="additional pool in the results, such as p10; may be repeated",
    )
    return parser
