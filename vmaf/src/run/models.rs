//! The requested models and metrics, and the models as they are measured for the given videos.

use serde::{Deserialize, Serialize};
use vmaf_core::{Format, Model, Rational};
use vmaf_media::StreamInfo;

use crate::error::Result;
use crate::output::report::AutoModel;
use crate::request::{Metric, MetricSpec, ModelSpec, Options, check_labels};

/// The models and metrics of a run, with the contents of model files.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Measurements {
    models: Vec<ModelSpec>,
    metrics: Vec<MetricSpec>,
}

impl Options {
    /// Checks that all models can be loaded, and all metrics exist.
    ///
    /// # Errors
    /// Returns the first error.
    pub fn check(&self) -> Result<()> {
        Measurements::new(self).map(drop)
    }
}

impl Measurements {
    /// Reads the models of `options`, so that errors are found before any video is opened.
    pub(crate) fn new(options: &Options) -> Result<Self> {
        let read = |mut spec: ModelSpec| {
            spec.read()?;
            let mut chosen = spec.clone();
            chosen.choose(0, None);
            chosen.load(None)?;
            Ok(spec)
        };
        let models = options.models().into_iter().map(read).collect::<Result<_>>()?;
        let measurements = Self { models, metrics: options.metrics.clone() };
        measurements.metrics()?;
        Ok(measurements)
    }

    /// The metrics, with their options.
    pub(super) fn metrics(&self) -> Result<Vec<Metric>> {
        self.metrics.iter().map(MetricSpec::resolve).collect()
    }

    /// Returns the models for `reference`, at their recommended bit depth, and the one that was
    /// chosen for it.
    pub(super) fn models(
        &self,
        reference: &StreamInfo,
        format: &Format,
    ) -> Result<(Vec<Model>, Option<AutoModel>)> {
        let mut chosen = None;
        let mut models = Vec::new();
        let mut names = Vec::new();
        for mut spec in self.models.iter().cloned() {
            names.push(spec.requested_name().to_owned());
            let rate = reference.frame_rate.map(Rational::as_f64);
            let why = spec.choose(format.height(), rate);
            let model = at_recommended_bit_depth(spec.load(None)?);
            if let Some(reason) = why {
                chosen = Some(AutoModel { label: model.label().to_owned(), reason });
            }
            models.push(model);
        }
        check_labels(models.iter().map(Model::label).zip(names.iter().map(String::as_str)))?;
        Ok((models, chosen))
    }
}

/// Returns the model at its recommended bit depth.
fn at_recommended_bit_depth(model: Model) -> Model {
    match model.recommended_bit_depth() {
        Some(bit_depth) => model.at_bit_depth(bit_depth),
        None => model,
    }
}

/// Returns the options of cambi that describe an encode to the models that use it: the size and bit
/// depth that it was `coded` in, which frames scaled and promoted to `format` do not show.
pub(super) fn cambi_options(
    models: &[Model],
    format: &Format,
    coded: &Format,
) -> Vec<(&'static str, String)> {
    let recommended = models.iter().filter_map(Model::recommended_bit_depth).max();
    let Some(bit_depth) = recommended else { return Vec::new() };
    let is_smaller = (coded.width(), coded.height()) != (format.width(), format.height());
    // The largest values that the detector accepts.
    let fits = (180..=7680).contains(&coded.width())
        && (150..=7680).contains(&coded.height())
        && coded.width().max(coded.height()) >= 216;
    let is_size_stated = is_smaller && fits;
    let options = [
        ("enc_width", coded.width(), is_size_stated),
        ("enc_height", coded.height(), is_size_stated),
        ("enc_bitdepth", coded.bit_depth().into(), coded.bit_depth() < bit_depth),
    ];
    let stated = options.into_iter().filter(|(_, _, is_told)| *is_told);
    stated.map(|(name, value, _)| (name, value.to_string())).collect()
}
