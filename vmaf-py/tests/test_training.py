"""Training: recovery of known functions, cross-validation, figures, transforms and plots."""

import csv
import doctest
import json
import math
import pathlib
import re
import subprocess
import sys

import matplotlib
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from training_tables import TWO, V0, finite, made_up, quality, trained, transforms, without

import vmaf_py as vq
from vmaf_py import training
from vmaf_py.training import Feature, Scaling, ScoreTransform, TrainingError
from vmaf_py.training._regression import content_folds

matplotlib.use("Agg")
from matplotlib import pyplot  # noqa: E402

pytest.importorskip("sklearn")
stats = pytest.importorskip("scipy.stats")

HERE = pathlib.Path(__file__).parent

# Regression.


def test_recovers_a_known_function():
    """A smooth function is recovered on rows and contents that weren't trained on."""
    result = trained(C=100.0, nu=0.5, gamma=1.0)
    new = made_up(seed=1)
    assert np.abs(result.predict(new) - new["mos"]).max() < 1.0
    assert result.cross_validation.figures.rmse < 0.5
    assert result.cross_validation.figures.plcc > 0.999
    # The change due to a single feature is that of the function.
    rows = {"integer_adm2": [0.6, 0.8], "integer_motion2": [10, 10]}
    step = np.diff(result.predict(rows))[0]
    assert step == pytest.approx(quality(0.8, 10) - quality(0.6, 10), abs=0.5)


def test_noise_is_not_fitted():
    result = trained(made_up(noise=8.0), C=100.0, gamma=1.0)
    assert result.cross_validation.figures.rmse == pytest.approx(8.0, rel=0.25)
    assert result.figures.rmse < result.cross_validation.figures.rmse


def test_equals_scikit_learn():
    """Predictions of the model with NumPy equal those of scikit-learn's regressor."""
    from sklearn.svm import NuSVR

    table = made_up()
    result = trained(table, features=V0, clip=None)
    inputs = np.column_stack([table[name] for name in V0])
    lowest, highest = inputs.min(axis=0), inputs.max(axis=0)
    scaled = (inputs - lowest) / (highest - lowest)
    low, high = table["mos"].min(), table["mos"].max()
    machine = NuSVR(C=4.0, nu=0.9, gamma=0.04).fit(scaled, (table["mos"] - low) / (high - low))
    expected = machine.predict(scaled) * (high - low) + low
    assert result.predicted == pytest.approx(expected, abs=1e-9)
    assert result.predict(table) == pytest.approx(result.predicted, abs=1e-12)
    raw = trained(table, normalise=False, clip=None)
    assert raw.model.predictors[0].scaling is None
    machine = NuSVR(C=4.0, nu=0.9, gamma=0.04).fit(inputs[:, :2], table["mos"])
    assert raw.predicted == pytest.approx(machine.predict(inputs[:, :2]), abs=1e-9)


def test_equal_models_for_equal_seeds_and_all_table_forms(tmp_path):
    table = made_up(noise=3.0)
    names = list(table)
    rows = [dict(zip(names, row)) for row in zip(*table.values())]
    with open(tmp_path / "table.csv", "w", newline="") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerows(rows)
    forms = [table, rows, tmp_path / "table.csv", str(tmp_path / "table.csv")]
    for library in ("pandas", "polars"):
        try:
            forms.append(__import__(library).DataFrame(table))
        except ImportError:
            pass
    expected = trained(table, bootstrap=2)
    for form in forms:
        result = trained(form, bootstrap=2)
        assert (result.predict(form) == expected.predicted).all()
        assert (result.interval(form).stddev == expected.interval(table).stddev).all()
    other = trained(table, bootstrap=2, seed=1)
    assert (other.predicted == expected.predicted).all()
    assert (other.interval(table).stddev != expected.interval(table).stddev).any()


def test_printed_and_internal_names_of_features():
    table = made_up()
    renamed = dict(table)
    renamed["VMAF_integer_feature_adm2_score"] = renamed.pop("integer_adm2")
    expected = trained(table)
    assert (trained(renamed).predicted == expected.predicted).all()
    by_output = trained(table, features=["VMAF_integer_feature_adm2_score", "integer_motion2"])
    assert by_output.model.features == expected.model.features
    for name, output in [
        ("integer_vif_scale3", "VMAF_integer_feature_vif_scale3_score"),
        ("adm2", "VMAF_feature_adm2_score"),
        ("cambi", "Cambi_feature_cambi_score"),
        ("speed_chroma_uv", "Speed_chroma_feature_speed_chroma_uv_score"),
        ("psnr_y", "psnr_y"),
        ("integer_adm_scale0", "integer_adm_scale0"),
    ]:
        assert Feature(name).output == output
        assert Feature(output) == Feature(name)


