//! The ends of a run's videos.

use serde::{Deserialize, Serialize};
use vmaf_media::align::Votes;

use crate::failure::EncodeFailure;

/// The end of an encode, once reading has ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EncodeEnd {
    /// Reading stopped before its end.
    Open,
    /// It ended before the reference, after this many frames.
    Shorter(u64),
    /// It had frames left when the reference ended.
    Longer,
    /// It can't be scored.
    Failed(EncodeFailure),
}

/// The ends of a run's videos.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StreamEnds {
    /// The number of frames read.
    pub read: u64,
    /// True if the reference ended there.
    pub ended: bool,
    pub encodes: Vec<EncodeEnd>,
    /// The votes of stretches of each encode's frames on the offset.
    pub votes: Vec<Votes>,
    /// Incidents during the decoding of the reference and of each encode, as text.
    #[serde(default)]
    pub incidents: (Vec<String>, Vec<Vec<String>>),
}

impl StreamEnds {
    /// Joins the ends of consecutive parts of a run: the first failure is the encode's failure, and
    /// the first end its end. The last part has read all frames.
    pub fn joined<'a>(all: impl Iterator<Item = &'a Self> + Clone) -> Self {
        let count = all.clone().map(|ends| ends.encodes.len()).max().unwrap_or_default();
        let encodes = (0..count).map(|encode| {
            let of_encode = || all.clone().filter_map(|ends| ends.encodes.get(encode));
            let failed = of_encode().find(|end| matches!(end, EncodeEnd::Failed(_)));
            let shorter = || of_encode().find(|end| matches!(end, EncodeEnd::Shorter(_)));
            failed.or_else(shorter).or(of_encode().last()).cloned().unwrap_or(EncodeEnd::Open)
        });
        Self {
            read: all.clone().map(|ends| ends.read).max().unwrap_or_default(),
            ended: all.clone().any(|ends| ends.ended),
            encodes: encodes.collect(),
            votes: all.clone().last().map(|ends| ends.votes.clone()).unwrap_or_default(),
            incidents: all.last().map(|ends| ends.incidents.clone()).unwrap_or_default(),
        }
    }
}
