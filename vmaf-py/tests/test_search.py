"""`search` and `ladder` with real encoders."""

import json
import subprocess

import numpy as np
import pytest
from clips import film, planes_420, run, write_y4m

import vmaf_py as vq


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Returns a folder with the source, a clip of two seconds, and a cache."""
    folder = tmp_path_factory.mktemp("search")
    write_y4m(folder / "source.y4m", planes_420(film(50, 144, 256)))
    return folder


def settings(folder, **others):
    return {"preset": "ultrafast", "cache": folder / "cache", **others}


def test_an_encode_meets_the_target_and_hardly_exceeds_it(folder):
    source, output = folder / "source.y4m", folder / "encode.mkv"
    calls = []
    result = vq.search(
        source,
        "x264",
        80,
        output=output,
        progress=lambda done, total: calls.append((done, total)),
        **settings(folder),
    )
    assert result and result.found and result.output == str(output)
    assert vq.score(source, output).value == pytest.approx(result.value, abs=1e-9)
    assert result.value >= 80
    target = "vmaf_v0.6.1:mean>=80"
    assert result.encodes[-1].margins[target] == result.value - 80
    failing = [probe.quality for probe in result.probes if probe.margins[target] < 0]
    next_fails = any(0.05 < quality - result.quality < 0.15 for quality in failing)
    assert result.value <= 80.5 or next_fails
    assert calls[-1][0] > 0

    frame = result.to_pandas()
    assert set(frame["kind"]) == {"probe", "encode"}
    assert frame["kilobits"].iloc[0] == pytest.approx(result.probes[0].bytes * 8 / 1000 / 2)
    # The command finds the same.
    path = folder / "found.json"
    ran = run(
        *("search", source, "-e", "x264", "--preset", "ultrafast", "-t", 80, "-n"),
        *("--cache", folder / "cache", "--json", path),
    )
    assert ran.returncode == 0, ran.stderr
    found = json.loads(path.read_text())
    assert (found["quality"], found["encoded_frames"]) == (result.quality, 0)


def test_several_targets_and_unreachable_ones(folder):
    source = folder / "source.y4m"
    both = vq.search(source, "x264", [80, "p5>=79"], **settings(folder))
    assert both and set(both.prediction.values) == {
        "vmaf_v0.6.1:mean>=80",
        "vmaf_v0.6.1:p5>=79",
    }
    assert all(margin >= 0 for margin in both.prediction.margins.values())
    never = vq.search(source, "x264", 100.5, quality=(30, 40), **settings(folder))
    assert not never and never.output is None
    metric = vq.search(
        source, "x264", "psnr_y:mean>=35", model=None, metrics="psnr", **settings(folder)
    )
    assert metric.value >= 35


def test_errors_are_vmaf_errors(folder):
    source = folder / "source.y4m"
    with pytest.raises(vq.VmafError, match="x265"):
        vq.search(source, "x256", 90, **settings(folder))
    with pytest.raises(vq.VmafError, match="pass an encoder"):
        vq.search(source, targets=90)
    with pytest.raises(vq.VmafError, match="target"):
        vq.search(source, "x264", **settings(folder))
    with pytest.raises(vq.VmafError, match="16..40"):
        vq.search(source, "x264", 90, quality="3", **settings(folder))
    with pytest.raises(vq.VideoError, match="missing"):
        vq.search(folder / "missing.mkv", "x264", 90, **settings(folder))


def test_a_ladder_is_saved_and_plotted(folder):
    result = vq.ladder(folder / "source.y4m", "x264", [144, 72], [85, 50], **settings(folder))
    assert [rung.target for rung in result.rungs] == [85, 50]
    assert result.rungs[0].kilobits > result.rungs[1].kilobits
    assert result.rungs[0].score >= 85
    result.save(folder / "ladder.html")
    assert "<svg" in (folder / "ladder.html").read_text()
    result.save(folder / "ladder.json")
    assert json.loads((folder / "ladder.json").read_text()) == result.document
    assert list(result.to_pandas()["height"]) == [rung.height for rung in result.rungs]
    plt = pytest.importorskip("matplotlib.pyplot")
    _, own = plt.subplots()
    axes = result.plot(own)
    plt.close("all")
    assert [line.get_label() for line in axes.lines] == ["144p", "72p", "convex hull", "rungs"]
    assert np.all(np.diff(axes.lines[0].get_xdata()) < 0)


def test_the_rungs_of_a_ladder_are_encoded_and_measured(folder):
    source = folder / "source.y4m"
    result = vq.ladder(
        source, "x264", [144, 72], [85, 50], output=folder / "rungs", **settings(folder)
    )
    for rung in result.rungs:
        assert rung.output == str(folder / "rungs" / f"source-{rung.height}p-{rung.target:g}.mkv")
        assert vq.score(source, rung.output).value == pytest.approx(rung.score, abs=1e-9)
        assert rung.score >= rung.target


def test_the_command_line_that_is_shown_encodes(folder):
    from vmaf_py._decoder import VARIABLE, select_ffmpeg

    select_ffmpeg()
    import os
    import shlex

    result = vq.search(folder / "source.y4m", "x264", 80, **settings(folder))
    words = shlex.split(result.command)
    assert words[0] == "ffmpeg"
    program = os.environ.get(VARIABLE, "ffmpeg")
    subprocess.run([program, "-y", "-v", "error", *words[1:]], check=True, cwd=folder)
    assert vq.score(folder / "source.y4m", folder / "encode.mkv").value >= 80
