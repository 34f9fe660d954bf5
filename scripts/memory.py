#!/usr/bin/env python3
"""Prints the peak memory of the command as a table, for docs/reliability.md.

usage: memory.py VMAF GENERATE_CLIP (`make memory`)

Clips are generated: y4m at 8 bits, read from files unless the table says otherwise. Each figure is the greatest
resident set of one process, its FFmpeg programs not included. The search needs an FFmpeg program with libx264, which
VMAF_FFMPEG names. Fails if a long pipe takes more memory than a short one
by over a tenth and the bytes that its values need.
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

MEGABYTE = 1e6
# Bytes that a frame may add: its values by column, in memory once or twice.
BYTES_PER_FRAME = 1000

# The peak of a process in kilobytes, as Linux states it.
PEAK = re.compile(r"^VmHWM:\s*(\d+) kB", re.MULTILINE)


def peak(words, folder, pipe=None):
    """Returns the peak memory of a command in bytes; `pipe` makes the file that it reads as `-`."""
    with open(os.devnull, "w") as null:
        source = subprocess.PIPE if pipe else subprocess.DEVNULL
        child = subprocess.Popen(
            words, cwd=folder, stdin=source, stdout=null, stderr=subprocess.PIPE
        )
        if pipe:
            for block in pipe:
                child.stdin.write(block)
            child.stdin.close()
        message = child.stderr.read().decode()
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        sys.exit(f"{' '.join(map(str, words))}: status {child.returncode}\n{message}")
    return usage.ru_maxrss * 1024


def own_peak(words, folder):
    """Returns the peak memory of a command without that of the programs that it runs."""
    with open(os.devnull, "w") as null:
        child = subprocess.Popen(words, cwd=folder, stdout=null, stderr=null)
        largest = 0
        while child.poll() is None:
            status = pathlib.Path(f"/proc/{child.pid}/status").read_text()
            largest = max([largest, *(int(kilobytes) for kilobytes in PEAK.findall(status))])
            time.sleep(0.01)
    if child.returncode != 0:
        sys.exit(f"{' '.join(map(str, words))}: status {child.returncode}")
    return largest * 1024


def row(what, bytes_):
    print(f"| {what} | {bytes_ / MEGABYTE:.0f} |", flush=True)


def frames(count, width=64, height=64):
    """Returns the blocks of a y4m file of moving noise."""
    size = width * height * 3 // 2
    noise = os.urandom(size + 256)
    yield f"YUV4MPEG2 W{width} H{height} F25:1 C420jpeg\n".encode()
    for index in range(count):
        yield b"FRAME\n" + noise[index % 256 : index % 256 + size]


def main():
    vmaf, generate = (pathlib.Path(path).resolve() for path in sys.argv[1:])
    with tempfile.TemporaryDirectory() as folder:

        def clip(size, count):
            subprocess.run([generate, folder, size, str(count)], check=True)

        def score(what, *options):
            words = [vmaf, "score", "reference.y4m", *options, "--quiet", "-o", "out.json"]
            row(what, peak(words, folder))

        one, badly = "slightly_damaged.y4m", "badly_damaged.y4m"
        print("| Run | MB |\n|---|--:|")
        for size in ("640x360", "1920x1080", "3840x2160"):
            clip(size, 24)
            for threads in (1, 2, 8):
                score(f"{size}, one encode, {threads} threads", one, "--threads", str(threads))
        clip("1920x1080", 24)
        score("1920x1080, two encodes, 2 threads", one, badly, "--threads", "2")
        score("1920x1080, model v1, 2 threads", one, "--threads", "2", "--model", "v1")
        for metric in ("cvvdp", "ssimulacra2", "butteraugli"):
            options = ("--threads", "2", "--no-model", "--metric", metric)
            score(f"1920x1080, {metric}, 2 threads", one, *options)
        options = ("--threads", "2", "--report", "page.html")
        score("1920x1080, with a report, 2 threads", one, *options)
        score("1920x1080, by content, 2 threads", one, "--threads", "2", "--align", "content")
        lines = "".join(f"reference.y4m,{name}\n" for name in (one, badly))
        pathlib.Path(folder, "list.csv").write_text(
            "reference,distorted\n" + lines + "slightly_damaged.y4m,badly_damaged.y4m\n"
        )
        for jobs in (1, 2):
            words = [vmaf, "batch", "list.csv", "-o", f"out-{jobs}.jsonl", "--quiet"]
            words += ["--threads", "2", "--jobs", str(jobs)]
            row(f"1920x1080, batch of three encodes, {jobs} jobs, 2 threads", peak(words, folder))
        words = [vmaf, "search", "reference.y4m", "-e", "x264", "--preset", "ultrafast"]
        words += ["--target", "90", "--cache", "cache", "--threads", "2", "--quiet", "-o", "enc.mkv"]
        row("1920x1080, search, 2 threads", own_peak(words, folder))
        short, long = 500, 50_000
        peaks = []
        for count in (short, long):
            reference = pathlib.Path(folder, "encode.y4m")
            with reference.open("wb") as out:
                for block in frames(count):
                    out.write(block)
            words = [vmaf, "score", "-", "encode.y4m", "--quiet", "-o", "out.jsonl"]
            words += ["--threads", "2", "--align", "unchecked"]
            peaks.append(peak(words, folder, frames(count)))
            row(f"64x64, {count} frames from a pipe, 2 threads", peaks[-1])
        bound = 1.1 * peaks[0] + BYTES_PER_FRAME * (long - short)
        if peaks[1] > bound:
            sys.exit(f"{peaks[1]} bytes are more than {bound:.0f}")


if __name__ == "__main__":
    main()
