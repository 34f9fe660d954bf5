//! Events of a search, for observers that show progress.

use super::result::{Prediction, Probe, SceneEncode, SearchSource, VerifiedEncode};

/// An event of a search. Progress within each is reported by the run's handle.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum SearchEvent<'a> {
    /// The source is being read, to find its scenes.
    Analysing,
    /// The clips are being cut from the source.
    Cutting,
    /// The source is known, and what is encoded of it.
    Planned {
        /// The source, and its sample.
        source: &'a SearchSource,
        /// The name of the quality setting.
        setting: &'a str,
        /// The targets, each with its column.
        targets: &'a [String],
    },
    /// Settings are being encoded.
    Encoding {
        /// The settings.
        qualities: &'a [f64],
        /// True if the whole source is encoded.
        is_whole: bool,
    },
    /// Encodes are being scored.
    Scoring {
        /// The settings.
        qualities: &'a [f64],
    },
    /// A setting was probed.
    Probed(&'a Probe),
    /// A setting is expected to meet the targets.
    Predicted {
        /// The setting.
        quality: f64,
        /// The estimate.
        prediction: &'a Prediction,
    },
    /// The setting of a scene was found.
    Scene(&'a SceneEncode),
    /// An encode of the whole source was scored.
    Verified(&'a VerifiedEncode),
}

/// A function that is called for each event.
pub type SearchObserver<'a> = &'a (dyn Fn(SearchEvent<'_>) + Sync);
