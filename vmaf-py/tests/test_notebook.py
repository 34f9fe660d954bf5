"""The notebook about two encoders runs to its end, and shows what the committed one shows."""

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

from record_notebook import METADATA, digest, executed  # noqa: E402

HERE = Path(__file__).parent
NOTEBOOK = HERE.parents[1] / "docs" / "notebooks" / "encoders.ipynb"
MOST_BYTES = 600_000
PATHS = r"(?<![<\w])/(?:tmp|home|root|usr|work|var|Users)\b|[A-Z]:\\\\"
"""Absolute paths, as they begin on some system or other."""


def encoders():
    """What the FFmpeg that the notebook takes can encode; nothing without one."""
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
    """The notebook after a run with a generated clip, from which no cell may come with an error."""
    if not {"libx264", "libsvtav1", "ffv1"} <= set(encoders().split()):
        pytest.skip("there is no FFmpeg with the encoders libx264, libsvtav1 and ffv1")
    folder = tmp_path_factory.mktemp("notebook")
    clip = write_y4m(folder / "clip.y4m", planes_420(film(48, 180, 320)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VMAF_CLIP", str(clip))
        # Without it figures are shown in the notebook.
        patch.delenv("MPLBACKEND", raising=False)
        return executed(NOTEBOOK, folder)


def code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def printed(notebook):
    """All that the cells print, but for warnings."""
    return "".join(
        output.text
        for cell in code(notebook)
        for output in cell.outputs
        if output.output_type == "stream" and output.name == "stdout"
    )


def kinds(cell):
    """What a cell shows: the types of its outputs, but for warnings, which depend on the clip."""
    found = set()
    for output in cell.outputs:
        if output.output_type == "stream":
            found |= {output.name} - {"stderr"}
        else:
            found |= set(output.data)
    return found


def figures(notebook):
    return sum("image/png" in kinds(cell) for cell in code(notebook))


def delta(notebook, metric):
    """The BD-rate by a metric that is printed."""
    [value] = re.findall(rf"^BD-rate by {metric}: ([+-]\d+\.\d) %$", printed(notebook), re.M)
    return float(value)


class Cells(HTMLParser):
    """The texts of a data frame's cells."""

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
    """Each encoder's curve by a column of the table that is shown."""
    [cell] = [cell for cell in code(notebook) if cell.id == "table"]
    parser = Cells()
    parser.feed(cell.outputs[0].data["text/html"].split("<table")[1])
    head, *rows = parser.rows
    place = head.index(column) - len(head)
    points = {}
    for row in rows:
        bitrate, quality = row[head.index("kbit/s") - len(head)], row[place]
        points.setdefault(row[1], []).append((float(bitrate), float(quality)))
    return [vq.rd_curve(of_one, label=encoder) for encoder, of_one in points.items()]


def moved(curve, by):
    """A curve with all its qualities higher."""
    return vq.rd_curve([(point.bitrate, point.quality + by) for point in curve.points])


@pytest.mark.parametrize("metric, column", [("VMAF", "VMAF_mean"), ("PSNR", "psnr_y_mean")])
@pytest.mark.parametrize("which", ["run", "committed"])
@pytest.mark.filterwarnings("ignore::vmaf_py.research.SmallOverlapWarning")
def test_it_tells_the_bd_rates_of_its_table(which, metric, column, request):
    notebook = request.getfixturevalue(which)
    anchor, test = curves(notebook, column)
    assert (anchor.label, len(anchor), test.label, len(test)) == ("x264", 5, "SVT-AV1", 5)
    # The table has one decimal: BD-rates of curves that are half of that worse, and better, and
    # half a per cent for the bitrates.
    ends = [vq.bd_rate(moved(anchor, -by), moved(test, by)) for by in (-0.05, 0.05)]
    assert min(ends) - 0.5 < delta(notebook, metric) < max(ends) + 0.5


def test_it_shows_figures(run):
    assert figures(run) == 5
    for cell in code(run):
        for output in cell.outputs:
            assert output.output_type != "error"
            if "image/png" in output.get("data", {}):
                # Larger than an empty pair of axes.
                assert len(output.data["image/png"]) > 20_000


def test_the_committed_one_has_been_run_as_it_stands(committed):
    assert committed.metadata.code_digest == digest(committed), "run record_notebook.py"
    assert [cell.execution_count for cell in code(committed)] == list(
        range(1, len(code(committed)) + 1)
    )
    for cell in code(committed):
        assert not cell.metadata, cell.id
        for output in cell.outputs:
            assert output.get("name") != "stderr", cell.id
            assert output.get("execution_count") in (None, cell.execution_count)


def test_the_committed_one_shows_what_a_run_shows(committed, run):
    assert [cell.source for cell in committed.cells] == [cell.source for cell in run.cells]
    for ours, theirs in zip(code(committed), code(run), strict=True):
        assert kinds(ours) == kinds(theirs), ours.id


def test_the_committed_one_tells_nothing_of_a_machine(committed):
    assert NOTEBOOK.stat().st_size < MOST_BYTES
    assert committed.metadata == {**METADATA, "code_digest": digest(committed)}
    for cell in code(committed):
        for output in cell.outputs:
            words = {k: v for k, v in output.get("data", {}).items() if k != "image/png"}
            text = json.dumps(words) + output.get("text", "")
            assert not re.findall(PATHS, text), cell.id
