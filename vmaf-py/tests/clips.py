"""Synthetic videos for the tests, damaged copies of them, and y4m files."""

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np


def video(frames=4, height=72, width=128, depth=8, dtype=None):
    """Returns a moving gradient with texture, the same at every bit depth except for scale."""
    n, y, x = np.ogrid[:frames, :height, :width]
    values = (x + 2 * y + 5 * n) % 160 + 20 + (x * 7 + y * 13) % 11
    return (values << (depth - 8)).astype(dtype or (np.uint8 if depth == 8 else np.uint16))


def blurred(frames):
    """Returns frames blurred horizontally with a box filter of 7 samples."""
    wide = np.pad(frames, [(0, 0)] * (frames.ndim - 1) + [(3, 3)], mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(wide, 7, axis=-1)
    return windows.mean(axis=-1).astype(frames.dtype)


def film(frames=40, height=144, width=192, seed=0):
    """Returns luma with irregular motion, so that no two frames are alike."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width]
    offsets = np.cumsum(random.normal(0, 5, (frames, 2)), axis=0)
    texture = random.integers(0, 24, (height, width))
    luma = []
    for n, (dy, dx) in enumerate(offsets):
        waves = np.sin((x + dx * 3) / 17) + np.sin((y + dy * 3) / 11) + np.sin((x + y + 9 * n) / 29)
        luma.append(np.clip(110 + 30 * waves + np.roll(texture, int(dx), 1), 16, 235))
    return np.stack(luma).astype(np.uint8)


def planes_420(luma, depth=8):
    """Returns 4:2:0 frames as tuples of planes, with chroma derived from luma."""
    peak, unit = (1 << depth) - 1, 1 << (depth - 8)
    return [
        (frame, peak - frame[1::2, 1::2] // 2, 64 * unit + frame[::2, ::2] // 2) for frame in luma
    ]


def write_y4m(path, frames, depth=8, fps=25):
    """Writes frames, each luma or a tuple of three 4:2:0 planes, as a y4m file."""
    frames = [frame if isinstance(frame, tuple) else (frame,) for frame in frames]
    height, width = frames[0][0].shape
    chroma = "420jpeg" if len(frames[0]) == 3 else "mono"
    if depth > 8:
        chroma = f"420p{depth}" if len(frames[0]) == 3 else f"mono{depth}"
    with open(path, "wb") as file:
        file.write(f"YUV4MPEG2 W{width} H{height} F{fps}:1 Ip C{chroma}\n".encode())
        for frame in frames:
            file.write(b"FRAME\n")
            for plane in frame:
                file.write(plane.astype("<u2" if depth > 8 else np.uint8).tobytes())
    return path


def command():
    """Returns the path of the command `vmaf` that the wheel installed."""
    path = Path(sys.executable).with_name("vmaf")
    return str(path) if path.exists() else shutil.which("vmaf")


def run(*arguments, **options):
    """Runs the command `vmaf` and returns the completed process."""
    return subprocess.run(
        [command(), *map(str, arguments)], capture_output=True, text=True, check=False, **options
    )
