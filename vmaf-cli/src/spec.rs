//! Models and metrics as the command line names them.
//!
//! A model is a built-in name or the path of a model file, alone or followed by settings after
//! colons; or libvmaf's form, in which `version=` or `path=` says which:
//!
//! ```text
//! vmaf_v0.6.1
//! v1:name=mine
//! auto
//! my_model.json:name=mine
//! vmaf_v0.6.1:enable_transform:name=phone
//! version=vmaf_v0.6.1:name=neg:vif.vif_enhn_gain_limit=1.0
//! ```
//!
//! `auto` is the built-in model for the reference's height and frame rate.
//!
//! A metric is a feature's name, followed by options: `vif`, `vif=debug=true:vif_skip_scale0=true`.

use std::path::Path;

use serde::{Deserialize, Serialize};
use vmaf_core::feature::{self, Feature, Options};
use vmaf_core::model::Builtin;
use vmaf_core::{Error, Model};

use crate::failure::{Failure, Result};
use crate::output::text;

/// A model as asked for, not yet loaded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ModelSpec {
    source: Source,
    name: Option<String>,
    without_clip: bool,
    with_transform: bool,
    /// Feature, option and value.
    overrides: Vec<(String, String, String)>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Source {
    /// Whatever suits the reference.
    Auto,
    Builtin(String),
    Path(String),
    /// A file that was read.
    Read {
        path: String,
        text: String,
    },
}

impl ModelSpec {
    /// Reads `text`, which must name a model.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        if Path::new(text).is_file() {
            return Ok(Self::new(Source::Path(text.to_owned())));
        }
        let fail = |reason: String| Failure::input(format!("model '{text}': {reason}"));
        let mut spec = Self::new(Source::Builtin(String::new()));
        let (mut version, mut path, mut is_auto) = (None, None, false);
        for (place, part) in text.split(':').enumerate() {
            let (key, value) = match part.split_once('=') {
                Some((key, value)) => (key, Some(value)),
                None => (part, None),
            };
            match (key, value) {
                ("version", Some(value)) => version = Some(value),
                ("path", Some(value)) => path = Some(value),
                ("name", Some("")) => return Err(fail("its name is empty".to_owned())),
                ("name", Some(value)) => spec.name = Some(value.to_owned()),
                ("disable_clip", None | Some("true")) => spec.without_clip = true,
                ("enable_transform", None | Some("true")) => spec.with_transform = true,
                ("disable_clip" | "enable_transform", Some("false")) => {}
                ("disable_clip" | "enable_transform", Some(value)) => {
                    return Err(fail(format!("{key} is true or false, not '{value}'")));
                }
                (key, Some(value)) => {
                    let (feature, option) = key.split_once('.').ok_or_else(|| {
                        fail(format!(
                            "unknown setting '{key}': there are name, version, path, \
                             disable_clip, enable_transform and FEATURE.OPTION"
                        ))
                    })?;
                    spec.overrides.push((feature.into(), option.into(), value.into()));
                }
                (_, None) if place == 0 && looks_like_path(part) => path = Some(part),
                ("auto", None) if place == 0 => is_auto = true,
                (_, None) if place == 0 => version = Some(part),
                (_, None) => return Err(fail(format!("'{part}' is no setting"))),
            }
        }
        spec.source = match (version, path) {
            (Some(version), _) => Source::Builtin(version.to_owned()),
            (None, Some(path)) => Source::Path(path.to_owned()),
            (None, None) if is_auto => Source::Auto,
            (None, None) => return Err(fail("it names neither a version nor a path".to_owned())),
        };
        Ok(spec)
    }

    fn new(source: Source) -> Self {
        Self {
            source,
            name: None,
            without_clip: false,
            with_transform: false,
            overrides: Vec::new(),
        }
    }

    /// For `auto`: settles on the model for frames of `height` lines, and tells why.
    pub(crate) fn choose(&mut self, height: u32, rate: Option<f64>) -> Option<String> {
        if self.source != Source::Auto {
            return None;
        }
        self.source = Source::Builtin(Builtin::automatic(height, rate).to_owned());
        let rate = rate.map_or("an unknown frame rate".to_owned(), |rate| {
            format!("{} frames/s", text::rate(rate))
        });
        Some(format!("{height} lines at {rate}"))
    }

    /// The built-in name or path that it was asked for by.
    pub(crate) fn asked_for(&self) -> &str {
        match &self.source {
            Source::Auto => "auto",
            Source::Builtin(name) | Source::Path(name) | Source::Read { path: name, .. } => name,
        }
    }

    /// Reads the model's file, if it is in one, so that it serves wherever and whenever it is
    /// loaded.
    pub(crate) fn read(&mut self) -> Result<()> {
        if let Source::Path(path) = &self.source {
            self.source = Source::Read { path: path.clone(), text: text_of(path)? };
        }
        Ok(())
    }

    /// Loads the model. Its scores are called what the name given says; without one, `label`, or
    /// else what the model is called.
    pub(crate) fn load(&self, label: Option<&str>) -> Result<Model> {
        let mut model = match &self.source {
            Source::Auto => {
                let choose = "which model to use must be said: auto is for 'vmaf score'";
                return Err(Failure::input(choose));
            }
            Source::Builtin(name) => Model::builtin(name)?,
            Source::Path(path) => from_file(path, &text_of(path)?)?,
            Source::Read { path, text } => from_file(path, text)?,
        };
        if let Some(label) = self.name.as_deref().or(label) {
            model = model.with_label(label);
        }
        if self.without_clip {
            model = model.without_clip();
        }
        if self.with_transform {
            model = model.with_transform();
        }
        for (feature, option, value) in &self.overrides {
            model = model.with_option(feature, option, value)?;
        }
        Ok(model)
    }
}

