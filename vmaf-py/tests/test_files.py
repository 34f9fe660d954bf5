"""`score` with files: results, outputs and errors equal those of the command."""

import html
import json
import os
import re
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from clips import blurred, command, film, planes_420, run, write_y4m

import vmaf_py as vq


@pytest.fixture(scope="module")
def clips(tmp_path_factory):
    """Returns the paths of a reference and two encodes, in 4:2:0."""
    folder = tmp_path_factory.mktemp("clips")
    reference = film(30)
    worse = [reference, blurred(reference), blurred(blurred(reference)) // 2 + 50]
    names = ["reference.y4m", "good.y4m", "bad.y4m"]
    return [
        str(write_y4m(folder / name, planes_420(frames)))
        for name, frames in zip(names, worse, strict=True)
    ]


def test_values_equal_those_of_the_command(clips, tmp_path):
    path = tmp_path / "out.json"
    ran = run("score", *clips, "--metric", "psnr", "-o", path, "-q")
    assert ran.returncode == 0, ran.stderr
    expected = json.loads(path.read_text())
    reference, *encodes = clips
    results = vq.score(reference, encodes, metrics="psnr")
    assert [result.distorted for result in results] == encodes
    for result, expected_encode in zip(results, expected["distorted"], strict=True):
        document = result.document
        assert document["distorted"] == [expected_encode]
        assert document["reference"] == expected["reference"]
        for column, values in expected_encode["frames"].items():
            if column in result.frames:
                assert result.frames[column].tolist() == values, column
    for result in results:
        assert (
            vq.score(reference, result.distorted, metrics="psnr").document["distorted"]
            == (result.document["distorted"])
        )


def test_outputs_equal_those_of_the_command(clips, tmp_path):
    reference, *encodes = clips
    results = vq.score(reference, encodes, metrics="psnr")
    for name in ["all.json", "all.jsonl", "all.csv", "one.xml"]:
        subset, paths = (results, encodes) if name != "one.xml" else (results[0], encodes[:1])
        saved, expected = tmp_path / f"python_{name}", tmp_path / f"command_{name}"
        subset.save(saved)
        assert run("score", reference, *paths, "--metric", "psnr", "-o", expected).returncode == 0
        texts = [file.read_text() for file in (saved, expected)]
        if name.endswith("csv"):
            assert texts[0] == texts[1]
            continue
        if name.endswith("xml"):
            # The lines before state the speed.
            assert texts[0].split("<frames>")[1] == texts[1].split("<frames>")[1]
            continue
        lines = [text.splitlines() if name == "all.jsonl" else [text] for text in texts]
        for saved_line, expected_line in zip(*lines, strict=True):
            from_python, from_command = json.loads(saved_line), json.loads(expected_line)
            assert from_python.pop("run").keys() == from_command.pop("run").keys()
            assert from_python == from_command


def test_report_has_pictures_and_the_call(clips, tmp_path):
    reference, *encodes = clips
    results = vq.score(reference, encodes, metrics="psnr")
    page = tmp_path / "report.html"
    results.save(page)
    text = page.read_text()
    assert text.count("data:image/jpeg") >= 3
    call = html.unescape(re.search(r'<pre id="command"[^>]*>(.*?)</pre>', text).group(1))
    assert call.endswith('model="vmaf_v0.6.1", metrics=["psnr"])')
    assert eval(call, {"vq": vq}) == results
    for path in clips:
        assert path in text
    with pytest.raises(vq.VmafError, match="one encode"):
        results.save(tmp_path / "log.xml")
    with pytest.raises(vq.VmafError, match="extension should be html"):
        results.save(tmp_path / "results.txt")
    with pytest.raises(vq.VmafError, match="can't write .*nowhere"):
        results.save(tmp_path / "nowhere" / "out.json")


def test_call_in_the_report_reproduces_the_results(clips, tmp_path):
    options = {
        "model": ["v0", "vmaf_v0.6.1neg:name=it's"],
        "frames": range(1, 4),
        "align": "frames",
        "crop": (96, 64, 8, 4),
        "accept": ["color"],
        "assume_range": "limited",
        "stream": (None, 0),
    }
    result = vq.score(clips[0], clips[1], **options)
    vq.Results([result]).save(tmp_path / "page.html")
    text = (tmp_path / "page.html").read_text()
    call = html.unescape(re.search(r'<pre id="command"[^>]*>(.*?)</pre>', text).group(1))
    assert eval(call, {"vq": vq}) == result


def test_error_for_outputs_of_different_runs(clips, tmp_path):
    reference, good, bad = clips
    one, other = vq.score(reference, good), vq.score(good, bad)
    with pytest.raises(vq.VmafError, match="their references differ"):
        vq.Results([one, other]).save(tmp_path / "out.json")
    other = vq.score(reference, bad, metrics="psnr")
    with pytest.raises(vq.VmafError, match="their models or metrics differ"):
        vq.Results([one, other]).save(tmp_path / "out.json")
    separate_runs = vq.Results([one, vq.score(reference, bad)])
    separate_runs.save(tmp_path / "out.json")
    assert len(json.loads((tmp_path / "out.json").read_text())["distorted"]) == 2


def test_bad_encode_does_not_affect_others(clips, tmp_path):
    reference, good, _ = clips
    truncated = tmp_path / "truncated.y4m"
    truncated.write_bytes(open(good, "rb").read()[:-1000])
    with pytest.raises(vq.PartialError, match="truncated.y4m: frame 29") as caught:
        vq.score(reference, [good, truncated, "missing.y4m"])
    first, second, third = caught.value.results
    assert first.frames.keys() == vq.score(reference, good).frames.keys()
    assert first.value == vq.score(reference, good).value
    assert second is None and third is None
    assert "missing.y4m: No such file" in str(caught.value)
    with pytest.raises(vq.VideoError, match="truncated.y4m: frame 29"):
        vq.score(reference, truncated)
    with pytest.raises(vq.VideoError, match="missing.y4m: No such file"):
        vq.score("missing.y4m", good)


def test_encodes_are_scaled(clips, tmp_path):
    reference, good, _ = clips
    small = tmp_path / "small.y4m"
    write_y4m(small, planes_420(film(30)[:, ::2, ::2]))
    result = vq.score(reference, small)
    steps = result.document["distorted"][0]["conformed"]
    assert any("scaled" in step for step in steps), steps
    assert run("score", reference, small, "-o", tmp_path / "out.json").returncode == 0
    expected = json.loads((tmp_path / "out.json").read_text())["distorted"][0]
    assert result.document["distorted"][0] == expected
    assert vq.score(reference, small, scaler="lanczos").value != result.value
    with pytest.raises(vq.VideoError, match="96x72"):
        vq.score(reference, small, scale=False)


def test_ladder_of_several_sizes(tmp_path):
    luma = film(12, 324, 432)
    videos = {"reference": luma, "same": blurred(luma), "half": luma[:, ::2, ::2]}
    videos["other half"] = blurred(videos["half"])
    paths = {
        name: write_y4m(tmp_path / f"{name}.y4m", planes_420(frames))
        for name, frames in videos.items()
    }
    deep = [
        tuple(plane.astype(np.uint16) << 2 for plane in frame)
        for frame in planes_420(videos["same"])
    ]
    deep = write_y4m(tmp_path / "deep.y4m", deep, depth=10)
    encodes = [paths["half"], paths["same"], "missing.y4m", paths["other half"], deep]
    calls = []
    with pytest.raises(vq.PartialError, match="missing.y4m: No such file") as caught:
        vq.score(paths["reference"], encodes, ["v1", "v0"], progress=lambda *now: calls.append(now))
    results = caught.value.results
    assert results[2] is None
    # One pass of twelve frames.
    assert calls[-1] == (12, 12)
    # The total is unknown at first.
    assert [done for done, _ in calls] == sorted(done for done, _ in calls)
    for path, result in zip(encodes, results, strict=True):
        if result is not None:
            assert result == vq.score(paths["reference"], path, ["v1", "v0"])
    ladder = vq.Results(result for result in results if result is not None)
    assert str(ladder).count("worst second") == 1
    assert len(ladder.to_pandas(["mean"])) == 4
    ladder.save(tmp_path / "report.html")
    ladder.save(tmp_path / "ladder.json")
    document = json.loads((tmp_path / "ladder.json").read_text())
    options = [encode["metrics"]["cambi"]["options"] for encode in document["distorted"]]
    assert [cambi.get("enc_width") for cambi in options] == ["216", None, "216", None]
    assert [cambi.get("enc_bitdepth") for cambi in options] == ["8", "8", "8", None]


def test_shifts_are_detected_and_corrected(tmp_path):
    frames = film(120)
    reference = write_y4m(tmp_path / "reference.y4m", frames[:-3])
    late = write_y4m(tmp_path / "late.y4m", blurred(frames[3:]))
    with pytest.raises(vq.VideoError, match="offset=-3 to skip"):
        vq.score(reference, late, shortest=True)
    aligned = vq.score(reference, late, offset=-3, shortest=True)
    by_content = vq.score(reference, late, align="content")
    assert aligned.value == pytest.approx(by_content.value, abs=0.1)
    assert by_content.document["distorted"][0]["alignment"]["pairing"] == "content"


def test_raw_video(clips, tmp_path):
    frames = planes_420(film(5))
    raw = tmp_path / "raw.yuv"
    raw.write_bytes(b"".join(plane.tobytes() for frame in frames for plane in frame))
    y4m = write_y4m(tmp_path / "same.y4m", frames)
    result = vq.score(raw, raw, size=(192, 144), pix_fmt="yuv420p", fps=24, metrics="psnr")
    assert result.times[1] == pytest.approx(1 / 24)
    assert result.value == vq.score(y4m, y4m).value
    with pytest.raises(vq.VmafError, match="does not state its layout"):
        vq.score(raw, raw)


def test_stream_numbers(clips):
    reference, encode = clips[0], clips[1]
    default = vq.score(reference, encode)
    for stream in (0, (0, 0), (None, 0), "auto,0"):
        assert vq.score(reference, encode, stream=stream).value == default.value
    with pytest.raises(vq.VideoError, match="has no stream 3"):
        vq.score(reference, encode, stream=(None, 3))
    with pytest.raises(vq.VmafError, match="stream can't be used here"):
        vq.score(np.zeros((1, 72, 128), np.uint8), np.zeros((1, 72, 128), np.uint8), stream=0)


@pytest.mark.skipif(not os.environ.get("VMAF_FFMPEG"), reason="VMAF_FFMPEG is not set")
def test_decoded_encode_equals_its_y4m(clips, tmp_path):
    ffmpeg = os.environ["VMAF_FFMPEG"]
    encode = tmp_path / "encode.mp4"
    subprocess.run(
        [ffmpeg, "-v", "error", "-i", clips[0], "-c:v", "libx264", "-crf", "30", encode], check=True
    )
    result = vq.score(clips[0], encode, "v0", metrics="psnr")
    decoded = tmp_path / "decoded.y4m"
    subprocess.run([ffmpeg, "-v", "error", "-i", encode, decoded], check=True)
    expected = vq.score(clips[0], decoded, "v0", metrics="psnr")
    for column, values in result.frames.items():
        assert np.array_equal(values, expected.frames[column]), column
    assert result.document["distorted"][0]["codec"] == "h264"


def test_imageio_ffmpeg_is_the_default(clips, tmp_path):
    pytest.importorskip("imageio_ffmpeg")
    code = (
        "import os, sys\n"
        "from vmaf_py import _decoder\n"
        "_decoder.select_ffmpeg()\n"
        "print(os.environ['VMAF_FFMPEG'])\n"
    )
    environment = {name: value for name, value in os.environ.items() if name != "VMAF_FFMPEG"}
    environment["PATH"] = "/nowhere"
    ran = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert "imageio_ffmpeg" in ran.stdout
    environment["VMAF_FFMPEG"] = "mine"
    ran = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == "mine"


def test_installed_command(clips):
    assert command(), "the wheel installs the command"
    version = run("--version")
    name, instructions, decoder = version.stdout.splitlines()
    assert name == f"vmaf {vq.__version__}"
    assert instructions.startswith("instruction set: ")
    assert re.fullmatch(r"decoder: the program .*ffmpeg.*, version \S+", decoder)
    help_ = run("score", "--help")
    assert help_.returncode == 0 and "Usage: vmaf score [OPTIONS] <REF> <DIST>..." in help_.stdout
    failed = run("score", *clips, "--gate", "mean>=99.9")
    assert failed.returncode == 1, failed.stderr
    invalid = run("score", *clips, "--framse", "3")
    assert invalid.returncode == 2 and "'--frames'" in invalid.stderr
    drop_in = run("-r", clips[0], "-d", clips[1], "--json", "-o", "/dev/stdout", "-q")
    assert '"pooled_metrics"' in drop_in.stdout
    as_module = subprocess.run(
        [sys.executable, "-m", "vmaf_py", "--version"], capture_output=True, text=True, check=True
    )
    assert as_module.stdout == version.stdout


@pytest.fixture(scope="module")
def long_clip(tmp_path_factory):
    """Raw video of 768x432 that takes half an hour to score, as a sparse file of zeros."""
    path = tmp_path_factory.mktemp("long") / "long.yuv"
    with open(path, "wb") as file:
        file.truncate(100_000 * 768 * 432 * 3 // 2)
    return path


HEAVY = "metrics=['float_vif', 'float_ms_ssim']"
ENDLESS = "(f for _ in range(10**6)), (f for _ in range(10**6))"


@pytest.mark.parametrize("source", ["files", "survey", "arrays", "command"])
def test_ctrl_c_stops_a_long_run(long_clip, source):
    clips = f"{str(long_clip)!r}, {str(long_clip)!r}, size='768x432'"
    code = {
        "files": f"vq.score({clips}, {HEAVY})",
        # Interrupted during the survey of the frames, before scoring.
        "survey": f"vq.score({clips}, {HEAVY}, align='content')",
        "arrays": f"vq.score({ENDLESS}, threads=1)",
        "command": "",
    }[source]
    script = (
        "import numpy, vmaf_py as vq\n"
        "f = numpy.zeros((432, 768), numpy.uint8)\n"
        "vq.score\n"
        f"try:\n    print('started', flush=True)\n    {code}\n"
        "except KeyboardInterrupt:\n    print('stopped')\n"
        "else:\n    print('not stopped')\n"
    )
    arguments = [sys.executable, "-c", script]
    if source == "command":
        arguments = [command(), "score", long_clip, long_clip, "--size", "768x432"]
    process = subprocess.Popen(
        arguments,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Background jobs of a script ignore SIGINT by default.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    if source != "command":
        assert process.stdout.readline() == "started\n"
    time.sleep(0.5)
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=600)
    if source == "command":
        assert process.returncode == 128 + signal.SIGINT, errors
    else:
        assert output == "stopped\n", errors
