"""Training: functions recovered, contents kept apart, and files that score the same everywhere."""

import csv
import doctest
import json
import math
import os
import pathlib
import re
import shutil
import subprocess
import sys

import matplotlib
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import vmaf_py as vq
from vmaf_py import training
from vmaf_py.training import Feature, Model, Predictor, Scaling, ScoreTransform, TrainingError
from vmaf_py.training._regression import spread_contents

matplotlib.use("Agg")
from matplotlib import pyplot  # noqa: E402

pytest.importorskip("sklearn")
stats = pytest.importorskip("scipy.stats")

# Machines that run tests are busy: the time of one example says nothing.
settings.register_profile("plain", deadline=None, database=None)
settings.load_profile("plain")

HERE = pathlib.Path(__file__).parent
TWO = ("integer_adm2", "integer_motion2")
V0 = training.DEFAULT_FEATURES


def quality(detail, motion):
    """What the made-up viewers see."""
    return 100 * detail**1.5 * (1 - 0.01 * motion)


def made_up(rows=120, contents=10, noise=0.0, seed=0):
    """A table of encodes: `quality` of two features, and four more that go along with the first."""
    random = np.random.default_rng(seed)
    detail, motion = random.uniform(0.3, 1, rows), random.uniform(0, 20, rows)
    table = {"integer_adm2": detail, "integer_motion2": motion}
    for scale in range(4):
        information = detail ** (3 - scale / 2) + random.normal(0, 0.02, rows)
        table[f"integer_vif_scale{scale}"] = information
    table["mos"] = quality(detail, motion) + random.normal(0, 1, rows) * noise
    table["content"] = [f"clip {row % contents}" for row in range(rows)]
    return table


def trained(table=None, features=TWO, **options):
    table = made_up() if table is None else table
    return vq.train(table, score="mos", content="content", features=features, **options)


# What is learnt.


def test_recovers_a_known_function():
    """A smooth function is found again, on rows and contents that weren't trained on."""
    result = trained(C=100.0, nu=0.5, gamma=1.0)
    new = made_up(seed=1)
    assert np.abs(result.predict(new) - new["mos"]).max() < 1.0
    assert result.cross_validation.figures.rmse < 0.5
    assert result.cross_validation.figures.plcc > 0.999
    # And so a change of one feature does what the function says.
    at = {"integer_adm2": [0.6, 0.8], "integer_motion2": [10, 10]}
    step = np.diff(result.predict(at))[0]
    assert step == pytest.approx(quality(0.8, 10) - quality(0.6, 10), abs=0.5)


def test_noise_is_not_learnt():
    result = trained(made_up(noise=8.0), C=100.0, gamma=1.0)
    assert result.cross_validation.figures.rmse == pytest.approx(8.0, rel=0.25)
    assert result.figures.rmse < result.cross_validation.figures.rmse


def test_equals_scikit_learn():
    """What NumPy predicts from the model is what the machine that was trained predicts."""
    from sklearn.svm import NuSVR

    table = made_up()
    result = trained(table, features=V0, clip=None)
    inputs = np.column_stack([table[name] for name in V0])
    least, greatest = inputs.min(axis=0), inputs.max(axis=0)
    scaled = (inputs - least) / (greatest - least)
    low, high = table["mos"].min(), table["mos"].max()
    machine = NuSVR(C=4.0, nu=0.9, gamma=0.04).fit(scaled, (table["mos"] - low) / (high - low))
    expected = machine.predict(scaled) * (high - low) + low
    assert result.predicted == pytest.approx(expected, abs=1e-9)
    assert result.predict(table) == pytest.approx(result.predicted, abs=1e-12)
    raw = trained(table, normalise=False, clip=None)
    assert raw.model.predictors[0].scaling is None
    machine = NuSVR(C=4.0, nu=0.9, gamma=0.04).fit(inputs[:, :2], table["mos"])
    assert raw.predicted == pytest.approx(machine.predict(inputs[:, :2]), abs=1e-9)


def test_same_seed_same_model_and_rows_may_come_in_any_form(tmp_path):
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


def test_features_go_by_either_name():
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


