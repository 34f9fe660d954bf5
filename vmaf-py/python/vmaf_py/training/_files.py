"""Model files: this project's format `vmaf-model 1`, and libvmaf's JSON, which embeds LIBSVM's text.

Numbers are written with enough digits to restore the same 64-bit float.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ._errors import TrainingError
from ._features import Feature
from ._predictor import Predictor, Scaling
from ._transform import ScoreTransform

if TYPE_CHECKING:
    from ._model import Model

FORMAT = "vmaf-model 1"

# Limits of libvmaf's reader.
_MAX_FEATURES = 64
_MAX_KNOTS = 10
_MAX_PREDICTORS = 9999


class Parts(NamedTuple):
    """Content of a model file."""

    features: tuple[Feature, ...]
    predictors: tuple[Predictor, ...]
    clip: tuple[float, float] | None
    transform: ScoreTransform | None
    chroma_correction: float | None


def read(path: str | os.PathLike[str]) -> Parts:
    """Reads a model file of either format. Raises TrainingError if it isn't one."""
    name = os.fspath(path)
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8"))
        if not isinstance(content, dict):
            raise TrainingError("it is not a JSON object")
        if "format" in content:
            if content["format"] != FORMAT:
                raise TrainingError(f"its format is {content['format']!r}, not {FORMAT!r}")
            return _from_vmaf(content)
        return _from_libvmaf(content)
    except KeyError as error:
        raise TrainingError(f"{name} is not a model file: it has no {error}") from error
    except (TypeError, ValueError, AttributeError) as error:
        raise TrainingError(f"{name} is not a model file: {error}") from error


def to_vmaf(model: Model, name: str, provenance: str) -> str:
    """Returns a model in this project's format, with a support vector per line."""
    transform = model.transform
    fields: dict[str, Any] = {"format": FORMAT, "name": name, "provenance": provenance}
    features = [
        {"output": feature.output, **({"options": feature.options} if feature.options else {})}
        for feature in model.features
    ]
    parts = [f'"{field}": {_json(value)}' for field, value in fields.items()]
    parts.append(f'"features": {_lines(map(_json, features), "    ")}')
    parts.append(f'"clip": {_json(model.clip)}')
    parts.append(f'"transform": {_json(None if transform is None else _transform(transform))}')
    if model.chroma_correction is not None:
        parts.append(f'"chroma_correction": {_json(model.chroma_correction)}')
    predictors = map(_predictor, model.predictors)
    parts.append(f'"predictors": {_lines(predictors, "    ")}')
    return "{\n  " + ",\n  ".join(parts) + "\n}\n"


def to_libvmaf(model: Model) -> str:
    """Returns a model in libvmaf's format; a bootstrap model is an object keyed "0", "1", ..."""
    for part, count, limit in (
        ("features", len(model.features), _MAX_FEATURES),
        ("knots", len(model.transform.knots) if model.transform else 0, _MAX_KNOTS),
        ("predictors", len(model.predictors), _MAX_PREDICTORS),
    ):
        if count > limit:
            raise TrainingError(f"libvmaf reads models with up to {limit} {part}, not {count}")
    members = [{"model_dict": _model_dict(model, predictor)} for predictor in model.predictors]
    content: Any = members[0] if len(members) == 1 else dict(enumerate(members))
    return json.dumps(content, indent=4, allow_nan=False) + "\n"


def _from_vmaf(content: Mapping[str, Any]) -> Parts:
    transform = content.get("transform")
    if transform is not None:
        polynomial = transform.get("polynomial")
        transform = ScoreTransform(
            polynomial and tuple(polynomial),
            tuple((x, y) for x, y in transform.get("knots", ())),
            transform.get("at_most_input", False),
            transform.get("at_least_input", False),
            # False if absent, as the command reads it.
            transform.get("enabled", False),
        )

    def predictor(fields: Mapping[str, Any]) -> Predictor:
        lines = np.array(fields["support_vectors"], dtype=np.float64)
        score, features = fields.get("score_scaling"), fields.get("feature_scaling")
        scaling = None
        if score is not None and features is not None:
            scaling = Scaling((score[0], score[1]), np.array(features, dtype=np.float64))
        return Predictor(fields["gamma"], fields["rho"], lines[:, 0], lines[:, 1:], scaling)

    return Parts(
        tuple(
            Feature(feature["output"], feature.get("options", {}))
            for feature in content["features"]
        ),
        tuple(map(predictor, content["predictors"])),
        _pair(content.get("clip")),
        transform,
        content.get("chroma_correction"),
    )


def _from_libvmaf(content: Mapping[str, Any]) -> Parts:
    if "model_dict" in content:
        members = [content["model_dict"]]
    else:
        members = [content["0"]["model_dict"]]
        while str(len(members)) in content:
            members.append(content[str(len(members))]["model_dict"])
    first = members[0]
    names = first["feature_names"]
    options = first.get("feature_opts_dicts") or [{}] * len(names)
    transform = first.get("score_transform")
    return Parts(
        tuple(Feature(name, values) for name, values in zip(names, options, strict=True)),
        tuple(_read_predictor(member, len(names)) for member in members),
        _pair(first.get("score_clip")),
        None if transform is None else ScoreTransform.from_libvmaf(transform),
        first.get("chroma_correction_parameter"),
    )


