"""Single metrics and maps of frames in memory."""

import inspect

import numpy as np
import pytest
from clips import blurred, film

import vmaf_py as vq
from vmaf_py import _native


@pytest.fixture(scope="module")
def pair():
    """A picture that is large enough for every metric, and a blurred one."""
    luma = film(1, 240, 320)[0]
    planes = [luma, 255 - luma[::2, ::2], luma[1::2, 1::2] // 2 + 60]
    return tuple(planes), tuple(blurred(plane) for plane in planes)


def test_every_metric_has_a_function(pair):
    native = {feature["name"] for feature in _native.features()}
    functions = {name for name in vq.metrics.__all__ if name not in ("describe", "names")}
    assert functions == native == set(vq.metrics.names())
    for name in native:
        function = getattr(vq.metrics, name)
        assert function.__doc__.rstrip(".") == vq.metrics.describe(name)["summary"].rstrip(".")
        assert list(inspect.signature(function).parameters)[:2] == ["reference", "distorted"]
        values = function(*pair)
        assert values and all(isinstance(value, float) for value in values.values()), name
    with pytest.raises(vq.VmafError, match="no metric called 'psnrr'"):
        vq.metrics.describe("psnrr")


def test_metrics_equal_the_columns_of_score(pair):
    reference, distorted = pair
    names = vq.metrics.names()
    result = vq.score([reference], [distorted], None, metrics=names, align="unchecked")
    for name in names:
        for column, value in getattr(vq.metrics, name)(reference, distorted).items():
            if column in result.frames:
                assert result.frames[column][0] == value, column
            else:
                assert result.aggregates[column] == value, column


def test_all_forms_of_pictures_are_equal(pair):
    luma, worse = pair[0][0], pair[1][0]
    expected = vq.metrics.vif(luma, worse)
    assert list(expected) == [f"integer_vif_scale{scale}" for scale in range(4)]
    assert vq.metrics.vif((luma,), (worse,)) == expected
    assert vq.metrics.vif(luma[np.newaxis], worse[np.newaxis])["integer_vif_scale0"].shape == (1,)
    yuv, worse_yuv = (luma, luma, luma), (worse, worse, worse)
    assert vq.metrics.vif(yuv, worse_yuv) == expected
    assert vq.metrics.psnr(yuv, worse_yuv).keys() == {"psnr_y", "psnr_cb", "psnr_cr"}
    deep, worse_deep = luma.astype(np.uint16) << 2, worse.astype(np.uint16) << 2
    assert vq.metrics.psnr(deep, worse_deep, bit_depth=10)["psnr_y"] == pytest.approx(
        vq.metrics.psnr(luma, worse)["psnr_y"], abs=0.05
    )


def test_arrays_for_videos():
    reference = film(5)
    values = vq.metrics.motion(reference, blurred(reference))
    assert values["integer_motion2"].shape == (5,)
    assert values["integer_motion2"][0] == 0 < values["integer_motion2"][2]
    frames = vq.metrics.xpsnr(reference, blurred(reference), fps=60)
    assert frames["xpsnr_y"].shape == (5,) and isinstance(frames["axpsnr_y"], float)


def test_rgb_is_compared_as_it_is():
    generator = np.random.default_rng(3)
    reference = generator.integers(0, 256, (48, 64, 3), np.uint8)
    distorted = np.clip(reference.astype(int) + generator.integers(-9, 10, (48, 64, 3)), 0, 255)
    distorted = distorted.astype(np.uint8)
    score = vq.metrics.ssimulacra2(reference, distorted)["ssimulacra2"]
    assert vq.metrics.ssimulacra2(reference, reference)["ssimulacra2"] == 100.0
    film = vq.metrics.ssimulacra2(np.stack([reference] * 2), np.stack([distorted] * 2))
    assert film["ssimulacra2"].tolist() == [score, score]
    deep = [array.astype(np.uint16) * 257 for array in (reference, distorted)]
    assert vq.metrics.ssimulacra2(*deep)["ssimulacra2"] == pytest.approx(score, abs=1e-4)
    assert vq.metrics.ssimulacra2(reference, distorted, transfer="bt1886")["ssimulacra2"] != score
    # Runs with other metrics convert RGB, but not for this one.
    metrics = ["psnr", "ssimulacra2", "butteraugli", "cvvdp"]
    differences = vq.metrics.butteraugli(reference, distorted)
    for matrix in ("bt601", "bt709"):
        result = vq.score(reference, distorted, matrix=matrix, model=None, metrics=metrics)
        assert result.frames["ssimulacra2"][0] == score
        psnr = vq.metrics.psnr(reference, distorted, matrix=matrix)
        assert result.frames["psnr_y"][0] == psnr["psnr_y"]
        for name, value in differences.items():
            assert result.frames[name][0] == value
        assert result.aggregates["cvvdp"] == vq.metrics.cvvdp(reference, distorted)["cvvdp"]
        maps = vq.maps.butteraugli(reference, distorted, matrix=matrix)
        # Maps pool in another order.
        assert maps.values == pytest.approx(differences, rel=1e-12)
    scorer = vq.Scorer(model=None, metrics="ssimulacra2", matrix="bt709")
    scorer.push(reference, [distorted, reference])
    with pytest.raises(vq.VmafError, match="frame of reference is YUV, but the first frame is RGB"):
        scorer.push(reference[..., 0], [distorted, reference])
    scorer.push(reference, [distorted, reference])
    scores = [result.frames["ssimulacra2"].tolist() for result in scorer.finish()]
    assert scores == [[score, score], [100.0, 100.0]]
    assert vq.metrics.butteraugli(reference, reference)["butteraugli"] == 0.0
    assert 0 < differences["butteraugli_3norm"] < differences["butteraugli"]
    assert vq.metrics.butteraugli(*deep) == pytest.approx(differences, rel=1e-4)
    assert vq.metrics.cvvdp(reference, reference)["cvvdp"] == 10.0
    quality = vq.metrics.cvvdp(reference, distorted)["cvvdp"]
    phone = vq.metrics.cvvdp(reference, distorted, display="standard_phone")
    assert 8 < quality < 10 and 8 < phone["cvvdp_display_standard_phone"] < 10
    with pytest.raises(vq.VmafError, match="matrix describes YUV"):
        vq.metrics.ssimulacra2(reference, distorted, matrix="bt709")


def test_options():
    luma = film(1, 240, 320)[0]
    stretched = np.clip((luma.astype(int) - 100) * 6 // 5 + 100, 0, 255).astype(np.uint8)
    unlimited = vq.metrics.vif(luma, stretched)
    neg = vq.metrics.vif(luma, stretched, vif_enhn_gain_limit=1.0)
    assert neg["integer_vif_scale0_egl_1"] < unlimited["integer_vif_scale0"]
    assert "integer_vif" in vq.metrics.vif(luma, luma, debug=True)
    with pytest.raises(vq.VmafError, match="option of vif 'gain'"):
        vq.metrics.vif(luma, luma, gain=1)
    with pytest.raises(vq.VmafError, match="option 'vif_enhn_gain_limit' of vif"):
        vq.metrics.vif(luma, luma, vif_enhn_gain_limit="much")


@pytest.mark.parametrize(
    ("reference", "distorted", "message"),
    [
        (np.zeros((72, 96), np.uint8), np.zeros((72, 98), np.uint8), "98x72 400 8-bit"),
        (np.zeros((2, 72, 96), np.uint8), np.zeros((3, 72, 96), np.uint8), "3 frames"),
        (np.zeros((72, 96)), np.zeros((72, 96)), "not float64"),
        (np.zeros((72, 96, 3), np.uint8), np.zeros((72, 96, 3), np.uint8), "looks like RGB"),
        (np.zeros((4, 4), np.uint8), np.zeros((4, 4), np.uint8), "at least"),
    ],
)
def test_errors_for_invalid_pictures(reference, distorted, message):
    with pytest.raises(vq.VmafError, match=message):
        vq.metrics.vif(reference, distorted)


def test_maps_pool_to_the_metrics(pair):
    luma, worse = pair[0][0], pair[1][0]
    for name in ["vif", "adm", "cambi", "butteraugli"]:
        maps = getattr(vq.maps, name)(luma, worse)
        assert maps.heat.shape == luma.shape and maps.heat.dtype == np.float32
        assert 0 <= maps.heat.min() <= maps.heat.max() <= 1
        assert np.asarray(maps) is maps.heat or np.array_equal(np.asarray(maps), maps.heat)
        measured = getattr(vq.metrics, name)(luma, worse)
        for column, value in maps.values.items():
            assert value == pytest.approx(measured[column], rel=1e-5, abs=1e-6), column
        assert maps.planes.keys() == maps.counted.keys()
    vif = vq.maps.vif(luma, worse)
    for scale in range(4):
        num, den = (vif.planes[f"scale{scale}_{part}"] for part in ("num", "den"))
        expected = vif.values[f"integer_vif_scale{scale}"]
        assert num.sum(dtype=float) / den.sum(dtype=float) == pytest.approx(expected, rel=1e-5)


def test_heat_map_shows_the_damaged_area():
    luma = film(1, 240, 320)[0]
    worse = luma.copy()
    worse[:, 200:] = blurred(luma)[:, 200:]
    heat = vq.maps.vif(luma, worse).heat
    assert heat[:, 220:].mean() > 20 * heat[:, :180].mean()
    pyplot = pytest.importorskip("matplotlib.pyplot")
    assert vq.maps.vif(luma, worse).plot().images
    pyplot.close("all")
    with pytest.raises(vq.VmafError, match="maps need one frame, not 2"):
        vq.maps.adm(film(2), film(2))


def test_models():
    models = vq.models()
    assert models[0].name == "vmaf_v0.6.1" and models[0].short == "v0"
    assert len({model.name for model in models}) == len(models) >= 17
    frames = film(2, 240, 320)
    for model in models:
        planes = [(frame, frame, frame) for frame in frames]
        assert vq.score(planes, planes, model.short).value > 80
