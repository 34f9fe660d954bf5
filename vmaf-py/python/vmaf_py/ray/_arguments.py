"""Arguments of `python -m vmaf_py.ray` that `vmaf batch` and `vmaf score` have too, by the same
names, and the keyword arguments of `vmaf_py.score` that they are."""

from __future__ import annotations

import argparse
from typing import Any


def measuring() -> argparse.ArgumentParser:
    """Arguments that say how videos are measured."""
    parser = argparse.ArgumentParser(
        add_help=False, allow_abbrev=False, argument_default=argparse.SUPPRESS
    )
    group = parser.add_argument_group(
        "measuring", "As 'vmaf score --help' has them; each is an argument of vmaf_py.score too."
    )
    add = group.add_argument
    models = group.add_mutually_exclusive_group()
    models.add_argument("-m", "--model", action="append", metavar="MODEL", help="may be repeated")
    models.add_argument("--no-model", action="store_true", help="measure metrics only")
    add("--metric", "--feature", action="append", metavar="METRIC", help="may be repeated")
    add("--frames", metavar="A..B", help="score frames A to B-1")
    sampling = group.add_mutually_exclusive_group()
    sampling.add_argument("--every", type=int, metavar="N", help="score every Nth frame")
    sampling.add_argument("--sample", metavar="N|SHARE", help="score a random sample of frames")
    add("--shortest", action="store_true", help="score what both have, of different lengths")
    add("--align", choices=["time", "frames", "content", "unchecked"], help="how frames are paired")
    add("--offset", type=int, metavar="N", help="frames to leave out at the encodes' start")
    add("--scaler", choices=["bilinear", "bicubic", "lanczos"], help="how encodes are scaled")
    add("--score-at", metavar="WxH", help="scale the reference and the encodes to this size")
    add("--no-scale", action="store_true", help="refuse encodes of another size")
    add("--crop", metavar="auto|W:H:X:Y", help="score a part of the picture")
    add("--crop-encode", metavar="W:H:X:Y", help="the part of the encodes' pictures that shows it")
    add("--geometry", choices=["checked", "unchecked"], help="whether pictures' places are proved")
    add("--assume-range", choices=["limited", "full"], help="the range of files without one")
    add("--accept", action="append", metavar="WHAT", help="color, hdr, interlaced, ...: it is fine")
    add("--film-grain", choices=["on", "off"], help="whether decoders add film grain")
    add("--size", metavar="WxH", help="the size of raw video")
    add("--pix-fmt", metavar="FMT", help="the pixel format of raw video")
    add("--bit-depth", type=int, metavar="N", help="the bits a sample of raw video")
    add("--fps", metavar="R", help="the frame rate of raw video")
    add("--stream", metavar="N[,N...]", help="the stream to read of files that have several")
    return parser


def measured(given: argparse.Namespace) -> dict[str, Any]:
    """The keyword arguments of `vmaf_py.score` that were given."""
    options = {
        name: getattr(given, name)
        for name in (
            *("model", "frames", "every", "sample", "shortest", "align", "offset", "fps"),
            *("scaler", "score_at", "crop", "crop_encode", "geometry", "assume_range"),
            *("film_grain", "size", "pix_fmt", "bit_depth", "stream"),
        )
        if hasattr(given, name)
    }
    if hasattr(given, "no_model"):
        options["model"] = None
    if hasattr(given, "metric"):
        options["metrics"] = given.metric
    if hasattr(given, "no_scale"):
        options["scale"] = False
    if hasattr(given, "accept"):
        options["accept"] = [what for text in given.accept for what in text.split(",")]
    return options


def judging() -> argparse.ArgumentParser:
    """Arguments that say how results are judged."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    group = parser.add_argument_group("judging")
    group.add_argument(
        "--gate",
        action="append",
        default=[],
        metavar="GATE",
        help="fail unless a score reaches this, as 'mean>=93'; may be repeated",
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
        help="one more way to make one number of all frames, as p10; may be repeated",
    )
    return parser
