//! Models: mappings from a frame's features to its score.
//!
//! A [`Model`] names features with their options, and holds one or more predictors: a
//! support-vector regressor with the scaling of its inputs and output. The score may then be
//! transformed and is clipped. A plain model has one predictor. A bootstrap model has one that was
//! trained on all data and gives the model's score, and others trained on resampled data, whose
//! spread measures the confidence in the score.
//!
//! The built-in models are in this project's own format, documented in `models/README.md`.
//! libvmaf's JSON files can be read as well.

mod builtin;
mod file;
mod libvmaf;
mod map;
mod parts;
mod predictor;

#[cfg(test)]
mod tests;

use sha2::{Digest, Sha256};

pub use builtin::{BUILTINS, Builtin};
pub use map::{ScoreMap, Transform};
pub(crate) use predictor::{Predictor, Svr};

use crate::column::Column;
use crate::feature::{self, Feature, OptionKind, Options};
use crate::pool;
use crate::{Error, Result};

/// A trained model.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    name: String,
    label: String,
    digest: String,
    inputs: Vec<Input>,
    map: ScoreMap,
    chroma_correction: Option<ChromaCorrection>,
    least_bit_depth: u8,
    predictors: Vec<Predictor>,
}

/// The correction of the chroma input if the chroma feature is 0, that is, if chroma lost nothing:
/// it then becomes `parameter × (1 - adm3)`, derived from the loss of luma detail.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct ChromaCorrection {
    pub(crate) parameter: f64,
    /// The index of the input adm3; `chroma` is that of the chroma input.
    pub(crate) adm: usize,
    pub(crate) chroma: usize,
}

/// A feature output that a model uses.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Input {
    /// The output's name in model files.
    pub(crate) output: String,
    /// The feature's options in order: those of the model file, then overrides.
    pub(crate) options: Vec<(String, String)>,
}

impl ChromaCorrection {
    fn new(parameter: f64, inputs: &[Input]) -> std::result::Result<Self, String> {
        if !parameter.is_finite() || parameter == 0.0 {
            return Err(format!("its chroma correction can't be {parameter}"));
        }
        let only = |part: &str| {
            let mut with = (0..inputs.len()).filter(|&i| inputs[i].output.contains(part));
            match (with.next(), with.next()) {
                (Some(index), None) => Ok(index),
                (None, _) => Err(format!("chroma correction needs an input with '{part}'")),
                _ => Err(format!("chroma correction needs one input with '{part}', not several")),
            }
        };
        Ok(Self { parameter, adm: only("adm3")?, chroma: only("speed_chroma")? })
    }
}

impl Model {
    /// Returns the built-in model with this full or short name; `name` becomes its label.
    ///
    /// # Errors
    /// [`Error::Unknown`], with the nearest name, if there is no such model.
    pub fn builtin(name: &str) -> Result<Self> {
        let builtin = Builtin::find(name).ok_or_else(|| {
            let names = BUILTINS.iter().flat_map(|builtin| [builtin.name, builtin.short]);
            Error::unknown("model", name, names)
        })?;
        Ok(Self::from_json(builtin.name, builtin.json)?.with_label(name))
    }

    /// Parses a model file in this project's or libvmaf's format. Messages and outputs refer to the
    /// model as `name`.
    ///
    /// # Errors
    /// [`Error::Model`] if the text is not such a file, contains a number that is not finite, or
    /// uses a feature or option that does not exist.
    pub fn from_json(name: &str, text: &str) -> Result<Self> {
        let fail = |reason: String| Error::Model { name: name.to_owned(), reason };
        let parsed = file::parse(text).map_err(fail)?;
        let digest = Sha256::digest(text.as_bytes());
        let mut model = Self {
            name: name.to_owned(),
            label: name.to_owned(),
            digest: digest.iter().map(|byte| format!("{byte:02x}")).collect(),
            inputs: parsed.inputs,
            map: parsed.map,
            chroma_correction: None,
            least_bit_depth: 0,
            predictors: parsed.predictors,
        };
        model.check().map_err(fail)?;
        let correction = parsed.chroma_correction;
        let correction =
            correction.map(|parameter| ChromaCorrection::new(parameter, &model.inputs));
        model.chroma_correction = correction.transpose().map_err(fail)?;
        model.check_options()?;
        Ok(model)
    }

