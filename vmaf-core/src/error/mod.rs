//! Errors of this crate.

mod job;
mod map;

pub use job::JobError;
pub use map::MapError;

pub use crate::frame::FormatError;
use crate::memory::OutOfMemory;

/// A result with the error type [`Error`] by default.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The reason why a score could not be computed.
///
/// Each message states the problem and, if there is a remedy, what to do.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A feature, model, option or pool that does not exist.
    #[error("unknown {kind} '{name}'{}", suggest(.suggestion))]
    Unknown {
        /// The kind of the name: "feature", "model", "option of vif" or "pool".
        kind: String,
        /// The name as given.
        name: String,
        /// The most similar existing name, if one is similar enough.
        suggestion: Option<String>,
    },

    /// A feature that this build lacks.
    #[error("this build lacks the feature '{feature}': enable the cargo feature {feature}")]
    NotBuilt {
        /// The feature's name, and that of the cargo feature.
        feature: &'static str,
    },

    /// An option value that cannot be parsed or is out of range.
    #[error("option '{option}' of {feature} is {expected}, not '{value}'")]
    BadOption {
        /// The feature's name.
        feature: String,
        /// The option's name.
        option: String,
        /// The value as given.
        value: String,
        /// The expected values, with their range.
        expected: String,
    },

    /// A combination of options, or of options and input, for which the feature is not defined.
    #[error("{feature}: {reason}")]
    Unsupported {
        /// The feature's name.
        feature: String,
        /// The undefined combination and what to change.
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
        /// The least width for which the feature is defined.
        least_width: u32,
        /// The least height for which the feature is defined.
        least_height: u32,
    },

    /// An invalid format, or samples that do not match their format.
    #[error(transparent)]
    Format(#[from] FormatError),

    /// Memory that the system refused.
    #[error(transparent)]
    OutOfMemory(#[from] OutOfMemory),

    /// A model that cannot be read or used.
    #[error("model {name}: {reason}")]
    Model {
        /// The model's name or path.
        name: String,
        /// The problem with the model.
        reason: String,
    },

    /// A job that cannot run.
    #[error(transparent)]
    Job(#[from] JobError),

    /// Maps that cannot be made or pooled.
    #[error(transparent)]
    Map(#[from] MapError),

    /// A gate that cannot be parsed.
    #[error("gate '{gate}': {reason}")]
    Gate {
        /// The gate as given.
        gate: String,
        /// The problem with the gate.
        reason: String,
    },

    /// A map that the `MapSink` of a job failed to store.
    #[error("{0}")]
    Sink(String),
}

/// The longest unknown name, in bytes, for which a similar one is suggested. To compare a whole page
/// of text with every name takes long.
const LONGEST_MISTAKE: usize = 64;

fn suggest(suggestion: &Option<String>) -> String {
    suggestion.as_ref().map(|name| format!("; did you mean '{name}'?")).unwrap_or_default()
}

impl Error {
    /// Creates the error for a name that is not among `known`, with the most similar known name
    /// unless the text is too long for a name. `kind` is the kind of name, such as "feature" or
    /// "option of vif".
    ///
    /// ```
    /// let error = vmaf_core::Error::unknown("feature", "moton", ["adm", "motion"]);
    /// assert_eq!(error.to_string(), "unknown feature 'moton'; did you mean 'motion'?");
    /// let page = vmaf_core::Error::unknown("feature", &"motion ".repeat(20), ["adm", "motion"]);
    /// assert!(!page.to_string().contains("did you mean"));
    /// ```
    #[must_use]
    pub fn unknown<'a>(
        kind: impl Into<String>,
        name: &str,
        known: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let known = known.into_iter().filter(|_| name.len() <= LONGEST_MISTAKE);
        let suggestion = known
            .map(|candidate| (strsim::jaro_winkler(name, candidate), candidate))
            .filter(|(similarity, _)| *similarity > 0.7)
            .max_by(|a, b| a.0.total_cmp(&b.0))
            .map(|(_, candidate)| candidate.to_owned());
        Self::Unknown { kind: kind.into(), name: name.to_owned(), suggestion }
    }
}
