//! Models as users write them.
//!
//! A model is a built-in name or the path of a model file, alone or followed by settings after
//! colons; or libvmaf's form, with `version=` or `path=`:
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

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use vmaf_core::Model;
use vmaf_core::model::Builtin;

use crate::error::{Error, Result};
use crate::output::text;

/// A model by its name or file, with settings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelSpec {
    source: Source,
    name: Option<String>,
    without_clip: bool,
    with_transform: bool,
    /// Feature, option and value.
    overrides: Vec<(String, String, String)>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Source {
    /// The model that suits the reference.
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
    /// Returns the built-in model called `name`.
    #[must_use]
    pub fn builtin(name: &str) -> Self {
        Self::new(Source::Builtin(name.to_owned()))
    }

    /// Parses `text`, which must name a model.
    fn parse(text: &str) -> Result<Self> {
        if Path::new(text).is_file() {
            return Ok(Self::new(Source::Path(text.to_owned())));
        }
        let fail = |reason: String| Error::input(format!("model '{text}': {reason}"));
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
                    return Err(fail(format!("{key} must be true or false, not '{value}'")));
                }
                (key, Some(value)) => {
                    let (feature, option) = key.split_once('.').ok_or_else(|| {
                        fail(format!(
                            "unknown setting '{key}': the settings are name, version, path, \
                             disable_clip, enable_transform and FEATURE.OPTION"
                        ))
                    })?;
                    spec.overrides.push((feature.into(), option.into(), value.into()));
                }
                (_, None) if place == 0 && looks_like_path(part) => path = Some(part),
                ("auto", None) if place == 0 => is_auto = true,
                (_, None) if place == 0 => version = Some(part),
                (_, None) => return Err(fail(format!("unknown setting '{part}'"))),
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

    /// For `auto`: chooses the model for frames of `height` lines, and returns the reason.
    #[doc(hidden)]
    pub fn choose(&mut self, height: u32, rate: Option<f64>) -> Option<String> {
        if self.source != Source::Auto {
            return None;
        }
        self.source = Source::Builtin(Builtin::automatic(height, rate).to_owned());
        let rate = rate.map_or("an unknown frame rate".to_owned(), |rate| {
            format!("{} frames/s", text::rate(rate))
        });
        Some(format!("{height} lines at {rate}"))
    }

    /// The built-in name or path that it was requested by.
    #[doc(hidden)]
    pub fn requested_name(&self) -> &str {
        match &self.source {
            Source::Auto => "auto",
            Source::Builtin(name) | Source::Path(name) | Source::Read { path: name, .. } => name,
        }
    }

    /// Reads the model's file, if it has one, so that it can be loaded later and elsewhere.
    #[doc(hidden)]
    pub fn read(&mut self) -> Result<()> {
        if let Source::Path(path) = &self.source {
            self.source = Source::Read { path: path.clone(), text: text_of(path)? };
        }
        Ok(())
    }

    /// Loads the model. Its scores have the name of its settings, or else `label`, or else the
    /// model's own name.
    #[doc(hidden)]
    pub fn load(&self, label: Option<&str>) -> Result<Model> {
        let mut model = match &self.source {
            Source::Auto => {
                let choose = "auto chooses a model by the videos of a run: name a model here";
                return Err(Error::input(choose));
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
    let fail = |reason: String| vmaf_core::Error::Model { name: path.to_owned(), reason };
    let bytes = std::fs::read(path).map_err(|error| fail(error.to_string()))?;
    Ok(String::from_utf8(bytes)
        .map_err(|_| fail("it is not JSON: not even UTF-8 text".to_owned()))?)
}

/// Returns the model whose file at `path` holds `text`, named after the file.
fn from_file(path: &str, text: &str) -> Result<Model> {
    let stem = Path::new(path).file_stem().unwrap_or_default();
    Ok(Model::from_json(path, text)?.with_label(stem.to_string_lossy()))
}

impl FromStr for ModelSpec {
    type Err = Error;

    /// Parses a name or path, with settings after colons.
    fn from_str(text: &str) -> Result<Self> {
        Self::parse(text)
    }
}

impl fmt::Display for ModelSpec {
    /// Writes the text that [`from_str`](FromStr::from_str) reads.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.requested_name())?;
        if let Some(name) = &self.name {
            write!(f, ":name={name}")?;
        }
        for (is_set, setting) in
            [(self.without_clip, "disable_clip"), (self.with_transform, "enable_transform")]
        {
            if is_set {
                write!(f, ":{setting}")?;
            }
        }
        for (feature, option, value) in &self.overrides {
            write!(f, ":{feature}.{option}={value}")?;
        }
        Ok(())
    }
}

/// Fails where two models are called the same: labels, each with the name it was asked for by.
pub fn check_labels<'a>(models: impl Iterator<Item = (&'a str, &'a str)>) -> Result<()> {
    let mut labels = Vec::new();
    for (label, asked) in models {
        if labels.contains(&label) {
            return Err(Error::input(format!(
                "two models are called '{label}': rename one, as in {asked}:name=NAME"
            )));
        }
        labels.push(label);
    }
    Ok(())
}

fn looks_like_path(text: &str) -> bool {
    let is_json = Path::new(text).extension().is_some_and(|end| end.eq_ignore_ascii_case("json"));
    is_json || text.contains(['/', '\\'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn model_names_and_paths_are_parsed() {
        let short = ModelSpec::parse("vmaf_v0.6.1:enable_transform:name=phone").expect("a spec");
        let long = "version=vmaf_v0.6.1:name=phone:enable_transform=true";
        assert_eq!(short, ModelSpec::parse(long).expect("a spec"));
        assert_eq!(short.load(Some("vmaf")).expect("a model").label(), "phone");
        let plain = ModelSpec::parse("version=vmaf_v0.6.1").expect("a spec");
        assert_eq!(plain.load(Some("vmaf")).expect("a model").label(), "vmaf");
        assert_eq!(plain.load(None).expect("a model").label(), "vmaf_v0.6.1");
    }

    #[test]
    fn specs_survive_formatting_and_parsing() {
        for text in ["v1", "auto", "v1:name=mine:disable_clip:enable_transform:vif.debug=true"] {
            assert_eq!(text.parse::<ModelSpec>().expect(text).to_string(), text);
        }
    }

    #[test]
    fn auto_follows_height_and_frame_rate() {
        let chosen = |height, rate| {
            let mut spec = ModelSpec::parse("auto:name=x").expect("a spec");
            spec.load(None).expect_err("nothing to choose by");
            let why = spec.choose(height, rate).expect("a choice");
            (spec.requested_name().to_owned(), why)
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
    fn overrides_are_passed_to_the_features() {
        let spec = ModelSpec::parse("version=vmaf_v0.6.1:vif.vif_enhn_gain_limit=1.0");
        let model = spec.expect("a spec").load(None).expect("a model");
        let features = model.features().expect("features");
        let vif = features.iter().find(|(feature, _)| feature.name == "vif").expect("vif");
        assert_eq!(vif.1.suffix(), "_egl_1");
    }

    #[test]
    fn errors_of_model_specs_name_the_fault() {
        let message = |text: &str| match ModelSpec::parse(text) {
            Ok(spec) => spec.load(None).expect_err("a failure").to_string(),
            Err(failure) => failure.to_string(),
        };
        assert!(message("vmaf_v0.6.2").contains("did you mean"));
        assert!(message("version=vmaf_v0.6.1:nam=x").contains("unknown setting 'nam'"));
        assert!(message("name=x").contains("neither a version nor a path"));
        assert!(message("missing.json").contains("missing.json"));
        assert!(message("vmaf_v0.6.1:vif.egll=1").contains("option of vif 'egll'"));
    }
}