    /// Formats the model in this project's format.
    #[must_use]
    pub fn to_json(&self, provenance: &str) -> String {
        let correction = self.chroma_correction.map(|correction| correction.parameter);
        file::write(&self.name, provenance, &self.inputs, &self.map, correction, &self.predictors)
    }

    fn check(&self) -> std::result::Result<(), String> {
        if self.predictors.is_empty() {
            return Err("it has no predictor".to_owned());
        }
        self.map.check()?;
        self.predictors.iter().try_for_each(|predictor| predictor.check(self.inputs.len()))
    }

    /// Fails if a feature or option does not exist, or an option is free text: that names a folder
    /// to write to, which a file of unknown origin must not choose.
    fn check_options(&self) -> Result<()> {
        for (feature, options) in self.features()? {
            let is_free = |name: &str| {
                feature.options.iter().any(|spec| {
                    spec.name == name && matches!(spec.kind, OptionKind::Text { choices: [], .. })
                })
            };
            if let Some((option, _)) = options.iter().find(|(option, _)| is_free(option)) {
                let reason = format!("it sets {option}, which only its user may set");
                return Err(Error::Model { name: self.name.clone(), reason });
            }
        }
        Ok(())
    }

    /// Sets the name of the model's score in tables and outputs.
    #[must_use]
    pub fn with_label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// Disables clipping of scores.
    #[must_use]
    pub fn without_clip(mut self) -> Self {
        self.map.clip = None;
        self
    }

    /// Applies the model's score transform (for v0.6.1, the one for phones) even if the file
    /// disables it.
    #[must_use]
    pub fn with_transform(mut self) -> Self {
        if let Some(transform) = &mut self.map.transform {
            transform.enabled = true;
        }
        self
    }

    /// Sets an option of every input that comes from `feature`, overriding the model file. A model
    /// without such an input is unchanged.
    ///
    /// # Errors
    /// [`Error::Unknown`] or [`Error::BadOption`] if the feature or option does not exist or the
    /// value is invalid.
    pub fn with_option(mut self, feature: &str, option: &str, value: &str) -> Result<Self> {
        feature::find(feature)?.options().set(option, value)?;
        for input in &mut self.inputs {
            let of = feature::find_output(&input.output);
            if of.is_some_and(|(found, _)| found.name == feature) {
                input.options.push((option.to_owned(), value.to_owned()));
            }
        }
        Ok(self)
    }

    /// Measures the model's features at `bit_depth` bits if frames have fewer. Samples are shifted
    /// up for this model alone.
    #[must_use]
    pub fn at_bit_depth(mut self, bit_depth: u8) -> Self {
        self.least_bit_depth = bit_depth;
        self
    }

    /// The bit depth at which the model's features are measured on frames of `bit_depth` bits.
    #[must_use]
    pub fn bit_depth_for(&self, bit_depth: u8) -> u8 {
        bit_depth.max(self.least_bit_depth)
    }

    /// The bit depth at which the model should be measured, whatever the video's: 10 for models
    /// that measure banding.
    #[must_use]
    pub fn recommended_bit_depth(&self) -> Option<u8> {
        self.inputs.iter().any(|input| input.output.starts_with("Cambi")).then_some(10)
    }

