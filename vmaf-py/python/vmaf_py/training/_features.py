"""Features and their names.

A feature has two names. Logs and tables of scores use the printed name, `integer_adm2`; model files use
libvmaf's internal name, `VMAF_integer_feature_adm2_score`. For most other metrics (`psnr_y`, `float_ssim`)
both are the same.
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
"""Names in model files by printed name, for features whose names differ."""

_PRINTED = {output: name for name, output in _OUTPUTS.items()}

DEFAULT_FEATURES = (
    "integer_adm2",
    "integer_motion2",
    "integer_vif_scale0",
    "integer_vif_scale1",
    "integer_vif_scale2",
    "integer_vif_scale3",
)
"""Features of vmaf_v0.6.1, in its order."""


@dataclass(frozen=True)
class Feature:
    """Input of a model: a feature, its options, and its column in tables."""

    name: str
    """Printed name, such as `integer_adm2`. Names of model files are converted to it."""

    options: Mapping[str, Option] = field(default_factory=dict)
    """Options of the measurement by full name, such as `{"adm_enhn_gain_limit": 1.0}`."""

    column: str | None = None
    """Column in tables. Required with options, because they don't always change the name of the column.
    None means the column with either name."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", _PRINTED.get(self.name, self.name))
        object.__setattr__(self, "options", dict(self.options))
        for option, value in self.options.items():
            if not isinstance(value, (bool, int, float, str)) or (
                isinstance(value, float) and not math.isfinite(value)
            ):
                raise TrainingError(
                    f"the option {option!r} of {self.name} can't be {value!r}; options must be "
                    "finite numbers, True, False or text"
                )

    @property
    def output(self) -> str:
        """Name in model files."""
        return _OUTPUTS.get(self.name, self.name)

    def find(self, columns: Iterable[str]) -> str | None:
        """Returns the one of `columns` that holds this feature; None if there is none.

        Raises TrainingError for a feature with options but no `column`.
        """
        if self.column is None and self.options:
            options = ", ".join(f"{name}={value}" for name, value in self.options.items())
            raise TrainingError(
                f"{self.name} is measured with options ({options}); name its column: "
                f"Feature({self.name!r}, options=..., column=...)"
            )
        names = (self.name, self.output) if self.column is None else (self.column,)
        present = set(columns)
        return next((name for name in names if name in present), None)


def as_features(features: Iterable[str | Feature]) -> tuple[Feature, ...]:
    """Converts names to features. Raises TrainingError if there are none or duplicates."""
    if isinstance(features, str):
        raise TrainingError(f"features must be a list of names: [{features!r}], not {features!r}")
    converted = tuple(
        feature if isinstance(feature, Feature) else Feature(feature) for feature in features
    )
    if not converted:
        raise TrainingError("a model needs at least one feature")
    for index, feature in enumerate(converted):
        if feature in converted[:index]:
            raise TrainingError(f"the feature {feature.name!r} is listed twice")
    return converted


class HasFrames(Protocol):
    """Result of scoring, such as `vmaf_py.Result`: any object with columns of values per frame."""

    @property
    def frames(self) -> Mapping[str, Any]: ...


def features_of(
    result: HasFrames, features: Iterable[str | Feature] = DEFAULT_FEATURES
) -> dict[str, float]:
    """Returns the mean of each feature over the frames of a result: a row of a training table.

    VMAF is trained on these means. Keys are the features' `column`, or their printed names if that is
    None:

        rows = [{**features_of(result), "content": "crowd", "mos": 71.5}, ...]

    Raises TrainingError if a column is missing or a value isn't finite; frames in messages count from 0.
    """
    row = {}
    for feature in as_features(features):
        column = feature.find(result.frames)
        if column is None:
            raise TrainingError(
                f"the result has no column {feature.column or feature.name!r}, "
                f"only {', '.join(sorted(map(str, result.frames)))}"
            )
        values = np.asarray(result.frames[column], dtype=np.float64)
        if values.ndim != 1 or not values.size:
            raise TrainingError(f"the column {column!r} is not a list of values, one per frame")
        bad = np.flatnonzero(~np.isfinite(values))
        if bad.size:
            raise TrainingError(
                f"the column {column!r} is {values[bad[0]]} at frame {bad[0]} and has no mean"
            )
        row[feature.column or feature.name] = float(values.mean())
    return row
