//! The models and metrics asked for; the models as they are measured best for the videos at hand.

use serde::{Deserialize, Serialize};
use vmaf_core::{Format, Model, Rational};
use vmaf_media::StreamInfo;

use crate::args::MeasureArgs;
use crate::failure::{Failure, Result};
use crate::output::report::Chosen;
use crate::spec::{self, Metric, ModelSpec};

/// The model that thresholds are tuned to.
const DEFAULT_MODEL: &str = "vmaf_v0.6.1";

/// The models and metrics asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Asked {
    models: Vec<ModelSpec>,
    /// As the command line names them.
    metrics: Vec<String>,
}

impl Asked {
    /// Those of the command line; what is wrong with one is found before any video is opened.
    pub(crate) fn of(arguments: &MeasureArgs) -> Result<Self> {
        let asked = Self { models: models(arguments)?, metrics: arguments.metric.clone() };
        asked.metrics()?;
        Ok(asked)
    }

    /// All that results depend on, in words.
    pub(crate) fn identity(&self) -> String {
        format!("{self:?}")
    }

    /// Whether a model looks at how an encode was coded, so that encodes that were coded
    /// differently can't be measured together.
    pub(crate) fn looks_at_coding(&self) -> bool {
        self.models.iter().any(|spec| {
            let mut spec = spec.clone();
            spec.choose(0, None);
            spec.load(None).is_ok_and(|model| model.recommended_bit_depth().is_some())
        })
    }

    /// The metrics, with their options.
    pub(super) fn metrics(&self) -> Result<Vec<Metric>> {
        self.metrics.iter().map(|text| spec::metric(text)).collect()
    }

    /// The models for `reference`, as they are measured best, and which was chosen for it.
    pub(super) fn models(
        &self,
        reference: &StreamInfo,
        format: &Format,
        coded: Coded,
    ) -> Result<(Vec<Model>, Option<Chosen>)> {
        let mut chosen = None;
        let mut models = Vec::new();
        let mut names = Vec::new();
        for mut spec in self.models.iter().cloned() {
            names.push(spec.asked_for().to_owned());
            let rate = reference.frame_rate.map(Rational::as_f64);
            let why = spec.choose(format.height, rate);
            let model = as_recommended(spec.load(None)?, format, coded)?;
            if let Some(what_for) = why {
                chosen = Some(Chosen { label: model.label().to_owned(), what_for });
            }
            models.push(model);
        }
        spec::check_labels(models.iter().map(Model::label).zip(names.iter().map(String::as_str)))?;
        Ok((models, chosen))
    }
}

/// The models of the command line.
fn models(arguments: &MeasureArgs) -> Result<Vec<ModelSpec>> {
    if arguments.no_model {
        return Ok(Vec::new());
    }
    let default = [DEFAULT_MODEL.to_owned()];
    let asked = if arguments.model.is_empty() { &default[..] } else { &arguments.model };
    let read = |text: &String| {
        let mut spec = ModelSpec::parse(text)?;
        spec.read()?;
        let mut chosen = spec.clone();
        chosen.choose(0, None);
        chosen.load(None)?;
        Ok(spec)
    };
    asked.iter().map(read).collect()
}

/// How encodes were coded, whatever is done to their frames later.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Coded {
    /// All in this format, or there are none.
    All(Option<Format>),
    Differently,
}

/// Whether two encodes were coded alike, as far as models look at it.
pub(crate) fn is_coded_alike(one: &Format, other: &Format) -> bool {
    (one.width, one.height, one.bit_depth) == (other.width, other.height, other.bit_depth)
}

/// How encodes were coded that are of these formats.
pub(super) fn coded(mut formats: impl Iterator<Item = Format>) -> Coded {
    let first = formats.next();
    if formats.all(|format| first.is_some_and(|first| is_coded_alike(&format, &first))) {
        Coded::All(first)
    } else {
        Coded::Differently
    }
}

/// The model at the bit depth that is recommended for it. Its banding detector is told how the
/// encode was coded, which scaled and promoted samples don't tell.
fn as_recommended(model: Model, format: &Format, coded: Coded) -> Result<Model> {
    let Some(bit_depth) = model.recommended_bit_depth() else { return Ok(model) };
    let features = model.features()?;
    let cambi = features.iter().find(|(feature, _)| feature.name == "cambi");
    let mut model = model.at_bit_depth(bit_depth);
    let Some((_, options)) = cambi else { return Ok(model) };
    let Coded::All(coded) = coded else {
        return Err(Failure::input(format!(
            "{} looks at how each encode was coded, and these differ in size or bit depth: score \
             them in runs of their own",
            model.name()
        )));
    };
    let Some(coded) = coded else { return Ok(model) };
    let is_smaller = (coded.width, coded.height) != (format.width, format.height);
    // What the detector can be told ends here.
    let fits = (180..=7680).contains(&coded.width) && (150..=7680).contains(&coded.height);
    let is_size_told = is_smaller && fits;
    let told = [
        ("enc_width", coded.width, is_size_told),
        ("enc_height", coded.height, is_size_told),
        ("enc_bitdepth", coded.bit_depth.into(), coded.bit_depth < bit_depth),
    ];
    for (name, value, is_told) in told {
        if is_told && !options.iter().any(|(given, _)| given == name) {
            model = model.with_option("cambi", name, &value.to_string())?;
        }
    }
    Ok(model)
}
