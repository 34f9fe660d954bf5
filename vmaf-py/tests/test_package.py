"""The installed package: imports, public names, documentation and dependencies."""

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


def test_package_is_installed():
    assert "site-packages" in Path(vq.__file__).parts
    assert vq.__version__ == importlib.metadata.version("vmaf-py")


HEAVY = {"numpy", "matplotlib", "pandas", "polars", "sklearn", "scipy", "ray", "imageio_ffmpeg"}


def imported_modules(code):
    """Returns the modules that `code` imports, without those of an empty program."""
    lists = [
        subprocess.run(
            [sys.executable, "-c", f"import sys\n{program}\nprint(*sys.modules)"],
            check=True,
            capture_output=True,
            text=True,
        ).stdout.split()
        for program in (code, "")
    ]
    return set(lists[0]) - set(lists[1])


def test_import_loads_few_modules():
    """Heavy dependencies, and modules that aren't used yet, are not imported."""
    package = imported_modules("import vmaf_py")
    assert not HEAVY & package
    assert len(package) < 50, package
    scoring = imported_modules("import vmaf_py; vmaf_py.score") - imported_modules("import numpy")
    assert not (HEAVY - {"numpy"}) & {name.partition(".")[0] for name in scoring}
    assert len(scoring) < 50, scoring


def test_command_loads_few_modules():
    version = subprocess.run([command(), "--version"], check=True, capture_output=True, text=True)
    assert version.stdout.startswith("vmaf ")
    modules = imported_modules("import vmaf_py._command")
    assert not HEAVY & modules
    assert len(modules) < 50, modules


def test_type_information_and_size():
    files = importlib.resources.files("vmaf_py")
    assert files.joinpath("py.typed").is_file()
    assert files.joinpath("_native.pyi").is_file()
    installed = importlib.metadata.files("vmaf-py")
    assert sum(file.size or 0 for file in installed) < 25e6


def test_extras_are_declared():
    metadata = importlib.metadata.metadata("vmaf-py")
    extras = {"ffmpeg", "pandas", "polars", "plot", "train", "ray", "all"}
    assert set(metadata.get_all("Provides-Extra")) == extras


def test_public_names_are_documented():
    assert dir(vq) == sorted(vq.__all__)
    for name in vq.__all__:
        if name != "__version__":
            assert getattr(vq, name).__doc__, name
    with pytest.raises(AttributeError, match="scroe"):
        vq.scroe  # noqa: B018


def test_docstrings():
    for name in ["", "._score", "._scorer", "._verdicts", ".metrics", ".maps"]:
        module = importlib.import_module(f"vmaf_py{name}")
        result = doctest.testmod(module, optionflags=doctest.NORMALIZE_WHITESPACE)
        assert result.failed == 0, module
        assert result.attempted > 0, module


def test_native_module_needs_only_standard_libraries():
    """It links only to libraries that every Linux has."""
    if not sys.platform.startswith("linux"):
        pytest.skip("needs ldd")
    output = subprocess.run(
        ["ldd", vq._native.__file__], check=True, capture_output=True, text=True
    ).stdout
    names = set(re.findall(r"^\s*(?:\S*/)?([\w+-]+)\.so", output, re.MULTILINE))
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
    }, output


def test_error_hierarchy():
    errors = [vq.VideoError, vq.PartialError]
    assert all(issubclass(error, vq.VmafError) for error in errors)
    assert issubclass(vq.VmafError, ValueError)
    flat = np.zeros((2, 64, 64), np.uint8)
    with pytest.raises(ValueError, match="uint16"):
        vq.score(flat.astype(np.uint16), flat)
