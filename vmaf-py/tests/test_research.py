"""Rate-distortion curves, Bjøntegaard deltas and convex hulls: reference values and properties."""

import doctest
import json
import math
import pathlib
import pickle
import re
import subprocess
import sys
import warnings

import matplotlib
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import vmaf_py as vq
from vmaf_py import research
from vmaf_py.research._interpolate import interpolant

matplotlib.use("Agg")
from matplotlib import pyplot  # noqa: E402

# No deadline per example, because test machines may be busy.
settings.register_profile("plain", deadline=None, database=None)
settings.load_profile("plain")

HERE = pathlib.Path(__file__).parent
VECTORS = json.loads((HERE / "bd_vectors.json").read_text())

ANCHOR = vq.rd_curve([(1500, 71.2), (2500, 82.9), (4500, 91.3), (7500, 95.8)], label="x264")
TEST = vq.rd_curve([(900, 70.4), (1500, 82.1), (2700, 90.9), (4700, 95.5)], label="AV1")

# Steps between points of a curve, in log bitrate and in quality.
rate_steps = st.floats(0.05, 1.5)
quality_steps = st.floats(0.05, 20)


@st.composite
def curves(draw, points=st.integers(4, 9)):
    """Monotonic curves that start at about 100 kbit/s and a quality of 10 to 60."""
    count = draw(points)
    logs = np.cumsum([draw(st.floats(3, 6)), *(draw(rate_steps) for _ in range(count - 1))])
    qualities = np.cumsum(
        [draw(st.floats(10, 60)), *(draw(quality_steps) for _ in range(count - 1))]
    )
    return research.RDCurve(tuple(np.exp(logs)), tuple(qualities))


def scaled(curve, rate=1.0, quality=1.0, shift=0.0):
    return research.RDCurve(
        tuple(rate * bitrate for bitrate in curve.bitrates),
        tuple(quality * value + shift for value in curve.qualities),
    )


def delta(function, anchor, test, **options):
    """Returns the delta of two curves, however small their overlap; skips examples without any."""
    try:
        return function(anchor, test, min_overlap=0, **options)
    except research.NoOverlapError:
        assume(False)


# Deltas.


@pytest.mark.parametrize("name", VECTORS)
@pytest.mark.parametrize("method", ["pchip", "cubic"])
def test_equals_another_implementation(name, method):
    """Values of FAU-LMS/bjontegaard with SciPy, recorded by record_bd.py."""
    vector = VECTORS[name]
    anchor, test = vq.rd_curve(vector["anchor"]), vq.rd_curve(vector["test"])
    expected = vector[method]
    rate = vq.bd_rate(anchor, test, method=method, min_overlap=0)
    assert rate == pytest.approx(expected["bd_rate"], rel=1e-9)
    quality = vq.bd_quality(anchor, test, method=method, min_overlap=0)
    assert quality == pytest.approx(expected["bd_quality"], rel=1e-9)


@pytest.mark.parametrize(
    ("name", "published"),
    [("JCTVC-E137 1", -0.465215420752807), ("JCTVC-E137 2", -1.8779823450567612)],
)
def test_equals_published_numbers(name, published):
    """Values in the tests of libvmaf's BD-rate calculator for curves of JCTVC-E137."""
    anchor, test = (vq.rd_curve(VECTORS[name][role]) for role in ("anchor", "test"))
    assert vq.bd_rate(anchor, test) == pytest.approx(published, rel=1e-10)