def test_published_models_know_these_names():
    """Every feature of a published model has a printed name of its own, and is written as it was."""
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
    found = spread_contents(contents, folds, seed=data.draw(st.integers(0, 3)))
    assert len(found) == (folds or count)
    assert sorted(np.concatenate(found)) == list(range(len(names)))
    sets = [set(contents[rows]) for rows in found]
    assert all(sets) and sum(map(len, sets)) == count
    if folds is None:
        assert all(len(each) == 1 for each in sets)


@pytest.mark.parametrize("folds", [None, 2, 3])
def test_a_fold_is_predicted_by_a_model_that_has_not_seen_its_contents(folds):
    table = made_up(60, contents=6, noise=5.0)
    result = trained(table, folds=folds, transform=ScoreTransform((1.0, 0.9, 0.001)))
    validation = result.cross_validation
    contents = np.array(table["content"])
    assert len(validation.folds) == (folds or 6)
    for fold in validation.folds:
        assert set(fold.contents) == set(contents[fold.rows])
        rest = np.setdiff1d(np.arange(60), fold.rows)
        assert not set(fold.contents) & set(contents[rest])
        # The same as a model made of the other rows alone, scaling and all.
        part = {name: np.asarray(values)[rest] for name, values in table.items()}
        other = trained(part, folds=folds if folds == 2 else None, transform=result.model.transform)
        there = {name: np.asarray(values)[fold.rows] for name, values in table.items()}
        assert fold.predicted == pytest.approx(other.predict(there), abs=1e-12)
        assert (validation.predicted[fold.rows] == fold.predicted).all()
        assert fold.figures == training.figures(result.scores[fold.rows], fold.predicted)
    assert validation.figures == training.figures(table["mos"], validation.predicted)


def test_contents_that_are_remembered_are_found_out():
    """Scores that only the content tells: good on rows seen, worthless on contents not seen."""
    table = made_up(80, contents=8)
    of_content = np.random.default_rng(5).uniform(20, 90, 8)
    number = np.arange(80) % 8
    table["mos"] = of_content[number]
    table["integer_adm2"] = number / 8 + np.random.default_rng(6).uniform(0, 0.01, 80)
    result = trained(table, C=1000.0, gamma=100.0)
    assert result.figures.plcc > 0.99
    assert result.cross_validation.figures.plcc < 0.5


def test_without_contents_there_is_no_cross_validation():
    table = made_up()
    del table["content"]
    result = vq.train(table, score="mos", content=None, features=TWO)
    assert result.cross_validation is None and result.contents is None
    assert (result.predicted == trained().predicted).all()


# Figures.

scores = st.lists(
    st.tuples(st.integers(-4, 4), st.integers(-4, 4)), min_size=1, max_size=30
)  # few values: ties are common
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
    if min(np.ptp(y), np.ptp(p)) > 1e-3:
        assert found.plcc == pytest.approx(stats.pearsonr(y, p).statistic, abs=1e-9)


def test_figures_by_hand():
    found = training.figures([1, 2, 3, 4], [10, 20, 20, 40])
    # Ranks 1, 2.5, 2.5, 4 beside 1, 2, 3, 4.
    assert found.srocc == pytest.approx(4.5 / math.sqrt(5 * 4.5))
    # Five pairs in order, one tied.
    assert found.krocc == pytest.approx(5 / math.sqrt(6 * 5))
    assert found.rmse == pytest.approx(math.sqrt((81 + 324 + 289 + 1296) / 4))
    assert found.plcc == pytest.approx(45 / math.sqrt(5 * 475))
    assert str(found) == "PLCC 0.923, SROCC 0.949, RMSE 22.30"


@given(wide, st.floats(0.1, 10), st.floats(-100, 100))
def test_figures_know_what_they_are_blind_to(pairs, slope, shift):
    y, p = np.round(np.array(pairs, dtype=float).T)
    found, mapped = training.figures(y, p), training.figures(y, slope * p + shift)
    same = {"nan_ok": True, "abs": 1e-6}
    assert mapped.plcc == pytest.approx(found.plcc, **same)
    assert mapped.srocc == pytest.approx(found.srocc, **same)
    bent = training.figures(y, np.cbrt(p))
    assert bent.srocc == pytest.approx(found.srocc, **same)
    assert bent.krocc == pytest.approx(found.krocc, **same)
    assert training.figures(y, -p).srocc == pytest.approx(-found.srocc, **same)


