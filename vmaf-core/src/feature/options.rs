//! Options of features: the options of each, parsing them from text, and column names.
//!
//! A feature's options decide its columns' names the way libvmaf does it: every option that
//! matters to the value and is not at its default adds `_alias_value` to the name, in the
//! alphabetical order of the options' full names.

use std::collections::BTreeMap;

use crate::numeric::format_g;
use crate::{Error, Result};

/// The type, default and range of an option.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum OptionKind {
    /// `true` or `false`.
    Bool {
        /// The default.
        default: bool,
    },
    /// A whole number.
    Int {
        /// The default.
        default: i64,
        /// The least value allowed.
        min: i64,
        /// The greatest value allowed.
        max: i64,
    },
    /// A number.
    Float {
        /// The default.
        default: f64,
        /// The least value allowed.
        min: f64,
        /// The greatest value allowed.
        max: f64,
    },
    /// Text.
    Text {
        /// The default.
        default: &'static str,
        /// The allowed values; if empty, any text.
        choices: &'static [&'static str],
    },
}

/// An option that a feature has.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct OptionSpec {
    /// The full name.
    pub name: &'static str,
    /// The short name used in column names; empty if it is the full name.
    pub alias: &'static str,
    /// Type, default and range.
    pub kind: OptionKind,
    /// True if a value other than the default is a different measurement, whose columns have a name
    /// of their own.
    pub in_column_name: bool,
    /// The option that takes precedence over this one if it is not at its default; this one's value
    /// is then unused. Empty if there is none.
    pub yields_to: &'static str,
    /// Its effect, in one line.
    pub help: &'static str,
}

/// A flag that is off by default.
pub(crate) const FLAG: OptionKind = OptionKind::Bool { default: false };

/// A number from `min` to `max`.
pub(crate) const fn number(default: f64, min: f64, max: f64) -> OptionKind {
    OptionKind::Float { default, min, max }
}

/// A whole number from `min` to `max`.
pub(crate) const fn whole(default: i64, min: i64, max: i64) -> OptionKind {
    OptionKind::Int { default, min, max }
}

/// An option that names columns.
pub(crate) const fn option(
    name: &'static str,
    alias: &'static str,
    kind: OptionKind,
    help: &'static str,
) -> OptionSpec {
    OptionSpec { name, alias, kind, in_column_name: true, yields_to: "", help }
}

/// An option that names no column, and has no short name.
pub(crate) const fn unnamed(
    name: &'static str,
    kind: OptionKind,
    help: &'static str,
) -> OptionSpec {
    OptionSpec { name, alias: "", kind, in_column_name: false, yields_to: "", help }
}

/// An option's value.
#[derive(Debug, Clone, PartialEq)]
enum Value {
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
}

/// The options of one feature: those set, and the defaults of the others.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    feature: &'static str,
    specs: &'static [OptionSpec],
    set: BTreeMap<&'static str, Value>,
}

impl Options {
    /// All at their defaults.
    #[must_use]
    pub(crate) fn defaults(feature: &'static str, specs: &'static [OptionSpec]) -> Self {
        Self { feature, specs, set: BTreeMap::new() }
    }

    /// Sets the option called `name` (full or short) to what `value` says.
    ///
    /// # Errors
    /// [`Error::Unknown`] if there is no such option, [`Error::BadOption`] if the value does not
    /// parse or is out of range. Text of an option that yields to another is accepted here and
    /// [checked](Self::check) once all options are set.
    pub fn set(&mut self, name: &str, value: &str) -> Result<()> {
        let spec = self.specs.iter().find(|spec| spec.name == name);
        let spec = spec
            .or_else(|| self.specs.iter().find(|spec| !spec.alias.is_empty() && spec.alias == name))
            .ok_or_else(|| {
                let kind = format!("option of {}", self.feature);
                Error::unknown(kind, name, self.specs.iter().map(|spec| spec.name))
            })?;
        let unchecked = || {
            let is_text = matches!(spec.kind, OptionKind::Text { .. });
            (is_text && !spec.yields_to.is_empty()).then(|| Value::Text(value.to_owned()))
        };
        let parsed = spec.parse(value).or_else(unchecked);
        let parsed = parsed.ok_or_else(|| self.bad_option(spec, value))?;
        if parsed == spec.default() {
            self.set.remove(spec.name);
        } else {
            self.set.insert(spec.name, parsed);
        }
        Ok(())
    }

