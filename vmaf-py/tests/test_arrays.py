"""`score` with frames in memory: values, options and error messages."""

import os
import subprocess
import sys
import warnings
from fractions import Fraction

import numpy as np
import pytest
from clips import blurred, film, planes_420, run, video, write_y4m

import vmaf_py as vq


def test_scores_two_arrays():
    reference = video()
    result = vq.score(reference, blurred(reference))
    assert 0 <= result.value < 90
    assert result.model == "vmaf_v0.6.1"
    per_frame = result.frames["vmaf_v0.6.1"]
    assert per_frame.shape == (4,)
    assert per_frame.dtype == np.float64
    assert result.value == pytest.approx(per_frame.mean(), abs=1e-12)
    for column in ["integer_adm2", "integer_motion2", *(f"integer_vif_scale{i}" for i in range(4))]:
        assert result.frames[column].shape == (4,), column
    assert list(result.index) == [0, 1, 2, 3]
    assert result.times == pytest.approx([0, 0.04, 0.08, 0.12])


def test_identical_arrays_score_best():
    reference = video()
    same, worse = vq.score(reference, reference), vq.score(reference, blurred(reference))
    assert same.value > worse.value
    assert same.value > 90
    # Not exactly 1: the definition adds a constant to numerator and denominator.
    assert same.frames["integer_adm2"] == pytest.approx(1, abs=1e-5)


def test_argument_order_and_keywords():
    reference = video()
    distorted = blurred(reference)
    first = vq.score(reference, distorted)
    assert vq.score(distorted=distorted, reference=reference, model="vmaf_v0.6.1") == first
    assert first.value != vq.score(distorted, reference).value


@pytest.mark.parametrize("depth", [10, 12, 16])
def test_high_bit_depth(depth):
    reference, eight = video(depth=depth), video()
    score = vq.score(reference, blurred(reference), bit_depth=depth)
    assert score.value == pytest.approx(vq.score(eight, blurred(eight)).value, abs=1.5)


