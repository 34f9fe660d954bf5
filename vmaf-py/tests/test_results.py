"""Results: pools, gates, data frames, plots, notebooks and pickling."""

import copy
import math
import pickle
import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from clips import blurred, film

import vmaf_py as vq


@pytest.fixture(scope="module")
def results():
    reference = film(60)
    worse = blurred(reference)
    ruined = reference.copy()
    ruined[25:50] = blurred(blurred(reference[25:50])) // 2 + 60
    names = ["source", "blurred", "ruined"]
    with pytest.warns(vq.VmafWarning, match="damaged or misaligned"):
        return vq.score(reference, [worse, ruined], metrics=["psnr"], names=names)


def test_pools(results):
    result = results[0]
    values = result.frames["vmaf_v0.6.1"]
    assert result.value == result.pool("mean") == pytest.approx(values.mean(), abs=1e-12)
    assert result.pool("min") == values.min()
    assert result.pool("p5") == pytest.approx(np.percentile(values, 5))
    assert result.pool("median", "psnr_y") == pytest.approx(np.median(result.frames["psnr_y"]))
    worst = results[1].pool("window(1s)")
    windows = np.convolve(results[1].frames["vmaf_v0.6.1"], np.ones(25) / 25, "valid")
    assert worst == pytest.approx(windows.min())
    with pytest.raises(vq.VmafError, match="unknown pool 'p500'"):
        result.pool("p500")
    with pytest.raises(vq.VmafError, match="unknown column 'psnr'; did you mean 'psnr_y'"):
        result.pool("mean", "psnr")


def test_scenes():
    rng = np.random.default_rng(3)
    scenes = [rng.integers(0, 60, (1, 64, 96)) + level for level in (20, 150)]
    moving = [np.roll(scene[0], shift, axis=1) for scene in scenes for shift in range(15)]
    reference = np.stack(moving).astype(np.uint8)
    encode = reference.copy()
    encode[15:] += rng.integers(0, 20, (15, 64, 96), dtype=np.uint8)
    result = vq.score(reference, encode)
    assert result.scenes == [range(15), range(15, 30)]
    means = [result.frames["vmaf_v0.6.1"][list(scene)].mean() for scene in result.scenes]
    assert result.pool("scene(min)") == pytest.approx(min(means), abs=1e-9)
    assert result.pool("scene(max)") == pytest.approx(max(means), abs=1e-9)
    assert not result.gate(f"scene(min)>={means[1] + 0.1}")
    assert pickle.loads(pickle.dumps(result)).scenes == result.scenes


def test_gates(results):
    good, ruined = results
    assert vq.gate(good, "mean>=10", "p5>=10")
    verdicts = vq.gate(results, "mean>=10", "window(1s)>=60", "psnr_y:min>=20")
    assert len(verdicts) == 6
    assert not verdicts
    failed = verdicts.failed
    assert {verdict.distorted for verdict in failed} == {"ruined"}
    window = next(verdict for verdict in failed if "window" in verdict.gate)
    assert window.value == ruined.pool("window(1s)")
    assert window.margin == pytest.approx(window.value - 60)
    assert 0.9 <= window.worst.start <= 1.1
    assert window.message.startswith("ruined: vmaf_v0.6.1:window(1s)>=60: ")
    assert "below 60" in window.message
    assert verdicts[0].message.endswith("holds")
    assert "FAILED" in str(verdicts) and repr(verdicts) == "<Verdicts: 5 held, 1 failed>"
    assert bool(results.gate("mean>=0")) and bool(good.gate("mean>=0"))
    for gate, message in [
        ("mena>=3", "did you mean 'mean'"),
        ("mean>=", "no number"),
        ("cambi:mean<=5", r'add metrics=\["cambi"\]'),
    ]:
        with pytest.raises(vq.VmafError, match=message):
            vq.gate(good, gate)
    with pytest.raises(vq.VmafError, match="there is no gate"):
        vq.gate(good)