    /// The built-in model's name, or the name under which the model was read.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The name of the model's score.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.label
    }

    /// The SHA-256 of the model file, in hexadecimal.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Everything that the model's columns depend on, as lines for fingerprints: the file's digest,
    /// and the settings that can differ from the file's.
    pub(crate) fn identity(&self) -> Vec<String> {
        let transformed = self.map.transform.as_ref().is_some_and(|transform| transform.enabled);
        let clip =
            self.map.clip.map_or("no clip".to_owned(), |(low, high)| format!("{low} {high}"));
        let mut lines = vec![
            format!("model {}", self.label),
            self.digest.clone(),
            format!("transform {transformed}, clip {clip}, bit depth {}", self.least_bit_depth),
        ];
        for Input { output, options } in &self.inputs {
            lines.push(format!("input {output}"));
            lines.extend(options.iter().map(|(name, value)| format!("{name}={value}")));
        }
        lines
    }

    /// The transform and the clipping of the score.
    #[must_use]
    pub fn map(&self) -> &ScoreMap {
        &self.map
    }

    /// Returns true if this is a bootstrap model, which gives a confidence interval.
    #[must_use]
    pub fn is_bootstrap(&self) -> bool {
        self.predictors.len() > 1
    }

    /// The features that the model uses, in order, each with its options. A feature may occur more
    /// than once.
    ///
    /// # Errors
    /// [`Error::Model`] if a feature or option does not exist.
    pub fn features(&self) -> Result<Vec<(&'static Feature, Options)>> {
        let resolved = self.inputs.iter().map(|input| self.resolve(input));
        resolved.map(|input| input.map(|(feature, _, options)| (feature, options))).collect()
    }

    fn resolve(&self, input: &Input) -> Result<(&'static Feature, usize, Options)> {
        let fail = |reason: String| Error::Model { name: self.name.clone(), reason };
        let (feature, output) = feature::find_output(&input.output)
            .ok_or_else(|| fail(format!("it needs '{}', which no feature gives", input.output)))?;
        let mut options = feature.options();
        for (name, value) in &input.options {
            options.set(name, value).map_err(|error| fail(error.to_string()))?;
        }
        Ok((feature, output, options))
    }

    /// Scores `frames` frames from the columns of their features, which `column` returns by name:
    /// the [columns](Self::columns) of the model, or `None` if a column is missing or too short.
    /// The score is `NaN` for frames with an undefined feature.
    pub fn score<'a>(
        &self,
        frames: usize,
        column: impl Fn(&str) -> Option<&'a [f64]>,
    ) -> Option<Vec<Column>> {
        let input_column = |input: &Input| {
            let (feature, output, options) = self.resolve(input).ok()?;
            column(&feature.column(&feature.outputs[output], &options))
        };
        let inputs = self.inputs.iter().map(input_column);
        let inputs: Vec<&[f64]> =
            inputs.map(|values| values?.get(..frames)).collect::<Option<_>>()?;
        let mut raw = vec![0.0; self.predictors.len()];
        let mut columns: Vec<Column> = self
            .columns()
            .into_iter()
            .map(|name| Column { name, values: Vec::with_capacity(frames) })
            .collect();
        let mut features = vec![0.0; inputs.len()];
        for frame in 0..frames {
            for (feature, column) in features.iter_mut().zip(&inputs) {
                *feature = column[frame];
            }
            for (raw, predictor) in raw.iter_mut().zip(&self.predictors) {
                *raw = predictor.predict(&features, self.chroma_correction);
            }
            let members = raw.iter().map(|&raw| self.map.apply(raw));
            let spread = self.is_bootstrap().then(|| self.spread(&raw[1..]));
            let values = members.chain(spread.into_iter().flatten());
            for (column, value) in columns.iter_mut().zip(values) {
                column.values.push(value);
            }
        }
        Some(columns)
    }

    /// The names of the model's columns: its label and, for a bootstrap model, each resampled
    /// predictor's score and their mean, standard deviation and 95 % interval.
    #[must_use]
    pub fn columns(&self) -> Vec<String> {
        let label = &self.label;
        let mut names = vec![label.clone()];
        if self.is_bootstrap() {
            names.extend((1..self.predictors.len()).map(|i| format!("{label}_{i:04}")));
            let spread = ["bagging", "stddev", "ci_p95_lo", "ci_p95_hi"];
            names.extend(spread.map(|suffix| format!("{label}_{suffix}")));
        }
        names
    }

    /// Mean, standard deviation and 95 % interval of the resampled predictors' scores. They are
    /// computed before the score is transformed and clipped; the deviation is then scaled by the
    /// slope of that mapping at the mean.
    fn spread(&self, raw: &[f64]) -> [f64; 4] {
        const DELTA: f64 = 0.01;
        let count = raw.len() as f64;
        let mean = raw.iter().sum::<f64>() / count;
        let variance = raw.iter().map(|score| (score - mean) * (score - mean)).sum::<f64>() / count;
        let mut sorted = raw.to_vec();
        sorted.sort_by(f64::total_cmp);
        let rise = self.map.apply(mean + DELTA) - self.map.apply(mean - DELTA);
        [
            self.map.apply(mean),
            variance.sqrt() * (rise / (2.0 * DELTA)),
            self.map.apply(pool::percentile_of_sorted(&sorted, 2.5)),
            self.map.apply(pool::percentile_of_sorted(&sorted, 97.5)),
        ]
    }
}
