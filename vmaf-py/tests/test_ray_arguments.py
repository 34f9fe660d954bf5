"""Options of tasks, and arguments of `python -m vmaf_py.ray`; these tests need no cluster."""

import inspect
import pickle

import pytest

pytest.importorskip("ray", reason="Ray has no wheels for every platform")

import vmaf_py.ray  # noqa: E402
from vmaf_py import VmafError  # noqa: E402
from vmaf_py.ray import __main__ as command_line  # noqa: E402
from vmaf_py.ray import _arguments  # noqa: E402
from vmaf_py.ray._options import EXCLUDED, measurement_options  # noqa: E402


def test_pickling_of_options_and_errors():
    keywords = {
        "model": "v1",
        "metrics": ("vif", {"debug": True}),
        "frames": (3, None),
        "offset": 2,
    }
    options = measurement_options(
        {**keywords, "accept": "hdr", "crop": (64, 48, 0, 8), "stream": (0, None)}
    )
    assert pickle.loads(pickle.dumps(options)).to_json() == options.to_json()
    assert options.to_json() != measurement_options(keywords).to_json()
    for kind in (VmafError, vmaf_py.VideoError):
        copy = pickle.loads(pickle.dumps(kind("b.mp4: it is damaged")))
        assert (type(copy), str(copy)) == (kind, "b.mp4: it is damaged")


def test_command_has_all_measurement_arguments_of_score():
    args = command_line._parser().parse_args(
        ["score", "a", "b", "c", "--shards=2", "--parts=p", "-m", "v0", "--model=v1"]
        + ["--metric=psnr", "--frames=..9", "--sample=10%", "--offset", "-2", "--no-scale"]
        + ["--accept=hdr,color", "--accept", "damage", "--fail-under=93", "--gate=p5>=80"]
    )
    assert args.gate == ["mean>=93.0", "p5>=80"]
    assert _arguments.measurement_keywords(args) == {
        **{"model": ["v0", "v1"], "metrics": ["psnr"], "frames": "..9", "sample": "10%"},
        **{"offset": -2, "scale": False, "accept": ["hdr", "color", "damage"]},
    }
    batch = ["batch", "list.csv", "-o", "results.jsonl"]
    defaults = command_line._parser().parse_args(batch)
    assert _arguments.measurement_keywords(defaults) == {} and defaults.gate == []
    other_args = command_line._parser().parse_args(
        [*batch, "--no-model", "--every=2", "--shortest", "--align=frames", "--scaler=lanczos"]
        + ["--score-at=64x48", "--crop=auto", "--crop-encode=64:48:0:0", "--geometry=unchecked"]
        + ["--assume-range=full", "--film-grain=off", "--size=64x48", "--pix-fmt=444"]
        + ["--bit-depth=8", "--fps=24", "--stream=0,auto"]
    )
    keywords = {
        **_arguments.measurement_keywords(args),
        **_arguments.measurement_keywords(other_args),
    }
    assert set(keywords) == set(inspect.signature(vmaf_py.score).parameters) - set(EXCLUDED)
    del keywords["sample"]
    assert measurement_options(keywords).to_json() != measurement_options({}).to_json()