def test_feature_names_of_published_models():
    """Every feature of a published model has a printed name, and is written with its original one."""
    for path in sorted((HERE.parents[1] / "models").glob("*.json")):
        outputs = [feature["output"] for feature in json.loads(path.read_text())["features"]]
        features = training.read_model(path).features
        assert [feature.output for feature in features] == outputs
        assert not any("_feature_" in feature.name for feature in features), path.name


# Cross-validation.

labels = st.lists(st.sampled_from("abcdefgh"), min_size=2, max_size=60).filter(
    lambda names: len(set(names)) > 1
)


@given(labels, st.data())
def test_no_content_is_in_two_folds(names, data):
    contents = np.array(names)
    count = len(set(names))
    folds = data.draw(st.one_of(st.none(), st.integers(2, count)))
    row_groups = content_folds(contents, folds, seed=data.draw(st.integers(0, 3)))
    assert len(row_groups) == (folds or count)
    assert sorted(np.concatenate(row_groups)) == list(range(len(names)))
    sets = [set(contents[rows]) for rows in row_groups]
    assert all(sets) and sum(map(len, sets)) == count
    if folds is None:
        assert all(len(each) == 1 for each in sets)


@pytest.mark.parametrize("folds", [None, 2, 3])
def test_folds_are_predicted_by_models_trained_on_other_contents(folds):
    table = made_up(60, contents=6, noise=5.0)
    result = trained(table, folds=folds, transform=ScoreTransform((1.0, 0.9, 0.001)))
    validation = result.cross_validation
    contents = np.array(table["content"])
    assert len(validation.folds) == (folds or 6)
    for fold in validation.folds:
        assert set(fold.contents) == set(contents[fold.rows])
        rest = np.setdiff1d(np.arange(60), fold.rows)
        assert not set(fold.contents) & set(contents[rest])
        # Equal to a model of the other rows alone, including its scaling.
        part = {name: np.asarray(values)[rest] for name, values in table.items()}
        other = trained(part, folds=folds if folds == 2 else None, transform=result.model.transform)
        held_out = {name: np.asarray(values)[fold.rows] for name, values in table.items()}
        assert fold.predicted == pytest.approx(other.predict(held_out), abs=1e-12)
        assert (validation.predicted[fold.rows] == fold.predicted).all()
        assert fold.figures == training.figures(result.scores[fold.rows], fold.predicted)
    assert validation.figures == training.figures(table["mos"], validation.predicted)


def test_cross_validation_detects_memorised_contents():
    """Scores that depend on the content alone are predicted well for training rows only."""
    table = made_up(80, contents=8)
    content_scores = np.random.default_rng(5).uniform(20, 90, 8)
    number = np.arange(80) % 8
    table["mos"] = content_scores[number]
    table["integer_adm2"] = number / 8 + np.random.default_rng(6).uniform(0, 0.01, 80)
    result = trained(table, C=1000.0, gamma=100.0)
    assert result.figures.plcc > 0.99
    assert result.cross_validation.figures.plcc < 0.5


def test_no_cross_validation_without_contents():
    table = made_up()
    del table["content"]
    result = vq.train(table, score="mos", content=None, features=TWO)
    assert result.cross_validation is None and result.contents is None
    assert (result.predicted == trained().predicted).all()


# Figures.

scores = st.lists(
    st.tuples(st.integers(-4, 4), st.integers(-4, 4)), min_size=1, max_size=30
)  # few distinct values, so that ties are common
wide = st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6)), min_size=3, max_size=30)


@pytest.mark.filterwarnings("ignore::scipy.stats.ConstantInputWarning")
@pytest.mark.filterwarnings("ignore::scipy.stats.NearConstantInputWarning")
@pytest.mark.filterwarnings("ignore:invalid value encountered")
@given(st.one_of(scores, wide))
def test_figures_equal_scipys(pairs):
    y, p = np.array(pairs, dtype=float).T
    found = training.figures(y, p)
    assert found.count == len(pairs)
    assert found.rmse == pytest.approx(math.sqrt(np.mean((y - p) ** 2)), rel=1e-12)
    if np.ptp(y) == 0 or np.ptp(p) == 0:
        assert all(map(math.isnan, (found.plcc, found.srocc, found.krocc)))
        return
    assert found.srocc == pytest.approx(stats.spearmanr(y, p).statistic, abs=1e-9)
    assert found.krocc == pytest.approx(stats.kendalltau(y, p).statistic, abs=1e-9)
    # For nearly equal values, rounding errors dominate both results.
    if min(np.ptp(y), np.ptp(p)) > 1e-3:
        assert found.plcc == pytest.approx(stats.pearsonr(y, p).statistic, abs=1e-9)


