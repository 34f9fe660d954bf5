#!/usr/bin/env python3
"""Times FFmpeg's libvmaf filter with this project's libvmaf.so.3 beside libvmaf's own.

    make ffmpeg-capi
    scripts/bench-capi.py FFMPEG LIBVMAF REFERENCE ENCODE [--runs 5]

FFMPEG is a program that is linked with libvmaf.so.3, such as target/ffmpeg-capi/ffmpeg; LIBVMAF is
libvmaf's own libvmaf.so.3. REFERENCE and ENCODE are videos that `ffmpeg` on the path can read (or
the program in VMAF_FFMPEG). They are scaled to each size and written as y4m files first. Both
libraries are loaded into the same program, and whole processes run in turns.

Prints a table of medians. A ratio above 1 means that this project's library takes less time.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
OURS = ROOT / "target/release/libvmaf_capi.so"
FORMATS = [
    (1920, 1080, "yuv420p"),
    (1920, 1080, "yuv420p10le"),
    (3840, 2160, "yuv420p"),
]
MODELS = ["vmaf_v0.6.1", "vmaf_v1.0.16_3d0h"]
THREADS = [1, 2]
FRAMES = 48


def prepare(video, size, folder, name):
    """Writes the first frames of `video` as a y4m file of `size`."""
    width, height, pixel_format = size
    path = folder / f"{name}_{width}_{pixel_format}.y4m"
    subprocess.run(
        [
            os.environ.get("VMAF_FFMPEG", "ffmpeg"),
            *("-v", "error", "-y", "-i", video, "-frames:v", str(FRAMES)),
            *(
                "-vf",
                f"scale={width}:{height}",
                "-pix_fmt",
                pixel_format,
                "-strict",
                "-1",
                path,
            ),
        ],
        check=True,
    )
    return path


def run(ffmpeg, library, pair, model, threads, log):
    """Scores a pair; returns the seconds it took and the score of each frame."""
    options = f"model=version={model}:n_threads={threads}:log_fmt=json:log_path={log}"
    command = [
        ffmpeg,
        "-v",
        "error",
        "-nostdin",
        "-threads",
        "1",
        "-i",
        pair[1],
        "-i",
        pair[0],
    ]
    command += ["-lavfi", f"libvmaf={options}", "-f", "null", "-"]
    start = time.perf_counter()
    subprocess.run(command, check=True, env={**os.environ, "LD_PRELOAD": str(library)})
    seconds = time.perf_counter() - start
    frames = json.loads(log.read_text())["frames"]
    return seconds, [frame["metrics"]["vmaf"] for frame in frames]


def main():
    """Runs the comparison."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name in ("ffmpeg", "libvmaf", "reference", "encode"):
        parser.add_argument(name, metavar=name.upper())
    parser.add_argument("--runs", type=int, default=5)
    arguments = parser.parse_args()
    libraries = {"libvmaf": pathlib.Path(arguments.libvmaf).resolve(), "ours": OURS}
    print(
        "| video | model | threads | libvmaf ms/frame | ours ms/frame | ratio | greatest difference |"
    )
    print("|---|---|--:|--:|--:|--:|--:|")
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        for size in FORMATS:
            pair = [
                prepare(arguments.reference, size, folder, "reference"),
                prepare(arguments.encode, size, folder, "encode"),
            ]
            for model in MODELS:
                for threads in THREADS:
                    times = {name: [] for name in libraries}
                    scores = {}
                    for _ in range(arguments.runs):
                        for name, library in libraries.items():
                            seconds, scores[name] = run(
                                arguments.ffmpeg,
                                library,
                                pair,
                                model,
                                threads,
                                folder / "log.json",
                            )
                            times[name].append(seconds)
                    medians = {
                        name: statistics.median(each) for name, each in times.items()
                    }
                    both = zip(scores["libvmaf"], scores["ours"], strict=True)
                    difference = max(abs(theirs - ours) for theirs, ours in both)
                    per_frame = {
                        name: 1000 * each / FRAMES for name, each in medians.items()
                    }
                    bits = 10 if "10" in size[2] else 8
                    print(
                        f"| {size[0]}x{size[1]}, {bits}-bit | {model} | {threads} "
                        f"| {per_frame['libvmaf']:.1f} | {per_frame['ours']:.1f} "
                        f"| {medians['libvmaf'] / medians['ours']:.2f} | {difference:.6f} |",
                        flush=True,
                    )
            for path in pair:
                path.unlink()


if __name__ == "__main__":
    main()
