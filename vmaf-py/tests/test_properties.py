"""Arrays of any shape, strides and type: equal frames have equal values."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import vmaf_py as vq

warnings.simplefilter("ignore", vq.VmafWarning)


@st.composite
def samples_and_views(draw, planes=False):
    """Draws samples, an equal array with other strides, and the bit depth."""
    depth = draw(st.sampled_from([8, 9, 10, 12, 16]))
    shape = [draw(st.integers(1, 4)), draw(st.integers(16, 50)), draw(st.integers(16, 130))]
    if planes:
        shape.insert(1, 3)
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    pattern = draw(st.sampled_from(["noise", "flat", "stripes"]))
    peak = (1 << depth) - 1
    if pattern == "noise":
        samples = random.integers(0, peak + 1, shape)
    elif pattern == "flat":
        samples = np.full(shape, random.integers(0, peak + 1))
    else:
        samples = np.broadcast_to(np.arange(shape[-1]) % 2 * peak, shape)
    samples = np.ascontiguousarray(samples, dtype=np.uint8 if depth == 8 else np.uint16)
    return samples, with_other_strides(draw, samples), None if depth == 8 else depth


def with_other_strides(draw, samples):
    """Draws an equal array that is padded, reversed, transposed, sparse or read-only."""
    layout = draw(st.sampled_from(["padded", "reversed", "transposed", "sparse", "read-only"]))
    if layout == "padded":
        pads = [(draw(st.integers(0, 3)), draw(st.integers(0, 3))) for _ in samples.shape]
        padded = np.pad(samples, pads)
        return padded[tuple(slice(a, a + n) for (a, _), n in zip(pads, samples.shape, strict=True))]
    if layout == "reversed":
        axes = tuple(axis for axis in range(samples.ndim) if draw(st.booleans()))
        return np.flip(np.flip(samples, axes).copy(), axes)
    if layout == "transposed":
        order = draw(st.permutations(range(samples.ndim)))
        return np.ascontiguousarray(samples.transpose(order)).transpose(np.argsort(order))
    if layout == "sparse":
        steps = tuple(draw(st.integers(1, 3)) for _ in samples.shape)
        sparse = np.zeros([n * step for n, step in zip(samples.shape, steps, strict=True)])
        sparse = sparse.astype(samples.dtype)
        view = sparse[tuple(slice(None, None, step) for step in steps)]
        view[...] = samples
        return view
    copied = samples.copy()
    copied.flags.writeable = False
    return copied


def assert_equal(result, expected):
    assert result.frames.keys() == expected.frames.keys()
    for column, values in result.frames.items():
        assert np.array_equal(values, expected.frames[column], equal_nan=True), column


@settings(max_examples=60, deadline=None)
@given(samples_and_views(), st.data())
def test_strides_do_not_matter(drawn, data):
    samples, view, depth = drawn
    assert np.array_equal(samples, view)
    worse = samples // 2
    options = {"model": None, "metrics": ["psnr", "float_moment", "motion"], "bit_depth": depth}
    options["align"] = "unchecked"
    expected = vq.score(samples, worse, **options)
    assert_equal(vq.score(view, with_other_strides(data.draw, worse), **options), expected)
    assert_equal(vq.score(iter(view), iter(worse), threads=3, **options), expected)
    assert expected.frames["float_moment_ref1st"][0] == pytest.approx(
        samples[0].mean(dtype=float) / (1 << ((depth or 8) - 8)), rel=1e-6
    )


@settings(max_examples=30, deadline=None)
@given(samples_and_views(planes=True))
def test_form_of_planes_does_not_matter(drawn):
    samples, view, depth = drawn
    options = {"metrics": ["psnr"], "model": None, "bit_depth": depth, "align": "unchecked"}
    worse = samples // 4 * 3
    expected = vq.score(samples, worse, **options)
    assert_equal(vq.score(view, worse, **options), expected)
    tuples = [tuple(frame) for frame in view]
    assert_equal(vq.score(tuples, [tuple(frame) for frame in worse], **options), expected)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.integers(0, 40), min_size=0, max_size=5),
    st.sampled_from(["uint8", "int8", "uint16", "int32", "float32", "float64", "bool", "object"]),
)
def test_any_shape_and_type_is_scored_or_an_error(shape, dtype):
    array = np.zeros(shape, dtype)
    try:
        result = vq.score(array, array, bit_depth=10 if dtype == "uint16" else None)
    except vq.VmafError as error:
        assert str(error)
    else:
        assert dtype in ("uint8", "uint16") and np.isfinite(result.value)
