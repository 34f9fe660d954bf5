//! Running the drop-in form, and reading the JSON log it writes.

use std::path::Path;
use std::process::Command;

use indexmap::IndexMap;
use serde::Deserialize;

use crate::common::vmaf;

/// A log.
#[derive(Debug, Deserialize)]
pub(crate) struct Log {
    frames: Vec<Frame>,
    #[serde(rename = "pooled_metrics")]
    pub(crate) pooled: IndexMap<String, IndexMap<String, Option<f64>>>,
    /// Values of the whole video.
    #[serde(rename = "aggregate_metrics")]
    pub(crate) aggregate: IndexMap<String, Option<f64>>,
}

#[derive(Debug, Deserialize)]
struct Frame {
    metrics: IndexMap<String, Option<f64>>,
}

impl Log {
    /// Scores `distorted` beside `reference` with the drop-in form; `folder` is for its log.
    pub(crate) fn of(
        reference: &Path,
        distorted: &Path,
        arguments: &[String],
        folder: &Path,
    ) -> Self {
        let log = folder.join("log.json");
        let output = Command::new(vmaf())
            .arg("-r")
            .arg(reference)
            .arg("-d")
            .arg(distorted)
            .args(arguments)
            .args(["-q", "--json", "-o"])
            .arg(&log)
            .output()
            .expect("the command runs");
        let message = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {message}");
        let text = std::fs::read_to_string(&log).expect("a log");
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{arguments:?}: {error}\n{text}"))
    }

    /// The columns of the first frame, in order.
    pub(crate) fn columns(&self) -> impl Iterator<Item = &String> {
        self.frames[0].metrics.keys()
    }

    /// A column's value in each frame.
    pub(crate) fn values(&self, column: &str) -> Vec<Option<f64>> {
        self.frames.iter().map(|frame| frame.metrics[column]).collect()
    }
}