def test_neg_ignores_contrast_enhancement():
    reference = video()
    stretched = np.clip((reference.astype(int) - 100) * 6 // 5 + 100, 0, 255).astype(np.uint8)
    neg = vq.score(reference, stretched, "vmaf_v0.6.1neg")
    assert neg.model == "vmaf_v0.6.1neg"
    assert neg.value <= vq.score(reference, stretched).value


def test_list_of_encodes_equals_single_runs():
    reference = film(12)
    encodes = [blurred(reference), reference // 2 + 30]
    results = vq.score(reference, encodes, metrics=["psnr"])
    assert isinstance(results, list)
    assert [result.distorted for result in results] == ["distorted[0]", "distorted[1]"]
    for result, encode in zip(results, encodes, strict=True):
        single = vq.score(reference, encode, metrics=["psnr"])
        assert result.frames.keys() == single.frames.keys()
        for column, values in single.frames.items():
            assert np.array_equal(result.frames[column], values), column


def test_metrics_of_light_of_a_list_equal_single_runs():
    luma = film(3)
    reference = planes_420(luma)
    encodes = [planes_420(np.maximum(luma, least)) for least in (60, 90)]
    options = {
        "model": None,
        "metrics": ["butteraugli", "cvvdp", "ssimulacra2"],
        "align": "unchecked",
    }
    results = vq.score(reference, encodes, **options)
    for result, encode in zip(results, encodes, strict=True):
        single = vq.score(reference, encode, **options)
        assert result.frames.keys() == single.frames.keys()
        for column, values in single.frames.items():
            assert np.array_equal(result.frames[column], values), column
        assert result.aggregates == single.aggregates
    assert (results[0].frames["butteraugli"] < results[1].frames["butteraugli"]).all()


def test_all_forms_of_frames_are_equal():
    reference = film(6)
    distorted = blurred(reference)
    expected = vq.score(reference, distorted)
    forms = [
        (iter(reference), iter(distorted)),
        (list(reference), list(distorted)),
        (((frame,) for frame in reference), (frame for frame in distorted)),
        (reference[:, np.newaxis], distorted[:, np.newaxis]),
        (np.asfortranarray(reference), distorted[:, ::-1][:, ::-1]),
    ]
    for form in forms:
        assert vq.score(*form) == expected
    assert vq.score(reference, [distorted, distorted])[1].frames.keys() == expected.frames.keys()


@pytest.mark.parametrize("depth", [8, 10])
def test_arrays_equal_files(tmp_path, depth):
    reference = film(10, height=216, width=320).astype(np.uint8 if depth == 8 else np.uint16)
    reference <<= depth - 8
    distorted = blurred(reference)
    reference, distorted = (planes_420(frames, depth) for frames in (reference, distorted))
    paths = [
        write_y4m(tmp_path / name, frames, depth)
        for name, frames in [("reference.y4m", reference), ("encode.y4m", distorted)]
    ]
    options = {"model": ["v0", "v1"], "metrics": ["psnr", "ciede", "xpsnr"]}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", vq.VmafWarning)
        from_files = vq.score(*paths, **options)
        from_memory = vq.score(
            iter(reference), iter(distorted), bit_depth=None if depth == 8 else depth, **options
        )
    assert from_files.frames.keys() == from_memory.frames.keys()
    for column, values in from_files.frames.items():
        assert np.array_equal(values, from_memory.frames[column]), column
    assert from_files.aggregates == from_memory.aggregates


def test_yuv_444():
    luma = film(3)
    yuv = np.stack([luma, 255 - luma, luma // 2 + 60], axis=1)
    worse = yuv.copy()
    worse[:, 1] //= 2
    result = vq.score(yuv, worse, metrics=["psnr", "ciede"], align="unchecked")
    assert result.frames["psnr_cb"].max() < 30 < result.frames["psnr_cr"].min()
    assert np.array_equal(
        result.frames["vmaf_v0.6.1"], vq.score(luma, luma, align="unchecked").frames["vmaf_v0.6.1"]
    )


def test_rgb_needs_a_matrix(tmp_path):
    image = pytest.importorskip("PIL.Image")
    random = np.random.default_rng(0)
    pictures = random.integers(0, 256, (2, 72, 96, 3), np.uint8)
    with pytest.raises(vq.VmafError, match="looks like RGB.*matrix='bt709'"):
        vq.score(pictures[:1], pictures[1:])
    for number, picture in enumerate(pictures):
        image.fromarray(picture).save(tmp_path / f"{number}.png")
    metrics = ["psnr", "ssimulacra2", "butteraugli", "cvvdp"]
    from_files = vq.score(tmp_path / "0.png", tmp_path / "1.png", metrics=metrics)
    from_memory = vq.score(pictures[:1], pictures[1:], metrics=metrics, matrix="bt709")
    assert from_memory.aggregates == from_files.aggregates
    for column, values in from_files.frames.items():
        assert np.array_equal(values, from_memory.frames[column]), column
    other = vq.score(pictures[:1], pictures[1:], metrics="psnr", matrix="bt601")
    assert other.frames["psnr_y"][0] != from_memory.frames["psnr_y"][0]
    with pytest.raises(vq.VmafError, match="bt601, bt709 or bt2020, not 'bt7'"):
        vq.score(pictures, pictures, matrix="bt7")


def test_shifted_encode_is_rejected_with_its_offset():
    frames = film(120)
    with pytest.raises(vq.VideoError, match="offset=-2 to skip"):
        vq.score(frames[:-2], blurred(frames[2:]))
    shifted = vq.score(frames[:-2], blurred(frames[2:]), align="unchecked")
    right = vq.score(frames[2:], blurred(frames[2:]))
    assert shifted.value < right.value - 20


def test_shifted_encode_does_not_affect_others():
    frames = film(120)
    with pytest.raises(vq.PartialError, match=r"distorted\[1\]") as caught:
        vq.score(frames[:-2], [blurred(frames[:-2]), blurred(frames[2:])])
    good, bad = caught.value.results
    assert bad is None
    expected = vq.score(frames[:-2], blurred(frames[:-2])).frames
    assert all(np.array_equal(good.frames[column], values) for column, values in expected.items())


def test_excerpts_and_samples_equal_the_whole_run():
    reference = film(20)
    distorted = blurred(reference)
    whole = vq.score(reference, distorted)
    for frames in [range(5, 11), slice(5, 11), (5, 11), "5..11"]:
        part = vq.score(reference, distorted, frames=frames)
        assert list(part.index) == list(range(5, 11))
        for column, values in part.frames.items():
            assert np.array_equal(values, whole.frames[column][5:11]), column
    every = vq.score(reference, distorted, every=3)
    assert list(every.index) == list(range(0, 20, 3))
    sample = vq.score(reference, distorted, sample=0.25)
    assert [frame // 4 for frame in sample.index] == list(range(5))
    for column, values in sample.frames.items():
        assert np.array_equal(values, whole.frames[column][sample.index]), column
    low, high = sample.document["distorted"][0]["scores"]["vmaf_v0.6.1"]["intervals"]["mean"]
    assert low <= sample.value <= high
    with pytest.raises(vq.VmafError, match="sample a share"):
        vq.score(reference, distorted, sample=5)
    with pytest.raises(vq.VmafError, match="every=2"):
        vq.score(reference, distorted, frames=range(0, 10, 2))


def test_different_lengths():
    reference, distorted = film(8), blurred(film(8))[:6]
    for form in [lambda frames: frames, iter]:
        with pytest.raises(vq.VmafError, match="ends after 6 frames, before the reference"):
            vq.score(form(reference), form(distorted))
        with pytest.raises(vq.VmafError, match="is longer than the reference, which has 6 frames"):
            vq.score(form(distorted), form(reference))
        assert len(vq.score(form(reference), form(distorted), shortest=True).index) == 6


def test_threads_and_frame_rates():
    reference = film(9)
    distorted = blurred(reference)
    one = vq.score(reference, distorted, threads=1)
    assert all(
        np.array_equal(vq.score(reference, distorted, threads=8).frames[column], values)
        for column, values in one.frames.items()
    )
    fast = vq.score(reference, distorted, fps=Fraction(60000, 1001))
    assert fast.times[1] == pytest.approx(1001 / 60000)
    large = [planes_420(film(2, 240, 320))] * 2
    assert vq.score(*large, "auto", fps=60).model == "v1-hfr"
    assert vq.score(*large, "auto").model == "v1"


def test_progress_callback():
    calls = []
    vq.score(video(7), video(7), progress=lambda done, total: calls.append((done, total)))
    assert calls == [(n, 7) for n in range(1, 8)]

    def stop(done, total):
        raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        vq.score(video(7), video(7), progress=stop)


def test_progress_bar_on_terminals_only():
    code = (
        "import numpy, vmaf_py\n"
        "frames = numpy.zeros((3, 72, 128), numpy.uint8)\n"
        "vmaf_py.score(frames, frames, progress=True)\n"
    )
    quiet = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert quiet.stderr == ""
    pty = pytest.importorskip("pty")
    terminal, child_end = pty.openpty()
    subprocess.run([sys.executable, "-c", code], stderr=child_end, check=True)
    output = os.read(terminal, 1 << 16)
    assert b"3/3 frames" in output
    assert output.endswith(b"\r\x1b[K")
    os.close(terminal)
    os.close(child_end)


INVALID = [
    (video(), video(frames=3), {}, "ends after 3 frames"),
    (video(), video(width=64), {}, "is 64x72 400 8-bit, but the reference is 128x72 400 8-bit"),
    (video(), video(dtype=np.uint16), {"bit_depth": 10}, "uint8, which holds 8 bits"),
    (video(dtype=np.float32), video(dtype=np.float32), {}, "uint8 or uint16, not float32"),
    (video(dtype=np.uint16), video(dtype=np.uint16), {}, "needs bit_depth from 9 to 16"),
    (video(dtype=np.uint16), video(dtype=np.uint16), {"bit_depth": 17}, "9 to 16, not 17"),
    (video(), video(), {"bit_depth": 10}, "holds 8 bits per sample, but bit_depth is 10"),
    (video(depth=12), video(depth=12), {"bit_depth": 10}, "frame 0 .* more than 10 bits"),
    (video(), video(), {"model": "vmaf_v0.6.2"}, "did you mean 'vmaf_v0.6.1'"),
    (video(), video(), {"model": None}, "pass model or metrics"),
    (video(), video(), {"metrics": "psnrr"}, "did you mean 'psnr'"),
    (video(), video(), {"metrics": [("vif", {"nonsense": 1})]}, "option of vif"),
    (video(), video(), {"metrics": [3]}, "a metric must be a name"),
    (video(), video(), {"align": "sideways"}, "sideways"),
    (video(), video(), {"align": "content"}, "frames from memory do not allow"),
    (video(), video(), {"frames": 7}, "frames must be a range"),
    (video(), video(), {"scaler": "lanczos"}, "scaler can't be used here"),
    (video(), video(), {"names": ["a"]}, "names must be a list of 2"),
    (video(frames=0), video(frames=0), {}, "no frame"),
    (iter([]), iter([]), {}, "no frame"),
    (video(width=0), video(width=0), {}, "no pixels"),
    (video(height=8, width=8), video(height=8, width=8), {}, "at least"),
    (video(), [], {}, "no encode"),
    (video(), "encode.mp4", {}, "all be files or all frames"),
    (3, 4, {}, "must be an array or an iterable of frames, not int"),
    (np.zeros((2, 5, 72, 96), np.uint8), np.zeros((2, 5, 72, 96), np.uint8), {}, "has shape"),
    ([(video()[0],) * 2], [(video()[0],) * 2], {}, "2 planes"),
    ([(video()[0],) * 3, video()[1]], [(video()[0],) * 3, video()[1]], {}, "has 3 planes, not 1"),
    ([(video()[0], video()[0][:7], video()[0][:7])] * 2, video(2), {}, "chroma of reference"),
]


@pytest.mark.parametrize(("reference", "distorted", "options", "message"), INVALID)
def test_errors_for_invalid_frames_and_options(reference, distorted, options, message):
    with pytest.raises(vq.VmafError, match=message) as caught:
        vq.score(reference, distorted, **options)
    assert isinstance(caught.value, ValueError)


def test_errors_equal_those_of_the_command(tmp_path):
    path = write_y4m(tmp_path / "reference.y4m", film(3))
    with pytest.raises(vq.VmafError) as caught:
        vq.score(path, tmp_path / "none.y4m")
    ran = run("score", path, tmp_path / "none.y4m")
    assert ran.returncode == 2
    assert ran.stderr.strip() == f"error: {caught.value}"


def test_flat_arrays_are_scored():
    # Frames without content can't contradict their alignment.
    flat = np.full((5, 64, 64), 128, np.uint8)
    assert vq.score(flat, flat).value > 90