def test_figures_calculated_by_hand():
    found = training.figures([1, 2, 3, 4], [10, 20, 20, 40])
    # Ranks 1, 2.5, 2.5, 4 and 1, 2, 3, 4.
    assert found.srocc == pytest.approx(4.5 / math.sqrt(5 * 4.5))
    # Five concordant pairs, one tie.
    assert found.krocc == pytest.approx(5 / math.sqrt(6 * 5))
    assert found.rmse == pytest.approx(math.sqrt((81 + 324 + 289 + 1296) / 4))
    assert found.plcc == pytest.approx(45 / math.sqrt(5 * 475))
    assert str(found) == "PLCC 0.923, SROCC 0.949, RMSE 22.30"


@given(wide, st.floats(0.1, 10), st.floats(-100, 100))
def test_invariance_of_figures(pairs, slope, shift):
    y, p = np.round(np.array(pairs, dtype=float).T)
    found, mapped = training.figures(y, p), training.figures(y, slope * p + shift)
    tolerance = {"nan_ok": True, "abs": 1e-6}
    assert mapped.plcc == pytest.approx(found.plcc, **tolerance)
    assert mapped.srocc == pytest.approx(found.srocc, **tolerance)
    bent = training.figures(y, np.cbrt(p))
    assert bent.srocc == pytest.approx(found.srocc, **tolerance)
    assert bent.krocc == pytest.approx(found.krocc, **tolerance)
    assert training.figures(y, -p).srocc == pytest.approx(-found.srocc, **tolerance)


# Scaling, transform, clip and bootstrap.


@given(transforms(), st.lists(finite, min_size=1, max_size=9))
def test_transforms_equal_their_definition(transform, values):
    assert ScoreTransform.from_libvmaf(transform.to_libvmaf()) == transform
    for x, y in zip(values, transform(np.array(values))):
        p0, p1, p2 = transform.polynomial or (0, 1, 0)
        expected = p0 + p1 * x + p2 * x * x
        if transform.knots:
            knots = transform.knots
            piece = max([i for i, knot in enumerate(knots[:-1]) if knot[0] <= expected], default=0)
            (x0, y0), (x1, y1) = knots[piece : piece + 2]
            expected = y0 + (y1 - y0) * (expected - x0) / (x1 - x0)
        if transform.at_most_input:
            expected = min(expected, x)
        if transform.at_least_input:
            expected = max(expected, x)
        assert y == pytest.approx(expected, rel=1e-9, abs=1e-6)


@given(
    hnp.arrays(float, st.tuples(st.integers(2, 9), st.integers(1, 4)), elements=st.floats(-99, 99))
)
def test_scaling_to_0_to_1_and_back(values):
    # Columns of equal values are rejected before scaling; for nearly equal ones, rounding errors exceed
    # the tolerances below.
    assume((np.ptp(values, axis=0) > 1e-3).all())
    scaling = Scaling.to_unit(values[:, 0], values)
    inputs = scaling.scale_features(values)
    assert inputs.min(axis=0) == pytest.approx(0, abs=1e-9)
    assert inputs.max(axis=0) == pytest.approx(1, abs=1e-9)
    column = values[:, 0]
    assert scaling.unscale_scores(scaling.scale_scores(column)) == pytest.approx(column, abs=1e-9)


def test_transform_and_clip():
    table = made_up()
    plain = trained(table, clip=None)
    assert plain.predicted.max() > 90
    clipped = trained(table, clip=(20, 60))
    assert clipped.predicted == pytest.approx(np.clip(plain.predicted, 20, 60))
    half = ScoreTransform((0.0, 0.5, 0.0))
    assert trained(table, transform=half, clip=(20, 60)).predicted == pytest.approx(
        np.clip(plain.predicted / 2, 20, 60)
    )
    # A transform that is not enabled has no effect.
    disabled = ScoreTransform((0.0, 0.5, 0.0), enabled=False)
    assert (trained(table, transform=disabled, clip=None).predicted == plain.predicted).all()


def test_bootstrap():
    table = made_up(noise=10.0)
    result = trained(table, bootstrap=20)
    assert len(result.model.predictors) == 21
    assert (result.predicted == trained(table).predicted).all()
    first = result.model.predictors[0].scaling
    assert all(predictor.scaling is first for predictor in result.model.predictors)
    interval = result.interval(table)
    assert (interval.low <= interval.mean).all() and (interval.mean <= interval.high).all()
    inside = (interval.low <= result.predicted) & (result.predicted <= interval.high)
    assert inside.mean() > 0.85
    # Training on more encodes gives narrower intervals.
    more = trained(made_up(rows=480, noise=10.0), bootstrap=20).interval(table)
    assert more.stddev.mean() < 0.75 * interval.stddev.mean()