# What happens around the regressor.

finite = st.floats(-1e3, 1e3)


@st.composite
def transforms(draw):
    count = draw(st.sampled_from([0, 2, 3, 5]))
    x = np.cumsum(draw(st.lists(st.floats(0.5, 50), min_size=count, max_size=count)))
    y = np.cumsum(draw(st.lists(st.floats(0, 50), min_size=count, max_size=count)))
    polynomial = draw(st.one_of(st.none(), st.tuples(finite, finite, finite)))
    flags = [draw(st.booleans()) for _ in range(3)]
    return ScoreTransform(polynomial, tuple(zip(x.tolist(), y.tolist())), *flags)


@given(transforms(), st.lists(finite, min_size=1, max_size=9))
def test_transforms_do_what_they_say_and_survive_libvmaf(transform, values):
    assert ScoreTransform.from_libvmaf(transform.to_libvmaf()) == transform
    found = transform(np.array(values))
    for x, y in zip(values, found):
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
def test_scaling_goes_from_0_to_1_and_back(values):
    scaled_well = np.ptp(values, axis=0) > 1e-3
    if not scaled_well.all():
        return
    scaling = Scaling.to_unit(values[:, 0], values)
    inputs = scaling.scale_features(values)
    assert inputs.min(axis=0) == pytest.approx(0, abs=1e-9)
    assert inputs.max(axis=0) == pytest.approx(1, abs=1e-9)
    column = values[:, 0]
    assert scaling.unscale_scores(scaling.scale_scores(column)) == pytest.approx(column, abs=1e-9)


def test_clip_and_transform_are_last():
    table = made_up()
    plain = trained(table, clip=None)
    assert plain.predicted.max() > 90
    clipped = trained(table, clip=(20, 60))
    assert clipped.predicted == pytest.approx(np.clip(plain.predicted, 20, 60))
    half = ScoreTransform((0.0, 0.5, 0.0))
    assert trained(table, transform=half, clip=(20, 60)).predicted == pytest.approx(
        np.clip(plain.predicted / 2, 20, 60)
    )
    # One that has to be asked for is in the file, and changes nothing here.
    off = ScoreTransform((0.0, 0.5, 0.0), enabled=False)
    assert (trained(table, transform=off, clip=None).predicted == plain.predicted).all()


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
    # More encodes, a surer score.
    more = trained(made_up(rows=480, noise=10.0), bootstrap=20).interval(table)
    assert more.stddev.mean() < 0.75 * interval.stddev.mean()


# Files.

numbers = st.floats(-1e9, 1e9) | st.sampled_from([0.1, 1 / 3, 5e-324, -0.0, 1e300])


@st.composite
def models(draw):
    features = draw(st.lists(st.sampled_from(V0), min_size=1, max_size=4, unique=True))
    scaled = draw(st.booleans())

    def predictor():
        count = draw(st.integers(1, 4))
        width = len(features)
        scaling = None
        if scaled:
            pair = draw(st.tuples(numbers, numbers))
            scaling = Scaling(pair, draw(hnp.arrays(float, (width, 2), elements=numbers)))
        weights = draw(hnp.arrays(float, count, elements=numbers))
        vectors = draw(hnp.arrays(float, (count, width), elements=numbers))
        return Predictor(draw(numbers), draw(numbers), weights, vectors, scaling)

    predictors = tuple(predictor() for _ in range(draw(st.integers(1, 3))))
    options = st.dictionaries(
        st.sampled_from(["debug", "adm_min_val"]), st.one_of(st.booleans(), st.floats(0, 1))
    )
    return Model(
        tuple(Feature(name, draw(options)) for name in features),
        predictors,
        draw(st.none() | st.just((0.0, 110.5))),
        draw(st.none() | transforms()),
        draw(st.none() | st.just(120.0)),
    )


