//! The command line of a run of files.

use serde::{Deserialize, Serialize};

/// A command line of `vmaf score`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Command {
    options: Vec<String>,
    reference: String,
    distorted: Vec<String>,
}

impl Command {
    pub(super) fn of(options: &[String], reference: &str, distorted: &[String]) -> Self {
        Self {
            options: options.to_vec(),
            reference: reference.to_owned(),
            distorted: distorted.to_vec(),
        }
    }

    /// The same of other encodes.
    pub(super) fn with_encodes(&self, distorted: Vec<String>) -> Self {
        Self { distorted, ..self.clone() }
    }

    /// Its words, the command's name first.
    pub(super) fn words(&self) -> Vec<String> {
        let mut words = ["vmaf", "score"].map(String::from).to_vec();
        words.extend_from_slice(&self.options);
        let mut paths = self.distorted.iter().chain([&self.reference]);
        // A name that would be taken for an option.
        if paths.any(|path| path.starts_with('-') && path != "-") {
            words.push("--".to_owned());
        }
        words.push(self.reference.clone());
        words.extend_from_slice(&self.distorted);
        words
    }
}