@given(curves(), curves())
def test_equals_another_implementation_on_random_curves(anchor, test):
    """Needs `pip install bjontegaard`; skipped without it."""
    bjontegaard = pytest.importorskip("bjontegaard")
    columns = (anchor.bitrates, anchor.qualities, test.bitrates, test.qualities)
    options = {"method": "pchip", "require_matching_points": False, "min_overlap": 0}
    log_rate = math.log1p(delta(vq.bd_rate, anchor, test) / 100)
    expected = math.log1p(bjontegaard.bd_rate(*columns, **options) / 100)
    assert log_rate == pytest.approx(expected, rel=1e-9, abs=1e-9)
    expected = bjontegaard.bd_psnr(*columns, **options)
    assert delta(vq.bd_quality, anchor, test) == pytest.approx(expected, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("method", ["pchip", "cubic"])
@given(curve=curves(), factor=st.floats(0.05, 20), shift=st.floats(-3, 3))
def test_deltas_of_scaled_curves(method, curve, factor, shift):
    assert vq.bd_rate(curve, curve, method=method) == 0
    assert vq.bd_quality(curve, curve, method=method) == 0
    # A factor k on bitrates is a BD-rate of 100 (k - 1) %.
    more = vq.bd_rate(curve, scaled(curve, rate=factor), method=method)
    assert more == pytest.approx(100 * (factor - 1), rel=1e-6, abs=1e-6)
    better = vq.bd_quality(curve, scaled(curve, shift=shift), method=method)
    assert better == pytest.approx(shift, rel=1e-6, abs=1e-6)


@given(anchor=curves(), test=curves(), rate=st.floats(0.001, 1000), quality=st.floats(0.01, 100))
def test_deltas_are_antisymmetric_and_independent_of_units(anchor, test, rate, quality):
    forward = math.log1p(delta(vq.bd_rate, anchor, test) / 100)
    backward = math.log1p(delta(vq.bd_rate, test, anchor) / 100)
    assert forward == pytest.approx(-backward, abs=1e-9)
    gain = delta(vq.bd_quality, anchor, test)
    assert gain == pytest.approx(-delta(vq.bd_quality, test, anchor), abs=1e-9)

    units = {"rate": rate, "quality": quality}
    rescaled = delta(vq.bd_rate, scaled(anchor, **units), scaled(test, **units))
    assert math.log1p(rescaled / 100) == pytest.approx(forward, rel=1e-6, abs=1e-6)


@given(curves(), st.data())
def test_pchip_is_monotonic_with_an_exact_integral(curve, data):
    x, y = np.array(curve.qualities), np.log(curve.bitrates)
    function = interpolant(x, y, "pchip")
    assert function(x) == pytest.approx(y, rel=1e-12)
    dense = function(np.linspace(x[0], x[-1], 500))
    assert (np.diff(dense) >= -1e-9).all()

    low, high = sorted(data.draw(st.floats(x[0], x[-1])) for _ in range(2))
    # Simpson's rule is exact for cubics, with a step per interval between knots.
    knots = np.unique([low, *x[(x > low) & (x < high)], high])
    middles = (knots[1:] + knots[:-1]) / 2
    simpson = (function(knots[:-1]) + 4 * function(middles) + function(knots[1:])) / 6
    assert function.integral(low, high) == pytest.approx(float(simpson @ np.diff(knots)), abs=1e-9)


def test_overlap_without_extrapolation():
    shared = research.overlap(ANCHOR, TEST)
    assert (shared.low, shared.high) == (71.2, 95.5)
    assert shared.share == pytest.approx((95.5 - 71.2) / (95.8 - 70.4))
    shared = research.overlap(ANCHOR, TEST, "bitrate")
    assert (shared.low, shared.high) == (1500, 4700)
    assert shared.share == pytest.approx(math.log(4700 / 1500) / math.log(7500 / 900))


# Invalid curves.

# Extreme numbers that may overflow or underflow are drawn with a higher probability.
extremes = st.sampled_from([5e-324, 1e-310, 1e-10, 1.0, 1.0 + 2**-52, 1e10, 1e300, 1.7e308])
positive = st.one_of(extremes, st.floats(0, exclude_min=True, allow_infinity=False))
signed = st.builds(lambda value, sign: sign * value, positive, st.sampled_from([-1, 0, 1]))
wild = st.lists(st.tuples(positive, signed), min_size=2, max_size=6)


@pytest.mark.filterwarnings("ignore::vmaf_py.research.SmallOverlapWarning")
@pytest.mark.filterwarnings("ignore:Polyfit may be poorly conditioned")
@pytest.mark.filterwarnings("error::RuntimeWarning")
@given(wild, wild, st.sampled_from(["pchip", "cubic"]))
def test_deltas_of_extreme_numbers_are_finite_or_errors(anchor, test, method):
    # Bitrates and qualities are sorted separately, so that most curves are monotonic.
    curves = [research.RDCurve(*map(tuple, map(sorted, zip(*points)))) for points in (anchor, test)]
    for function in (vq.bd_rate, vq.bd_quality):
        try:
            assert math.isfinite(function(*curves, method=method, min_points=2))
        except research.RDError as error:
            assert str(error)


def test_falling_curve_is_rejected_with_its_points():
    points = [(1000, 80.0), (2000, 90.0), (3000, 89.5), (4000, 95.0), (4000, 96.0)]
    curve = vq.rd_curve(points, label="x265 slow")
    with pytest.raises(research.NonMonotonicError, match="'x265 slow'") as caught:
        vq.bd_rate(ANCHOR, curve)
    assert "from 2000 (quality 90) to 3000 (89.5); from 4000" in str(caught.value)
    expected = (((2000, 90.0), (3000, 89.5)), ((4000, 95.0), (4000, 96.0)))
    assert caught.value.falls == expected
    assert pickle.loads(pickle.dumps(caught.value)).falls == expected
    assert isinstance(caught.value, vq.VmafError)
    # The message suggests the convex hull, which is monotonic.
    assert vq.convex_hull(curve).curve().qualities == (80.0, 90.0, 96.0)


def test_error_for_a_metric_with_lower_is_better():
    with pytest.raises(research.NonMonotonicError, match="negate the qualities"):
        vq.bd_rate(ANCHOR, vq.rd_curve([(1000, 9.0), (2000, 7.0), (3000, 4.0), (4000, 1.0)]))


def test_error_without_overlap_and_warning_for_a_small_one():
    with pytest.raises(research.NoOverlapError, match="no qualities: .* 71.2 to 95.8, .* 171.2 to"):
        vq.bd_rate(ANCHOR, scaled(TEST, shift=100.8))
    with pytest.raises(research.NoOverlapError, match="no bitrates"):
        vq.bd_quality(ANCHOR, scaled(TEST, rate=100))
    # Curves that touch share a single quality, but no interval.
    with pytest.raises(research.NoOverlapError):
        vq.bd_rate(ANCHOR, scaled(ANCHOR, shift=95.8 - 71.2))
    # The logarithms of these shared bitrates are equal.
    high, above = 1e300, math.nextafter(1e300, math.inf)
    with pytest.raises(research.NoOverlapError):
        vq.bd_quality(
            vq.rd_curve([(high, 1), (1e305, 2)]), vq.rd_curve([(1, 1), (above, 2)]), min_points=2
        )
    with pytest.warns(
        research.SmallOverlapWarning, match="share 51% of the range of quality"
    ) as caught:
        vq.bd_rate(ANCHOR, scaled(ANCHOR, shift=8))
    assert caught[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        vq.bd_rate(ANCHOR, scaled(ANCHOR, shift=8), min_overlap=0.5)
        vq.bd_rate(ANCHOR, TEST)


def test_errors_for_few_points_and_two_metrics():
    short = vq.rd_curve([(1000, 75), (2000, 85), (3000, 90)], label="short")
    with pytest.raises(research.RDError, match="test 'short' has 3 points, but 4 are needed"):
        vq.bd_rate(ANCHOR, short)
    assert vq.bd_rate(short, scaled(short, rate=2), min_points=3) == pytest.approx(100)
    psnr = vq.rd_curve([(1, 30), (2, 33), (3, 35), (4, 36)], metric="psnr_y")
    vmaf = vq.rd_curve([(1, 30), (2, 33), (3, 35), (4, 36)], metric="vmaf_v0.6.1")
    with pytest.raises(research.RDError, match="by psnr_y, the test by vmaf_v0.6.1"):
        vq.bd_rate(psnr, vmaf)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: vq.rd_curve([]), "no points"),
        (lambda: vq.rd_curve([(0, 50)]), "finite and above 0"),
        (lambda: vq.rd_curve([(-1, 50)]), "finite and above 0"),
        (lambda: vq.rd_curve([(math.inf, 50)]), "finite and above 0"),
        (lambda: vq.rd_curve([(1000, math.nan)]), "quality nan at the bitrate 1000"),
        (lambda: vq.rd_curve([(1000, "good")]), "both must be numbers"),
        (lambda: vq.rd_curve([(1, 2, 3)]), r"\(1, 2, 3\) is not a pair"),
        (lambda: vq.rd_curve([90.0, 95.0]), "pass bitrates="),
        (lambda: vq.rd_curve([90.0, 95.0], [1000]), "2 results and 1 bitrates"),
        (lambda: vq.rd_curve({"a": 90.0}), "mapping of bitrates"),
        (lambda: vq.rd_curve({"a": 90.0}, [1000]), "both be mappings or both be sequences"),
        (lambda: vq.rd_curve({"a": 90.0, "b": 91.0}, {"a": 1, "c": 2}), "has 'b', 'c'"),
        (lambda: research.RDCurve((1, 2), (3,)), "2 bitrates and 1 qualities"),
        (lambda: vq.bd_rate(ANCHOR, TEST, method="akima"), "'pchip' or 'cubic', not 'akima'"),
        (lambda: vq.bd_rate(ANCHOR, TEST, min_points=1), "2 or more"),
        (
            lambda: vq.bd_rate(scaled(ANCHOR, rate=1e-300), scaled(TEST, rate=1e300)),
            "too far apart",
        ),
        (lambda: research.overlap(ANCHOR, TEST, "time"), "not 'time'"),
        (lambda: vq.convex_hull([]), "at least one point"),
        (lambda: vq.convex_hull([(0, 90, "540p")]), "'540p' has the bitrate 0"),
        (lambda: vq.convex_hull([90.0]), "neither a curve nor a point"),
        (lambda: research.bitrate_of(__file__, 0), "above 0 seconds"),
    ],
)
def test_errors_for_invalid_arguments(call, message):
    with pytest.raises(vq.VmafError, match=message):
        call()


