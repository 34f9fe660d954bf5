#!/usr/bin/env python3
"""Records what FFmpeg's filter xpsnr says of the generated clips, into xpsnr.json beside this file.

usage: record_xpsnr.py FFMPEG CLIPS_FOLDER < LIST

LIST is what `cargo run -p vmaf-cli --example write_clips -- CLIPS_FOLDER` prints. Figures are kept
as they are printed. Clips of 16 bits are left out: the filter takes their samples for signed. So are
those with chroma of odd size, which it rounds up, and the project down.
"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile

# Below and above 32 frames a second the filter compares with one and with two earlier frames.
FRAME_RATES = [25, 60]
COLUMNS = {"y": "xpsnr_y", "u": "xpsnr_cb", "v": "xpsnr_cr"}


def record(ffmpeg, files, options, frame_rate):
    value = dict(zip(options[::2], options[1::2]))
    depth = "" if value["-b"] == "8" else value["-b"] + "le"
    layout = ["-f", "rawvideo", "-pix_fmt", f"yuv{value['-p']}p{depth}"]
    layout += ["-s", f"{value['-w']}x{value['-h']}", "-r", str(frame_rate)]
    # Frames go to the filter as they are read: for more than 8 bits it takes rows that are padded,
    # as other filters leave them, for rows that are not.
    command = [ffmpeg, "-v", "info", "-nostats", *layout, "-i", files[0], *layout, "-i", files[1]]
    with tempfile.NamedTemporaryFile("r") as stats:
        command += ["-lavfi", f"[0:v][1:v]xpsnr=stats_file={stats.name}", "-f", "null", "-"]
        done = subprocess.run([*map(str, command)], capture_output=True, text=True, check=True)
        columns = {}
        for line in stats:
            for plane, figure in re.findall(r"XPSNR (\w): *(\S+)", line):
                columns.setdefault(COLUMNS[plane], []).append(figure)
    (average,) = re.findall(r"XPSNR  (y: .*?)(?: \(|$)", done.stderr, re.MULTILINE)
    for plane, figure in re.findall(r"(\w): *(\S+)", average):
        columns["a" + COLUMNS[plane]] = figure
    return columns


def main():
    ffmpeg, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    recorded = {}
    for line in sys.stdin:
        name, *options = line.split()
        value = dict(zip(options[::2], options[1::2]))
        is_odd = value["-p"] != "444" and (int(value["-w"]) % 2 or int(value["-h"]) % 2)
        if value["-b"] == "16" or is_odd:
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
