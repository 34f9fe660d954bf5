#!/usr/bin/env python3
"""Records butteraugli of the generated clips in butteraugli.json, next to this file.

usage: record_butteraugli.py BUTTERAUGLI_MAIN CLIPS_FOLDER < LIST

As record_ssimulacra2.py, which says what LIST is and how frames become PNG files and light: the greatest difference
and the mean of norms by libjxl's program, and by the definition in double precision in this file. Needs NumPy.
"""

import pathlib
import subprocess

import numpy as np
from record_ssimulacra2 import (
    frames,
    halved,
    light,
    record_settings,
    signals,
    write_png,
)

ABSORBANCE = np.array(
    [
        [0.29956550340058319, 0.63373087833825936, 0.077705617820981968],
        [0.22158691104574774, 0.69391388044116142, 0.0987313588422],
        [0.02, 0.02, 0.20480129041026129],
    ]
)
DARK = np.array([1.7557483643287353, 1.7557483643287353, 12.226454707163354])
SPARSE_LINES = [
    [(0, 2), (0, 4)],
    [(2, 0), (4, 0)],
    [(2, 2), (3, 3)],
    [(2, -2), (3, -3)],
    [(2, -1), (4, -1)],
    [(2, 1), (4, 1)],
    [(1, 2), (1, 4)],
    [(-1, 2), (-1, 4)],
    [(2, 1), (3, 2)],
    [(2, -1), (3, -2)],
    [(1, 2), (2, 3)],
    [(1, -2), (2, -3)],
    [(1, -2), (2, -4)],
    [(1, 2), (2, 4)],
    [(2, 1), (4, 2)],
    [(2, -1), (4, -2)],
]
CURVED_LINES = [
    [(1, 0), (2, -1), (3, -1), (4, -1)],
    [(1, 0), (2, 1), (3, 1), (4, 1)],
    [(0, 1), (1, 2), (1, 3), (1, 4)],
    [(0, 1), (-1, 2), (-1, 3), (-1, 4)],
]
DENSE_LINES = [
    [(0, 1), (0, 2), (0, 3), (0, 4)],
    [(1, 0), (2, 0), (3, 0), (4, 0)],
    [(1, 1), (2, 2), (3, 3)],
    [(1, -1), (2, -2), (3, -3)],
    [(1, 1), (2, 1), (3, 2)],
    [(1, -1), (2, -1), (3, -2)],
    [(1, 1), (1, 2), (2, 3)],
    [(1, -1), (1, -2), (2, -3)],
    *CURVED_LINES,
    *CURVED_LINES,
]


def gaussian(sigma):
    reach = int(2.25 * sigma)
    return np.exp(-(np.arange(-reach, reach + 1) ** 2) / (2 * sigma**2))


def convolved(plane, kernel):
    reach = len(kernel) // 2
    padded = np.pad(plane, ((reach, reach), (0, 0)))
    return sum(weight * padded[k : k + len(plane)] for k, weight in enumerate(kernel))


def blurred(plane, sigma):
    """At borders, the weights inside the picture are scaled to a sum of 1."""
    kernel = gaussian(sigma)
    for _ in range(2):
        weights = convolved(np.ones((len(plane), 1)), kernel)
        plane = (convolved(plane, kernel) / weights).T
    return plane


def xyb(rgb):
    """From light in cd/m2."""
    kernel = gaussian(1.2)
    kernel = kernel / kernel.sum()
    padded = np.pad(rgb, ((2, 2), (2, 2), (0, 0)), mode="symmetric")
    around = np.zeros_like(rgb)
    for down in range(5):
        for right in range(5):
            part = padded[down : down + rgb.shape[0], right : right + rgb.shape[1]]
            around += kernel[down] * kernel[right] * part
    adapted = np.maximum(around @ ABSORBANCE.T + DARK, DARK)
    response = 19.245013259874995 * np.log(adapted + 9.9710635769299145)
    sensitivity = np.maximum((response - 23.16046239805755) / adapted, 1e-4)
    cones = np.maximum((rgb @ ABSORBANCE.T + DARK) * sensitivity, DARK)
    long, middle, short = np.moveaxis(cones, -1, 0)
    return long - middle, long + middle, short


def removed(values, width):
    return np.sign(values) * np.maximum(abs(values) - width, 0)


def amplified(values, width):
    return values + np.clip(values, -width, width)


def clamped(values, bound):
    inside = np.clip(values, -bound, bound)
    return inside + (values - inside) * 0.724216145665


def bands(rgb):
    components = xyb(rgb)
    low = [blurred(plane, 7.15593339443) for plane in components]
    rest = [plane - of_low for plane, of_low in zip(components, low)]
    low = [
        low[0] * 33.832837186260,
        low[1] * 14.458268100570,
        (low[2] - 0.362267051518 * low[1]) * 49.87984651440,
    ]
    medium = [blurred(plane, 3.22489901262) for plane in rest]
    above = [rest[c] - medium[c] for c in (0, 1)]
    medium = [removed(medium[0], 0.29), amplified(medium[1], 0.1), medium[2]]
    above[0] = above[0] * (
        0.653020556257 + (1 - 0.653020556257) * 46 / (above[1] ** 2 + 46)
    )
    high = [blurred(plane, 1.56416327805) for plane in above]
    high[1] = clamped(high[1], 28.4691806922)
    ultra = [
        removed(above[0] - high[0], 0.04),
        clamped(above[1] - high[1], 5.19175294647) * 2.69313763794,
    ]
    high = [removed(high[0], 1.5), amplified(high[1] * 2.155, 0.132)]
    return low, medium, high, ultra


