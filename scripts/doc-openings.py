#!/usr/bin/env python3
"""Counts the documentation summaries that open with a word such as "What" or "Whether".

    scripts/doc-openings.py [--list]

A summary is the opening of a documentation comment in a Rust file of any folder: a run of `///`,
`//!` or `#[doc = "..."]` lines, or a `/** */` or `/*! */` comment. Tests, benches, examples,
macros, private items, and the comments that become clap's help or PyO3's docstrings all count.
Help given as a string, such as `about = "..."`, and `#[doc = include_str!(...)]` do not.

Prints the share of each folder and of all, with --list also the summaries, and fails if the share
of all is above the limit.
"""

import re
import sys
from pathlib import Path

LIMIT = 4.0  # percent
WORDS = [
    "What",
    "How",
    "Whether",
    "Where",
    "Which",
    "That",
    "By",
    "Of",
    "Those",
    "When",
]

OPENING = re.compile(rf"\W*({'|'.join(WORDS)})\b")
LINE = re.compile(r"""\s*(?:///(?!/)|//!|\#!?\[doc\s*=\s*r?\#*")(?P<text>.*)""")
BLOCK = re.compile(r"\s*/\*(?:\*(?![*/])|!)(?P<text>.*)")
ROOT = Path(__file__).resolve().parent.parent


def summaries(lines: list[str]):
    """Yields the line number, from 1, and the first line of text of each documentation comment."""
    kind = None  # of the comment that the previous line belongs to
    pending = False  # whether that comment has no text yet
    for number, line in enumerate(lines, start=1):
        if kind == "block":
            text = re.sub(r"^\s*\*?(?!/)", "", line).split("*/")[0]
            ends = "*/" in line
            found = "block"
        elif match := BLOCK.match(line):
            text, ends, found, pending = (
                match["text"].split("*/")[0],
                "*/" in line,
                "block",
                True,
            )
        elif match := LINE.match(line):
            text, ends = match["text"], False
            found = "inner" if line.lstrip().startswith(("//!", "#!")) else "outer"
            pending = pending if kind == found else True
        else:
            kind, pending = None, False
            continue
        if pending and text.strip():
            yield number, text.strip()
            pending = False
        kind = None if ends else found


def main() -> int:
    counts: dict[str, list[int]] = {}
    listed = []
    folders = [path for path in ROOT.iterdir() if path.is_dir() and path.name[0] != "."]
    for folder in sorted(folders):
        if folder.name == "target":
            continue
        files = sorted(folder.rglob("*.rs"))
        count = [0, 0]
        for path in files:
            for number, text in summaries(
                path.read_text(encoding="utf-8").splitlines()
            ):
                count[0] += 1
                if OPENING.match(text):
                    count[1] += 1
                    listed.append(f"{path.relative_to(ROOT)}:{number}: {text}")
        if files:
            counts[folder.name] = count
    counts["all"] = [sum(column) for column in zip(*counts.values())]
    share = {
        folder: 100 * found / max(total, 1) for folder, (total, found) in counts.items()
    }
    too_many = share["all"] > LIMIT
    if too_many or "--list" in sys.argv[1:]:
        print(*listed, sep="\n")
    for folder, (total, found) in counts.items():
        print(f"{folder:20} {found:5} of {total:5} summaries  {share[folder]:5.2f} %")
    if too_many:
        print(
            f"More than {LIMIT} % of all open with {', '.join(WORDS)}.", file=sys.stderr
        )
    return too_many


if __name__ == "__main__":
    sys.exit(main())
