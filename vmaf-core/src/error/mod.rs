//! What can go wrong in this crate, and what to do about it.

mod job;
mod map;

pub use job::JobError;
pub use map::MapError;

pub use crate::frame::FormatError;

/// A result whose error is [`Error`] unless another is named.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a score could not be computed.
///
/// Each message says what was wrong and, where there is a way on, what to do.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A feature, model, option or pool that does not exist.
    #[error("unknown {kind} '{name}'{}", suggest(.suggestion))]
    Unknown {
        /// What was looked up: "feature", "model", "option of vif", "pool".
        kind: String,
        /// The name as given.
        name: String,
        /// The nearest name that exists, if one is near.
        suggestion: Option<String>,
    },

    /// An option's value that does not parse or is out of range.
    #[error("option '{option}' of {feature} is {expected}, not '{value}'")]
    BadOption {
        /// The feature's name.
        feature: String,
        /// The option's name.
        option: String,
        /// The value as given.
        value: String,
        /// What it should be, with its range.
        expected: String,
    },

    /// A combination of options, or of options and input, that the feature does not define.
    #[error("{feature}: {reason}")]
    Unsupported {
        /// The feature's name.
        feature: String,
        /// What is not defined, and what to change.
        reason: String,
    },

    /// Frames smaller than a feature's definition allows.
    #[error(
        "{feature} needs frames of at least {least_width}x{least_height} pixels; \
         these are {width}x{height}"
    )]
    TooSmall {
        /// The feature's name.
        feature: String,
        /// The frames' width in pixels.
        width: u32,
        /// The frames' height in pixels.
        height: u32,
        /// The least width the feature is defined for.
        least_width: u32,
        /// The least height the feature is defined for.
        least_height: u32,
    },

    /// A format that makes no sense, or samples that are no frame of the one given.
    #[error(transparent)]
    Format(#[from] FormatError),

    /// A model that can't be read or used.
    #[error("model {name}: {reason}")]
    Model {
        /// The model's name or path.
        name: String,
        /// What is wrong with it.
        reason: String,
    },

    /// A job that can't be done as it was asked for.
    #[error(transparent)]
    Job(#[from] JobError),

    /// Maps that can't be made or pooled.
    #[error(transparent)]
    Map(#[from] MapError),

    /// A gate that does not read as one.
    #[error("gate '{gate}': {reason}")]
    Gate {
        /// The gate as given.
        gate: String,
        /// What is wrong with it.
        reason: String,
    },

    /// A map that the `MapSink` of a job could not keep.
    #[error("{0}")]
    Sink(String),
}

fn suggest(suggestion: &Option<String>) -> String {
    suggestion.as_ref().map(|name| format!("; did you mean '{name}'?")).unwrap_or_default()
}

impl Error {
    /// The error for a name that is not among those that are `known`, with the nearest one that is.
    /// `kind` says what was looked up, as "feature" or "option of vif".
    ///
    /// ```
    /// let error = vmaf_core::Error::unknown("feature", "moton", ["adm", "motion"]);
    /// assert_eq!(error.to_string(), "unknown feature 'moton'; did you mean 'motion'?");
    /// ```
    #[must_use]
    pub fn unknown<'a>(
        kind: impl Into<String>,
        name: &str,
        known: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let suggestion = known
            .into_iter()
            .map(|candidate| (strsim::jaro_winkler(name, candidate), candidate))
            .filter(|(similarity, _)| *similarity > 0.7)
            .max_by(|a, b| a.0.total_cmp(&b.0))
            .map(|(_, candidate)| candidate.to_owned());
        Self::Unknown { kind: kind.into(), name: name.to_owned(), suggestion }
    }
}
