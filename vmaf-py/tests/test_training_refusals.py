"""Error messages for invalid training tables and options."""

import math

import pytest
from training_tables import made_up, trained, without

import vmaf_py as vq
from vmaf_py import training
from vmaf_py.training import Feature, ScoreTransform, TrainingError

pytest.importorskip("sklearn")


def changed(column, row, value):
    table = made_up()
    table[column] = list(table[column])
    table[column][row] = value
    return table


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: trained(without("integer_adm2")),
            "no column 'integer_adm2'.* Its columns are integer_mo",
        ),
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
        (lambda: trained({**made_up(), "content": ["a"] * 120}), "content 'a', .* two contents"),
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
        (lambda: trained(folds=11), "10 contents can't be split into 11 folds; pass 2 to 10"),
        (lambda: trained(folds=1), "pass 2 to 10"),
        (lambda: trained(C=0), "C must be finite and above 0, not 0"),
        (lambda: trained(gamma=math.nan), "gamma must be finite"),
        (lambda: trained(nu=1.1), "nu must be above 0 and at most 1, not 1.1"),
        (lambda: trained(clip=(100, 0)), r"clip must be \(lowest, highest\), not \(100, 0\)"),
        (lambda: trained(bootstrap=-1), "not -1"),
        (lambda: trained(features=[]), "at least one feature"),
        (lambda: trained(features="integer_adm2"), "a list of names"),
        (lambda: trained(features=["adm2", "VMAF_feature_adm2_score"]), "'adm2' is listed twice"),
        (
            lambda: trained(features=[Feature("integer_adm2", {"adm_min_val": 0.5})]),
            r"\(adm_min_val=0.5\); name its column",
        ),
        (lambda: Feature("adm2", {"adm_min_val": math.nan}), "'adm_min_val' of adm2 can't be nan"),
        (lambda: trained([]), "has no rows"),
        (lambda: trained(3), "int is not a table"),
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
def test_errors_for_invalid_tables_and_options(call, message):
    with pytest.raises(vq.VmafError, match=message) as caught:
        call()
    assert isinstance(caught.value, TrainingError)


def test_errors_for_data_frames():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(made_up())
    frame["mos"] = frame["mos"].round().astype("Int64")
    frame.loc[6, "mos"] = pandas.NA
    with pytest.raises(TrainingError, match="row 7 of column 'mos' is empty"):
        trained(frame)
    duplicate = pandas.concat([frame, frame[["mos"]]], axis=1)
    with pytest.raises(TrainingError, match="two columns 'mos'"):
        trained(duplicate)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "t.csv is empty"),
        ("mos,mos\n1,2\n", "two columns 'mos'"),
        ("mos,content\n1,a\n2\n", "row 2 of .*t.csv has 1 values, but the header has 2"),
        ("mos,content\n", "no rows"),
    ],
)
def test_errors_for_invalid_csv_files(tmp_path, text, message):
    (tmp_path / "t.csv").write_text(text)
    with pytest.raises(TrainingError, match=message):
        trained(tmp_path / "t.csv")
