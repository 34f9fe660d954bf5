"""The package as it is installed."""

import doctest
import importlib
import importlib.metadata
import importlib.resources
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from clips import command

import vmaf_py as vq

HERE = Path(__file__).parent


def test_it_is_the_installed_one():
    assert "site-packages" in Path(vq.__file__).parts
    assert vq.__version__ == importlib.metadata.version("vmaf-py")


HEAVY = {"numpy", "matplotlib", "pandas", "polars", "sklearn", "scipy", "ray", "imageio_ffmpeg"}


def imported(code):
    """The modules that `code` adds to those of an interpreter that does nothing."""
    lists = [
        subprocess.run(
            [sys.executable, "-c", f"import sys\n{one}\nprint(*sys.modules)"],
            check=True,
            capture_output=True,
            text=True,
        ).stdout.split()
        for one in (code, "")
    ]
    return set(lists[0]) - set(lists[1])


def test_importing_it_costs_little():
    """Few modules, which take a tenth of a second, and nothing large; the rest comes when needed."""
    alone = imported("import vmaf_py")
    assert not HEAVY & alone
    assert len(alone) < 50, alone
    scoring = imported("import vmaf_py; vmaf_py.score") - imported("import numpy")
    assert not (HEAVY - {"numpy"}) & {name.partition(".")[0] for name in scoring}
    assert len(scoring) < 50, scoring


def test_the_command_starts_at_once():
    version = subprocess.run([command(), "--version"], check=True, capture_output=True, text=True)
    assert version.stdout.startswith("vmaf ")
    needed = imported("import vmaf_py._command")
    assert not HEAVY & needed
    assert len(needed) < 50, needed


def test_it_is_typed_and_small():
    files = importlib.resources.files("vmaf_py")
    assert files.joinpath("py.typed").is_file()
    assert files.joinpath("_native.pyi").is_file()
    installed = importlib.metadata.files("vmaf-py")
    assert sum(file.size or 0 for file in installed) < 25e6


def test_extras_are_declared():
    metadata = importlib.metadata.metadata("vmaf-py")
    extras = {"ffmpeg", "pandas", "polars", "plot", "train", "ray", "all"}
    assert set(metadata.get_all("Provides-Extra")) == extras


def test_what_is_public_is_there_and_documented():
    assert dir(vq) == sorted(vq.__all__)
    for name in vq.__all__:
        if name != "__version__":
            assert getattr(vq, name).__doc__, name
    with pytest.raises(AttributeError, match="scroe"):
        vq.scroe  # noqa: B018


def test_docstrings():
    for name in ["", "._score", "._scorer", "._verdicts", ".metrics", ".maps"]:
        module = importlib.import_module(f"vmaf_py{name}")
        tried = doctest.testmod(module, optionflags=doctest.NORMALIZE_WHITESPACE)
        assert tried.failed == 0, module
        assert tried.attempted > 0, module


def test_no_library_of_the_system_is_needed():
    """The native module links to what every Linux has, and to nothing else."""
    if not sys.platform.startswith("linux"):
        pytest.skip("libraries are told by ldd")
    told = subprocess.run(
        ["ldd", vq._native.__file__], check=True, capture_output=True, text=True
    ).stdout
    names = set(re.findall(r"^\s*(?:\S*/)?([\w+-]+)\.so", told, re.MULTILINE))
    assert names <= {
        "linux-vdso",
        "libc",
        "libm",
        "libgcc_s",
        "libpthread",
        "libdl",
        "librt",
        "libutil",
        "ld-linux-x86-64",
        "ld-linux-aarch64",
    }, told


def test_errors_are_one_tree():
    errors = [vq.VideoError, vq.PartialError]
    assert all(issubclass(error, vq.VmafError) for error in errors)
    assert issubclass(vq.VmafError, ValueError)
    flat = np.zeros((2, 64, 64), np.uint8)
    with pytest.raises(ValueError, match="uint16"):
        vq.score(flat.astype(np.uint16), flat)
