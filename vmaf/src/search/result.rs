//! Results of a search.

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::output::target::Target as OutputTarget;

/// The version of the JSON documents.
pub(super) const VERSION: u32 = 1;

/// The result of a search.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SearchResult {
    /// The version of this form.
    pub version: u32,
    /// The source.
    pub source: SearchSource,
    /// The encoder's name, or the program of a command line.
    pub encoder: String,
    /// The name of the quality setting: "crf".
    pub setting: String,
    /// The targets, each with its column.
    pub targets: Vec<String>,
    /// The outcome.
    pub outcome: SearchOutcome,
    /// The setting found or, if targets can't be reached, the best available one.
    pub quality: f64,
    /// The estimate at that setting.
    pub prediction: Prediction,
    /// The probes, in the order of encoding.
    pub probes: Vec<Probe>,
    /// The encodes of the whole source that were scored for verification, in order.
    pub encodes: Vec<VerifiedEncode>,
    /// The scenes of that encode, if each has its own setting.
    #[serde(default)]
    pub scenes: Vec<SceneEncode>,
    /// The file with the encode that meets the targets.
    pub output: Option<String>,
    /// The command line that encodes the source with the setting found.
    pub command: String,
    /// The number of frames that were encoded in all.
    pub encoded_frames: u64,
    /// The duration of the search in seconds.
    pub elapsed: f64,
}

/// The source of a search, and its sample.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SearchSource {
    /// The path.
    pub path: String,
    /// The number of frames.
    pub frames: u64,
    /// The duration in seconds.
    pub seconds: f64,
    /// The number of scenes.
    pub scenes: usize,
    /// The number of clips that probes encode; 1 if they encode all of it.
    pub clips: usize,
    /// The share of its frames that probes score.
    pub share: f64,
    /// The part of the picture that is encoded, as "W:H:X:Y".
    pub crop: Option<String>,
}

impl SearchSource {
    /// Returns the mean bit rate of an encode of `bytes` bytes in kilobits per second.
    #[must_use]
    pub fn kilobits(&self, bytes: u64) -> f64 {
        bytes as f64 * 8.0 / 1000.0 / self.seconds
    }

    /// Returns the number of scenes in words.
    #[must_use]
    pub fn scenes_text(&self) -> String {
        if self.scenes == 1 { "1 scene".to_owned() } else { format!("{} scenes", self.scenes) }
    }
}

/// The outcome of a search.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SearchOutcome {
    /// A setting was found. Unless it was a dry run, its encode met the targets.
    Found,
    /// No setting meets the targets.
    Unreachable,
}

/// The value of a target.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TargetValue {
    /// The target, with its column.
    pub target: String,
    /// The pooled value.
    pub value: f64,
    /// The distance from the bound; negative if the target is missed.
    pub margin: f64,
    /// Half of the width of the 95 % interval of an estimate; 0 if all frames were scored.
    pub deviation: f64,
}

impl TargetValue {
    /// Returns true if greater values are better.
    pub(super) fn margin_grows_with_value(&self) -> bool {
        self.target.contains('>')
    }
}

/// An encode of the sample, or of a short source.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Probe {
    /// The setting.
    pub quality: f64,
    /// The targets' values, estimated for the whole source.
    pub targets: Vec<TargetValue>,
    /// The size of the video in bytes, estimated for the whole source.
    pub bytes: u64,
    /// The number of frames encoded; 0 if it was stored by an earlier search.
    pub encoded_frames: u64,
    /// The duration of encoding in seconds.
    pub seconds: f64,
}

/// An estimate for the whole source.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Prediction {
    /// The targets' values.
    pub targets: Vec<TargetValue>,
    /// The size of the video in bytes.
    pub bytes: u64,
}

/// An encode of the whole source, scored completely.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct VerifiedEncode {
    /// The setting.
    pub quality: f64,
    /// The targets' values.
    pub targets: Vec<TargetValue>,
    /// The size of the video in bytes.
    pub bytes: u64,
}

/// A scene that has its own setting.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SceneEncode {
    /// Its first frame.
    pub first: u64,
    /// The number of its frames.
    pub frames: u64,
    /// The setting.
    pub quality: f64,
    /// The targets' values of its frames.
    pub targets: Vec<TargetValue>,
    /// The size of its video in bytes.
    pub bytes: u64,
}

/// Returns the smallest margin of targets.
pub(super) fn margin(targets: &[TargetValue]) -> f64 {
    targets.iter().map(|target| target.margin).fold(f64::INFINITY, f64::min)
}

impl VerifiedEncode {
    /// Returns true if it meets all targets.
    #[must_use]
    pub fn is_met(&self) -> bool {
        margin(&self.targets) >= 0.0
    }
}

impl SearchResult {
    /// Writes the result to the file at `path` as JSON; `-` is standard output.
    ///
    /// # Errors
    /// Fails if it can't be written.
    pub fn write(&self, path: &str) -> Result<()> {
        OutputTarget::open(path)?.write(|out| {
            serde_json::to_writer_pretty(&mut *out, self)?;
            out.write_all(b"\n")
        })
    }
}