# Curves from results.


class FakeResult:
    def __init__(self, value, model="vmaf_v0.6.1"):
        self.value = value
        self.model = model


def test_curves_of_results():
    pairs = vq.rd_curve([(2000, 90.0), (1000, 80.0)], label="a", metric="vmaf_v0.6.1")
    assert (pairs.bitrates, pairs.qualities) == ((1000.0, 2000.0), (80.0, 90.0))
    assert vq.rd_curve([FakeResult(90.0), FakeResult(80.0)], [2000, 1000], label="a") == pairs
    named = {"high.mp4": FakeResult(90.0), "low.mp4": FakeResult(80.0)}
    rates = {"low.mp4": 1000, "high.mp4": 2000}
    assert vq.rd_curve(named, rates, label="a") == pairs
    assert vq.rd_curve([(2000, FakeResult(90.0)), (1000, FakeResult(80.0))], label="a") == pairs
    assert pickle.loads(pickle.dumps(pairs)) == pairs
    assert pairs.points[1] == research.RDPoint(2000, 90, "a")
    with pytest.raises(research.RDError, match="several models"):
        vq.rd_curve([FakeResult(90.0), FakeResult(91.0, "vmaf_v0.6.1neg")], [1, 2])


def test_curves_of_arrays():
    table = np.array([[1000, 80], [2000, 90]])
    assert vq.rd_curve(table) == vq.rd_curve(table[:, 1], table[:, 0])