    /// Fails if an option has an invalid value that is used, which means that the option it yields
    /// to is at its default. libvmaf accepts any value that is not used.
    ///
    /// # Errors
    /// [`Error::BadOption`], as [`set`](Self::set) gives it.
    pub fn check(&self) -> Result<()> {
        for spec in self.specs.iter().filter(|spec| !spec.yields_to.is_empty()) {
            let Some(Value::Text(text)) = self.set.get(spec.name) else { continue };
            if spec.parse(text).is_none() && !self.set.contains_key(spec.yields_to) {
                return Err(self.bad_option(spec, text));
            }
        }
        Ok(())
    }

    fn bad_option(&self, spec: &OptionSpec, value: &str) -> Error {
        Error::BadOption {
            feature: self.feature.to_owned(),
            option: spec.name.to_owned(),
            value: value.to_owned(),
            expected: spec.expected(),
        }
    }

    /// Adds the outputs of `other`, the same measurement, to these options: turns on the flags
    /// among `needed`, which outputs need, that `other` sets. Other options that name no column
    /// keep the value they have here.
    pub(crate) fn add_outputs_of(&mut self, other: &Self, needed: impl Fn(&str) -> bool) {
        for spec in self.specs.iter().filter(|spec| needed(spec.name)) {
            if other.flag(spec.name) && !self.flag(spec.name) {
                // It is off here, so that one of the two is its default.
                match spec.default() {
                    Value::Bool(true) => self.set.remove(spec.name),
                    _ => self.set.insert(spec.name, Value::Bool(true)),
                };
            }
        }
    }

    /// Returns true if `other` differs only in flags among `needed`, which outputs need.
    pub(crate) fn measures_as(&self, other: &Self, needed: impl Fn(&str) -> bool) -> bool {
        let mut specs = self.specs.iter().filter(|spec| !needed(spec.name));
        specs.all(|spec| self.value(spec.name) == other.value(spec.name))
    }

    /// The value of the flag `name`.
    pub(crate) fn flag(&self, name: &str) -> bool {
        matches!(self.value(name), Value::Bool(true))
    }

    /// The value of the whole number `name`.
    pub(crate) fn int(&self, name: &str) -> i64 {
        match self.value(name) {
            Value::Int(value) => value,
            other => unreachable!("option {name} is no whole number but {other:?}"),
        }
    }

    /// The value of the number `name`.
    pub(crate) fn float(&self, name: &str) -> f64 {
        match self.value(name) {
            Value::Float(value) => value,
            other => unreachable!("option {name} is no number but {other:?}"),
        }
    }

    /// The value of the text `name`.
    pub(crate) fn text(&self, name: &str) -> String {
        match self.value(name) {
            Value::Text(value) => value,
            other => unreachable!("option {name} is no text but {other:?}"),
        }
    }

    fn value(&self, name: &str) -> Value {
        self.set.get(name).cloned().unwrap_or_else(|| {
            let spec = self.specs.iter().find(|spec| spec.name == name);
            spec.unwrap_or_else(|| unreachable!("{} has no option {name}", self.feature)).default()
        })
    }

    /// The suffix that the options add to a column's name: empty if all relevant ones are at their
    /// defaults.
    #[must_use]
    pub fn suffix(&self) -> String {
        let mut suffix = String::new();
        for (name, value) in &self.set {
            let Some(spec) = self.specs.iter().find(|spec| spec.name == *name) else { continue };
            if !spec.in_column_name {
                continue;
            }
            suffix.push('_');
            suffix.push_str(if spec.alias.is_empty() { spec.name } else { spec.alias });
            if !matches!(value, Value::Bool(_)) {
                suffix.push('_');
                suffix.push_str(&value.text());
            }
        }
        suffix
    }

    /// The options that are not at their defaults, with all digits, for fingerprints.
    pub(crate) fn identity(&self) -> impl Iterator<Item = String> {
        self.set.iter().map(|(name, value)| match value {
            Value::Float(value) => format!("{name}={value}"),
            other => format!("{name}={}", other.text()),
        })
    }

    /// The options that are not at their defaults, by full name, as text.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, String)> {
        self.set.iter().map(|(name, value)| (*name, value.text()))
    }
}

impl Value {
    fn text(&self) -> String {
        match self {
            Self::Bool(value) => value.to_string(),
            Self::Int(value) => value.to_string(),
            Self::Float(value) => format_g(*value),
            Self::Text(value) => value.clone(),
        }
    }
}

