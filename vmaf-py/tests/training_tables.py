"""Synthetic tables of encodes, and models trained on them, for the tests of training."""

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st

import vmaf_py as vq
from vmaf_py import training
from vmaf_py.training import ScoreTransform

# No deadline per example, because test machines may be busy.
settings.register_profile("plain", deadline=None, database=None)
settings.load_profile("plain")

TWO = ("integer_adm2", "integer_motion2")
V0 = training.DEFAULT_FEATURES


def quality(detail, motion):
    """Returns the true quality of synthetic encodes."""
    return 100 * detail**1.5 * (1 - 0.01 * motion)


def made_up(rows=120, contents=10, noise=0.0, seed=0):
    """Returns a synthetic table: scores that depend on two features by `quality`, and four more
    features that correlate with the first."""
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


def without(column):
    return {name: values for name, values in made_up().items() if name != column}


finite = st.floats(-1e3, 1e3)


@st.composite
def transforms(draw):
    count = draw(st.sampled_from([0, 2, 3, 5]))
    x = np.cumsum(draw(st.lists(st.floats(0.5, 50), min_size=count, max_size=count)))
    y = np.cumsum(draw(st.lists(st.floats(0, 50), min_size=count, max_size=count)))
    polynomial = draw(st.one_of(st.none(), st.tuples(finite, finite, finite)))
    flags = [draw(st.booleans()) for _ in range(3)]
    return ScoreTransform(polynomial, tuple(zip(x.tolist(), y.tolist())), *flags)