def test_bitrate_of_files(tmp_path):
    (tmp_path / "encode.mp4").write_bytes(bytes(250_000))
    assert research.bitrate_of(tmp_path / "encode.mp4", seconds=4) == 500
    (tmp_path / "empty.mp4").touch()
    with pytest.raises(research.RDError, match=r"empty\.mp4 is empty"):
        research.bitrate_of(tmp_path / "empty.mp4", seconds=4)


# Hulls.

LADDER = [
    vq.rd_curve([(300, 45), (600, 62), (1200, 70), (2400, 74)], label="640x360"),
    vq.rd_curve([(600, 55), (1200, 76), (2400, 85), (4800, 88)], label="1280x720"),
    vq.rd_curve([(1200, 60), (2400, 83), (4800, 93), (9600, 97)], label="1920x1080"),
]


def test_hull_of_several_resolutions():
    hull = vq.convex_hull(LADDER)
    assert [(point.label, point.bitrate) for point in hull.on_hull] == [
        ("640x360", 300),
        ("640x360", 600),
        ("1280x720", 1200),
        ("1280x720", 2400),
        ("1920x1080", 4800),
        ("1920x1080", 9600),
    ]
    assert not hull.log_rate
    assert hull.indices == (0, 1, 5, 6, 10, 11)
    assert vq.bd_rate(LADDER[2], hull.curve(), min_overlap=0) < 0
    points = [(p.bitrate, p.quality, p.label) for curve in LADDER for p in curve.points]
    assert vq.convex_hull(points) == hull


encodes = st.lists(st.tuples(st.floats(1, 1e5), st.floats(0, 100)), min_size=1, max_size=40)
# Few distinct values, so that equal bitrates, equal qualities and collinear points are common.
coarse = st.lists(st.tuples(st.integers(1, 8), st.integers(0, 8)), min_size=1, max_size=40)


@given(st.one_of(encodes, coarse), st.booleans())
def test_no_point_is_above_the_hull(points, log_rate):
    hull = vq.convex_hull(points, log_rate=log_rate)
    x = np.array([math.log(p.bitrate) if log_rate else p.bitrate for p in hull.on_hull])
    y = np.array([p.quality for p in hull.on_hull])
    assert (np.diff(x) > 0).all() and (np.diff(y) > 0).all()
    assert (np.diff(hull.slopes) < 0).all()
    assert x[0] == min(math.log(r) if log_rate else r for r, _ in points)
    assert y[-1] == max(quality for _, quality in points)
    for rate, quality in points:
        # The hull is level beyond its last point.
        bound = np.interp(math.log(rate) if log_rate else rate, x, y)
        assert quality <= bound + 1e-9 * max(1, abs(bound))


