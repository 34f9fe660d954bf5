#!/usr/bin/env python3
"""Records the scores of the generated clips by SSIMULACRA2 in ssimulacra2.json, next to this file.

usage: record_ssimulacra2.py SSIMULACRA2 CLIPS_FOLDER < LIST

LIST is the output of `cargo run -p vmaf-cli --example write_clips -- CLIPS_FOLDER`. The first two frames of each
clip are converted to RGB of 16 bits, as vmaf-core/src/color/mod.rs states, and scored as PNG files: standard
dynamic range as sRGB, high dynamic range with the chunk cICP. Each score is recorded by libjxl's program and by the
definition in double precision, in this file, which takes the same samples. Needs NumPy.
"""

import json
import pathlib
import struct
import subprocess
import sys
import tempfile
import zlib

import numpy as np

WEIGHTS = {
    "bt601": (0.299, 0.114),
    "bt709": (0.2126, 0.0722),
    "bt2020": (0.2627, 0.0593),
}
# The distance of the first chroma sample from the first luma sample.
SITINGS = {"left": (0.0, 0.5), "center": (0.5, 0.5), "topleft": (0.0, 0.0)}
# H.273's numbers of BT.2020 with PQ or HLG.
CICP = {"pq": (9, 16, 0, 1), "hlg": (9, 18, 0, 1)}
OPTIONS = ("matrix", "range", "transfer", "primaries", "siting")
SETTINGS = [
    ("bt709", "limited", "bt1886", "bt709", "left"),
    ("bt601", "full", "srgb", "bt709", "center"),
    ("bt2020", "limited", "pq", "bt2020", "topleft"),
    ("bt2020", "limited", "hlg", "bt2020", "topleft"),
]

# ITU-R BT.2087's inverse, with all digits.
BT2020_TO_BT709 = np.linalg.inv(
    np.array(
        [
            [0.627403895934699, 0.329283038377884, 0.043313065687417],
            [0.069097289358232, 0.919540395075459, 0.011362315566309],
            [0.016391438875150, 0.088013307877226, 0.895595253247624],
        ]
    )
)
ABSORBANCE = np.array(
    [
        [0.3, 0.622, 0.078],
        [0.23, 0.692, 0.078],
        [
            0.24342268924547819,
            0.20476744424496821,
            1 - 0.24342268924547819 - 0.20476744424496821,
        ],
    ]
)
TAPS = [
    0.0094143678096537,
    0.0360111146583644,
    0.1093353727774603,
    0.2129285920104222,
    0.2646211054881985,
]
TAPS += TAPS[-2::-1]
MODEL_FILE = pathlib.Path(__file__).parents[1] / "vmaf-core/models/ssimulacra2_v2.1.txt"
MODEL = [
    float(word)
    for line in MODEL_FILE.read_text().splitlines()
    if not line.startswith("#")
    for word in line.split()
]


def interpolated(plane, size, is_halved, offset, axis):
    """Chroma at luma's resolution along an axis."""
    if not is_halved:
        return plane
    places = (np.arange(size) - offset) / 2
    first = np.floor(places).astype(int)
    last = plane.shape[axis] - 1
    shape = [1, 1]
    shape[axis] = size
    share = (places - first).reshape(shape)
    at = [np.take(plane, np.clip(first + k, 0, last), axis) for k in (0, 1)]
    return at[0] * (1 - share) + at[1] * share


