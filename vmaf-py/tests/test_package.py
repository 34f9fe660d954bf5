"""The package as it is installed."""

import doctest
import importlib
import importlib.metadata
import importlib.resources
import re
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from clips import command

import vmaf_py as vq

HERE = Path(__file__).parent


def test_it_is_the_installed_one():
    assert "site-packages" in Path(vq.__file__).parts
    assert vq.__version__ == importlib.metadata.version("vmaf-py")


def fastest(words):
    """The least time that a process took of five, in seconds, and what it printed."""
    seconds = []
    for _ in range(5):
        begun = time.perf_counter()
        told = subprocess.run(words, check=True, capture_output=True, text=True).stdout
        seconds.append(time.perf_counter() - begun)
    return min(seconds), told


def test_importing_it_costs_little():
    """Under 100 ms, which the interpreter alone doesn't count in; what is needed comes later."""
    empty, _ = fastest([sys.executable, "-c", ""])
    took, modules = fastest(
        [
            sys.executable,
            "-c",
            "import sys, vmaf_py; print(*{m.split('.')[0] for m in sys.modules})",
        ]
    )
    assert took - empty < 0.1
    heavy = {"numpy", "matplotlib", "pandas", "polars", "sklearn", "scipy", "ray", "imageio_ffmpeg"}
    assert not heavy & set(modules.split())
    with_score, modules = fastest(
        [sys.executable, "-c", "import sys, vmaf_py; vmaf_py.score; print(*sys.modules)"]
    )
    numpy, _ = fastest([sys.executable, "-c", "import numpy"])
    assert with_score - numpy < 0.1
    assert not (heavy - {"numpy"}) & {module.split(".")[0] for module in modules.split()}


def test_the_command_starts_at_once():
    empty, _ = fastest([sys.executable, "-c", ""])
    took, version = fastest([command(), "--version"])
    assert version.startswith("vmaf ")
    assert took - empty < 0.15


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
