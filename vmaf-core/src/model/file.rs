//! This project's model format: reading and writing.
//!
//! The format is JSON that is easy to read and compare, with one support vector per line. It is
//! documented in `models/README.md`.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::parts::{ModelParts, option_text};
use super::predictor::Scaling;
use super::{Input, Predictor, ScoreMap, Svr, Transform, libvmaf};

/// The value of the field `format`.
pub(super) const FORMAT: &str = "vmaf-model 1";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[expect(dead_code, reason = "told by the caller already")]
    format: String,
    #[expect(dead_code, reason = "for people")]
    name: String,
    #[expect(dead_code, reason = "for people")]
    provenance: String,
    features: Vec<FileInput>,
    clip: Option<(f64, f64)>,
    transform: Option<FileTransform>,
    chroma_correction: Option<f64>,
    predictors: Vec<FilePredictor>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileInput {
    output: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    options: BTreeMap<String, Value>,
}

#[derive(Serialize, Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct FileTransform {
    enabled: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    polynomial: Option<[f64; 3]>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    knots: Vec<(f64, f64)>,
    at_most_input: bool,
    at_least_input: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FilePredictor {
    gamma: f64,
    rho: f64,
    score_scaling: Option<(f64, f64)>,
    feature_scaling: Option<Vec<(f64, f64)>>,
    /// One entry per support vector: its weight, then its components.
    support_vectors: Vec<Vec<f64>>,
}

/// Parses a model file of either format.
pub(super) fn parse(text: &str) -> Result<ModelParts, String> {
    let value: Value =
        serde_json::from_str(text).map_err(|error| format!("it is not valid JSON: {error}"))?;
    match value.get("format").and_then(Value::as_str) {
        Some(FORMAT) => {
            let file = File::deserialize(value).map_err(|error| error.to_string())?;
            file.into_parts()
        }
        Some(other) => Err(format!("its format is '{other}'; this version reads '{FORMAT}'")),
        None => libvmaf::parse(&value),
    }
}

impl File {
    fn into_parts(self) -> Result<ModelParts, String> {
        let input = |input: FileInput| {
            let options = input.options.into_iter();
            let options = options.map(|(name, value)| Ok((name, option_text(&value)?)));
            let options = options.collect::<Result<_, String>>()?;
            Ok(Input { output: input.output, options })
        };
        let inputs = self.features.into_iter().map(input).collect::<Result<Vec<_>, String>>()?;
        let transform = self.transform.map(FileTransform::into_transform);
        let map = ScoreMap { transform, clip: self.clip };
        let predictors = self.predictors.into_iter().map(FilePredictor::into_predictor).collect();
        Ok(ModelParts { inputs, map, chroma_correction: self.chroma_correction, predictors })
    }
}

impl FileTransform {
    fn new(transform: &Transform) -> Self {
        let Transform { enabled, polynomial, knots, at_most_input, at_least_input } =
            transform.clone();
        Self { enabled, polynomial, knots, at_most_input, at_least_input }
    }

    fn into_transform(self) -> Transform {
        let Self { enabled, polynomial, knots, at_most_input, at_least_input } = self;
        Transform { enabled, polynomial, knots, at_most_input, at_least_input }
    }
}

impl FilePredictor {
    fn into_predictor(self) -> Predictor {
        let scaling = self.score_scaling.zip(self.feature_scaling);
        let scaling = scaling.map(|(score, features)| Scaling { score, features });
        let mut svr =
            Svr { gamma: self.gamma, rho: self.rho, weights: Vec::new(), vectors: Vec::new() };
        for line in &self.support_vectors {
            svr.weights.extend(line.first());
            svr.vectors.extend(line.iter().skip(1));
        }
        Predictor { scaling, svr }
    }
}

/// Formats a model as text.
pub(super) fn write(
    name: &str,
    provenance: &str,
    inputs: &[Input],
    map: &ScoreMap,
    chroma_correction: Option<f64>,
    predictors: &[Predictor],
) -> String {
    let mut out = String::new();
    let features: Vec<String> = inputs
        .iter()
        .map(|input| {
            let options = input.options.iter();
            let options = options.map(|(name, value)| (name.clone(), value_of(value))).collect();
            let input = FileInput { output: input.output.clone(), options };
            format!("    {}", json(&input))
        })
        .collect();
    let predictors: Vec<String> = predictors.iter().map(write_predictor).collect();
    // Writing to a string can't fail.
    let _ = write!(
        out,
        "{{\n  \"format\": {},\n  \"name\": {},\n  \"provenance\": {},\n  \"features\": [\n{}\n  ],\n  \
         \"clip\": {},\n  \"transform\": {},\n{}  \"predictors\": [\n{}\n  ]\n}}\n",
        json(&FORMAT),
        json(&name),
        json(&provenance),
        features.join(",\n"),
        json(&map.clip),
        json(&map.transform.as_ref().map(FileTransform::new)),
        chroma_correction
            .map_or(String::new(), |p| format!("  \"chroma_correction\": {},\n", json(&p))),
        predictors.join(",\n"),
    );
    out
}

fn write_predictor(predictor: &Predictor) -> String {
    let svr = &predictor.svr;
    let width = svr.vectors.len() / svr.weights.len().max(1);
    let lines: Vec<String> = svr
        .weights
        .iter()
        .zip(svr.vectors.chunks(width.max(1)))
        .map(|(weight, vector)| {
            let numbers: Vec<f64> =
                std::iter::once(*weight).chain(vector.iter().copied()).collect();
            format!("        {}", json(&numbers))
        })
        .collect();
    let scaling = predictor.scaling.as_ref();
    format!(
        "    {{\n      \"gamma\": {},\n      \"rho\": {},\n      \"score_scaling\": {},\n      \
         \"feature_scaling\": {},\n      \"support_vectors\": [\n{}\n      ]\n    }}",
        json(&svr.gamma),
        json(&svr.rho),
        json(&scaling.map(|scaling| scaling.score)),
        json(&scaling.map(|scaling| &scaling.features)),
        lines.join(",\n"),
    )
}

/// The JSON number or flag that the text spells, or else a string, for readable files.
fn value_of(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()))
}

/// Serializes a value as JSON on one line. Every value passed here has string keys and finite
/// numbers, as checked when the model was read.
fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
