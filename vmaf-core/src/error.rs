//! What can go wrong in this crate, and what to do about it.

/// A result whose error is [`Error`].
pub type Result<T> = std::result::Result<T, Error>;

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

    /// A frame format that makes no sense, or a frame that is not in the format it should be.
    #[error("{0}")]
    Format(String),

    /// A model that can't be read or used.
    #[error("model {name}: {reason}")]
    Model {
        /// The model's name or path.
        name: String,
        /// What is wrong with it.
        reason: String,
    },

    /// Scoring was asked for something that can't be done with what was given.
    #[error("{0}")]
    Job(String),
}

fn suggest(suggestion: &Option<String>) -> String {
    suggestion.as_ref().map(|name| format!("; did you mean '{name}'?")).unwrap_or_default()
}

/// The error for a name that is not among `known`, with the nearest that is.
#[must_use]
pub fn unknown<'a>(
    kind: impl Into<String>,
    name: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Error {
    let suggestion = known
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(name, candidate), candidate))
        .filter(|(similarity, _)| *similarity > 0.7)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate.to_owned());
    Error::Unknown { kind: kind.into(), name: name.to_owned(), suggestion }
}
