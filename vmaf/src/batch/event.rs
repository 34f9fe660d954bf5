//! Events of a batch, for observers that show progress or collect its lines.

use super::name::EntryName;
use crate::result::Outcome;

/// An event of a batch.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum BatchEvent<'a> {
    /// The manifest was read.
    Started {
        /// The number of its encodes.
        encodes: usize,
    },
    /// An encode was measured.
    Measured {
        /// The entry.
        entry: &'a EntryName,
        /// The entry's place in the manifest, from 0.
        place: usize,
        /// The line of results.
        line: &'a str,
        /// The mean score of each model, by its name.
        scores: &'a [(String, f64)],
        /// The outcome of its gates.
        outcome: Outcome,
        /// A sentence for each gate that failed, or could not be judged.
        problems: &'a [String],
    },
    /// An encode's result was reused.
    Reused {
        /// The entry.
        entry: &'a EntryName,
        /// The entry's place in the manifest, from 0.
        place: usize,
        /// The line of results.
        line: &'a str,
        /// The outcome of its gates.
        outcome: Outcome,
        /// A sentence for each gate that failed, or could not be judged.
        problems: &'a [String],
        /// True if the line existed before the batch began, and was not measured for another entry.
        was_known: bool,
    },
    /// An encode can't be measured.
    Unmeasured {
        /// The entry.
        entry: &'a EntryName,
        /// The entry's place in the manifest, from 0.
        place: usize,
        /// The line of results.
        line: &'a str,
        /// The reason.
        error: &'a str,
    },
    /// Progress of a pass.
    Progress {
        /// The number of the pass.
        pass: u64,
        /// The number of encodes.
        encodes: usize,
        /// The number of frames that an interrupted batch had measured.
        kept: u64,
        /// The number of frames measured since.
        measured: u64,
        /// The number of all frames, if it is known.
        total: Option<u64>,
    },
    /// A pass has ended.
    PassDone {
        /// The number of the pass.
        pass: u64,
    },
}

/// An observer of a batch, which is called from several threads.
pub type BatchObserver<'a> = &'a (dyn Fn(BatchEvent<'_>) + Sync);