@pytest.mark.parametrize("form", ["vmaf", "libvmaf"])
@given(model=models())
def test_files_hold_every_bit(tmp_path_factory, form, model):
    path = tmp_path_factory.getbasetemp() / f"any-{form}.json"
    model.save(path, name="näme", provenance='told by "hypothesis"', format=form)
    read = training.read_model(path)
    assert read.features == model.features
    assert (read.clip, read.chroma_correction) == (model.clip, model.chroma_correction)
    assert read.transform == model.transform
    assert len(read.predictors) == len(model.predictors)
    for found, expected in zip(read.predictors, model.predictors):
        assert (found.gamma, found.rho) == (expected.gamma, expected.rho)
        assert (found.weights == expected.weights).all()
        assert (found.vectors == expected.vectors).all()
        assert (found.scaling is None) == (expected.scaling is None)
        if found.scaling is not None:
            assert found.scaling.score == expected.scaling.score
            assert (found.scaling.features == expected.scaling.features).all()


def test_a_file_says_where_it_comes_from(tmp_path):
    result = trained(bootstrap=3)
    result.save(tmp_path / "mine.json")
    content = json.loads((tmp_path / "mine.json").read_text())
    assert (content["format"], content["name"]) == ("vmaf-model 1", "mine")
    assert (
        "120 rows of 10 contents: nu-SVR, C 4, nu 0.9, gamma 0.04, and 3 of resampled rows"
        in (content["provenance"])
    )
    assert str(result.cross_validation.figures) in content["provenance"]
    result.save(tmp_path / "mine.json", name="lab", provenance="Our lab; CC BY 4.0.")
    content = json.loads((tmp_path / "mine.json").read_text())
    assert (content["name"], content["provenance"]) == ("lab", "Our lab; CC BY 4.0.")


def test_published_models_predict_the_same_in_both_forms(tmp_path):
    """A published model, read, and written in libvmaf's form, is the same model."""
    table = made_up()
    for name in ("vmaf_v0.6.1", "vmaf_b_v0.6.3"):
        ours = training.read_model(HERE.parents[1] / "models" / f"{name}.json")
        ours.save(tmp_path / "lib.json", provenance="", format="libvmaf")
        theirs = training.read_model(tmp_path / "lib.json")
        assert (ours.predict(table) == theirs.predict(table)).all()
        assert np.ptp(ours.predict(table)) > 30


# The same scores in the command and in libvmaf.


def y4m(path, luma, chroma):
    """Writes 8-bit 4:2:0 frames; chroma is (frames, 2, height / 2, width / 2)."""
    height, width = luma.shape[1:]
    with open(path, "wb") as file:
        file.write(f"YUV4MPEG2 W{width} H{height} F25:1 Ip A1:1 C420jpeg\n".encode())
        for planes in zip(luma, chroma):
            file.write(b"FRAME\n" + b"".join(plane.tobytes() for plane in planes))


