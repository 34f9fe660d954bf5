//! The pairs of two videos' frames that show the same, and the frames left out.

use serde::{Deserialize, Serialize};

/// The pairs of two videos' frames that show the same.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AlignmentPath {
    runs: Vec<PairRun>,
    count: u64,
    /// Places where frames have no counterpart, and the reference's timestamp there, in seconds.
    pub changes: Vec<(UnpairedFrames, Option<f64>)>,
}

/// A run of pairs that are consecutive in both videos.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct PairRun {
    /// The number of the first pair.
    pair: u64,
    /// Its frames.
    at: [u64; 2],
}

/// Frames without a counterpart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnpairedFrames {
    /// The first frame left out of the reference, and of the encode; if none is, the next one
    /// paired.
    pub at: [u64; 2],
    /// The number of the reference's frames that the encode lacks.
    pub lacking: u64,
    /// The number of the encode's frames that the reference lacks: repeated or added ones.
    pub added: u64,
}

impl AlignmentPath {
    /// Returns the number of pairs.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.count
    }

    /// Returns true if there are no pairs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Returns the frames of the reference and of the encode in pair `index`, if it exists.
    #[must_use]
    pub fn get(&self, index: u64) -> Option<[u64; 2]> {
        let run = self.runs.partition_point(|run| run.pair <= index).checked_sub(1)?;
        let PairRun { pair, at } = self.runs[run];
        (index < self.count).then(|| at.map(|frame| frame + index - pair))
    }

    /// Returns the frames of the reference and of the encode in each pair.
    pub fn pairs(&self) -> impl Iterator<Item = [u64; 2]> {
        let ends = self.runs.iter().skip(1).map(|run| run.pair).chain([self.count]);
        let runs = self.runs.iter().zip(ends);
        runs.flat_map(|(run, end)| (0..end - run.pair).map(|index| run.at.map(|at| at + index)))
    }
}

/// Builds a path pair by pair.
#[derive(Debug, Default)]
pub(super) struct PathBuilder {
    path: AlignmentPath,
    /// The frames after the last pair, and the reference's timestamp of the first of them.
    at: [u64; 2],
    time: Option<f64>,
}

impl PathBuilder {
    /// Starts a path at the first frames; the reference shows its first frame at `time`.
    pub(super) fn new(time: Option<f64>) -> Self {
        Self { time, ..Self::default() }
    }

    /// Appends a pair; `time` is the reference's timestamp of the next frame.
    pub(super) fn add_pair(&mut self, pair: [u64; 2], time: Option<f64>) {
        self.skip_to(pair);
        if self.path.is_empty() || pair != self.at {
            self.path.runs.push(PairRun { pair: self.path.count, at: pair });
        }
        self.path.count += 1;
        self.at = pair.map(|frame| frame + 1);
        self.time = time;
    }

    /// Returns the frame of the reference after the last pair.
    pub(super) fn next_reference_frame(&self) -> u64 {
        self.at[0]
    }

    /// Returns the number of changes so far.
    pub(super) fn changes(&self) -> usize {
        self.path.changes.len()
    }

    /// Completes the path through videos of these numbers of frames.
    pub(super) fn finish(mut self, ends: [u64; 2]) -> AlignmentPath {
        self.skip_to(ends);
        self.path
    }

    /// Notes the frames that are skipped before the `next` ones.
    fn skip_to(&mut self, next: [u64; 2]) {
        let [lacking, added] = [0, 1].map(|video| next[video] - self.at[video]);
        if lacking > 0 || added > 0 {
            self.path.changes.push((UnpairedFrames { at: self.at, lacking, added }, self.time));
        }
    }
}