/// The text of the model file at `path`.
fn text_of(path: &str) -> Result<String> {
    let fail = |reason: String| Error::Model { name: path.to_owned(), reason };
    let bytes = std::fs::read(path).map_err(|error| fail(error.to_string()))?;
    Ok(String::from_utf8(bytes).map_err(|_| fail("it is no JSON: not even text".to_owned()))?)
}

/// The model whose file at `path` holds `text`, called by the file's name.
fn from_file(path: &str, text: &str) -> Result<Model> {
    let stem = Path::new(path).file_stem().unwrap_or_default();
    Ok(Model::from_json(path, text)?.with_label(stem.to_string_lossy()))
}

fn looks_like_path(text: &str) -> bool {
    let is_json = Path::new(text).extension().is_some_and(|end| end.eq_ignore_ascii_case("json"));
    is_json || text.contains(['/', '\\'])
}

/// A feature with its options.
pub(crate) type Metric = (&'static Feature, Options);

/// Fails where two models are called the same: labels, each with what was asked for.
pub(crate) fn check_labels<'a>(models: impl Iterator<Item = (&'a str, &'a str)>) -> Result<()> {
    let mut labels = Vec::new();
    for (label, asked) in models {
        if labels.contains(&label) {
            return Err(Failure::input(format!(
                "two models are called '{label}': give one another name, as --model \
                 {asked}:name=NAME"
            )));
        }
        labels.push(label);
    }
    Ok(())
}

/// Reads a metric from `text`.
pub(crate) fn metric(text: &str) -> Result<Metric> {
    let (name, settings) = match text.split_once('=') {
        Some((name, settings)) => (name, Some(settings)),
        None => (text, None),
    };
    let feature = feature(name)?;
    let mut options = feature.options();
    for setting in settings.into_iter().flat_map(|settings| settings.split(':')) {
        let (option, value) = setting.split_once('=').ok_or_else(|| {
            Failure::input(format!("metric '{text}': '{setting}' should be OPTION=VALUE"))
        })?;
        options.set(option, value)?;
    }
    options.check()?;
    Ok((feature, options))
}

