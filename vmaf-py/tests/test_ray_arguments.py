"""Options on their way to tasks, and the arguments of `python -m vmaf_py.ray`; they take no cluster."""

import inspect
import pickle

import pytest

pytest.importorskip("ray", reason="Ray has no wheels for every platform")

import vmaf_py.ray  # noqa: E402
from vmaf_py import VmafError  # noqa: E402
from vmaf_py.ray import __main__ as command_line  # noqa: E402
from vmaf_py.ray import _arguments  # noqa: E402
from vmaf_py.ray._measuring import _OTHERS, measured_as  # noqa: E402


def test_options_and_errors_travel():
    options = {"model": "v1", "metrics": ("vif", {"debug": True}), "frames": (3, None), "offset": 2}
    measured = measured_as(
        {**options, "accept": "hdr", "crop": (64, 48, 0, 8), "stream": (0, None)}
    )
    assert pickle.loads(pickle.dumps(measured)).to_json() == measured.to_json()
    assert measured.to_json() != measured_as(options).to_json()
    for kind in (VmafError, vmaf_py.VideoError):
        again = pickle.loads(pickle.dumps(kind("b.mp4: it is damaged")))
        assert (type(again), str(again)) == (kind, "b.mp4: it is damaged")


def test_arguments_of_the_command_are_those_of_score():
    given = command_line._parser().parse_args(
        ["score", "a", "b", "c", "--shards=2", "--parts=p", "-m", "v0", "--model=v1"]
        + ["--metric=psnr", "--frames=..9", "--sample=10%", "--offset", "-2", "--no-scale"]
        + ["--accept=hdr,color", "--accept", "damage", "--fail-under=93", "--gate=p5>=80"]
    )
    assert given.gate == ["mean>=93.0", "p5>=80"]
    assert _arguments.measured(given) == {
        **{"model": ["v0", "v1"], "metrics": ["psnr"], "frames": "..9", "sample": "10%"},
        **{"offset": -2, "scale": False, "accept": ["hdr", "color", "damage"]},
    }
    batch = ["batch", "list.csv", "-o", "results.jsonl"]
    nothing = command_line._parser().parse_args(batch)
    assert _arguments.measured(nothing) == {} and nothing.gate == []
    others = command_line._parser().parse_args(
        [*batch, "--no-model", "--every=2", "--shortest", "--align=frames", "--scaler=lanczos"]
        + ["--score-at=64x48", "--crop=auto", "--crop-encode=64:48:0:0", "--geometry=unchecked"]
        + ["--assume-range=full", "--film-grain=off", "--size=64x48", "--pix-fmt=444"]
        + ["--bit-depth=8", "--fps=24", "--stream=0,auto"]
    )
    reached = {**_arguments.measured(given), **_arguments.measured(others)}
    assert set(reached) == set(inspect.signature(vmaf_py.score).parameters) - set(_OTHERS)
    del reached["sample"]
    assert measured_as(reached).to_json() != measured_as({}).to_json()
