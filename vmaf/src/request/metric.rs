//! Metrics as users write them: a feature's name, followed by options, as `vif` or
//! `vif=debug=true:vif_skip_scale0=true`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use vmaf_core::feature::{self, Feature, Options};

use crate::error::{Error, Result};

/// A feature with its options.
pub(crate) type Metric = (&'static Feature, Options);

/// A metric by its name, with options.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MetricSpec {
    feature: String,
    options: Vec<(String, String)>,
}

impl MetricSpec {
    /// Returns the metric of the feature called `feature`, with `options` that are not at their
    /// defaults.
    ///
    /// # Errors
    /// Fails if there is no such feature or option, or a value is wrong.
    pub fn new<'a>(
        feature: &str,
        options: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self> {
        let own = |(option, value): (&str, &str)| (option.to_owned(), value.to_owned());
        let options = options.into_iter().map(own).collect();
        let spec = Self { feature: feature.to_owned(), options };
        spec.resolve()?;
        Ok(spec)
    }

    /// Returns true if the metric has an option called `option`.
    #[must_use]
    pub fn has_option(&self, option: &str) -> bool {
        let feature = find_feature(&self.feature);
        feature.is_ok_and(|feature| feature.options.iter().any(|spec| spec.name == option))
    }

    /// Sets an option, unless the metric sets it already.
    ///
    /// # Errors
    /// Fails if there is no such option, or the value is wrong.
    pub fn set_default(&mut self, option: &str, value: &str) -> Result<()> {
        if !self.options.iter().any(|(name, _)| name == option) {
            self.options.push((option.to_owned(), value.to_owned()));
        }
        self.resolve().map(drop)
    }

    /// Returns the feature, with its options.
    #[doc(hidden)]
    pub fn resolve(&self) -> Result<Metric> {
        let feature = find_feature(&self.feature)?;
        let mut options = feature.options();
        for (option, value) in &self.options {
            options.set(option, value)?;
        }
        options.check()?;
        Ok((feature, options))
    }
}

impl FromStr for MetricSpec {
    type Err = Error;

    /// Parses a feature's name, with options after `=`, separated by colons.
    fn from_str(text: &str) -> Result<Self> {
        let (name, settings) = match text.split_once('=') {
            Some((name, settings)) => (name, Some(settings)),
            None => (text, None),
        };
        find_feature(name)?;
        let settings = settings.into_iter().flat_map(|settings| settings.split(':'));
        let options = settings.map(|setting| {
            setting.split_once('=').ok_or_else(|| {
                Error::input(format!("metric '{text}': '{setting}' should be OPTION=VALUE"))
            })
        });
        Self::new(name, options.collect::<Result<Vec<_>>>()?)
    }
}

impl TryFrom<String> for MetricSpec {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl From<MetricSpec> for String {
    fn from(spec: MetricSpec) -> Self {
        spec.to_string()
    }
}

impl fmt::Display for MetricSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.feature)?;
        for (place, (option, value)) in self.options.iter().enumerate() {
            write!(f, "{}{option}={value}", if place == 0 { '=' } else { ':' })?;
        }
        Ok(())
    }
}

/// Returns the feature called this.
///
/// # Errors
/// Fails if there is none, and suggests a similar name.
pub fn find_feature(name: &str) -> Result<&'static Feature> {
    Ok(feature::find(name).map_err(suggesting)?)
}

/// Suggests the feature whose name ends in an unknown name, as `float_ssim` for `ssim`, rather than
/// a similar one.
fn suggesting(error: vmaf_core::Error) -> vmaf_core::Error {
    let vmaf_core::Error::Unknown { kind, name, suggestion: similar } = error else { return error };
    let is_end =
        |full: &str| full.strip_suffix(&name[..]).is_some_and(|start| start.ends_with('_'));
    let names = feature::FEATURES.iter().map(|feature| feature.name);
    let longer = names.filter(|full| is_end(full)).min_by_key(|full| full.len());
    let suggestion = longer.map(str::to_owned).or(similar);
    vmaf_core::Error::Unknown { kind, suggestion, name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn specs_survive_formatting_and_parsing() {
        for text in ["vif", "vif=debug=true", "cambi=topk=0.1:eotf=pq"] {
            let spec: MetricSpec = text.parse().expect(text);
            assert_eq!(spec.to_string(), text);
        }
    }

    #[test]
    fn errors_suggest_similar_names() {
        let error = |text: &str| text.parse::<MetricSpec>().expect_err(text).to_string();
        assert!(error("vif=debug").contains("OPTION=VALUE"));
        assert!(error("ssim").contains("did you mean 'float_ssim'?"));
        assert!(error("viff").contains("'vif'"));
        assert!(error("cambi=eotf=xxx").contains("'xxx'"));
    }
}