def _read_predictor(member: Mapping[str, Any], width: int) -> Predictor:
    """Reads the regressor of a libvmaf model: LIBSVM's text and the scaling."""
    scaling = None
    if member["norm_type"] == "linear_rescale":
        pairs = np.column_stack([member["slopes"], member["intercepts"]]).astype(np.float64)
        scaling = Scaling((float(pairs[0, 0]), float(pairs[0, 1])), pairs[1:])
    elif member["norm_type"] != "none":
        raise TrainingError(f"its norm_type {member['norm_type']!r} is not supported")
    header, _, body = member["model"].partition("\nSV\n")
    fields = dict(line.split(" ", 1) for line in header.splitlines())
    if (fields["svm_type"], fields["kernel_type"]) != ("nu_svr", "rbf"):
        raise TrainingError("its regressor is not a nu-SVR with a Gaussian kernel")
    lines = [line.split() for line in body.splitlines() if line.strip()]
    vectors = np.zeros((len(lines), width))
    for row, (_, *cells) in enumerate(lines):
        for cell in cells:
            index, value = cell.split(":")
            if not 1 <= int(index) <= width:
                raise TrainingError(
                    f"a support vector has {cell!r}, but there are {width} features"
                )
            vectors[row, int(index) - 1] = float(value)
    weights = np.array([float(line[0]) for line in lines])
    return Predictor(float(fields["gamma"]), float(fields["rho"]), weights, vectors, scaling)


def _model_dict(model: Model, predictor: Predictor) -> dict[str, Any]:
    scaling = predictor.scaling
    fields: dict[str, Any] = {
        "model_type": "LIBSVMNUSVR" if len(model.predictors) == 1 else "BOOTSTRAP_LIBSVMNUSVR",
        "feature_names": [feature.output for feature in model.features],
        "norm_type": "none" if scaling is None else "linear_rescale",
        "model": _libsvm(predictor),
    }
    if any(feature.options for feature in model.features):
        fields["feature_opts_dicts"] = [dict(feature.options) for feature in model.features]
    if scaling is not None:
        fields["slopes"] = [scaling.score[0], *scaling.features[:, 0].tolist()]
        fields["intercepts"] = [scaling.score[1], *scaling.features[:, 1].tolist()]
    if model.clip is not None:
        fields["score_clip"] = list(model.clip)
    if model.transform is not None:
        fields["score_transform"] = model.transform.to_libvmaf()
    if model.chroma_correction is not None:
        fields["chroma_correction_parameter"] = model.chroma_correction
    return fields


def _libsvm(predictor: Predictor) -> str:
    """Returns a regressor as LIBSVM's text: a header, then lines of a weight and the `index:value` pairs
    of nonzero values."""
    lines = [
        "svm_type nu_svr",
        "kernel_type rbf",
        f"gamma {float(predictor.gamma)!r}",
        "nr_class 2",
        f"total_sv {predictor.weights.size}",
        f"rho {float(predictor.rho)!r}",
        "SV",
    ]
    weights = predictor.weights.tolist()
    for weight, vector in zip(weights, predictor.vectors.tolist(), strict=True):
        cells = [f"{index}:{value!r}" for index, value in enumerate(vector, start=1) if value]
        lines.append(" ".join([repr(weight), *cells]))
    return "\n".join(lines) + "\n"


def _predictor(predictor: Predictor) -> str:
    scaling = predictor.scaling
    lines: NDArray[np.float64] = np.column_stack([predictor.weights, predictor.vectors])
    fields = [
        f'"gamma": {_json(float(predictor.gamma))}',
        f'"rho": {_json(float(predictor.rho))}',
        f'"score_scaling": {_json(None if scaling is None else scaling.score)}',
        f'"feature_scaling": {_json(None if scaling is None else scaling.features.tolist())}',
        f'"support_vectors": {_lines(map(_json, lines.tolist()), "        ")}',
    ]
    return "{\n      " + ",\n      ".join(fields) + "\n    }"


def _transform(transform: ScoreTransform) -> dict[str, Any]:
    fields: dict[str, Any] = {"enabled": transform.enabled}
    if transform.polynomial is not None:
        fields["polynomial"] = transform.polynomial
    if transform.knots:
        fields["knots"] = transform.knots
    fields["at_most_input"] = transform.at_most_input
    fields["at_least_input"] = transform.at_least_input
    return fields


def _pair(clip: Sequence[float] | None) -> tuple[float, float] | None:
    if clip is None:
        return None
    low, high = clip
    return float(low), float(high)


def _lines(items: Any, indent: str) -> str:
    """Returns a JSON list with an item per line."""
    return "[\n" + ",\n".join(indent + item for item in items) + "\n" + indent[:-2] + "]"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