impl OptionSpec {
    fn default(&self) -> Value {
        match self.kind {
            OptionKind::Bool { default } => Value::Bool(default),
            OptionKind::Int { default, .. } => Value::Int(default),
            OptionKind::Float { default, .. } => Value::Float(default),
            OptionKind::Text { default, .. } => Value::Text(default.to_owned()),
        }
    }

    fn parse(&self, text: &str) -> Option<Value> {
        match self.kind {
            OptionKind::Bool { .. } => text.parse().ok().map(Value::Bool),
            OptionKind::Int { min, max, .. } => {
                let number: f64 = text.parse().ok()?;
                let whole = number as i64;
                let fits = whole as f64 == number && (min..=max).contains(&whole);
                fits.then_some(Value::Int(whole))
            }
            OptionKind::Float { min, max, .. } => {
                let number: f64 = text.parse().ok()?;
                (min..=max).contains(&number).then_some(Value::Float(number))
            }
            OptionKind::Text { choices, .. } => {
                let fits = choices.is_empty() || choices.contains(&text);
                fits.then(|| Value::Text(text.to_owned()))
            }
        }
    }

    /// A description of the valid values, for people: type, range, default.
    #[must_use]
    pub fn expected(&self) -> String {
        match self.kind {
            OptionKind::Bool { .. } => "true or false".to_owned(),
            OptionKind::Int { min, max, .. } => format!("a whole number from {min} to {max}"),
            OptionKind::Float { min, max: f64::MAX, .. } => format!("a number, at least {min}"),
            OptionKind::Float { min, max, .. } => format!("a number from {min} to {max}"),
            OptionKind::Text { choices: [], .. } => "text".to_owned(),
            OptionKind::Text { choices, .. } => format!("one of {}", choices.join(", ")),
        }
    }

    /// The default, as text.
    #[must_use]
    pub fn default_text(&self) -> String {
        self.default().text()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feature;

    fn options(name: &str, set: &[(&str, &str)]) -> Options {
        let mut options = feature::find(name).expect("a feature").options();
        for (key, value) in set {
            options.set(key, value).expect("a valid option");
        }
        options
    }

    #[test]
    fn suffixes_are_in_the_order_of_full_names() {
        let adm = options(
            "adm",
            &[
                ("adm_noise_weight", "0.02"),
                ("adm_min_val", "0.5"),
                ("adm_enhn_gain_limit", "1.0"),
                ("adm_dlm_weight", "0.7"),
                ("adm_csf_mode", "2"),
                ("adm_norm_view_dist", "3.0"),
                ("debug", "true"),
            ],
        );
        assert_eq!(adm.suffix(), "_csf_2_dlmw_0.7_egl_1_min_0.5_nw_0.02");
    }

    #[test]
    fn defaults_and_output_flags_add_no_suffix() {
        assert_eq!(options("vif", &[("debug", "true"), ("egl", "100")]).suffix(), "");
        assert_eq!(options("vif", &[("vif_skip_scale0", "true")]).suffix(), "_ssclz");
    }

    #[test]
    fn unused_options_are_not_validated() {
        let overridden = [("eotf", "xxx"), ("cambi_eotf", "pq"), ("enc_bitdepth", "8")];
        let cambi = options("cambi", &overridden);
        cambi.check().expect("not used");
        assert_eq!(cambi.suffix(), "_ceot_pq_encbd_8_eotf_xxx");
        for used in [&[("eotf", "xxx")][..], &[("cambi_eotf", "bt1886"), ("eotf", "xxx")]] {
            let error = options("cambi", used).check().expect_err("used").to_string();
            assert!(error.contains("one of bt1886, pq, not 'xxx'"), "{error}");
        }
        options("cambi", &[]).set("cambi_eotf", "xxx").expect_err("always used");
    }

    #[test]
    fn bad_options_say_what_is_wrong() {
        let mut vif = options("vif", &[]);
        let unknown = vif.set("vif_enhn_gain_limt", "1").expect_err("unknown").to_string();
        assert!(unknown.contains("did you mean 'vif_enhn_gain_limit'?"), "{unknown}");
        let range = vif.set("vif_enhn_gain_limit", "0.5").expect_err("range").to_string();
        assert!(range.contains("a number from 1 to 100, not '0.5'"), "{range}");
        vif.set("vif_skip_scale0", "yes").expect_err("not a bool");
        let least = options("psnr", &[]).set("min_sse", "-1").expect_err("range").to_string();
        assert!(least.contains("a number, at least 0, not '-1'"), "{least}");
    }
}