def blurred(picture, times):
    for _ in range(times):
        picture = (picture + np.roll(picture, 1, -2) + np.roll(picture, 1, -1)) / 3
    return picture


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    """A folder with ref.y4m and dist.y4m, whose features differ much between frames.

    240x216 is about the least that cambi and speed_chroma are defined for.
    """
    width, height = 240, 216
    folder = tmp_path_factory.mktemp("clip")
    random = np.random.default_rng(7)
    scene = blurred(random.uniform(0, 1, (3, height + 64, width + 64)), 3)
    scene = (scene - scene.min()) / np.ptp(scene) * 219 + 16
    at = np.cumsum(np.arange(20) % 5)
    luma = np.array([scene[0, i : i + height, x : x + width] for i, x in enumerate(at)])
    half = (slice(1, None), slice(0, height // 2), slice(0, width // 2))
    chroma = np.array([np.roll(scene, x, axis=2)[half] for x in at])

    def coded(frames):
        """Blurred by up to seven taps, with noise of up to 4 levels."""
        worse = [blurred(frame, i % 8) for i, frame in enumerate(frames)]
        noise = [random.normal(0, 1 + i % 4, frame.shape) for i, frame in enumerate(frames)]
        return np.clip(np.array(worse) + noise, 0, 255).astype(np.uint8)

    y4m(folder / "ref.y4m", luma.astype(np.uint8), chroma.astype(np.uint8))
    y4m(folder / "dist.y4m", coded(luma), coded(chroma))
    return folder


@pytest.fixture(scope="module")
def command():
    """The `vmaf` command."""
    beside = pathlib.Path(sys.executable).parent / "vmaf"
    found = str(beside) if beside.exists() else shutil.which("vmaf")
    if found is None:
        pytest.skip("there is no command vmaf on the path or beside this Python")
    return found


@pytest.fixture(scope="module")
def ffmpeg():
    """An FFmpeg that has libvmaf: that of VMAF_FFMPEG, of imageio-ffmpeg, or on the path."""
    found = os.environ.get("VMAF_FFMPEG")
    if found is None:
        try:
            found = __import__("imageio_ffmpeg").get_ffmpeg_exe()
        except ImportError:
            found = shutil.which("ffmpeg")
    if found is None:
        pytest.skip("there is no FFmpeg: set VMAF_FFMPEG")
    filters = subprocess.run([found, "-hide_banner", "-filters"], capture_output=True, text=True)
    if "libvmaf" not in filters.stdout:
        pytest.skip(f"{found} has no filter libvmaf")
    return found


def by_command(command, folder, model, label):
    """Every column by frame, as `vmaf score --model` measures it, with all digits."""
    arguments = ["score", "ref.y4m", "dist.y4m", "--model", model, "-o", "vmaf.json"]
    run = subprocess.run([command, *arguments], cwd=folder, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    frames = json.loads((folder / "vmaf.json").read_text())["distorted"][0]["frames"]
    return {name: np.array(values) for name, values in frames.items()}, np.array(frames[label])


def by_libvmaf(ffmpeg, folder, model):
    """The score of each frame, as FFmpeg's filter libvmaf measures it, with six decimals."""
    graph = f"libvmaf=model=path={model}:log_fmt=json:log_path=libvmaf.json"
    inputs = ["-i", "dist.y4m", "-i", "ref.y4m"]
    arguments = ["-hide_banner", "-nostats", *inputs, "-lavfi", graph, "-f", "null", "-"]
    run = subprocess.run([ffmpeg, *arguments], cwd=folder, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    frames = json.loads((folder / "libvmaf.json").read_text())["frames"]
    return np.array([frame["metrics"]["vmaf"] for frame in frames])


# How libvmaf's filter prints: rounded.
SIX_DECIMALS = 0.5e-6 + 1e-9
# The vector code of libvmaf's floating-point features, which this project's don't follow, moves them in
# the eighth digit, and scores by what they weigh.
VECTOR_CODE = 3e-6

ADM3 = {"adm_enhn_gain_limit": 1.0, "adm_csf_mode": 2, "adm_noise_weight": 0.02}
WITH_OPTIONS = (
    Feature("integer_adm3", ADM3, column="integer_adm3_csf_2_egl_1_nw_0.02"),
    Feature("integer_motion3", {"motion_max_val": 18.0}, column="integer_motion3_mmxv_18"),
    Feature("integer_vif_scale1", {"vif_skip_scale0": True}, column="integer_vif_scale1_ssclz"),
    Feature("speed_chroma_uv", {"speed_max_val": 45.0}, column="speed_chroma_uv_mxv_45"),
)
OF_ALL_KINDS = (
    *("integer_adm2", "integer_adm3", "integer_aim", "integer_adm_scale0", "integer_motion3"),
    *("adm2", "adm_scale2", "vif_scale0", "vif_scale3", "motion2"),
    *("psnr_y", "psnr_cb", "float_ssim", "speed_chroma_uv", "speed_temporal"),
)


def table_of(features, rows=90):
    """Made-up values of any features, and scores that follow them all."""
    random = np.random.default_rng(4)
    good = random.uniform(0, 1, rows)
    table = {"mos": 100 * good, "content": [f"clip {row % 6}" for row in range(rows)]}
    for feature in features:
        name = feature if isinstance(feature, str) else feature.column
        # About what each reaches: shares, decibels, and differences, of which more is worse.
        least, greatest = (20, 60) if "psnr" in name else (0.2, 1)
        if "motion" in name or "speed" in name:
            least, greatest = 20, 0
        table[name] = least + (greatest - least) * good + random.normal(0, 0.02, rows)
    return table


BENT = ScoreTransform(
    (1.0, 0.9, 0.0005), ((0, 5), (40, 30), (50, 30), (100, 98)), at_least_input=True
)
MODELS = {
    "plain": {"features": V0},
    "wild": {"features": V0, "C": 50.0, "nu": 0.3, "gamma": 2.0, "clip": (10.0, 80.0)},
    "bare": {"features": ("integer_vif_scale0", "integer_adm3"), "normalise": False, "clip": None},
    "bent": {"features": V0, "transform": BENT},
    "bent if asked": {"features": V0, "transform": ScoreTransform((9, 0.5, 0), enabled=False)},
    "with options": {"features": WITH_OPTIONS},
    "of all kinds": {"features": OF_ALL_KINDS},
}


@pytest.mark.parametrize("name", MODELS)
def test_files_score_as_predicted_in_the_command_and_in_libvmaf(name, clip, command, ffmpeg):
    """A trained model, in both forms: frame by frame the same as `predict`, here and in libvmaf."""
    options = MODELS[name]
    result = trained(table_of(options["features"]), **options)
    result.save(clip / "mine.json")
    result.save_libvmaf(clip / "mine_libvmaf.json")
    frames, scores = by_command(command, clip, "mine.json", "mine")
    assert len(scores) == 20 and np.ptp(scores) > 5
    assert result.predict(frames) == pytest.approx(scores, abs=1e-9)
    _, read_as_libvmaf = by_command(command, clip, "mine_libvmaf.json", "mine_libvmaf")
    assert (read_as_libvmaf == scores).all()
    slack = VECTOR_CODE if name == "of all kinds" else SIX_DECIMALS
    assert by_libvmaf(ffmpeg, clip, "mine_libvmaf.json") == pytest.approx(scores, abs=slack)


def test_bootstrap_files_score_as_predicted_in_the_command_and_in_libvmaf(clip, command, ffmpeg):
    """The interval too. FFmpeg's filter takes no bootstrap files, so its members go there one by one."""
    result = trained(table_of(V0), features=V0, bootstrap=4, transform=BENT)
    result.save(clip / "mine.json")
    result.save_libvmaf(clip / "lib.json")
    frames, scores = by_command(command, clip, "mine.json", "mine")
    assert result.predict(frames) == pytest.approx(scores, abs=1e-9)
    interval = result.interval(frames)
    for suffix, values in [
        ("bagging", interval.mean),
        ("stddev", interval.stddev),
        ("ci_p95_lo", interval.low),
        ("ci_p95_hi", interval.high),
    ]:
        assert values == pytest.approx(frames[f"mine_{suffix}"], abs=1e-9)
    assert interval.stddev.max() > 0.1
    others, _ = by_command(command, clip, "lib.json", "lib")
    members = json.loads((clip / "lib.json").read_text())
    assert list(members) == ["0", "1", "2", "3", "4"]
    for key, member in members.items():
        assert member["model_dict"]["model_type"] == "BOOTSTRAP_LIBSVMNUSVR"
        suffix = f"_{int(key):04}" if key != "0" else ""
        assert (others[f"lib{suffix}"] == frames[f"mine{suffix}"]).all()
        (clip / "member.json").write_text(json.dumps(member))
        found = by_libvmaf(ffmpeg, clip, "member.json")
        assert found == pytest.approx(frames[f"mine{suffix}"], abs=SIX_DECIMALS)


def test_a_published_model_predicts_as_the_command(clip, command):
    """v1.0.16, which has options, a transform and corrects chroma."""
    path = HERE.parents[1] / "models" / "vmaf_v1.0.16_3d0h.json"
    frames, scores = by_command(command, clip, str(path), "vmaf_v1.0.16_3d0h")
    names = [feature.name for feature in training.read_model(path).features]
    columns = {}
    for name in names:
        (columns[name],) = (column for column in frames if column.startswith(name))
    model = training.read_model(path, columns)
    assert model.predict(frames) == pytest.approx(scores, abs=1e-9)
    frames[columns["speed_chroma_uv"]] = np.zeros(20)
    adm3 = frames[columns["integer_adm3"]]
    corrected = {**frames, columns["speed_chroma_uv"]: 120 * (1 - adm3)}
    assert (model.predict(frames) == model.predict(corrected)).all()


# Rows from results.


class Result:
    def __init__(self, **frames):
        self.frames = {name: np.array(values) for name, values in frames.items()}


def test_rows_are_the_means_of_frames():
    result = Result(integer_adm2=[0.5, 0.7], psnr_y=[30, 40, 44], integer_vif_scale0_egl_1=[0.25])
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
        training.features_of(Result(psnr_y=[30, math.inf]), ["psnr_y"])
    with pytest.raises(TrainingError, match="not a list of values"):
        training.features_of(Result(psnr_y=[]), ["psnr_y"])


# What is refused.


def changed(column, row, value):
    table = made_up()
    table[column] = list(table[column])
    table[column][row] = value
    return table


def without(column):
    return {name: values for name, values in made_up().items() if name != column}


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: trained(without("integer_adm2")), "no column 'integer_adm2'.* It has: integer_mo"),
        (lambda: trained({**without("mos"), "MOS": [1]}), "'MOS' has 1 rows and .* 120"),
        (lambda: trained({**without("mos"), "moss": made_up()["mos"]}), "did you mean 'moss'?"),
        (lambda: trained(without("content")), "no column 'content'"),
        (lambda: trained(changed("mos", 4, math.nan)), "row 5 of column 'mos' is empty"),
        (lambda: trained(changed("mos", 4, None)), "row 5 of column 'mos' is empty"),
        (lambda: trained(changed("mos", 4, math.inf)), "row 5 of column 'mos' is inf"),
        (lambda: trained(changed("integer_adm2", 119, "good")), "row 120 .*adm2' is 'good'"),
        (lambda: trained(changed("mos", 0, True)), "row 1 of column 'mos' is True"),
        (lambda: trained(changed("content", 7, "")), "row 8 of column 'content' is empty"),
        (lambda: trained(changed("content", 7, None)), "row 8 of column 'content' is empty"),
        (lambda: trained({**made_up(), "content": ["a"] * 120}), "content 'a': .* two contents"),
        (lambda: trained({**made_up(), "mos": [50] * 120}), "all scores of the table are 50"),
        (
            lambda: trained({**made_up(), "integer_adm2": [0.5] * 120}),
            "'integer_adm2' is 0.5 in every row of the table",
        ),
        (
            lambda: trained(
                {
                    "integer_adm2": [1, 1, 2, 3],
                    "integer_motion2": [1, 2, 3, 4],
                    "mos": [1, 2, 3, 4],
                    "content": ["a", "a", "b", "b"],
                }
            ),
            "'integer_adm2' is 1 in every row without content b",
        ),
        (lambda: trained(folds=11), "11 folds of 10 contents can't be: give 2 to 10"),
        (lambda: trained(folds=1), "give 2 to 10"),
        (lambda: trained(C=0), "C must be finite and above 0, not 0"),
        (lambda: trained(gamma=math.nan), "gamma must be finite"),
        (lambda: trained(nu=1.1), "nu must be above 0 and at most 1, not 1.1"),
        (lambda: trained(clip=(100, 0)), r"clip is \(least, greatest\), not \(100, 0\)"),
        (lambda: trained(bootstrap=-1), "not -1"),
        (lambda: trained(features=[]), "one feature at least"),
        (lambda: trained(features="integer_adm2"), "a list of names"),
        (lambda: trained(features=["adm2", "VMAF_feature_adm2_score"]), "'adm2' is given twice"),
        (
            lambda: trained(features=[Feature("integer_adm2", {"adm_min_val": 0.5})]),
            r"\(adm_min_val=0.5\): say which column has it",
        ),
        (lambda: Feature("adm2", {"adm_min_val": math.nan}), "'adm_min_val' of adm2 can't be nan"),
        (lambda: trained([]), "has no rows"),
        (lambda: trained(3), "int is no table"),
        (lambda: trained().interval(made_up()), "only a bootstrap model"),
        (lambda: trained().predict(without("integer_motion2")), "no column 'integer_motion2'"),
        (lambda: ScoreTransform(knots=((0, 0),)), "don't rise"),
        (lambda: ScoreTransform(knots=((0, 5), (1, 4))), "don't rise"),
        (lambda: ScoreTransform((0, math.inf, 0)), "not finite"),
        (lambda: ScoreTransform((0, 1)), r"\(p0, p1, p2\)"),
        (lambda: training.figures([1, 2], [1]), r"shape \(2,\) and .* \(1,\)"),
        (lambda: training.figures([1, 2], [1, math.nan]), "must be finite"),
    ],
)
def test_what_cannot_be_trained_is_said_in_words(call, words):
    with pytest.raises(vq.VmafError, match=words) as caught:
        call()
    assert isinstance(caught.value, TrainingError)


def test_data_frames_that_lack_cells_are_refused():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(made_up())
    frame["mos"] = frame["mos"].round().astype("Int64")
    frame.loc[6, "mos"] = pandas.NA
    with pytest.raises(TrainingError, match="row 7 of column 'mos' is empty"):
        trained(frame)
    twice = pandas.concat([frame, frame[["mos"]]], axis=1)
    with pytest.raises(TrainingError, match="two columns 'mos'"):
        trained(twice)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "t.csv is empty"),
        ("mos,mos\n1,2\n", "two columns 'mos'"),
        ("mos,content\n1,a\n2\n", "row 2 of .*t.csv has 1 values, its header 2"),
        ("mos,content\n", "no rows"),
    ],
)
def test_csv_files_that_are_no_tables_are_refused(tmp_path, text, words):
    (tmp_path / "t.csv").write_text(text)
    with pytest.raises(TrainingError, match=words):
        trained(tmp_path / "t.csv")


