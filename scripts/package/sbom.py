#!/usr/bin/env python3
"""Writes a software bill of materials beside each package: PACKAGE.cdx.json, in CycloneDX 1.6.

    scripts/package/sbom.py PACKAGE...

It lists the crates that are linked into the package, with their licences, digests and dependencies as
Cargo.lock and the crates state them, and what else is in it: the models, uPlot in reports, Rust's standard
library. Debian packages link the system's libraries as well, which their control files name. The bill of the
source archive, which contains no dependencies, lists what a build on this machine links. The same package
gives the same bill.
"""

import hashlib
import json
import os
import re
import subprocess
import sys
import time
import tomllib
import uuid
from pathlib import Path

from licences import UPLOT, linked_crates

# The names of packages, the workspace's crates in them, and the options that they are built with.
# `{}` is the target in the name, or the machine's own.
PACKAGES = [
    (r"vmaf-rs_.*\.deb", "vmaf-cli", ["--target", "{}"]),
    (r"libvmaf(3-rs|-rs-dev)_.*\.deb", "vmaf-capi", ["--target", "{}"]),
    (r"vmaf-rs-[\d.]+\.tar\.gz", None, []),
    (r"vmaf-[\d.]+-(?P<target>.+)\.(tar\.gz|zip)", "vmaf-cli", ["--no-default-features", "--target", "{}"]),
    (r"vmaf_py-.*\.whl", "vmaf-py", ["--target", "{}"]),
]  # fmt: skip

# The targets of wheels, by the last part of their names.
WHEEL_TARGETS = {
    r"manylinux.*_(x86_64|aarch64)": "{}-unknown-linux-gnu",
    r"macosx.*_arm64": "aarch64-apple-darwin",
    r"macosx.*_x86_64": "x86_64-apple-darwin",
    r"win_amd64": "x86_64-pc-windows-msvc",
}


def built_from(name: str) -> tuple[str | None, list[str]]:
    """Returns the crate that a package contains, and the options that it is built with."""
    host = re.search(r"^host: (.*)$", rustc(), re.MULTILINE).group(1)
    for pattern, crate, options in PACKAGES:
        found = re.fullmatch(pattern, name)
        if not found:
            continue
        target = found.groupdict().get("target", host)
        for platform, of_platform in WHEEL_TARGETS.items():
            if wheel := re.search(platform + r"\.whl$", name):
                target = of_platform.format(*wheel.groups())
        return crate, [option.format(target) for option in options]
    sys.exit(f"{name}: not the name of a package")


def rustc() -> str:
    command = ["rustc", "--version", "--verbose"]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def purl(crate: dict) -> str:
    return f"pkg:cargo/{crate['name']}@{crate['version']}"


def component(crate: dict, digests: dict[tuple[str, str], str]) -> dict:
    """Returns the component of a crate."""
    found = {
        "type": "library",
        "bom-ref": purl(crate),
        "name": crate["name"],
        "version": crate["version"],
        "purl": purl(crate),
        "scope": "required",
    }
    if crate["license"]:
        # "MIT/Apache-2.0" is how crates wrote expressions once.
        expression = crate["license"].replace("/", " OR ")
        found["licenses"] = [{"expression": expression}]
    if digest := digests.get((crate["name"], crate["version"])):
        found["hashes"] = [{"alg": "SHA-256", "content": digest}]
    if crate["repository"]:
        found["externalReferences"] = [{"type": "vcs", "url": crate["repository"]}]
    return found


def other_components(package: str | None) -> list[dict]:
    """Returns the components of a package that are no crates."""
    release = re.search(r"^release: (.*)$", rustc(), re.MULTILINE).group(1)
    found = [
        {
            "type": "library",
            "bom-ref": "rust-std",
            "name": "rust-std",
            "version": release,
            "description": "the standard library of Rust",
            "licenses": [{"expression": "MIT OR Apache-2.0"}],
        },
        {
            "type": "machine-learning-model",
            "bom-ref": "vmaf-models",
            "name": "vmaf-models",
            "description": "coefficients of Netflix's VMAF models",
            "licenses": [{"expression": "BSD-2-Clause-Patent"}],
        },
    ]
    if package != "vmaf-capi":
        script = next(Path(UPLOT).parent.glob("*.js")).read_text(encoding="utf-8")
        version = re.search(r"\(v?(\d+\.\d+\.\d+)\)|v(\d+\.\d+\.\d+)", script[:500])
        uplot = {"type": "library", "bom-ref": "uplot", "name": "uplot"}
        if version:
            uplot["version"] = next(filter(None, version.groups()))
            uplot["purl"] = f"pkg:npm/uplot@{uplot['version']}"
        uplot["licenses"] = [{"expression": "MIT"}]
        found.append(uplot)
    return found


def bill(file: Path) -> dict:
    """Returns the bill of materials of a package."""
    package, options = built_from(file.name)
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    lock = tomllib.loads(Path("Cargo.lock").read_text(encoding="utf-8"))["package"]
    digests = {(of["name"], of["version"]): of.get("checksum", "") for of in lock}
    crates, metadata = linked_crates(package, options)
    by_id = {crate["id"]: crate for crate in crates}
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    dependencies = [
        {
            "ref": purl(crate),
            "dependsOn": sorted(purl(by_id[of]) for of in nodes[id_]["dependencies"] if of in by_id),
        }
        for id_, crate in by_id.items()
    ]
    others = other_components(package)
    own = [crate for crate in crates if crate["source"] is None]
    roots = [purl(crate) for crate in own if package in (None, crate["name"])]
    version = next(crate["version"] for crate in own)
    seconds = int(os.environ.get("SOURCE_DATE_EPOCH", file.stat().st_mtime))
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, digest)}",
        "version": 1,
        "metadata": {
            "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds)),
            "component": {
                "type": "application",
                "bom-ref": file.name,
                "name": file.name,
                "version": version,
                "hashes": [{"alg": "SHA-256", "content": digest}],
                "licenses": [{"expression": "MIT OR Apache-2.0"}],
            },
        },
        "components": [component(crate, digests) for crate in crates] + others,
        "dependencies": [
            {"ref": file.name, "dependsOn": sorted(roots + [of["bom-ref"] for of in others])},
            *sorted(dependencies, key=lambda of: of["ref"]),
        ],
    }


def main() -> None:
    for name in sys.argv[1:]:
        file = Path(name)
        text = json.dumps(bill(file), indent=1, ensure_ascii=False) + "\n"
        file.with_name(f"{file.name}.cdx.json").write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
