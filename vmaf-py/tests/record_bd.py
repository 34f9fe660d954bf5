"""Records bd_vectors.json: Bjøntegaard deltas by another implementation, for test_research.py.

    pip install bjontegaard==1.3.0 && python record_bd.py

The implementation is FAU-LMS/bjontegaard, which integrates SciPy's PchipInterpolator and NumPy's
polyfit; its authors compared its PCHIP with the worksheet of JVET (JVET-T2010). The curves are

- JCTVC-E137: two pairs of that document. The tests of libvmaf's BD-rate calculator
  (python/test/bd_rate_calculator_test.py) list them with the expected BD-rates, -0.465215420752807 %
  and -1.8779823450567612 %;
- FAU: the three examples of the implementation, x265 at several presets.
"""

import json
import pathlib

import bjontegaard

CURVES = {
    "JCTVC-E137 1": (
        [(108048.8736, 43.6471), (61279.976, 40.3953), (33905.6656, 37.247), (18883.6928, 34.2911)],
        [
            (108061.2784, 43.6768),
            (61299.9936, 40.4232),
            (33928.7472, 37.2761),
            (18910.912, 34.3147),
        ],
    ),
    "JCTVC-E137 2": (
        [(40433.8848, 37.5761), (7622.7456, 35.3756), (2394.488, 33.8977), (1017.6184, 32.0603)],
        [(40370.12, 37.5982), (7587.0024, 35.4025), (2390.0944, 33.9194), (1017.0984, 32.0822)],
    ),
    "FAU 1": (
        [(9487.76, 40.037), (4593.6, 38.615), (2486.44, 36.845), (1358.24, 34.851)],
        [(9787.8, 40.121), (4469.0, 38.651), (2451.52, 36.97), (1356.24, 34.987)],
    ),
    "FAU 2, high bitrates": (
        [(82472.76, 43.825), (26875.24, 41.404), (9487.76, 40.037), (4593.6, 38.615)],
        [(99896.96, 44.731), (33952.04, 41.875), (9787.8, 40.121), (4469.0, 38.651)],
    ),
    "FAU 3, six points": (
        [(82472.76, 43.825), (26875.24, 41.404), (9487.76, 40.037), (4593.6, 38.615)]
        + [(3600, 36.5), (2900, 35.1)],
        [(99896.96, 44.731), (33952.04, 41.875), (9787.8, 40.121), (4469.0, 38.651)]
        + [(4040, 37), (3300, 36.5)],
    ),
}


def main() -> None:
    vectors = {}
    for name, (anchor, test) in CURVES.items():
        columns = [*zip(*anchor), *zip(*test)]
        vectors[name] = {"anchor": anchor, "test": test}
        for method in ("pchip", "cubic"):
            vectors[name][method] = {
                "bd_rate": bjontegaard.bd_rate(*columns, method=method, min_overlap=0),
                "bd_quality": bjontegaard.bd_psnr(*columns, method=method, min_overlap=0),
            }
    lines = (f"{json.dumps(name)}: {json.dumps(vector)}" for name, vector in vectors.items())
    path = pathlib.Path(__file__).with_name("bd_vectors.json")
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
