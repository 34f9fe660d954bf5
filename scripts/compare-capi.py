#!/usr/bin/env python3
"""Compares FFmpeg with this project's libvmaf.so.3 with an FFmpeg that has libvmaf itself.

    make ffmpeg-capi
    scripts/compare-capi.py target/ffmpeg-capi/ffmpeg FFMPEG

FFMPEG is a program with libvmaf 3.2, such as that of PyPI's imageio-ffmpeg; it also makes the clips
and the encodes. Both programs score every pair with every model and set of features, with several
numbers of threads, subsampling, logs of every format, inputs of different length, and wrong names.

Compares the exit status, the printed score and the log (without `version` and `fps`, which name the
library and its speed). With threads, libvmaf itself writes columns in varying order, so that their
order does not count there. Prints each run that differs, and fails if there is one.
"""

import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

MODELS = {
    "v0.6.1": "model=version=vmaf_v0.6.1",
    "neg": "model=version=vmaf_v0.6.1neg",
    "4k": "model=version=vmaf_4k_v0.6.1",
    # FFmpeg's filter does not load model collections: both refuse it.
    "bootstrap": "model=version=vmaf_b_v0.6.3",
    "v1": "model=version=vmaf_v1.0.16_3d0h",
    "two models": r"model='version=vmaf_v0.6.1\:name=a|version=vmaf_v0.6.1neg\:name=b'",
    "options": r"model='version=vmaf_v0.6.1\:adm.adm_enhn_gain_limit=1.0\:enable_transform=true'",
    "features": "feature=name=psnr|name=float_ssim|name=cambi",
    "feature options": r"feature='name=psnr\:enable_mse=true|name=float_ms_ssim|name=psnr_hvs|name=ciede'",
}
THREADS = [0, 1, 4]
FORMATS = ["json", "xml", "csv", "sub"]
# Arguments that make a clip of 20 frames; the encode is made of it with x264.
CLIPS = {
    "8-bit": (
        "mandelbrot=size=416x240:rate=25:start_scale=0.2,format=yuv420p",
        ["-crf", "33"],
    ),
    "10-bit": (
        "testsrc2=size=352x288:rate=25,noise=c0s=12:c0f=t,format=yuv420p10le",
        ["-crf", "38"],
    ),
    "4:2:2": (
        "life=size=320x180:rate=25:mold=10:seed=3,boxblur=2,format=yuv422p",
        ["-crf", "36"],
    ),
    "4:4:4": (
        "testsrc2=size=320x240:rate=25,rotate=0.02*n,format=yuv444p",
        ["-crf", "30"],
    ),
}


def call(*command):
    return subprocess.run(
        [*map(str, command)],
        capture_output=True,
        text=True,
        env={k: v for k, v in os.environ.items() if k != "AV_LOG_FORCE_COLOR"},
        check=False,
    )


def make(ffmpeg, folder):
    """Writes a reference and an encode of each clip, both as y4m; returns their paths."""
    pairs = {}
    for name, (source, options) in CLIPS.items():
        stem = folder / re.sub(r"\W", "_", name)
        reference, encode, distorted = (
            f"{stem}.y4m",
            f"{stem}.mp4",
            f"{stem}.enc.y4m",
        )
        quiet = [ffmpeg, "-nostdin", "-v", "error", "-y"]
        y4m = ["-strict", "-1", "-frames:v", "20"]
        for command in [
            [*quiet, "-f", "lavfi", "-i", source, *y4m, reference],
            [*quiet, "-i", reference, "-c:v", "libx264", *options, encode],
            [*quiet, "-i", encode, *y4m, distorted],
        ]:
            done = call(*command)
            if done.returncode:
                sys.exit(done.stderr)
        pairs[name] = (distorted, reference)
    # An input that ends early: FFmpeg repeats its last frame, as the filter's default is.
    distorted, reference = pairs["8-bit"]
    short = folder / "short.y4m"
    call(
        *(ffmpeg, "-nostdin", "-v", "error", "-y", "-i", distorted),
        *("-frames:v", "13", short),
    )
    pairs["short"] = (str(short), reference)
    return pairs


