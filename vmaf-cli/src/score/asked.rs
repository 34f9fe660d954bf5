//! The models asked for, as they are measured best for the videos at hand.

use vmaf_core::{Format, Model, Rational};
use vmaf_media::StreamInfo;

use crate::args::ScoreArgs;
use crate::failure::{Failure, Result};
use crate::inputs::{self, Inputs, State};
use crate::output::report::Chosen;
use crate::spec::{self, ModelSpec};

/// The model that thresholds are tuned to.
const DEFAULT_MODEL: &str = "vmaf_v0.6.1";

/// The models asked for.
pub(super) struct Asked(Vec<ModelSpec>);

impl Asked {
    /// Those of the command line; what is wrong with one is found before any video is opened.
    pub(super) fn of(arguments: &ScoreArgs) -> Result<Self> {
        if arguments.no_model {
            return Ok(Self(Vec::new()));
        }
        let default = [DEFAULT_MODEL.to_owned()];
        let asked = if arguments.model.is_empty() { &default[..] } else { &arguments.model };
        let asked: Vec<ModelSpec> =
            asked.iter().map(|text| ModelSpec::parse(text)).collect::<Result<_>>()?;
        for spec in &asked {
            let mut spec = spec.clone();
            spec.choose(0, None);
            spec.load(None)?;
        }
        Ok(Self(asked))
    }

    /// The models for `reference`, as they are measured best, and which was chosen for it.
    pub(super) fn models(
        self,
        reference: &StreamInfo,
        format: &Format,
        coded: Coded,
    ) -> Result<(Vec<Model>, Option<Chosen>)> {
        let mut chosen = None;
        let mut models = Vec::new();
        let mut names = Vec::new();
        for mut spec in self.0 {
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

/// How encodes were coded, whatever is done to their frames later.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Coded {
    /// All in this format, or there are none.
    All(Option<Format>),
    Differently,
}

/// How the encodes that can be read were coded.
pub(super) fn coded(inputs: &Inputs) -> Coded {
    let readable = |encode: &&inputs::Encode| matches!(encode.state, State::Reading(_));
    let readable = inputs.encodes().iter().filter(readable);
    let mut formats = readable.filter_map(|encode| encode.coded);
    let first = formats.next();
    let alike = |format: &Format, other: &Format| {
        (format.width, format.height, format.bit_depth)
            == (other.width, other.height, other.bit_depth)
    };
    if formats.all(|format| first.is_some_and(|first| alike(&format, &first))) {
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
