//! Comparison of the JSON logs of both tools.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use crate::Result;

/// The name of this project's log.
pub(crate) const OURS: &str = "ours.json";
/// The name of libvmaf's log.
pub(crate) const THEIRS: &str = "libvmaf.json";

/// The parts of a log that are read.
#[derive(Debug, Deserialize)]
struct Log {
    version: String,
    frames: Vec<Frame>,
}

#[derive(Debug, Deserialize)]
struct Frame {
    metrics: BTreeMap<String, Value>,
}

fn read(path: &Path) -> Result<Log> {
    let text = std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
    Ok(serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?)
}

/// The version stated in a log.
pub(crate) fn version(path: &Path) -> String {
    read(path).map_or_else(|_| "of unknown version".to_owned(), |log| log.version)
}

/// The comparison of both logs' values, over all frames and all columns that both have.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Comparison {
    values: usize,
    differ: usize,
    largest: f64,
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.differ, self.values)?;
        if self.differ > 0 { write!(f, ", by {:.6} at most", self.largest) } else { Ok(()) }
    }
}

/// Compares the logs in `folder`.
pub(crate) fn compare(folder: &Path) -> Result<Comparison> {
    let (ours, theirs) = (read(&folder.join(OURS))?.frames, read(&folder.join(THEIRS))?.frames);
    if ours.len() != theirs.len() {
        return Err(format!("{} frames of ours, {} of libvmaf's", ours.len(), theirs.len()).into());
    }
    let mut comparison = Comparison::default();
    for (ours, theirs) in ours.iter().zip(&theirs) {
        for (name, theirs) in &theirs.metrics {
            let ours = ours.metrics.get(name).and_then(Value::as_f64);
            if let Some((ours, theirs)) = ours.zip(theirs.as_f64()) {
                let difference = (ours - theirs).abs();
                comparison.values += 1;
                comparison.differ += usize::from(difference > 0.0);
                comparison.largest = comparison.largest.max(difference);
            }
        }
    }
    if comparison.values == 0 {
        return Err("the logs have no column in common".into());
    }
    Ok(comparison)
}