def signals(planes, chroma, depth, setting):
    """R'G'B' from 0 to 1."""
    unit = 1 << (depth - 8)
    if setting["range"] == "limited":
        luma = (planes[0] - 16 * unit) / (219 * unit)
        factor = 1 / (224 * unit)
    else:
        luma = planes[0] / ((1 << depth) - 1)
        factor = 1 / ((1 << depth) - 1)
    height, width = luma.shape
    x, y = SITINGS[setting["siting"]]
    color = []
    for plane in planes[1:]:
        plane = (plane - 128 * unit) * factor
        plane = interpolated(plane, height, chroma == "420", y, 0)
        color.append(interpolated(plane, width, chroma != "444", x, 1))
    red, blue = WEIGHTS[setting["matrix"]]
    r = luma + 2 * (1 - red) * color[1]
    b = luma + 2 * (1 - blue) * color[0]
    g = (luma - red * r - blue * b) / (1 - red - blue)
    return np.clip(np.stack([r, g, b], axis=-1), 0, 1)


def write_png(path, rgb, transfer):
    cicp = CICP.get(transfer)
    if transfer == "bt1886":
        light = rgb**2.4
        rgb = np.where(
            light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055
        )
    height, width, _ = rgb.shape
    samples = np.round(rgb * 65535).astype(">u2").reshape(height, -1)
    rows = b"".join(b"\0" + row.tobytes() for row in samples)

    def chunk(kind, data):
        return (
            struct.pack(">I", len(data))
            + kind
            + data
            + struct.pack(">I", zlib.crc32(kind + data))
        )

    with open(path, "wb") as out:
        out.write(b"\x89PNG\r\n\x1a\n")
        out.write(
            chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0))
        )
        if cicp:
            out.write(chunk(b"cICP", bytes(cicp)))
        out.write(chunk(b"IDAT", zlib.compress(rows, 1)) + chunk(b"IEND", b""))


def light(rgb, transfer):
    """Light of BT.709's primaries, in units of 255 cd/m2."""
    if transfer == "bt1886":
        return rgb**2.4
    if transfer == "srgb":
        return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    if transfer == "pq":
        power = rgb ** (32 / 2523)
        rgb = (np.maximum(power - 0.8359375, 0) / (18.8515625 - 18.6875 * power)) ** (
            16384 / 2610
        )
        rgb = rgb * 10000 / 255
    else:
        a, c = 0.17883277, 0.55991073
        scene = np.where(
            rgb <= 0.5, rgb**2 / 3, (np.exp((rgb - c) / a) + 1 - 4 * a) / 12
        )
        luminance = scene @ [0.2627, 0.678, 0.0593]
        rgb = scene * luminance[..., None] ** 0.2 * 1000 / 255
    return rgb @ BT2020_TO_BT709.T


def filtered(plane):
    for _ in range(2):
        padded = np.pad(plane, ((4, 4), (0, 0)))
        plane = sum(
            tap * padded[k : k + plane.shape[0]] for k, tap in enumerate(TAPS)
        ).T
    return plane


def xyb(rgb):
    bias = 0.0037930732552754493
    long, middle, short = np.moveaxis(
        np.cbrt(np.maximum(rgb @ ABSORBANCE.T + bias, 0)) - np.cbrt(bias), -1, 0
    )
    luma = (long + middle) / 2
    return [7 * (long - middle) + 0.42, luma + 0.01, short - luma + 0.55]


