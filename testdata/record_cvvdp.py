#!/usr/bin/env python3
"""Records what the authors' program says of the generated clips by ColorVideoVDP in cvvdp.json, next to this file.

usage: record_cvvdp.py CLIPS_FOLDER < LIST

LIST is the output of `cargo run -p vmaf-cli --example write_clips -- CLIPS_FOLDER`. Needs NumPy and PyPI's cvvdp,
whose frames are converted to RGB as vmaf-core/src/color/mod.rs states. Recorded are the quality of each clip, and of
its first frame as a still.
"""

import pathlib
import sys

import numpy as np
import pycvvdp
import torch
from pycvvdp.display_model import vvdp_display_photo_eotf
from record_ssimulacra2 import OPTIONS, frames, key_of, record_all, signals

FRAME_RATE = 25
SETTINGS = [
    (("bt709", "limited", "bt1886", "bt709", "left"), "standard_fhd", "BT.709"),
    (("bt601", "full", "srgb", "bt709", "center"), "standard_4k", "BT.709"),
    (("bt2020", "limited", "pq", "bt2020", "topleft"), "standard_hdr_pq", "BT.2020-PQ"),
    (
        ("bt2020", "limited", "hlg", "bt2020", "topleft"),
        "standard_hdr_hlg",
        "BT.2020-HLG",
    ),
]
TRANSFERS = {"bt1886": "2.4", "srgb": "sRGB", "pq": "PQ", "hlg": "HLG"}


def record(files, options, setting, display, space):
    settings = dict(zip(options[::2], options[1::2]))
    width, height, depth = (int(settings[flag]) for flag in ("-w", "-h", "-b"))
    chroma = settings["-p"]
    screen = vvdp_display_photo_eotf.load(display, [])
    screen = vvdp_display_photo_eotf(
        screen.Y_peak,
        screen.contrast,
        source_colorspace=space,
        EOTF=TRANSFERS[setting["transfer"]],
        E_ambient=screen.E_ambient,
        k_refl=screen.k_refl,
    )
    metric = pycvvdp.cvvdp(
        display_name=display,
        display_photometry=screen,
        device=torch.device("cpu"),
        quiet=True,
    )
    videos = [
        np.stack(
            [
                signals(planes, chroma, depth, setting)
                for planes in frames(path, width, height, chroma, depth, 99)
            ]
        )
        for path in files
    ]
    reference, distorted = (
        torch.tensor(video, dtype=torch.float32) for video in videos
    )

    def predict(count, rate):
        order = "FHWC" if count > 1 else "HWC"
        pair = [
            video[:count] if count > 1 else video[0] for video in (distorted, reference)
        ]
        return float(metric.predict(*pair, dim_order=order, frames_per_second=rate)[0])

    still = predict(1, 0)
    return {
        "still": still,
        "video": predict(len(reference), FRAME_RATE) if len(reference) > 1 else still,
    }


def runs(files, options):
    recorded = {}
    for values, display, space in SETTINGS:
        setting = dict(zip(OPTIONS, values))
        key = f"{key_of(setting)}:display={display}"
        recorded[key] = record(files, options, setting, display, space)
    return recorded


def main():
    path = pathlib.Path(__file__).with_name("cvvdp.json")
    record_all(pathlib.Path(sys.argv[1]), sys.stdin, path, runs)


if __name__ == "__main__":
    main()
