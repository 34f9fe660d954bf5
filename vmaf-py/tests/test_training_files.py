"""Files of trained models: exact round trips, and equal scores in the command and in libvmaf."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from training_tables import V0, made_up, trained, transforms

from vmaf_py import training
from vmaf_py.training import Feature, Model, Predictor, Scaling, ScoreTransform, TrainingError

pytest.importorskip("sklearn")

HERE = pathlib.Path(__file__).parent

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
def test_files_restore_every_bit(tmp_path_factory, form, model):
    path = tmp_path_factory.getbasetemp() / f"any-{form}.json"
    model.save(path, name="näme", provenance='drawn by "hypothesis"', format=form)
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


def test_name_and_provenance(tmp_path):
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


def test_published_models_predict_the_same_in_both_formats(tmp_path):
    table = made_up()
    for name in ("vmaf_v0.6.1", "vmaf_b_v0.6.3"):
        model = training.read_model(HERE.parents[1] / "models" / f"{name}.json")
        model.save(tmp_path / "lib.json", provenance="", format="libvmaf")
        converted = training.read_model(tmp_path / "lib.json")
        assert (model.predict(table) == converted.predict(table)).all()
        assert np.ptp(model.predict(table)) > 30


def test_errors_for_invalid_model_files(tmp_path):
    path = tmp_path / "model.json"
    trained().save(path)
    good = path.read_text()
    for text, message in [
        ("{", "model.json is not a model file: Expecting"),
        ("[]", "not a JSON object"),
        ("{}", "it has no '0'"),
        (good.replace("vmaf-model 1", "vmaf-model 2"), "'vmaf-model 2', not 'vmaf-model 1'"),
        (good.replace('"rho"', '"roh"'), "it has no 'rho'"),
        (re.sub(r'"clip": \[.*?\]', '"clip": [1]', good), "not a model file: not enough values"),
    ]:
        path.write_text(text)
        with pytest.raises(TrainingError, match=message):
            training.read_model(path)
    path.write_text(good)
    with pytest.raises(TrainingError, match="has no feature 'cambi', only integer_adm2, integer_m"):
        training.read_model(path, {"cambi": "cambi"})


def test_errors_for_models_beyond_the_limits_of_libvmaf(tmp_path):
    knots = tuple((float(x), float(x)) for x in range(11))
    result = trained(transform=ScoreTransform(knots=knots))
    with pytest.raises(TrainingError, match="up to 10 knots, not 11"):
        result.save_libvmaf(tmp_path / "lib.json")
    result.save(tmp_path / "ours.json")
    with pytest.raises(TrainingError, match="'vmaf' or 'libvmaf', not 'pickle'"):
        result.save(tmp_path / "ours.pkl", format="pickle")


# Scores in the command and in libvmaf.


def write_y4m(path, luma, chroma):
    """Writes 8-bit 4:2:0 frames; chroma has shape (frames, 2, height / 2, width / 2)."""
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
    """Returns a folder with ref.y4m and dist.y4m, whose features vary strongly between frames.

    240x216 is close to the minimum size for cambi and speed_chroma.
    """
    width, height = 240, 216
    folder = tmp_path_factory.mktemp("clip")
    random = np.random.default_rng(7)
    scene = blurred(random.uniform(0, 1, (3, height + 64, width + 64)), 3)
    scene = (scene - scene.min()) / np.ptp(scene) * 219 + 16
    offsets = np.cumsum(np.arange(20) % 5)
    luma = np.array([scene[0, i : i + height, x : x + width] for i, x in enumerate(offsets)])
    half = (slice(1, None), slice(0, height // 2), slice(0, width // 2))
    chroma = np.array([np.roll(scene, x, axis=2)[half] for x in offsets])

    def distort(frames):
        """Blurs frames up to seven times, and adds noise with a deviation of up to 4 levels."""
        worse = [blurred(frame, i % 8) for i, frame in enumerate(frames)]
        noise = [random.normal(0, 1 + i % 4, frame.shape) for i, frame in enumerate(frames)]
        return np.clip(np.array(worse) + noise, 0, 255).astype(np.uint8)

    write_y4m(folder / "ref.y4m", luma.astype(np.uint8), chroma.astype(np.uint8))
    write_y4m(folder / "dist.y4m", distort(luma), distort(chroma))
    return folder


@pytest.fixture(scope="module")
def command():
    """Returns the path of the command `vmaf`."""
    path = pathlib.Path(sys.executable).parent / "vmaf"
    program = str(path) if path.exists() else shutil.which("vmaf")
    if program is None:
        pytest.skip("the command vmaf is neither on the PATH nor next to this Python")
    return program


@pytest.fixture(scope="module")
def ffmpeg():
    """Returns an FFmpeg with libvmaf: that of VMAF_FFMPEG, of imageio-ffmpeg, or on the PATH."""
    program = os.environ.get("VMAF_FFMPEG")
    if program is None:
        try:
            program = __import__("imageio_ffmpeg").get_ffmpeg_exe()
        except ImportError:
            program = shutil.which("ffmpeg")
    if program is None:
        pytest.skip("there is no FFmpeg; set VMAF_FFMPEG")
    filters = subprocess.run([program, "-hide_banner", "-filters"], capture_output=True, text=True)
    if "libvmaf" not in filters.stdout:
        pytest.skip(f"{program} has no filter libvmaf")
    return program


def score_with_command(command, folder, model, label):
    """Returns all columns of `vmaf score --model` by name, and the model's score, per frame."""
    arguments = ["score", "ref.y4m", "dist.y4m", "--model", model, "-o", "vmaf.json"]
    run = subprocess.run([command, *arguments], cwd=folder, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    frames = json.loads((folder / "vmaf.json").read_text())["distorted"][0]["frames"]
    return {name: np.array(values) for name, values in frames.items()}, np.array(frames[label])


def score_with_libvmaf(ffmpeg, folder, model):
    """Returns the score of each frame by FFmpeg's filter libvmaf, which has six decimals."""
    graph = f"libvmaf=model=path={model}:log_fmt=json:log_path=libvmaf.json"
    inputs = ["-i", "dist.y4m", "-i", "ref.y4m"]
    arguments = ["-hide_banner", "-nostats", *inputs, "-lavfi", graph, "-f", "null", "-"]
    run = subprocess.run([ffmpeg, *arguments], cwd=folder, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    frames = json.loads((folder / "libvmaf.json").read_text())["frames"]
    return np.array([frame["metrics"]["vmaf"] for frame in frames])


# Rounding of the scores that libvmaf's filter prints.
SIX_DECIMALS = 0.5e-6 + 1e-9
# libvmaf's vector code changes floating-point features in the eighth digit. This project follows its C
# code, so scores that depend on them differ.
VECTOR_CODE = 3e-6

ADM3 = {"adm_enhn_gain_limit": 1.0, "adm_csf_mode": 2, "adm_noise_weight": 0.02}
WITH_OPTIONS = (
    Feature("integer_adm3", ADM3, column="integer_adm3_csf_2_egl_1_nw_0.02"),
    Feature("integer_motion3", {"motion_max_val": 18.0}, column="integer_motion3_mmxv_18"),
    Feature("integer_vif_scale1", {"vif_skip_scale0": True}, column="integer_vif_scale1_ssclz"),
    Feature("speed_chroma_uv", {"speed_max_val": 45.0}, column="speed_chroma_uv_mxv_45"),
)
MIXED_FEATURES = (
    *("integer_adm2", "integer_adm3", "integer_aim", "integer_adm_scale0", "integer_motion3"),
    *("adm2", "adm_scale2", "vif_scale0", "vif_scale3", "motion2"),
    *("psnr_y", "psnr_cb", "float_ssim", "speed_chroma_uv", "speed_temporal"),
)


def table_of(features, rows=90):
    """Returns a synthetic table with the given features, which all correlate with the scores."""
    random = np.random.default_rng(4)
    good = random.uniform(0, 1, rows)
    table = {"mos": 100 * good, "content": [f"clip {row % 6}" for row in range(rows)]}
    for feature in features:
        name = feature if isinstance(feature, str) else feature.column
        # Typical values for the worst and the best quality.
        worst, best = (20, 60) if "psnr" in name else (0.2, 1)
        if "motion" in name or "speed" in name:
            worst, best = 20, 0
        table[name] = worst + (best - worst) * good + random.normal(0, 0.02, rows)
    return table


TRANSFORM = ScoreTransform(
    (1.0, 0.9, 0.0005), ((0, 5), (40, 30), (50, 30), (100, 98)), at_least_input=True
)
MODELS = {
    "plain": {"features": V0},
    "other parameters": {"features": V0, "C": 50.0, "nu": 0.3, "gamma": 2.0, "clip": (10.0, 80.0)},
    "not normalised": {
        "features": ("integer_vif_scale0", "integer_adm3"),
        "normalise": False,
        "clip": None,
    },
    "transform": {"features": V0, "transform": TRANSFORM},
    "disabled transform": {"features": V0, "transform": ScoreTransform((9, 0.5, 0), enabled=False)},
    "with options": {"features": WITH_OPTIONS},
    "mixed features": {"features": MIXED_FEATURES},
}


@pytest.mark.parametrize("name", MODELS)
def test_saved_models_score_as_predicted(name, clip, command, ffmpeg):
    """Scores of both formats in the command and in libvmaf equal `predict` for each frame."""
    options = MODELS[name]
    result = trained(table_of(options["features"]), **options)
    result.save(clip / "mine.json")
    result.save_libvmaf(clip / "mine_libvmaf.json")
    frames, scores = score_with_command(command, clip, "mine.json", "mine")
    assert len(scores) == 20 and np.ptp(scores) > 5
    assert result.predict(frames) == pytest.approx(scores, abs=1e-9)
    _, read_as_libvmaf = score_with_command(command, clip, "mine_libvmaf.json", "mine_libvmaf")
    assert (read_as_libvmaf == scores).all()
    tolerance = VECTOR_CODE if name == "mixed features" else SIX_DECIMALS
    found = score_with_libvmaf(ffmpeg, clip, "mine_libvmaf.json")
    assert found == pytest.approx(scores, abs=tolerance)


def test_saved_bootstrap_models_score_as_predicted(clip, command, ffmpeg):
    """Scores and intervals. FFmpeg's filter reads no bootstrap files, so it gets each member alone."""
    result = trained(table_of(V0), features=V0, bootstrap=4, transform=TRANSFORM)
    result.save(clip / "mine.json")
    result.save_libvmaf(clip / "lib.json")
    frames, scores = score_with_command(command, clip, "mine.json", "mine")
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
    others, _ = score_with_command(command, clip, "lib.json", "lib")
    members = json.loads((clip / "lib.json").read_text())
    assert list(members) == ["0", "1", "2", "3", "4"]
    for key, member in members.items():
        assert member["model_dict"]["model_type"] == "BOOTSTRAP_LIBSVMNUSVR"
        suffix = f"_{int(key):04}" if key != "0" else ""
        assert (others[f"lib{suffix}"] == frames[f"mine{suffix}"]).all()
        (clip / "member.json").write_text(json.dumps(member))
        found = score_with_libvmaf(ffmpeg, clip, "member.json")
        assert found == pytest.approx(frames[f"mine{suffix}"], abs=SIX_DECIMALS)


def test_published_model_predicts_as_the_command(clip, command):
    """v1.0.16 has options, a transform and chroma correction."""
    path = HERE.parents[1] / "models" / "vmaf_v1.0.16_3d0h.json"
    frames, scores = score_with_command(command, clip, str(path), "vmaf_v1.0.16_3d0h")
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