def test_pandas_data_frames(results):
    pandas = pytest.importorskip("pandas")
    frame = results[0].to_pandas()
    assert frame.index.name == "frame" and len(frame) == 60
    assert list(frame.columns[:1]) == ["time"]
    assert np.array_equal(frame["psnr_y"], results[0].frames["psnr_y"])
    combined = results.to_pandas()
    assert len(combined) == 120
    means = combined.groupby("distorted")["vmaf_v0.6.1"].mean()
    assert means["blurred"] == pytest.approx(results[0].value)
    pooled = results.to_pandas(["mean", "p5"])
    assert list(pooled["distorted"]) == ["blurred", "ruined"]
    assert list(pooled["vmaf_v0.6.1_p5"]) == [result.pool("p5") for result in results]
    assert isinstance(pooled, pandas.DataFrame)


def test_polars_data_frames(results):
    polars = pytest.importorskip("polars")
    frame = results.to_polars()
    assert frame.shape[0] == 120 and frame.columns[:3] == ["distorted", "frame", "time"]
    assert results[1].to_polars()["psnr_y"].to_list() == results[1].frames["psnr_y"].tolist()
    pooled = results.to_polars(["min"])
    assert isinstance(pooled, polars.DataFrame)
    assert pooled["psnr_y_min"].to_list() == [result.pool("min", "psnr_y") for result in results]


def test_pickling_and_copies(results):
    for copied in [
        pickle.loads(pickle.dumps(results)),
        copy.deepcopy(results),
        copy.copy(results),
    ]:
        assert copied == results
        assert type(copied) is vq.Results
        assert np.array_equal(copied[0].frames["psnr_y"], results[0].frames["psnr_y"])
        assert copied[1].document == results[1].document
    assert results[0] != results[1]
    assert results[0] != "a result"
    with pytest.raises(vq.VmafError, match="not a result of version"):
        type(results[0].native).from_bytes(b"nonsense")


def test_repr_and_str(results):
    result = results[0]
    assert repr(result) == (
        f"<Result blurred: vmaf_v0.6.1 mean {result.value:.2f}, p5 {result.pool('p5'):.2f}, "
        f"min {result.pool('min'):.2f}, 60 frames>"
    )
    assert repr(results).startswith("<Results of 2: [<Result blurred")
    lines = str(results).splitlines()
    assert any(re.match(r"ruined +vmaf_v0.6.1 +\d", line) for line in lines), lines
    assert f"{result.value:.2f}" in str(result)


def test_slices_are_results(results):
    second = results[1:]
    assert type(second) is vq.Results and list(second) == [results[1]]
    assert second.to_pandas(pools=["mean"]).distorted.tolist() == ["ruined"]
    assert type(results[0]) is vq.Result and results[-1] == results[1]


def test_notebook_chart_and_table(results):
    html = results._repr_html_()
    # Must be well-formed XML.
    page = ElementTree.fromstring(html.replace("&#9644;", "").replace("–", "-"))
    lines = page.findall(".//polyline")
    assert len(lines) == 2
    points = [tuple(map(float, point.split(","))) for point in lines[1].get("points").split()]
    assert len(points) == 60
    # The ruined second has lower scores, so larger y coordinates.
    assert min(y for _, y in points[25:50]) > max(y for _, y in points[:25])
    rows = page.findall(".//tbody/tr")
    assert [row[1].text for row in rows] == ["blurred"] * 2 + ["ruined"] * 2
    head = [cell.text for cell in page.findall(".//thead/tr/th")]
    assert rows[2][head.index("lowest second")].text == f"{results[1].pool('window(1s)'):.2f}"
    assert f"{results[0].column} by time (s)" in [text.text for text in page.findall(".//text")]
    assert f"{results[0].value:.2f}" in html
    html = vq.score(film(2), film(2), names=["<a>", "<script>&"])._repr_html_()
    assert "<script>" not in html and "&lt;script&gt;&amp;" in html
    ElementTree.fromstring(html.replace("&#9644;", ""))


def test_chart_of_a_long_video_shows_a_single_ruined_frame():
    frames = np.zeros((3000, 32, 32), np.uint8) + 128
    worse = frames.copy()
    worse[1234] = np.arange(32) * 5
    result = vq.score(frames, worse, None, metrics="psnr", align="unchecked")
    page = ElementTree.fromstring(result._repr_html_().replace("&#9644;", ""))
    points = page.find(".//polyline").get("points").split()
    heights = [float(point.split(",")[1]) for point in points]
    assert len(points) <= 640
    assert max(heights) > 5 * np.median(heights)


