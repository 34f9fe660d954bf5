"""Messages with remedies as keyword arguments of `vq.score`."""

import ast
import inspect
import json
import pickle
import re

import numpy as np
import pytest
from clips import blurred, film, write_y4m

import vmaf_py as vq
from vmaf_py import _native
from vmaf_py._options import options_of

KEYWORDS = set(inspect.signature(vq.score).parameters)


def test_every_setting_is_a_keyword_of_score():
    texts = _native.worded_settings()
    assert len(texts) > 25
    for text in texts:
        assert "--" not in text
        if text.startswith("vq.score("):
            ast.parse(text)
        elif match := re.fullmatch(r"(?:with )?(\w+=.*)", text):
            value = match[1].replace("(W, H, X, Y)", "(64, 48, 0, 0)")
            call = ast.parse(f"score({value})", mode="eval").body
            assert isinstance(call, ast.Call) and not call.args, text
            names = {keyword.arg for keyword in call.keywords}
            assert names and names <= KEYWORDS, text
            for keyword in call.keywords:
                ast.literal_eval(keyword.value)
        else:
            named = set(re.findall(r"\w+", text)) - {"without", "leave", "out", "and"}
            assert named and named <= KEYWORDS, text


def test_errors_name_keywords(tmp_path):
    frames = film(20)
    reference = write_y4m(tmp_path / "reference.y4m", frames)
    shorter = write_y4m(tmp_path / "shorter.y4m", blurred(frames[:-3]))
    larger = write_y4m(tmp_path / "larger.y4m", np.kron(frames, np.ones((1, 2, 2), np.uint8)))
    with pytest.raises(
        vq.VideoError, match="shortest=True to score the part that both have"
    ) as raised:
        vq.score(reference, shorter)
    copy = pickle.loads(pickle.dumps(raised.value))
    assert type(copy) is vq.VideoError and str(copy) == str(raised.value)
    height, width = frames.shape[1:]
    with pytest.raises(
        vq.VideoError, match=re.escape(f"score_at=({width}, {height}) to scale it down")
    ):
        vq.score(reference, larger)
    with pytest.raises(vq.VideoError, match="with scale=True it is scaled"):
        vq.score(larger, reference, scale=False)
    with pytest.raises(vq.VmafError, match=re.escape("frames=(3, 90) goes beyond its end")):
        vq.score(reference, reference, frames=(3, 90))
    with pytest.raises(vq.VmafError, match="offset=90 skips all of them"):
        vq.score(reference, reference, offset=90)
    with pytest.raises(vq.VmafError, match=r"pass size, pix_fmt"):
        (tmp_path / "raw.yuv").write_bytes(b"\x10" * 1000)
        vq.score(tmp_path / "raw.yuv", reference)


def test_gates_name_metrics():
    frames = film(3)
    result = vq.score(frames, blurred(frames))
    with pytest.raises(vq.VmafError, match=re.escape('add metrics=["psnr"]')):
        vq.gate(result, "psnr_y:mean>=30")


def test_documents_and_warnings_name_keywords(tmp_path):
    frames = film(100)
    reference = write_y4m(tmp_path / "reference.y4m", frames)
    limited = 16 + frames.astype(np.float64) * 219 / 255
    narrowed = write_y4m(tmp_path / "narrowed.y4m", limited.round().astype(np.uint8))
    with pytest.warns(vq.VmafWarning, match='assume_range="limited"'):
        result = vq.score(reference, narrowed)
    result.save(tmp_path / "result.json")
    saved = json.loads((tmp_path / "result.json").read_text())
    for document in [result.document, saved]:
        assert 'pass assume_range="limited" if' in document["warnings"][0]


def test_batches_and_parts_name_keywords(tmp_path):
    frames = film(60)
    reference = write_y4m(tmp_path / "reference.y4m", frames[:-3])
    late = write_y4m(tmp_path / "late.y4m", blurred(frames[3:]))
    manifest = tmp_path / "list.csv"
    manifest.write_text("reference,distorted\nreference.y4m,late.y4m\n")
    options = options_of(model=None, metrics="psnr", frames=None, fps=None)
    [line] = _native.run_batch(
        options,
        str(manifest),
        _native.batch_entries(str(manifest)),
        [],
        [],
        30.0,
        str(tmp_path / "results.jsonl"),
        str(tmp_path),
        1,
        [],
    )
    assert "offset=-3 to skip" in json.loads(line)["error"]
    part = str(tmp_path / "part")
    # A single part reads all frames, so that their alignment is checked.
    with pytest.raises(vq.VideoError, match="offset=-3 to skip"):
        _native.measure_part(options, str(reference), [str(late)], (1, 1), part, 1)
    both = [str(late), str(reference)]
    _native.measure_part(options, str(reference), both, (1, 1), part, 1)
    merged = _native.MergedRun([part], [], [])
    assert merged.outcome == "unmeasured"
    assert ["offset=-3 to skip" in problem for problem in merged.problems] == [True]
