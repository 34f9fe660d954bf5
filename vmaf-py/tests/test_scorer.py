"""`Scorer`: frames pushed one by one."""

import threading

import numpy as np
import pytest
from clips import blurred, film, planes_420, video

import vmaf_py as vq


def push_all(scorer, reference, distorted):
    for pair in zip(reference, distorted, strict=True):
        scorer.push(*pair)
    return scorer.finish()


def test_pushed_frames_equal_arrays():
    reference = film(12)
    distorted = blurred(reference)
    expected = vq.score(reference, distorted, metrics="psnr")
    assert push_all(vq.Scorer(metrics="psnr"), reference, distorted) == expected
    scorer = vq.Scorer(metrics="psnr", width=192, height=144, bit_depth=8)
    [single] = push_all(scorer, reference, ([frame] for frame in distorted))
    assert single.frames.keys() == expected.frames.keys()
    assert single.value == expected.value


def test_high_bit_depth_and_several_encodes():
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
    assert "psnr_cr" in push_all(vq.Scorer(metrics="psnr"), yuv, yuv).frames


def test_names():
    result = push_all(vq.Scorer(names=["source", "crf 30"]), film(2), film(2))
    assert (result.reference, result.distorted) == ("source", "crf 30")


def test_errors_in_arguments():
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


def test_run_continues_after_rejected_frames():
    frame, other = video()[0], video(width=130)[0]
    scorer = vq.Scorer()
    scorer.push(frame, frame)
    with pytest.raises(vq.VmafError, match="frame 1 of the reference: plane 0 is 130x72"):
        scorer.push(other, other)
    with pytest.raises(vq.VmafError, match="has 2 encodes, but earlier frames have 1"):
        scorer.push(frame, [frame, frame])
    with pytest.raises(vq.VmafError, match="uint16, but 8-bit video needs uint8"):
        scorer.push(frame.astype(np.uint16), frame.astype(np.uint16))
    scorer.push(frame, frame)
    assert list(scorer.finish().index) == [0, 1]
    with pytest.raises(vq.VmafError, match="finished"):
        scorer.push(frame, frame)
    with pytest.raises(vq.VmafError, match="finished"):
        scorer.finish()


def test_shifted_encode_ends_the_run_early():
    frames = film(400)
    scorer = vq.Scorer()
    with pytest.raises(vq.VmafError, match=r"offset=-4 to skip the reference's first 4 frames"):
        for reference, distorted in zip(frames, blurred(frames[4:]), strict=False):
            scorer.push(reference, distorted)
        scorer.finish()


def test_frames_after_the_range_are_skipped():
    scorer = vq.Scorer(frames=range(2, 5))
    frames = film(60)
    result = push_all(scorer, frames, frames)
    assert list(result.index) == [2, 3, 4]


def test_deleted_scorers_leave_no_threads():
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
    """Returns the threads of this process, including those of native code."""
    os = pytest.importorskip("os")
    if not os.path.isdir("/proc/self/task"):
        pytest.skip("threads can be counted on Linux only")
    return os.listdir("/proc/self/task")