def test_files_that_are_no_models_are_refused(tmp_path):
    path = tmp_path / "model.json"
    trained().save(path)
    good = path.read_text()
    for text, words in [
        ("{", "model.json is no model file: Expecting"),
        ("[]", "no JSON object"),
        ("{}", "it has no '0'"),
        (good.replace("vmaf-model 1", "vmaf-model 2"), "'vmaf-model 2', not 'vmaf-model 1'"),
        (good.replace('"rho"', '"roh"'), "it has no 'rho'"),
        (re.sub(r'"clip": \[.*?\]', '"clip": [1]', good), "no model file: not enough values"),
    ]:
        path.write_text(text)
        with pytest.raises(TrainingError, match=words):
            training.read_model(path)
    path.write_text(good)
    with pytest.raises(TrainingError, match="has no feature 'cambi', only integer_adm2, integer_m"):
        training.read_model(path, {"cambi": "cambi"})


def test_what_libvmaf_cannot_read_is_refused(tmp_path):
    knots = tuple((float(x), float(x)) for x in range(11))
    result = trained(transform=ScoreTransform(knots=knots))
    with pytest.raises(TrainingError, match="up to 10 knots, not 11"):
        result.save_libvmaf(tmp_path / "lib.json")
    result.save(tmp_path / "ours.json")
    with pytest.raises(TrainingError, match="'vmaf' or 'libvmaf', not 'pickle'"):
        result.save(tmp_path / "ours.pkl", format="pickle")


