"""The notebook that compares two encoders: it runs, with outputs like the committed ones."""

import json
import os
import re
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest
from clips import film, planes_420, write_y4m

import vmaf_py as vq

nbformat = pytest.importorskip("nbformat")
pytest.importorskip("nbclient")
pytest.importorskip("ipykernel")
pytest.importorskip("matplotlib")
pytest.importorskip("pandas")
imageio_ffmpeg = pytest.importorskip("imageio_ffmpeg")

from record_notebook import METADATA, digest, execute  # noqa: E402

HERE = Path(__file__).parent
NOTEBOOK = HERE.parents[1] / "docs" / "notebooks" / "encoders.ipynb"
MAX_BYTES = 600_000
PATHS = r"(?<![<\w])/(?:tmp|home|root|usr|work|var|Users)\b|[A-Z]:\\\\"
"""Start of an absolute path on various systems."""


def encoders():
    """Returns the list of encoders of the notebook's FFmpeg; empty without an FFmpeg."""
    try:
        program = os.environ.get("VMAF_FFMPEG") or imageio_ffmpeg.get_ffmpeg_exe()
    except RuntimeError:
        return ""
    command = [program, "-hide_banner", "-encoders"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.fixture(scope="module")
def committed():
    return nbformat.read(NOTEBOOK, as_version=4)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Returns the notebook after a run with a generated clip. An error in a cell fails the test."""
    if not {"libx264", "libsvtav1", "ffv1"} <= set(encoders().split()):
        pytest.skip("needs an FFmpeg with the encoders libx264, libsvtav1 and ffv1")
    folder = tmp_path_factory.mktemp("notebook")
    clip = write_y4m(folder / "clip.y4m", planes_420(film(48, 180, 320)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VMAF_CLIP", str(clip))
        # Matplotlib's default in a notebook, which shows figures in cells.
        patch.delenv("MPLBACKEND", raising=False)
        return execute(NOTEBOOK, folder)


def code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def printed(notebook):
    """Returns the standard output of all cells."""
    return "".join(
        output.text
        for cell in code(notebook)
        for output in cell.outputs
        if output.output_type == "stream" and output.name == "stdout"
    )


def kinds(cell):
    """Returns the types of a cell's outputs, without warnings, which depend on the clip."""
    types = set()
    for output in cell.outputs:
        if output.output_type == "stream":
            types |= {output.name} - {"stderr"}
        else:
            types |= set(output.data)
    return types


def figures(notebook):
    return sum("image/png" in kinds(cell) for cell in code(notebook))


def printed_bd_rate(notebook, metric):
    [value] = re.findall(rf"^BD-rate by {metric}: ([+-]\d+\.\d) %$", printed(notebook), re.M)
    return float(value)


class Cells(HTMLParser):
    """Parser of an HTML table; collects the texts of its cells by row."""

    def __init__(self):
        super().__init__()
        self.rows = []

    def handle_starttag(self, tag, attrs):
        if tag == "tr":
            self.rows.append([])

    def handle_data(self, data):
        if data.strip() and self.rows:
            self.rows[-1].append(data.strip())


def curves(notebook, column):
    """Returns the curve of each encoder, from a column of the displayed table."""
    [cell] = [cell for cell in code(notebook) if cell.id == "table"]
    parser = Cells()
    parser.feed(cell.outputs[0].data["text/html"].split("<table")[1])
    head, *rows = parser.rows
    index = head.index(column) - len(head)
    points = {}
    for row in rows:
        bitrate, quality = row[head.index("kbit/s") - len(head)], row[index]
        points.setdefault(row[1], []).append((float(bitrate), float(quality)))
    return [vq.rd_curve(values, label=encoder) for encoder, values in points.items()]


def with_higher_quality(curve, gain):
    """Returns a curve with `gain` added to all qualities."""
    return vq.rd_curve([(point.bitrate, point.quality + gain) for point in curve.points])


@pytest.mark.parametrize("metric, column", [("VMAF", "VMAF_mean"), ("PSNR", "psnr_y_mean")])
@pytest.mark.parametrize("which", ["run", "committed"])
@pytest.mark.filterwarnings("ignore::vmaf_py.research.SmallOverlapWarning")
def test_printed_bd_rates_match_the_table(which, metric, column, request):
    notebook = request.getfixturevalue(which)
    anchor, test = curves(notebook, column)
    assert (anchor.label, len(anchor), test.label, len(test)) == ("x264", 5, "SVT-AV1", 5)
    # Qualities in the table are rounded to one decimal, so they may be off by 0.05. Rounding of the
    # bitrates adds half a per cent.
    bounds = [
        vq.bd_rate(with_higher_quality(anchor, -error), with_higher_quality(test, error))
        for error in (-0.05, 0.05)
    ]
    assert min(bounds) - 0.5 < printed_bd_rate(notebook, metric) < max(bounds) + 0.5


def test_figures(run):
    assert figures(run) == 5
    for cell in code(run):
        for output in cell.outputs:
            assert output.output_type != "error"
            if "image/png" in output.get("data", {}):
                # Larger than a figure with empty axes.
                assert len(output.data["image/png"]) > 20_000


def test_committed_outputs_are_of_the_committed_code(committed):
    assert committed.metadata.code_digest == digest(committed), "run record_notebook.py"
    assert [cell.execution_count for cell in code(committed)] == list(
        range(1, len(code(committed)) + 1)
    )
    for cell in code(committed):
        assert not cell.metadata, cell.id
        for output in cell.outputs:
            assert output.get("name") != "stderr", cell.id
            assert output.get("execution_count") in (None, cell.execution_count)


def test_committed_outputs_have_the_types_of_a_run(committed, run):
    assert [cell.source for cell in committed.cells] == [cell.source for cell in run.cells]
    for committed_cell, cell in zip(code(committed), code(run), strict=True):
        assert kinds(committed_cell) == kinds(cell), cell.id


def test_committed_notebook_has_no_paths_of_a_machine(committed):
    assert NOTEBOOK.stat().st_size < MAX_BYTES
    assert committed.metadata == {**METADATA, "code_digest": digest(committed)}
    for cell in code(committed):
        for output in cell.outputs:
            data = {k: v for k, v in output.get("data", {}).items() if k != "image/png"}
            text = json.dumps(data) + output.get("text", "")
            assert not re.findall(PATHS, text), cell.id
