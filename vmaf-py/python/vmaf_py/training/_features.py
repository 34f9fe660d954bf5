"""Features: what tables call them, and what model files do.

A value has two names. Logs and tables of scores have the printed one, `integer_adm2`; model files have
libvmaf's internal one, `VMAF_integer_feature_adm2_score`. Most other metrics (`psnr_y`, `float_ssim`)
are called the same in both.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

import numpy as np

from ._errors import TrainingError

Option: TypeAlias = "float | int | bool | str"

_VIF = tuple(f"vif_scale{scale}" for scale in range(4))
_INTEGER = ("adm2", "adm3", "aim", "motion", "motion2", "motion3", *_VIF)
_FLOAT = (*_INTEGER, *(f"adm_scale{scale}" for scale in range(4)))

_OUTPUTS = {
    **{f"integer_{part}": f"VMAF_integer_feature_{part}_score" for part in _INTEGER},
    **{part: f"VMAF_feature_{part}_score" for part in _FLOAT},
    "cambi": "Cambi_feature_cambi_score",
    **{
        f"speed_chroma_{planes}": f"Speed_chroma_feature_speed_chroma_{planes}_score"
        for planes in ("u", "v", "uv")
    },
    "speed_temporal": "Speed_temporal_feature_speed_temporal_score",
}
"""What model files call a value, by the name that is printed, where the two differ."""

_PRINTED = {output: name for name, output in _OUTPUTS.items()}

DEFAULT_FEATURES = (
    "integer_adm2",
    "integer_motion2",
    "integer_vif_scale0",
    "integer_vif_scale1",
    "integer_vif_scale2",
    "integer_vif_scale3",
)
"""What vmaf_v0.6.1 looks at, in its order."""


@dataclass(frozen=True)
class Feature:
    """A value that a model looks at: which, measured with which options, and where a table has it."""

    name: str
    """Its printed name, as `integer_adm2`; that of model files is turned into it."""

    options: Mapping[str, Option] = field(default_factory=dict)
    """The options that it was measured with, by full name, as `{"adm_enhn_gain_limit": 1.0}`."""

    column: str | None = None
    """The table's column of it. Needed with options, since they change the value but not always the
    column; otherwise None is a column of either name."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", _PRINTED.get(self.name, self.name))
        object.__setattr__(self, "options", dict(self.options))
        for option, value in self.options.items():
            if not isinstance(value, (bool, int, float, str)) or (
                isinstance(value, float) and not math.isfinite(value)
            ):
                raise TrainingError(
                    f"the option {option!r} of {self.name} can't be {value!r}: options are finite "
                    "numbers, True, False or text"
                )

    @property
    def output(self) -> str:
        """Its name in model files."""
        return _OUTPUTS.get(self.name, self.name)

    def find(self, columns: Iterable[str]) -> str | None:
        """The one of `columns` that holds it; None where none does.

        Raises TrainingError where it has options and doesn't say its column.
        """
        if self.column is None and self.options:
            given = ", ".join(f"{name}={value}" for name, value in self.options.items())
            raise TrainingError(
                f"{self.name} is measured with options ({given}): say which column has it, "
                f"Feature({self.name!r}, options=..., column=...)"
            )
        names = (self.name, self.output) if self.column is None else (self.column,)
        present = set(columns)
        return next((name for name in names if name in present), None)


def features_given(features: Iterable[str | Feature]) -> tuple[Feature, ...]:
    """`features` as such, names among them made to be so; at least one, and none twice."""
    if isinstance(features, str):
        raise TrainingError(f"features are a list of names: [{features!r}], not {features!r}")
    given = tuple(
        feature if isinstance(feature, Feature) else Feature(feature) for feature in features
    )
    if not given:
        raise TrainingError("a model looks at one feature at least")
    for index, feature in enumerate(given):
        if feature in given[:index]:
            raise TrainingError(f"the feature {feature.name!r} is given twice")
    return given


class Measured(Protocol):
    """A result of scoring, such as `vmaf_py.Score`: anything with columns of values by frame."""

    @property
    def frames(self) -> Mapping[str, Any]: ...


def features_of(
    result: Measured, features: Iterable[str | Feature] = DEFAULT_FEATURES
) -> dict[str, float]:
    """The mean over the frames of each of the features of one encode: a row of a table to train from.

    VMAF is trained on such means. `result.frames` has an array for each column, a value a frame. Keys
    are the features' columns where they say one, else their printed names.

        rows = [{**features_of(result), "content": "crowd", "mos": 71.5}, ...]

    Raises TrainingError where a column is missing or a value is not finite; the message tells the
    frame, from 0.
    """
    row = {}
    for feature in features_given(features):
        column = feature.find(result.frames)
        if column is None:
            raise TrainingError(
                f"the result has no column {feature.column or feature.name!r}, "
                f"only {', '.join(sorted(map(str, result.frames)))}"
            )
        values = np.asarray(result.frames[column], dtype=np.float64)
        if values.ndim != 1 or not values.size:
            raise TrainingError(f"the column {column!r} is not a list of values, one a frame")
        bad = np.flatnonzero(~np.isfinite(values))
        if bad.size:
            raise TrainingError(
                f"the column {column!r} is {values[bad[0]]} at frame {bad[0]}: it has no mean"
            )
        row[feature.column or feature.name] = float(values.mean())
    return row