def test_plots(results, tmp_path):
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    from matplotlib import pyplot

    _, ax = pyplot.subplots()
    assert results.plot(ax=ax) is ax
    assert [line.get_label() for line in ax.lines] == ["blurred", "ruined"]
    assert np.array_equal(ax.lines[0].get_ydata(), results[0].frames["vmaf_v0.6.1"])
    assert ax.get_xlabel() == "time (s)"
    pyplot.figure()
    ax = results[0].plot("psnr_y")
    assert ax.get_ylabel() == "psnr_y"
    with pytest.raises(vq.VmafError, match="unknown column"):
        results.plot("psnr")
    pyplot.close("all")


def test_curves_of_results(results):
    curve = vq.rd_curve(results, [900, 300], label="x")
    assert curve.qualities == (results[1].value, results[0].value)
    assert curve.metric == "vmaf_v0.6.1"
    low = vq.rd_curve(results, [900, 300], pool="p5")
    assert low.qualities == (results[1].pool("p5"), results[0].pool("p5"))
    assert low.metric == "vmaf_v0.6.1 p5"
    psnr = vq.rd_curve(results, [900, 300], column="psnr_y", pool="min")
    assert psnr.qualities[1] == results[0].pool("min", "psnr_y")
    assert psnr.metric == "psnr_y min"
    with pytest.raises(vq.VmafError, match="to results of vmaf_py.score, not to 80"):
        vq.rd_curve([80, 90], [300, 900], pool="p5")
    assert results[0].seconds == pytest.approx(60 / 25)


def test_warnings_point_to_the_caller():
    ruined = film(60)
    ruined[25:50] = ruined[25:50] // 8
    with pytest.warns(vq.VmafWarning) as caught:
        vq.score(film(60), ruined)
    apart = [vq.rd_curve([(n * k, 10 * n + k) for n in (1, 2, 3, 4)]) for k in (100, 125)]
    with pytest.warns(vq.research.SmallOverlapWarning) as small:
        vq.research.plot_bd_rate(*apart)
    for warning in [*caught, *small]:
        assert warning.filename == __file__


def test_metrics_without_a_model():
    result = vq.score(film(3), blurred(film(3)), None, metrics="psnr")
    assert result.model is None and result.column == "psnr_y"
    assert result.value == pytest.approx(result.frames["psnr_y"].mean())


def test_undefined_values_are_nan():
    flat = np.full((3, 64, 64), 100, np.uint8)
    result = vq.score(flat, flat, None, metrics="float_ansnr")
    values = result.frames["float_ansnr"]
    pooled = result.pool("mean", "float_ansnr")
    assert math.isnan(pooled) == (not np.isfinite(values).all())
    assert pickle.loads(pickle.dumps(result)).frames.keys() == result.frames.keys()


def test_model_warnings():
    with pytest.warns(vq.VmafWarning, match="made for"):
        result = vq.score(film(2, 400, 200), film(2, 400, 200), "v0")
        if not result.warnings:
            large = np.zeros((1, 2200, 64), np.uint8)
            assert vq.score(large, large, "v0").warnings


def test_merged_parts_equal_the_whole_run(tmp_path):
    from clips import run, write_y4m

    from vmaf_py import _native

    paths = [
        write_y4m(tmp_path / f"{name}.y4m", frames)
        for name, frames in [("reference", film(30)), ("encode", blurred(film(30)))]
    ]
    parts = [tmp_path / f"{index}.vmafpart" for index in (1, 2, 3)]
    for index, part in enumerate(parts, 1):
        assert run("score", *paths, "--shard", f"{index}/3", "-o", part, "-q").returncode == 0
    [merged] = map(vq.Result, _native.MergedRun(list(map(str, parts)), [], []).results())
    whole = vq.score(*paths)
    assert merged == whole
    assert merged.frames.keys() == whole.frames.keys()
    for column, values in whole.frames.items():
        assert np.array_equal(merged.frames[column], values), column
    with pytest.raises(vq.VmafError, match="part 2/3 is missing"):
        _native.MergedRun([str(parts[0]), str(parts[2])], [], [])
