#!/usr/bin/env python3
"""Records the results of FFmpeg's filter xpsnr for the generated clips in xpsnr.json, next to this file.

usage: record_xpsnr.py FFMPEG CLIPS_FOLDER < LIST

LIST is the output of `cargo run -p vmaf-cli --example write_clips -- CLIPS_FOLDER`. Values are kept as
printed. Clips of 16 bits are excluded, because the filter treats their samples as signed; so are clips
with odd chroma sizes, which the filter rounds up and this project rounds down.
"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile

# The filter compares with one earlier frame below 32 frames per second, with two above.
FRAME_RATES = [25, 60]
COLUMNS = {"y": "xpsnr_y", "u": "xpsnr_cb", "v": "xpsnr_cr"}


def record(ffmpeg, files, options, frame_rate):
    settings = dict(zip(options[::2], options[1::2]))
    depth = "" if settings["-b"] == "8" else settings["-b"] + "le"
    layout = ["-f", "rawvideo", "-pix_fmt", f"yuv{settings['-p']}p{depth}"]
    layout += ["-s", f"{settings['-w']}x{settings['-h']}", "-r", str(frame_rate)]
    # No filter before xpsnr: for more than 8 bits, it misreads padded rows, which other filters produce.
    command = [ffmpeg, "-v", "info", "-nostats", *layout, "-i", files[0], *layout, "-i", files[1]]
    with tempfile.NamedTemporaryFile("r") as stats:
        command += ["-lavfi", f"[0:v][1:v]xpsnr=stats_file={stats.name}", "-f", "null", "-"]
        completed = subprocess.run([*map(str, command)], capture_output=True, text=True, check=True)
        columns = {}
        for line in stats:
            for plane, value in re.findall(r"XPSNR (\w): *(\S+)", line):
                columns.setdefault(COLUMNS[plane], []).append(value)
    (average,) = re.findall(r"XPSNR  (y: .*?)(?: \(|$)", completed.stderr, re.MULTILINE)
    for plane, value in re.findall(r"(\w): *(\S+)", average):
        columns["a" + COLUMNS[plane]] = value
    return columns


def main():
    ffmpeg, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    recorded = {}
    for line in sys.stdin:
        name, *options = line.split()
        settings = dict(zip(options[::2], options[1::2]))
        is_odd = settings["-p"] != "444" and (int(settings["-w"]) % 2 or int(settings["-h"]) % 2)
        if settings["-b"] == "16" or is_odd:
            continue
        files = [folder / f"{name}_{role}.yuv" for role in ("reference", "distorted")]
        recorded[name] = {
            str(rate): record(ffmpeg, files, options, rate) for rate in FRAME_RATES
        }
    with pathlib.Path(__file__).with_name("xpsnr.json").open("w") as out:
        clips = [
            f" {json.dumps(name)}: {{\n"
            + ",\n".join(f"  {json.dumps(rate)}: {json.dumps(run)}" for rate, run in runs.items())
            + "\n }"
            for name, runs in recorded.items()
        ]
        out.write("{\n" + ",\n".join(clips) + "\n}\n")


main()