@given(coarse)
def test_logarithmic_hull_is_a_subset_of_the_linear_one(points):
    """A rising function that is concave in log bitrate is strictly concave in bitrate."""
    assert set(vq.convex_hull(points, log_rate=True).on_hull) <= set(vq.convex_hull(points).on_hull)


@given(st.one_of(encodes, coarse), st.floats(1e-4, 100))
def test_hull_has_the_optimum_for_any_price(points, price):
    def utility(point):
        return point[1] - price * point[0]

    best = max(map(utility, points))
    on_hull = max(utility(point) for point in vq.convex_hull(points).on_hull)
    assert on_hull == pytest.approx(best, rel=1e-9, abs=1e-9)


# Plots.


@pytest.fixture
def ax():
    figure, ax = pyplot.subplots()
    yield ax
    pyplot.close(figure)


def test_plot_of_a_curve(ax):
    curve = vq.rd_curve(zip(ANCHOR.bitrates, ANCHOR.qualities), label="x264", metric="vmaf_v0.6.1")
    assert curve.plot(ax) is ax
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("bitrate (kbit/s)", "vmaf_v0.6.1")
    assert ax.get_xscale() == "log"
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["x264"]
    (line,) = ax.lines
    rates, qualities = line.get_data()
    marked = line.get_markevery()
    assert rates[marked] == pytest.approx(curve.bitrates)
    assert tuple(qualities[marked]) == curve.qualities
    assert len(rates) > 100 and (np.diff(rates) > 0).all()


def test_plot_of_a_falling_curve_has_straight_lines(ax):
    vq.rd_curve([(1000, 80), (2000, 90), (3000, 89)]).plot(ax, color="red")
    (line,) = ax.lines
    assert tuple(line.get_ydata()) == (80, 90, 89)
    assert line.get_color() == "red"
    assert ax.get_legend() is None


def test_plot_of_a_bd_rate(ax):
    research.plot_bd_rate(ANCHOR, TEST, ax)
    assert ax.get_title() == "BD-rate -37.44 %, over qualities 71.2 to 95.5"
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["x264", "AV1"]
    (area,) = ax.collections
    corners = area.get_paths()[0].vertices
    assert (corners[:, 1].min(), corners[:, 1].max()) == (71.2, 95.5)
    # The lower end is a measured point of the anchor.
    assert corners[corners[:, 1] == 71.2][:, 0].max() == pytest.approx(1500)


def test_plot_of_a_hull(ax):
    hull = vq.convex_hull(LADDER)
    hull.plot(ax)
    *resolutions, line = ax.lines
    assert [drawn.get_label() for drawn in resolutions] == ["640x360", "1280x720", "1920x1080"]
    assert line.get_label() == "convex hull"
    assert tuple(line.get_xdata()) == hull.curve().bitrates
    assert tuple(line.get_ydata()) == hull.curve().qualities
    assert ax.get_xscale() == "linear"
    assert vq.convex_hull(LADDER, log_rate=True).plot(ax).get_xscale() == "log"


def test_error_without_matplotlib(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(vq.VmafError, match=re.escape("pip install 'vmaf-py[plot]'")):
        ANCHOR.plot()


def test_import_loads_neither_matplotlib_nor_scipy():
    code = "import sys, vmaf_py; print({'matplotlib', 'scipy'} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"


# Examples in the documentation.


def test_docstrings():
    result = doctest.testmod(research)
    assert result.attempted >= 4 and result.failed == 0


@pytest.mark.filterwarnings("error")
def test_readme(tmp_path, monkeypatch, capsys):
    readme = HERE.parent / "README.md"
    section = readme.read_text().split("## Encoder research")[1].split("\n## ")[0]
    monkeypatch.chdir(tmp_path)
    for block in re.findall(r"```python\n(.*?)```", section, re.S):
        exec(block, {})
    printed = capsys.readouterr().out.splitlines()
    assert len(printed) == 8
    for line in printed[:2]:
        assert f"# {line}" in section, "the README shows this output"
    assert (tmp_path / "bd-rate.png").stat().st_size > 0
    assert (tmp_path / "hull.png").stat().st_size > 0
    pyplot.close("all")