def beyond(a, b, small, large):
    """How far b is from the values between small and large times a."""
    sign = np.where(a < 0, -1, 1)
    a, b = abs(a), b * sign
    return sign * (np.maximum(small * a - b, 0) - np.maximum(b - large * a, 0))


def along_lines(a, b, weight, norm, scale, lines):
    plain, other = (
        scale * np.sqrt(share * weight) / 8.5 * norm for share in (0.5, 0.33)
    )
    sums = plain * (a - b) + other * beyond(a, b, 0.55, 1.05)
    height, width = a.shape
    padded = np.pad(sums / (norm + (abs(a) + abs(b)) / 2), 4)

    def at(down, right):
        return padded[4 + down : 4 + down + height, 4 + right : 4 + right + width]

    total = 0
    for line in lines:
        points = [at(*point) for y, x in line for point in ((y, x), (-y, -x))]
        total = total + (at(0, 0) + sum(points)) ** 2
    return total


def activity(high, ultra):
    x = 2.5 * (high[0] + ultra[0])
    y = 0.4 * (high[1] + ultra[1])
    bias = 6.19424080439 * 12.61050594197
    return blurred(np.sqrt(6.19424080439 * np.hypot(x, y) + bias) - np.sqrt(bias), 2.7)


def eroded(values):
    height, width = values.shape
    padded = np.pad(values, 3, constant_values=np.inf)
    near = [padded[y : y + height, x : x + width] for y in (0, 3, 6) for x in (0, 3, 6)]
    least = np.sort([*near, 2 * values, 2 * values], axis=0)
    return 0.45 * least[0] + 0.3 * least[1] + 0.25 * least[2]


def visible(values, mul, scaler, offset):
    return ((1 + mul / (scaler * values + offset)) / (17.83 * 0.79079917404)) ** 2


def single_map(reference, distorted):
    (low_a, medium_a, high_a, ultra_a), (low_b, medium_b, high_b, ultra_b) = (
        bands(picture) for picture in (reference, distorted)
    )
    low = sum(
        weight * (a - b) ** 2
        for a, b, weight in zip(
            low_a, low_b, (29.2353797994, 0.844626970982, 0.703646627719)
        )
    )
    rest = sum(
        weight * (a - b) ** 2
        for a, b, weight in zip(
            medium_a, medium_b, (2150.0, 10.6195433239, 16.2176043152)
        )
    )
    sparse, dense = (0.611612573796, SPARSE_LINES), (0.39905817637, DENSE_LINES)
    for a, b, weights, norms, lines in (
        (
            medium_a,
            medium_b,
            (8246.75321353, 37.0819870399),
            (1009002.70582, 130262059.556),
            sparse,
        ),
        (
            high_a,
            high_b,
            (6923.99476109, 18.7237414387),
            (8051.15833247, 4498534.45232),
            sparse,
        ),
        (ultra_a, ultra_b, (173.5, 1.10039032555), (5.0, 71.7800275169), dense),
    ):
        for c in (0, 1):
            rest = rest + along_lines(a[c], b[c], weights[c], norms[c], *lines)
    for c, weight in enumerate((400.0, 1.50815703118)):
        a, b = high_a[c], high_b[c]
        rest = rest + 0.8 * weight * ((a - b) ** 2 + beyond(a, b, 0.4, 1) ** 2)
    busy, other = activity(high_a, ultra_a), activity(high_b, ultra_b)
    rest = rest + 10 * (busy - other) ** 2
    mask = eroded(busy)
    return np.sqrt(
        low * visible(mask, 0.505054525019, 3.87449418804, 0.20025578522)
        + rest * visible(mask, 2.5485944793, 0.451936922203, 0.829591754942)
    )


def definition(reference, distorted):
    values = single_map(reference, distorted)
    height, width = values.shape
    if min(height, width) >= 15:
        half = single_map(halved(reference), halved(distorted))
        half = half.repeat(2, axis=0).repeat(2, axis=1)[:height, :width]
        values = 0.85 * values + 0.5 * half
    norms = [np.mean(values**power) ** (1 / power) for power in (3, 6, 12)]
    return [round(float(value), 7) for value in (values.max(), sum(norms) / 3)]


def record(program, files, options, setting, folder):
    settings = dict(zip(options[::2], options[1::2]))
    width, height, depth = (int(settings[flag]) for flag in ("-w", "-h", "-b"))
    pairs = zip(*(frames(path, width, height, settings["-p"], depth) for path in files))
    values = {"libjxl": [], "definition": []}
    for pair in pairs:
        paths = [folder / f"{role}.png" for role in ("reference", "distorted")]
        pictures = [signals(planes, settings["-p"], depth, setting) for planes in pair]
        for path, picture in zip(paths, pictures):
            write_png(path, picture, setting["transfer"])
        completed = subprocess.run(
            [program, *paths], capture_output=True, text=True, check=True
        )
        greatest, norm = completed.stdout.splitlines()
        values["libjxl"].append([float(greatest), float(norm.split()[-1])])
        # Light is in units of 255 cd/m2; white of standard dynamic range counts as 80.
        unit = 80 if setting["transfer"] in ("bt1886", "srgb") else 255
        lights = (light(picture, setting["transfer"]) * unit for picture in pictures)
        values["definition"].append(definition(*lights))
    return values


if __name__ == "__main__":
    record_settings(record, pathlib.Path(__file__).with_name("butteraugli.json"))