def halved(rgb):
    height, width, _ = rgb.shape
    rgb = np.pad(rgb, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
    return (rgb[::2, ::2] + rgb[1::2, ::2] + rgb[::2, 1::2] + rgb[1::2, 1::2]) / 4


def definition(reference, distorted):
    scales = []
    for scale in range(6):
        if min(reference.shape[:2]) < 8:
            break
        if scale:
            reference, distorted = halved(reference), halved(distorted)
        norms = []
        for a, b in zip(xyb(reference), xyb(distorted)):
            mean_a, mean_b = filtered(a), filtered(b)
            covariance = 2 * (filtered(a * b) - mean_a * mean_b) + 0.0009
            variances = (
                filtered(a * a) - mean_a**2 + filtered(b * b) - mean_b**2 + 0.0009
            )
            similarity = (1 - (mean_a - mean_b) ** 2) * covariance / variances
            edges = (1 + abs(b - mean_b)) / (1 + abs(a - mean_a)) - 1
            maps = [np.maximum(values, 0) for values in (1 - similarity, edges, -edges)]
            norms.append(
                [np.mean(m) for m in maps] + [np.mean(m**4) ** 0.25 for m in maps]
            )
        scales.append(norms)
    numbers = [
        number for part in range(3) for scale in scales for number in scale[part]
    ]
    error = 0.9562382616834844 * sum(
        weight * number for weight, number in zip(MODEL, numbers)
    )
    error = (
        2.326765642916932 * error
        - 0.020884521182843837 * error**2
        + 6.248496625763138e-05 * error**3
    )
    return 100 - 10 * error**0.6276336467831387 if error > 0 else 100.0


def frames(path, width, height, chroma, depth, count=2):
    """The first frames; of odd sizes, the last column or row of chroma is dropped."""
    across, down = (1 if chroma == "444" else 2), (2 if chroma == "420" else 1)
    stored = [(height, width)] + 2 * [(-(-height // down), -(-width // across))]
    samples = np.fromfile(path, dtype="u1" if depth == 8 else "<u2").astype(float)
    samples = samples.reshape(-1, sum(rows * columns for rows, columns in stored))
    for frame in samples[:count]:
        planes, start = [], 0
        for index, (rows, columns) in enumerate(stored):
            plane = frame[start : start + rows * columns].reshape(rows, columns)
            start += rows * columns
            planes.append(
                plane if index == 0 else plane[: height // down, : width // across]
            )
        yield planes


def record(program, files, options, setting, folder):
    settings = dict(zip(options[::2], options[1::2]))
    width, height, depth = (int(settings[flag]) for flag in ("-w", "-h", "-b"))
    chroma = settings["-p"]
    pairs = zip(*(frames(path, width, height, chroma, depth) for path in files))
    scores = {"libjxl": [], "definition": []}
    for pair in pairs:
        paths = [folder / f"{role}.png" for role in ("reference", "distorted")]
        pictures = [signals(planes, chroma, depth, setting) for planes in pair]
        for path, picture in zip(paths, pictures):
            write_png(path, picture, setting["transfer"])
        completed = subprocess.run(
            [program, *paths], capture_output=True, text=True, check=True
        )
        scores["libjxl"].append(float(completed.stdout.split()[0]))
        score = definition(
            *(light(picture, setting["transfer"]) for picture in pictures)
        )
        scores["definition"].append(round(score, 6))
    return scores


def record_all(clips, lines, path, runs):
    """Writes `runs(files, options)`, a dictionary, for each clip but the largest."""
    recorded = {}
    for line in lines:
        name, *options = line.split()
        if not name.startswith("uhd"):
            files = [
                clips / f"{name}_{role}.yuv" for role in ("reference", "distorted")
            ]
            recorded[name] = runs(files, options)
    entries = [
        f" {json.dumps(name)}: {{\n"
        + ",\n".join(
            f"  {json.dumps(key)}: {json.dumps(scores)}" for key, scores in runs.items()
        )
        + "\n }"
        for name, runs in recorded.items()
    ]
    path.write_text("{\n" + ",\n".join(entries) + "\n}\n")


def key_of(setting):
    return ":".join(f"{option}={value}" for option, value in setting.items())


def record_settings(record, path):
    """Writes `record(program, files, options, setting, folder)` of each clip and of each of SETTINGS."""
    program, clips = sys.argv[1], pathlib.Path(sys.argv[2])
    with tempfile.TemporaryDirectory() as folder:

        def runs(files, options):
            settings = [dict(zip(OPTIONS, values)) for values in SETTINGS]
            return {
                key_of(setting): record(
                    program, files, options, setting, pathlib.Path(folder)
                )
                for setting in settings
            }

        record_all(clips, sys.stdin, path, runs)


if __name__ == "__main__":
    record_settings(record, pathlib.Path(__file__).with_name("ssimulacra2.json"))