# Plots.


@pytest.fixture
def ax():
    figure, ax = pyplot.subplots()
    yield ax
    pyplot.close(figure)


def test_plot_shows_contents_that_were_not_seen(ax):
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


def test_what_is_missing_is_said(monkeypatch, ax):
    result = trained()
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(vq.VmafError, match=re.escape("pip install 'vmaf-py[plot]'")):
        result.plot()
    monkeypatch.setitem(sys.modules, "sklearn.svm", None)
    with pytest.raises(vq.VmafError, match=re.escape("pip install 'vmaf-py[train]'")):
        trained()
    # What doesn't train needs neither.
    assert result.predict(made_up()) == pytest.approx(result.predicted)


def test_importing_brings_no_scikit_learn():
    heavy = "{'sklearn', 'scipy', 'pandas', 'matplotlib'} & set(sys.modules)"
    code = f"import sys, vmaf_py; vmaf_py.train; vmaf_py.training.features_of; print({heavy})"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"


# What is taught runs as written.


def test_docstrings():
    result = doctest.testmod(training)
    assert result.attempted >= 5 and result.failed == 0


def examples(path, heading=None):
    """The Python of a document, or of its section under `heading`."""
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
    assert f"# {printed[0]}" in text, "what the README says is printed"
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
        assert line in text, "what the document says is printed"
    pyplot.close("all")
