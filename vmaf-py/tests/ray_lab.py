"""Helpers for the tests of clusters: small clips, comparison of result lines, processes."""

import json
import pathlib
import threading
import time
from concurrent import futures

import numpy as np

from vmaf_py import _native


def write_clip(path, frames=30, seed=0, noise=0.0, size=(160, 128)):
    """Writes a y4m file of a moving picture; `noise` is the standard deviation of added noise."""
    width, height = size
    generator = np.random.default_rng(seed)
    blocks = generator.integers(80, 176, (height // 8 + frames, width // 8 + frames), np.uint8)
    picture = np.kron(blocks, np.ones((8, 8), np.uint8)).astype(float)
    noises = np.random.default_rng([seed, int(noise * 10)])
    with open(path, "wb") as file:
        file.write(f"YUV4MPEG2 W{width} H{height} F25:1 Ip C420jpeg\n".encode())
        for index in range(frames):
            luma = picture[index : index + height, 2 * index : 2 * index + width]
            luma = luma + noises.normal(0, noise, luma.shape)
            file.write(b"FRAME\n" + np.clip(luma, 0, 255).astype(np.uint8).tobytes())
            file.write(bytes([128]) * (width * height // 2))


def local_batch(manifest, output, *flags):
    arguments = ["batch", str(manifest), "-o", str(output), "--quiet", "--threads=2", *flags]
    return _native.main(["vmaf", *arguments])


def read_lines(path):
    return [json.loads(text) for text in pathlib.Path(path).read_text().splitlines()]


def content(line):
    """Returns a line as text, without its member `run`; equal text means bit-identical results."""
    return json.dumps({member: value for member, value in line.items() if member != "run"})


def contents(path):
    return sorted(content(line) for line in read_lines(path))


def identities(path):
    return [
        (ln["reference"], ln["distorted"], ln.get("name"), ln.get("key")) for ln in read_lines(path)
    ]


def assert_same_results(path, local):
    """Asserts that a file has exactly the lines of a local batch, bit for bit, each once."""
    assert len(set(identities(path))) == len(identities(path))
    assert contents(path) == contents(local)


def raylet_of(node):
    (raylet,) = node.all_processes["raylet"]
    return raylet.process.pid


def running_tasks(node=None):
    """Returns the titles of processes that run a task, on one machine or on all."""
    titles = []
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            title = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
            parent = int((process / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        if title.startswith("ray::vmaf ") and (node is None or parent == raylet_of(node)):
            titles.append(title)
    return titles


def in_thread(function, *arguments, **options):
    """Runs a function in another thread, because only the main thread can add machines."""
    future = futures.Future()

    def run():
        try:
            future.set_result(function(*arguments, **options))
        except BaseException as error:
            future.set_exception(error)

    # A daemon thread, so that a failing test doesn't wait for it.
    threading.Thread(target=run, daemon=True).start()
    return future


def wait_for(condition, driver=None):
    """Returns the first true result of a condition; fails as soon as the driver has ended.

    The limit is for what never happens: a busy machine may need minutes to start Ray.
    """
    end = time.monotonic() + 600
    while not (result := condition()):
        assert driver is None or driver.poll() is None, driver.communicate()[0]
        assert time.monotonic() < end, "still waiting after ten minutes"
        time.sleep(0.02)
    return result
