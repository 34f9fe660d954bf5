"""Frames pushed one by one."""

import threading

import numpy as np
import pytest
from clips import blurred, film, planes_420, video

import vmaf_py as vq


def pushed(scorer, reference, distorted):
    for pair in zip(reference, distorted, strict=True):
        scorer.push(*pair)
    return scorer.finish()


def test_pushed_frames_give_what_arrays_give():
    reference = film(12)
    distorted = blurred(reference)
    expected = vq.score(reference, distorted, metrics="psnr")
    assert pushed(vq.Scorer(metrics="psnr"), reference, distorted) == expected
    scorer = vq.Scorer(metrics="psnr", width=192, height=144, bit_depth=8)
    [single] = pushed(scorer, reference, ([frame] for frame in distorted))
    assert single.frames.keys() == expected.frames.keys()
    assert single.value == expected.value


def test_the_example_of_the_documentation():
    reference = film(4, 108, 192).astype(np.uint16) << 2
    scorer = vq.Scorer(model="v0", width=192, height=108, bit_depth=10)
    for frame in reference:
        scorer.push(frame, [frame, frame // 2])
    same, worse = scorer.finish()
    assert same.value > 90 > worse.value
    assert (same.model, same.distorted, worse.distorted) == ("v0", "distorted[0]", "distorted[1]")


def test_planes_of_several_sizes():
    frames = planes_420(film(3, 90, 120))
    scorer = vq.Scorer(metrics="psnr")
    for frame in frames:
        scorer.push(frame, frame)
    assert scorer.finish().frames.keys() >= {"psnr_y", "psnr_cb", "psnr_cr"}
    yuv = np.stack([np.stack([frame] * 3) for frame in film(2)])
    assert "psnr_cr" in pushed(vq.Scorer(metrics="psnr"), yuv, yuv).frames


def test_names():
    result = pushed(vq.Scorer(names=["source", "crf 30"]), film(2), film(2))
    assert (result.reference, result.distorted) == ("source", "crf 30")


def test_what_is_wrong_is_found_at_once():
    with pytest.raises(vq.VmafError, match="did you mean"):
        vq.Scorer(model="vmaf_v0.6.2")
    with pytest.raises(vq.VmafError, match="unknown feature 'psnrr'"):
        vq.Scorer(metrics=["psnrr"])
    frame = video()[0]
    scorer = vq.Scorer(width=1920, height=1080)
    with pytest.raises(vq.VmafError, match="128 pixels wide, not 1920"):
        scorer.push(frame, frame)
    with pytest.raises(vq.VmafError, match="no frame was pushed"):
        vq.Scorer().finish()


def test_frames_of_another_format_cost_nothing_before_them():
    frame, other = video()[0], video(width=130)[0]
    scorer = vq.Scorer()
    scorer.push(frame, frame)
    with pytest.raises(vq.VmafError, match="frame 1 of the reference: plane 0 is 130x72"):
        scorer.push(other, other)
    with pytest.raises(vq.VmafError, match="comes with 2 encodes, those before it with 1"):
        scorer.push(frame, [frame, frame])
    with pytest.raises(vq.VmafError, match="uint16, which 8-bit video isn't"):
        scorer.push(frame.astype(np.uint16), frame.astype(np.uint16))
    scorer.push(frame, frame)
    assert list(scorer.finish().index) == [0, 1]
    with pytest.raises(vq.VmafError, match="finished"):
        scorer.push(frame, frame)
    with pytest.raises(vq.VmafError, match="finished"):
        scorer.finish()


def test_a_shifted_encode_ends_the_run_early():
    frames = film(400)
    scorer = vq.Scorer()
    with pytest.raises(vq.VmafError, match=r"offset=-4 to skip the reference's first 4 frames"):
        for reference, distorted in zip(frames, blurred(frames[4:]), strict=False):
            scorer.push(reference, distorted)
        scorer.finish()


def test_frames_behind_those_asked_for_are_passed_over():
    scorer = vq.Scorer(frames=range(2, 5))
    frames = film(60)
    result = pushed(scorer, frames, frames)
    assert list(result.index) == [2, 3, 4]


def test_a_scorer_that_is_dropped_leaves_no_thread_behind():
    frame = np.zeros((360, 640), np.uint8)
    before = len(list_threads())
    for _ in range(20):
        scorer = vq.Scorer()
        scorer.push(frame, frame)
        scorer.push(frame, frame)
        del scorer
    deadline = threading.Event()
    for _ in range(100):
        if len(list_threads()) <= before + 4:
            break
        deadline.wait(0.1)
    assert len(list_threads()) <= before + 4


def list_threads():
    """The threads of this process, those of native code too."""
    os = pytest.importorskip("os")
    if not os.path.isdir("/proc/self/task"):
        pytest.skip("threads can't be counted here")
    return os.listdir("/proc/self/task")
