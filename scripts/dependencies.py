#!/usr/bin/env python3
"""Compares Cargo.lock with the record of reviewed dependencies in docs/dependencies.md.

    scripts/dependencies.py

Fails if a crate that the packages use directly has no row there, or if the build script of any crate, which
runs where the project is built, is not the one whose digest is recorded. Prints what is missing.
"""

import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path

RECORD = Path("docs/dependencies.md")

# The digits of digests in the record.
DIGITS = 16

# Members of the workspace that no package contains.
NOT_PACKAGED = {"vmaf-benches", "workspace-features"}


def cargo(*arguments: str) -> str:
    command = ["cargo", "--quiet", *arguments]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def direct_dependencies(metadata: dict) -> set[str]:
    """Returns the names of crates of others that the packages use."""
    packages = {package["id"]: package for package in metadata["packages"]}
    found = set()
    for node in metadata["resolve"]["nodes"]:
        package = packages[node["id"]]
        if package["source"] is None and package["name"] not in NOT_PACKAGED:
            for dependency in node["deps"]:
                is_used = any(kind["kind"] is None for kind in dependency["dep_kinds"])
                other = packages[dependency["pkg"]]
                if is_used and other["source"] is not None:
                    found.add(other["name"])
    return found


def build_scripts(metadata: dict) -> dict[str, str]:
    """Returns the digests of the build scripts that run when the workspace is built, by crate."""
    tree = cargo(
        "tree", "--locked", "--workspace", "--edges", "normal,build", "--target", "all",
        "--prefix", "none", "--format", "{p}",
    )  # fmt: skip
    built = {tuple(line.split()[:2]) for line in tree.splitlines() if line}
    found = {}
    for package in metadata["packages"]:
        is_built = (package["name"], f"v{package['version']}") in built
        for target in package["targets"] if is_built and package["source"] else []:
            if "custom-build" in target["kind"]:
                script = Path(target["src_path"]).read_bytes()
                found[package["name"]] = hashlib.sha256(script).hexdigest()[:DIGITS]
    return found


def main() -> None:
    record = RECORD.read_text(encoding="utf-8")
    metadata = json.loads(cargo("metadata", "--locked", "--format-version", "1"))
    rows = set(re.findall(r"^\| `([\w-]+)` \|", record, re.MULTILINE))
    missing = [f"{name} has no row" for name in sorted(direct_dependencies(metadata) - rows)]
    recorded = dict(re.findall(rf"^\| `([\w-]+)` \| `([0-9a-f]{{{DIGITS}}})` \|", record, re.MULTILINE))
    for name, digest in sorted(build_scripts(metadata).items()):
        if recorded.get(name) != digest:
            missing.append(f"{name} has a new build script: read it and record `{digest}`")
    for line in missing:
        print(f"{RECORD}: {line}", file=sys.stderr)
    sys.exit(bool(missing))


if __name__ == "__main__":
    main()
