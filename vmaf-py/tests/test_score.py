"""The package as a user meets it: two arrays in, a score out, or words that help."""

import numpy as np
import pytest

import vmaf_py


def video(frames=4, height=72, width=128, dtype=np.uint8, depth=8):
    """A slope that moves, with texture: the same at every bit depth but for scale."""
    n, y, x = np.ogrid[:frames, :height, :width]
    values = (x + 2 * y + 5 * n) % 160 + 20 + (x * 7 + y * 13) % 11
    return (values << (depth - 8)).astype(dtype)


def blurred(frames):
    """The mean of each sample and its neighbours in 7 columns."""
    wide = np.pad(frames, ((0, 0), (0, 0), (3, 3)), mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(wide, 7, axis=2)
    return windows.mean(axis=3).astype(frames.dtype)


def test_scores_two_arrays():
    reference = video()
    score = vmaf_py.score(reference, blurred(reference))
    assert 0 <= score.value < 90
    assert score.model == "vmaf_v0.6.1"
    per_frame = score.frames["vmaf_v0.6.1"]
    assert per_frame.shape == (4,)
    assert per_frame.dtype == np.float64
    assert score.value == pytest.approx(per_frame.mean(), abs=1e-12)
    columns = ["integer_adm2", "integer_motion2", *(f"integer_vif_scale{i}" for i in range(4))]
    for column in columns:
        assert score.frames[column].shape == (4,), column


def test_identical_arrays_score_best():
    reference = video()
    same, worse = vmaf_py.score(reference, reference), vmaf_py.score(reference, blurred(reference))
    assert same.value > worse.value
    assert same.value > 90
    # Not 1 to the last digit: the definition adds a little to both sides of a quotient.
    assert same.frames["integer_adm2"] == pytest.approx(1, abs=1e-5)


def test_reference_comes_first_and_keywords_work():
    reference = video()
    distorted = blurred(reference)
    first = vmaf_py.score(reference, distorted)
    named = vmaf_py.score(distorted=distorted, reference=reference, model="vmaf_v0.6.1")
    swapped = vmaf_py.score(distorted, reference)
    assert first.value == named.value
    assert first.value != swapped.value


def test_more_bits():
    for depth in (10, 12, 16):
        reference = video(dtype=np.uint16, depth=depth)
        score = vmaf_py.score(reference, blurred(reference), bit_depth=depth)
        eight = video()
        assert score.value == pytest.approx(vmaf_py.score(eight, blurred(eight)).value, abs=1.5)


def test_strides_do_not_matter():
    reference, distorted = video(), blurred(video())
    expected = vmaf_py.score(reference, distorted).frames
    padded = np.zeros((4, 72, 160), np.uint8)
    padded[:, :, 16:144] = reference
    got = vmaf_py.score(padded[:, :, 16:144], np.asfortranarray(distorted)).frames
    for column, values in expected.items():
        assert (got[column] == values).all(), column


def test_neg_gives_no_credit_for_more_contrast():
    reference = video()
    stretched = np.clip((reference.astype(int) - 100) * 6 // 5 + 100, 0, 255).astype(np.uint8)
    neg = vmaf_py.score(reference, stretched, "vmaf_v0.6.1neg")
    assert neg.model == "vmaf_v0.6.1neg"
    assert neg.value <= vmaf_py.score(reference, stretched).value


def test_repr_tells_value_and_model():
    score = vmaf_py.score(video(), video())
    assert repr(score) == f"Score(value={score.value!r}, model='vmaf_v0.6.1')"


@pytest.mark.parametrize(
    ("reference", "distorted", "options", "words"),
    [
        (video(), video(frames=3), {}, "one shape"),
        (video(), video(width=64), {}, "one shape"),
        (video(), video(dtype=np.uint16), {}, "one type"),
        (video()[0], video()[0], {}, "not \\(frames, height, width\\)"),
        (video(dtype=np.float32), video(dtype=np.float32), {}, "uint8 or uint16, not float32"),
        (video(dtype=np.uint16), video(dtype=np.uint16), {}, "need bit_depth"),
        (video(dtype=np.uint16), video(dtype=np.uint16), {"bit_depth": 17}, "9 to 16, not 17"),
        (video(), video(), {"bit_depth": 10}, "8 bits a sample"),
        (
            video(dtype=np.uint16, depth=12),
            video(dtype=np.uint16, depth=12),
            {"bit_depth": 10},
            "more than 10 bits",
        ),
        (video(), video(), {"model": "vmaf_v0.6.2"}, "did you mean 'vmaf_v0.6.1'"),
        (video(frames=0), video(frames=0), {}, "no frame"),
        (video(width=0), video(width=0), {}, "no pixels"),
        (video(height=8, width=8), video(height=8, width=8), {}, "at least"),
    ],
)
def test_what_cannot_be_scored_is_said_in_words(reference, distorted, options, words):
    with pytest.raises(vmaf_py.VmafError, match=words) as caught:
        vmaf_py.score(reference, distorted, **options)
    assert isinstance(caught.value, ValueError)
