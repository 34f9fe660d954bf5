"""Frames in memory: arrays in, a score out, or words that help."""

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
    # Not 1 to the last digit: the definition adds a little to both sides of a quotient.
    assert same.frames["integer_adm2"] == pytest.approx(1, abs=1e-5)


def test_reference_comes_first_and_keywords_work():
    reference = video()
    distorted = blurred(reference)
    first = vq.score(reference, distorted)
    assert vq.score(distorted=distorted, reference=reference, model="vmaf_v0.6.1") == first
    assert first.value != vq.score(distorted, reference).value


@pytest.mark.parametrize("depth", [10, 12, 16])
def test_more_bits(depth):
    reference, eight = video(depth=depth), video()
    score = vq.score(reference, blurred(reference), bit_depth=depth)
    assert score.value == pytest.approx(vq.score(eight, blurred(eight)).value, abs=1.5)


def test_neg_gives_no_credit_for_more_contrast():
    reference = video()
    stretched = np.clip((reference.astype(int) - 100) * 6 // 5 + 100, 0, 255).astype(np.uint8)
    neg = vq.score(reference, stretched, "vmaf_v0.6.1neg")
    assert neg.model == "vmaf_v0.6.1neg"
    assert neg.value <= vq.score(reference, stretched).value


def test_a_list_of_encodes_is_one_pass_with_the_same_values():
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


def test_every_form_of_the_same_frames_gives_the_same():
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
def test_arrays_give_what_files_of_them_give(tmp_path, depth):
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


def test_yuv_of_full_chroma():
    luma = film(3)
    yuv = np.stack([luma, 255 - luma, luma // 2 + 60], axis=1)
    worse = yuv.copy()
    worse[:, 1] //= 2
    result = vq.score(yuv, worse, metrics=["psnr", "ciede"], align="unchecked")
    assert result.frames["psnr_cb"].max() < 30 < result.frames["psnr_cr"].min()
    assert np.array_equal(
        result.frames["vmaf_v0.6.1"], vq.score(luma, luma, align="unchecked").frames["vmaf_v0.6.1"]
    )


def test_rgb_is_refused_unless_a_matrix_says_how(tmp_path):
    image = pytest.importorskip("PIL.Image")
    random = np.random.default_rng(0)
    pictures = random.integers(0, 256, (2, 72, 96, 3), np.uint8)
    with pytest.raises(vq.VmafError, match="looks like RGB.*matrix='bt709'"):
        vq.score(pictures[:1], pictures[1:])
    for number, picture in enumerate(pictures):
        image.fromarray(picture).save(tmp_path / f"{number}.png")
    from_files = vq.score(tmp_path / "0.png", tmp_path / "1.png", metrics="psnr")
    from_memory = vq.score(pictures[:1], pictures[1:], metrics="psnr", matrix="bt709")
    for column, values in from_files.frames.items():
        assert np.array_equal(values, from_memory.frames[column]), column
    other = vq.score(pictures[:1], pictures[1:], metrics="psnr", matrix="bt601")
    assert other.frames["psnr_y"][0] != from_memory.frames["psnr_y"][0]
    with pytest.raises(vq.VmafError, match="bt601, bt709 or bt2020, not 'bt7'"):
        vq.score(pictures, pictures, matrix="bt7")


def test_a_shifted_encode_is_refused_and_the_offset_named():
    frames = film(120)
    with pytest.raises(vq.VideoError, match="offset=-2 to skip"):
        vq.score(frames[:-2], blurred(frames[2:]))
    shifted = vq.score(frames[:-2], blurred(frames[2:]), align="unchecked")
    right = vq.score(frames[2:], blurred(frames[2:]))
    assert shifted.value < right.value - 20


def test_one_of_several_that_is_shifted_costs_no_other():
    frames = film(120)
    with pytest.raises(vq.PartialError, match=r"distorted\[1\]") as caught:
        vq.score(frames[:-2], [blurred(frames[:-2]), blurred(frames[2:])])
    good, bad = caught.value.results
    assert bad is None
    expected = vq.score(frames[:-2], blurred(frames[:-2])).frames
    assert all(np.array_equal(good.frames[column], values) for column, values in expected.items())


def test_excerpts_have_the_values_of_the_whole():
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


def test_lengths_that_differ():
    reference, distorted = film(8), blurred(film(8))[:6]
    for of_memory in [lambda frames: frames, iter]:
        with pytest.raises(vq.VmafError, match="ends after 6 frames, before the reference"):
            vq.score(of_memory(reference), of_memory(distorted))
        with pytest.raises(vq.VmafError, match="goes on after the 6 frames of the reference"):
            vq.score(of_memory(distorted), of_memory(reference))
        assert len(vq.score(of_memory(reference), of_memory(distorted), shortest=True).index) == 6


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


def test_progress_is_told():
    seen = []
    vq.score(video(7), video(7), progress=lambda done, total: seen.append((done, total)))
    assert seen == [(n, 7) for n in range(1, 8)]

    def stop(done, total):
        raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        vq.score(video(7), video(7), progress=stop)


def test_a_bar_is_shown_on_terminals_only():
    code = (
        "import numpy, vmaf_py\n"
        "frames = numpy.zeros((3, 72, 128), numpy.uint8)\n"
        "vmaf_py.score(frames, frames, progress=True)\n"
    )
    quiet = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert quiet.stderr == ""
    pty = pytest.importorskip("pty")
    terminal, theirs = pty.openpty()
    subprocess.run([sys.executable, "-c", code], stderr=theirs, check=True)
    told = os.read(terminal, 1 << 16)
    assert b"3/3 frames" in told
    assert told.endswith(b"\r\x1b[K")
    os.close(terminal)
    os.close(theirs)


BAD = [
    (video(), video(frames=3), {}, "ends after 3 frames"),
    (video(), video(width=64), {}, "is 64x72 400 8-bit, the reference 128x72 400 8-bit"),
    (video(), video(dtype=np.uint16), {"bit_depth": 10}, "uint8, which holds 8 bits"),
    (video(dtype=np.float32), video(dtype=np.float32), {}, "uint8 or uint16, not float32"),
    (video(dtype=np.uint16), video(dtype=np.uint16), {}, "needs bit_depth, 9 to 16"),
    (video(dtype=np.uint16), video(dtype=np.uint16), {"bit_depth": 17}, "9 to 16, not 17"),
    (video(), video(), {"bit_depth": 10}, "holds 8 bits a sample"),
    (video(depth=12), video(depth=12), {"bit_depth": 10}, "frame 0 .* more than 10 bits"),
    (video(), video(), {"model": "vmaf_v0.6.2"}, "did you mean 'vmaf_v0.6.1'"),
    (video(), video(), {"model": None}, "metrics"),
    (video(), video(), {"metrics": "psnrr"}, "did you mean 'psnr'"),
    (video(), video(), {"metrics": [("vif", {"nonsense": 1})]}, "option of vif"),
    (video(), video(), {"metrics": [3]}, "a metric is a name"),
    (video(), video(), {"align": "sideways"}, "sideways"),
    (video(), video(), {"align": "content"}, "frames from memory do not allow"),
    (video(), video(), {"frames": 7}, "frames is a range"),
    (video(), video(), {"scaler": "lanczos"}, "scaler can't be given here"),
    (video(), video(), {"names": ["a"]}, "2 in all"),
    (video(frames=0), video(frames=0), {}, "no frame"),
    (iter([]), iter([]), {}, "no frame"),
    (video(width=0), video(width=0), {}, "no pixels"),
    (video(height=8, width=8), video(height=8, width=8), {}, "at least"),
    (video(), [], {}, "no encode"),
    (video(), "encode.mp4", {}, "all be files, or all frames"),
    (3, 4, {}, "neither an array nor gives frames"),
    (np.zeros((2, 5, 72, 96), np.uint8), np.zeros((2, 5, 72, 96), np.uint8), {}, "shape"),
    ([(video()[0],) * 2], [(video()[0],) * 2], {}, "2 planes"),
    ([(video()[0],) * 3, video()[1]], [(video()[0],) * 3, video()[1]], {}, "1 planes"),
    ([(video()[0], video()[0][:7], video()[0][:7])] * 2, video(2), {}, "chroma of reference"),
]


@pytest.mark.parametrize(("reference", "distorted", "options", "words"), BAD)
def test_what_cannot_be_scored_is_said_in_words(reference, distorted, options, words):
    with pytest.raises(vq.VmafError, match=words) as caught:
        vq.score(reference, distorted, **options)
    assert isinstance(caught.value, ValueError)


def test_errors_have_the_words_of_the_command(tmp_path):
    path = write_y4m(tmp_path / "reference.y4m", film(3))
    with pytest.raises(vq.VmafError) as caught:
        vq.score(path, tmp_path / "none.y4m")
    told = run("score", path, tmp_path / "none.y4m")
    assert told.returncode == 2
    assert told.stderr.strip() == f"error: {caught.value}"


def test_flat_arrays_are_scored():
    # Nothing tells their frames apart, so that nothing speaks against their order.
    flat = np.full((5, 64, 64), 128, np.uint8)
    assert vq.score(flat, flat).value > 90
