#!/usr/bin/env python3
"""Prints the licences of the crates that a package of the workspace contains, with their texts.

    scripts/package/licences.py PACKAGE [OPTION OF cargo tree...]

The options select the target and the features, such as `--no-default-features`.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

LICENCE_FILE = re.compile(r"(licen[cs]e|copying|copyright|notice|unlicense)", re.IGNORECASE)

MODELS = "vmaf-core/models/README.md"
UPLOT = "vmaf/src/output/html/uplot/LICENSE"


def cargo(*arguments: str) -> str:
    command = ["cargo", "--quiet", *arguments]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def linked_crates(package: str | None, options: list[str]) -> tuple[list[dict], dict]:
    """Returns the metadata of the crates that are linked into a package of the workspace, or into any,
    by name, and all metadata."""
    of = ["--package", package] if package else ["--workspace"]
    tree = cargo(
        "tree", "--locked", *of, "--edges", "normal,no-proc-macro",
        "--prefix", "none", "--format", "{p}", *options,
    )  # fmt: skip
    linked = {tuple(line.split()[:2]) for line in tree.splitlines() if line}
    metadata = json.loads(cargo("metadata", "--locked", "--format-version", "1"))
    found = [
        crate
        for crate in metadata["packages"]
        if (crate["name"], f"v{crate['version']}") in linked
    ]
    return sorted(found, key=lambda crate: (crate["name"], crate["version"])), metadata


def texts(crate: dict) -> list[str]:
    """Returns the texts of the licence files in a crate's folder."""
    folder = Path(crate["manifest_path"]).parent
    files = sorted(path for path in folder.iterdir() if LICENCE_FILE.match(path.name))
    return [
        file.read_text(encoding="utf-8", errors="replace").replace("\r\n", "\n").strip()
        for file in files
        if file.is_file()
    ]


def add(with_text: dict[str, tuple[str, list[str]]], text: str, name: str) -> None:
    """Adds a name to those that a text is for."""
    with_text.setdefault(" ".join(text.split()), (text, []))[1].append(name)


def main() -> None:
    package, *options = sys.argv[1:]
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")
    # Each text once, with the names of its crates; texts that differ in white space alone are one.
    with_text: dict[str, tuple[str, list[str]]] = {}
    found = [crate for crate in linked_crates(package, options)[0] if crate["source"]]
    print("This program contains the crates below, and the standard library of Rust (MIT or Apache-2.0).")
    print("The texts of their licences follow.\n")
    for crate in found:
        print(f"{crate['name']} {crate['version']}: {crate['license']}")
        for text in texts(crate):
            add(with_text, text, crate["name"])
    models = Path(MODELS).read_text(encoding="utf-8").split("```text\n")[-1].split("```")[0].strip()
    add(with_text, models, "the coefficients of the VMAF models")
    if package != "vmaf-capi":
        add(with_text, Path(UPLOT).read_text(encoding="utf-8").strip(), "uPlot, in reports")
    for text, names in with_text.values():
        print(f"\n{'=' * 80}\n{', '.join(dict.fromkeys(names))}\n{'=' * 80}\n\n{text}")


if __name__ == "__main__":
    main()
