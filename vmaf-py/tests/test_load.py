"""Under load: memory stays flat, threads don't disturb each other, and arrays are as fast as files."""

import gc
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from clips import blurred, command, film, write_y4m

import vmaf_py as vq


def resident():
    """The memory of this process that is in use, in bytes."""
    pages = Path("/proc/self/statm").read_text().split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is counted by Linux")
def test_memory_is_flat_over_ten_thousand_frames():
    frames = film(10, 90, 160)
    worse = blurred(frames)
    scorer = vq.Scorer()
    marks = []
    for index in range(10_000):
        scorer.push(frames[index % 10], worse[index % 10])
        if index % 1000 == 999:
            gc.collect()
            marks.append(resident())
    result = scorer.finish()
    assert len(result.index) == 10_000
    # Values are kept: 14 numbers of 8 bytes a frame, and growing lists of them. Frames, of 14 KB
    # each, would be 29 MB a thousand.
    assert marks[-1] - marks[0] < 9_000 * 400, marks


def test_eight_threads_score_at_once():
    reference = film(30)
    encodes = [blurred(reference) // (1 + n % 3) + n for n in range(8)]
    expected = [vq.score(reference, encode, threads=1) for encode in encodes]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda encode: vq.score(reference, encode, threads=2), encodes))
    for one, other in zip(found, expected, strict=True):
        assert all(np.array_equal(one.frames[c], values) for c, values in other.frames.items())


def test_the_interpreter_is_free_meanwhile():
    reference = film(60, 360, 640)
    worse = blurred(reference)
    with ThreadPoolExecutor(1) as pool:
        scored = pool.submit(vq.score, reference, worse, threads=1)
        turns = 0
        while not scored.done():
            time.sleep(0.001)
            turns += 1
    assert scored.result().value < 90
    # Were the interpreter's lock held, this thread would have had a turn before and one after.
    assert turns > 10


def test_arrays_are_as_fast_as_files(tmp_path):
    """Within 5 % of the command on y4m of the same frames, in processor time of the same run."""
    frames = np.tile(film(12, 540, 960), (10, 1, 1))
    worse = np.tile(blurred(film(12, 540, 960)), (10, 1, 1))
    paths = [write_y4m(tmp_path / name, of) for name, of in [("a.y4m", frames), ("b.y4m", worse)]]
    for name, of in [("a.npy", frames), ("b.npy", worse)]:
        np.save(tmp_path / name, of)
    code = (
        "import numpy, resource, vmaf_py\n"
        f"a, b = (numpy.load({str(tmp_path)!r} + name) for name in ('/a.npy', '/b.npy'))\n"
        "def used(): u = resource.getrusage(resource.RUSAGE_SELF); return u.ru_utime + u.ru_stime\n"
        "before = used()\n"
        "vmaf_py.score(a, b, threads=1, align='unchecked')\n"
        "print(used() - before)\n"
    )
    words = [command(), "score", *paths, "--threads", "1", "--align", "unchecked", "-q", "-o"]
    of_command, of_arrays = [], []
    # The least of many runs is what the work itself takes, whatever else the machine does.
    for _ in range(20):
        before = children()
        subprocess.run([*words, tmp_path / "out.json"], check=True)
        of_command.append(children() - before)
        told = subprocess.run(
            [sys.executable, "-c", code], check=True, capture_output=True, text=True
        )
        of_arrays.append(float(told.stdout))
        if len(of_arrays) >= 3 and min(of_arrays) < 1.05 * min(of_command):
            return
    pytest.fail(f"{min(of_arrays)} s of arrays, {min(of_command)} s of files")


def children():
    """The processor time of child processes that have ended."""
    times = os.times()
    return times.children_user + times.children_system