/// The feature of a name.
pub(crate) fn feature(name: &str) -> Result<&'static Feature> {
    Ok(feature::find(name).map_err(suggesting)?)
}

/// The error of a name that is none, with the feature of which it is the last part: `ssim` of
/// `float_ssim`.
fn suggesting(error: Error) -> Error {
    let Error::Unknown { kind, name, suggestion: None } = error else { return error };
    let is_end =
        |full: &str| full.strip_suffix(&name[..]).is_some_and(|start| start.ends_with('_'));
    let names = feature::FEATURES.iter().map(|feature| feature.name);
    let suggestion = names.filter(|full| is_end(full)).min_by_key(|full| full.len());
    Error::Unknown { kind, suggestion: suggestion.map(str::to_owned), name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_models() {
        let short = ModelSpec::parse("vmaf_v0.6.1:enable_transform:name=phone").expect("a spec");
        let long = "version=vmaf_v0.6.1:name=phone:enable_transform=true";
        assert_eq!(short, ModelSpec::parse(long).expect("a spec"));
        assert_eq!(short.load(Some("vmaf")).expect("a model").label(), "phone");
        let plain = ModelSpec::parse("version=vmaf_v0.6.1").expect("a spec");
        assert_eq!(plain.load(Some("vmaf")).expect("a model").label(), "vmaf");
        assert_eq!(plain.load(None).expect("a model").label(), "vmaf_v0.6.1");
    }

    #[test]
    fn auto_follows_height_and_frame_rate() {
        let chosen = |height, rate| {
            let mut spec = ModelSpec::parse("auto:name=x").expect("a spec");
            spec.load(None).expect_err("nothing to choose by");
            let why = spec.choose(height, rate).expect("a choice");
            (spec.asked_for().to_owned(), why)
        };
        assert_eq!(chosen(1080, Some(29.97)).0, "v1");
        assert_eq!(chosen(1440, Some(50.0)).0, "v1-hfr");
        assert_eq!(chosen(1441, Some(24.0)).0, "v1-4k");
        let film = chosen(2160, Some(48000.0 / 1001.0));
        assert_eq!(film, ("v1-4k-hfr".to_owned(), "2160 lines at 47.952 frames/s".to_owned()));
        assert_eq!(chosen(720, None).1, "720 lines at an unknown frame rate");
        assert_eq!(ModelSpec::parse("v0-4k").expect("a spec").choose(1080, None), None);
    }

    #[test]
    fn overrides_reach_the_features() {
        let spec = ModelSpec::parse("version=vmaf_v0.6.1:vif.vif_enhn_gain_limit=1.0");
        let model = spec.expect("a spec").load(None).expect("a model");
        let features = model.features().expect("features");
        let vif = features.iter().find(|(feature, _)| feature.name == "vif").expect("vif");
        assert_eq!(vif.1.suffix(), "_egl_1");
    }

    #[test]
    fn what_is_wrong_is_named() {
        let message = |text: &str| match ModelSpec::parse(text) {
            Ok(spec) => spec.load(None).expect_err("a failure").to_string(),
            Err(failure) => failure.to_string(),
        };
        assert!(message("vmaf_v0.6.2").contains("did you mean"));
        assert!(message("version=vmaf_v0.6.1:nam=x").contains("unknown setting 'nam'"));
        assert!(message("name=x").contains("neither a version nor a path"));
        assert!(message("missing.json").contains("missing.json"));
        assert!(message("vmaf_v0.6.1:vif.egll=1").contains("option of vif 'egll'"));
        assert!(metric("vif=debug").is_err());
        let ssim = metric("ssim").expect_err("unknown").to_string();
        assert!(ssim.contains("did you mean 'float_ssim'?"), "{ssim}");
        assert!(metric("cambi=eotf=xxx").expect_err("used").to_string().contains("'xxx'"));
        metric("cambi=eotf=xxx:cambi_eotf=pq").expect("not used");
        assert!(metric("viff").expect_err("unknown").to_string().contains("'vif'"));
    }
}
