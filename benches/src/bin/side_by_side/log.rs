//! The JSON logs of both: are the values the same?

use std::fmt;
use std::path::Path;

use serde_json::Value;

use crate::Result;

/// Our log's name.
pub(crate) const OURS: &str = "ours.json";
/// libvmaf's log's name.
pub(crate) const THEIRS: &str = "libvmaf.json";

fn read(path: &Path) -> Result<Value> {
    let text = std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
    Ok(serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?)
}

/// The version that a log states.
pub(crate) fn version(path: &Path) -> String {
    let version = read(path).ok().and_then(|log| Some(log.get("version")?.as_str()?.to_owned()));
    version.unwrap_or_else(|| "of unknown version".to_owned())
}

/// How the values of both logs compare, over all frames and all columns that both have.
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

/// Compares the logs that lie in `folder`.
pub(crate) fn compare(folder: &Path) -> Result<Comparison> {
    let (ours, theirs) = (read(&folder.join(OURS))?, read(&folder.join(THEIRS))?);
    let frames = |log: &Value| log.get("frames").and_then(Value::as_array).cloned();
    let (ours, theirs) = frames(&ours).zip(frames(&theirs)).ok_or("a log without frames")?;
    if ours.len() != theirs.len() {
        return Err(format!("{} frames of ours, {} of libvmaf's", ours.len(), theirs.len()).into());
    }
    let mut comparison = Comparison::default();
    for (ours, theirs) in ours.iter().zip(&theirs) {
        let columns = theirs.get("metrics").and_then(Value::as_object).into_iter().flatten();
        for (name, theirs) in columns {
            let ours = ours.get("metrics").and_then(|metrics| metrics.get(name)?.as_f64());
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
