"""Examples in the README files run as written."""

import re
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
from clips import blurred, film, planes_420, write_y4m

import vmaf_py as vq

HERE = Path(__file__).parent
PAGES = [HERE.parent / "README.md", HERE.parents[1] / "README.md"]


def examples():
    """Yields the Python examples of the pages."""
    for page in PAGES:
        text = page.read_text()
        for number, match in enumerate(re.finditer(r"^```python\n(.*?)^```", text, re.S | re.M)):
            name = "package" if page is PAGES[0] else "project"
            yield pytest.param(match[1], id=f"{name}-{number}")


@pytest.mark.parametrize("code", [*examples()])
def test_example(code, tmp_path, monkeypatch):
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    monkeypatch.chdir(tmp_path)
    # y4m files with the names of the examples: the format is detected from their content.
    source = film(60, 216, 384)
    for name, frames in {
        "src.mp4": source,
        "enc.mp4": blurred(source),
        "a.mp4": blurred(source),
        "b.mp4": blurred(blurred(source)),
        "film.mp4": source,
        "encode.mp4": blurred(source),
    }.items():
        write_y4m(tmp_path / name, planes_420(frames))
    (tmp_path / "list.csv").write_text("reference,distorted\nsrc.mp4,a.mp4\nsrc.mp4,b.mp4\n")
    if "vmaf_py.ray" in code:
        pytest.importorskip("ray")
    namespace = {"reference": source, "distorted": blurred(source), "np": np}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", vq.VmafWarning)
        exec(compile(code, "README", "exec"), namespace)
    if "save(" in code and "report.html" in code:
        assert (tmp_path / "report.html").stat().st_size > 50_000
    matplotlib.pyplot.close("all")
    if "ray" in sys.modules:
        sys.modules["ray"].shutdown()