# Rows from results.


class FakeResult:
    def __init__(self, **frames):
        self.frames = {name: np.array(values) for name, values in frames.items()}


def test_rows_are_means_over_frames():
    result = FakeResult(
        integer_adm2=[0.5, 0.7], psnr_y=[30, 40, 44], integer_vif_scale0_egl_1=[0.25]
    )
    limited = Feature(
        "integer_vif_scale0", {"vif_enhn_gain_limit": 1.0}, "integer_vif_scale0_egl_1"
    )
    row = training.features_of(result, ["VMAF_integer_feature_adm2_score", "psnr_y", limited])
    assert row == {
        "integer_adm2": pytest.approx(0.6),
        "psnr_y": 38.0,
        "integer_vif_scale0_egl_1": 0.25,
    }
    with pytest.raises(TrainingError, match="no column 'integer_motion2', only integer_adm2, int"):
        training.features_of(result)
    with pytest.raises(TrainingError, match="'psnr_y' is inf at frame 1"):
        training.features_of(FakeResult(psnr_y=[30, math.inf]), ["psnr_y"])
    with pytest.raises(TrainingError, match="not a list of values"):
        training.features_of(FakeResult(psnr_y=[]), ["psnr_y"])


# Plots.


@pytest.fixture
def ax():
    figure, ax = pyplot.subplots()
    yield ax
    pyplot.close(figure)


def test_plot_shows_the_cross_validation(ax):
    result = trained()
    assert result.plot(ax) is ax
    assert ax.get_title() == f"contents not seen: 120 rows\n{result.cross_validation.figures}"
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("subjective score", "predicted score")
    assert len(ax.collections) == 10
    assert [text.get_text() for text in ax.get_legend().get_texts()] == [
        f"clip {number}" for number in range(10)
    ]
    first = ax.collections[0].get_offsets()
    rows = np.flatnonzero(result.contents == "clip 0")
    assert (first[:, 0] == result.scores[rows]).all()
    assert (first[:, 1] == result.cross_validation.predicted[rows]).all()
    colours = {tuple(points.get_facecolor()[0]) for points in ax.collections}
    assert len(colours) == 10


def test_plot_without_contents(ax):
    result = vq.train(without("content"), score="mos", content=None, features=TWO)
    result.plot(ax)
    assert ax.get_title() == f"training rows: 120 rows\n{result.figures}"
    assert ax.get_legend() is None and len(ax.collections) == 1


def test_errors_without_optional_packages(monkeypatch, ax):
    result = trained()
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(vq.VmafError, match=re.escape("pip install 'vmaf-py[plot]'")):
        result.plot()
    monkeypatch.setitem(sys.modules, "sklearn.svm", None)
    with pytest.raises(vq.VmafError, match=re.escape("pip install 'vmaf-py[train]'")):
        trained()
    # Predicting needs neither.
    assert result.predict(made_up()) == pytest.approx(result.predicted)


def test_import_does_not_load_scikit_learn():
    heavy = "{'sklearn', 'scipy', 'pandas', 'matplotlib'} & set(sys.modules)"
    code = f"import sys, vmaf_py; vmaf_py.train; vmaf_py.training.features_of; print({heavy})"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"


# Examples in the documentation.


def test_docstrings():
    result = doctest.testmod(training)
    assert result.attempted >= 5 and result.failed == 0


def examples(path, heading=None):
    """Returns the text and the Python examples of a document, or of its section `heading`."""
    text = path.read_text()
    if heading is not None:
        text = text.split(f"\n{heading}\n")[1].split("\n## ")[0]
    return text, re.findall(r"```python\n(.*?)```", text, re.S)


@pytest.mark.filterwarnings("error")
def test_readme(tmp_path, monkeypatch, capsys):
    text, blocks = examples(HERE.parent / "README.md", "## Training a model")
    monkeypatch.chdir(tmp_path)
    for block in blocks:
        exec(block, {})
    printed = capsys.readouterr().out.splitlines()
    assert len(printed) == 1
    assert f"# {printed[0]}" in text, "the README shows this output"
    for name in ("mine.json", "mine_libvmaf.json", "mine.png"):
        assert (tmp_path / name).stat().st_size > 0
    pyplot.close("all")


@pytest.mark.filterwarnings("error")
def test_documentation(tmp_path, monkeypatch, capsys):
    text, blocks = examples(HERE.parents[1] / "docs" / "training.md")
    monkeypatch.chdir(tmp_path)
    names = {}
    for block in blocks:
        exec(block, names)
    printed = capsys.readouterr().out.splitlines()
    assert printed
    for line in printed:
        assert line in text, "the document shows this output"
    pyplot.close("all")
