#!/usr/bin/env python3
"""Packs a folder into an archive, .tar.gz or .zip: the same files give the same archive.

    scripts/package/archive.py FOLDER ARCHIVE

The time of every file is that in SOURCE_DATE_EPOCH, and the owner is root.
"""

import gzip
import os
import sys
import tarfile
import time
import zipfile
from pathlib import Path


def entries(folder: Path) -> list[tuple[Path, str, int]]:
    """Returns the files of a folder in order: paths, names in the archive, modes."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    names = [f"{folder.name}/{path.relative_to(folder).as_posix()}" for path in paths]
    # Windows has no permission to execute.
    programs = {"vmaf", "vmaf.exe"}
    return [
        (path, name, 0o755 if path.name in programs else 0o644)
        for path, name in zip(paths, names)
    ]


def write_tar(folder: Path, archive: Path, seconds: int) -> None:
    with (
        open(archive, "wb") as file,
        gzip.GzipFile("", "wb", 9, file, mtime=0) as packed,
        tarfile.open(mode="w", fileobj=packed, format=tarfile.USTAR_FORMAT) as tar,
    ):
        for path, name, mode in entries(folder):
            entry = tarfile.TarInfo(name)
            entry.size = path.stat().st_size
            entry.mode = mode
            entry.mtime = seconds
            entry.uname = entry.gname = "root"
            with open(path, "rb") as content:
                tar.addfile(entry, content)


def write_zip(folder: Path, archive: Path, seconds: int) -> None:
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for path, name, mode in entries(folder):
            entry = zipfile.ZipInfo(name, time.gmtime(seconds)[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = mode << 16
            packed.writestr(entry, path.read_bytes())


def main() -> None:
    folder, archive = map(Path, sys.argv[1:])
    write = write_zip if archive.suffix == ".zip" else write_tar
    write(folder, archive, int(os.environ["SOURCE_DATE_EPOCH"]))


if __name__ == "__main__":
    main()
