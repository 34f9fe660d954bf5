//! Events of a batch, for those who show how far it is or take its lines.

use super::name::EntryName;
use crate::result::Outcome;

/// An event of a batch.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum BatchEvent<'a> {
    /// The list was read.
    Started {
        /// The number of its encodes.
        encodes: usize,
    },
    /// An encode was measured.
    Measured {
        /// The entry.
        entry: &'a EntryName,
        /// The entry's place in the list, from 0.
        place: usize,
        /// The line of results.
        line: &'a str,
        /// The mean score of each model, by its name.
        scores: &'a [(String, f64)],
        /// The outcome of its gates.
        outcome: Outcome,
        /// A sentence for each gate that did not hold, or could not be judged.
        problems: &'a [String],
    },
    /// An encode's result was there.
    Reused {
        /// The entry.
        entry: &'a EntryName,
        /// The entry's place in the list, from 0.
        place: usize,
        /// The line of results.
        line: &'a str,
        /// The outcome of its gates.
        outcome: Outcome,
        /// A sentence for each gate that did not hold, or could not be judged.
        problems: &'a [String],
        /// True if the line was there before the batch began, and was not measured for another
        /// entry.
        was_known: bool,
    },
    /// An encode can't be measured.
    Unmeasured {
        /// The entry.
        entry: &'a EntryName,
        /// The entry's place in the list, from 0.
        place: usize,
        /// The line of results.
        line: &'a str,
        /// The reason.
        error: &'a str,
    },
    /// Encodes that are measured in one pass are so far.
    Progress {
        /// A number of the pass.
        pass: u64,
        /// The number of encodes.
        encodes: usize,
        /// The frames that an interrupted batch had measured.
        kept: u64,
        /// The frames measured since.
        measured: u64,
        /// The number of frames there are, where it is known.
        total: Option<u64>,
    },
    /// A pass is over.
    PassDone {
        /// A number of the pass.
        pass: u64,
    },
}

/// An observer of a batch, which is called from several threads.
pub type BatchObserver<'a> = &'a (dyn Fn(BatchEvent<'_>) + Sync);