def runs(pairs):
    """Yields the name, the pair and the filter's options of each run."""
    for clip, pair in pairs.items():
        for model, option in MODELS.items():
            for threads in THREADS:
                yield f"{clip}, {model}, {threads} threads", pair, f"{option}:n_threads={threads}"
    pair = pairs["8-bit"]
    for model in ["v0.6.1", "bootstrap", "features"]:
        for log in FORMATS:
            yield f"log {log}, {model}", pair, f"{MODELS[model]}:log_fmt={log}"
        for threads in THREADS:
            options = f"{MODELS[model]}:n_subsample=3:n_threads={threads}"
            yield f"subsampled, {model}, {threads} threads", pair, options
        for pool in ["min", "harmonic_mean"]:
            yield f"pool {pool}, {model}", pair, f"{MODELS[model]}:pool={pool}"
    for wrong in [
        "model=version=no_such_model",
        "model=path=no_such_file.json",
        "feature=name=no_such_feature",
        r"feature='name=psnr\:enable_mse=perhaps'",
        "pool=median",
    ]:
        yield f"refused: {wrong}", pair, wrong


def score(ffmpeg, pair, options, log):
    """Returns the exit status (as success or failure), the printed scores and the log's text."""
    log.unlink(missing_ok=True)
    log_format = "" if "log_fmt" in options else ":log_fmt=json"
    lavfi = f"[0:v][1:v]libvmaf={options}{log_format}:log_path={log}"
    done = call(
        *(ffmpeg, "-nostdin", "-hide_banner", "-i", pair[0], "-i", pair[1]),
        *("-lavfi", lavfi, "-f", "null", "-"),
    )
    printed = re.findall(r"VMAF score: (\S+)", done.stderr)
    return done.returncode == 0, printed, log.read_text() if log.exists() else None


def without_library(text):
    """Removes the library's version and its speed."""
    if text is None:
        return None
    for pattern in [
        r'("version": ")[^"]*',
        r'(<VMAF version=")[^"]*',
        r'(<fyi fps=")[^"]*',
    ]:
        text = re.sub(pattern, r"\1", text)
    return re.sub(r'("fps": )[\d.]+', r"\g<1>0", text)


def is_same_log(ours, theirs, has_threads):
    if ours == theirs or None in (ours, theirs):
        return ours == theirs
    return (
        has_threads
        and ours.startswith("{")
        and json.loads(ours) == json.loads(theirs)
    )


def first_difference(ours, theirs):
    if None in (ours, theirs):
        return "only one of the two wrote a log"
    lines = zip(ours.splitlines(), theirs.splitlines(), strict=False)
    found = next(((a, b) for a, b in lines if a != b), ("", "more lines"))
    return f"{found[0].strip()!r} here, {found[1].strip()!r} there"


def main():
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("ours", help="FFmpeg with this project's library")
    parser.add_argument("theirs", help="FFmpeg with libvmaf 3.2")
    programs = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        pairs = make(programs.theirs, folder)
        count = scored = different = 0
        for name, pair, options in runs(pairs):
            log = folder / "log"
            ours, theirs = (
                score(program, pair, options, log)
                for program in (programs.ours, programs.theirs)
            )
            count += 1
            scored += theirs[0]
            logs = without_library(ours[2]), without_library(theirs[2])
            has_threads = re.search(r"n_threads=[1-9]", options)
            if ours[:2] == theirs[:2] and is_same_log(*logs, has_threads):
                continue
            different += 1
            print(f"{name}: ", end="")
            if ours[:2] != theirs[:2]:
                print(f"{ours[:2]} here, {theirs[:2]} there")
            else:
                print(first_difference(*logs))
        print(f"{count} runs, of which libvmaf scores {scored}; {different} differ")
    sys.exit(different > 0)


if __name__ == "__main__":
    main()
