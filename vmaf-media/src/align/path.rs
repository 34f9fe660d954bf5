//! The pairs of two videos' frames that show the same, and what is left out.

use serde::{Deserialize, Serialize};

/// The pairs of two videos' frames that show the same.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Path {
    runs: Vec<Run>,
    count: u64,
    /// Where frames have no counterpart, and when the reference shows that, in seconds.
    pub changes: Vec<(Change, Option<f64>)>,
}

/// Pairs of frames that follow each other in both videos.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Run {
    /// The number of the first pair.
    pair: u64,
    /// Its frames.
    at: [u64; 2],
}

/// Frames without a counterpart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The frame of the reference, and of the encode, where they would be.
    pub at: [u64; 2],
    /// How many of the reference's the encode lacks.
    pub lacking: u64,
    /// How many the encode has that the reference lacks: repeated or added ones.
    pub added: u64,
}

impl Path {
    /// How many pairs there are.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.count
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The frames of the reference and of the encode in pair `index`, if there are so many.
    #[must_use]
    pub fn get(&self, index: u64) -> Option<[u64; 2]> {
        let run = self.runs.partition_point(|run| run.pair <= index).checked_sub(1)?;
        let Run { pair, at } = self.runs[run];
        (index < self.count).then(|| at.map(|frame| frame + index - pair))
    }

    /// The frames of the reference and of the encode in each pair.
    pub fn pairs(&self) -> impl Iterator<Item = [u64; 2]> {
        let ends = self.runs.iter().skip(1).map(|run| run.pair).chain([self.count]);
        let runs = self.runs.iter().zip(ends);
        runs.flat_map(|(run, end)| (0..end - run.pair).map(|index| run.at.map(|at| at + index)))
    }
}

/// Puts a path together.
#[derive(Debug, Default)]
pub(super) struct Builder {
    path: Path,
    /// The frames behind the last pair, and when the reference shows the first of them.
    at: [u64; 2],
    time: Option<f64>,
}

impl Builder {
    /// A path that begins at the first frames, where the reference's is shown at `time`.
    pub(super) fn new(time: Option<f64>) -> Self {
        Self { time, ..Self::default() }
    }

    /// Adds a pair behind the others; `time` is when the reference shows the frame behind it.
    pub(super) fn pair(&mut self, pair: [u64; 2], time: Option<f64>) {
        self.pass_to(pair);
        if self.path.is_empty() || pair != self.at {
            self.path.runs.push(Run { pair: self.path.count, at: pair });
        }
        self.path.count += 1;
        self.at = pair.map(|frame| frame + 1);
        self.time = time;
    }

    /// The frame of the reference behind the last pair.
    pub(super) fn next_of_reference(&self) -> u64 {
        self.at[0]
    }

    /// How many changes there are so far.
    pub(super) fn changes(&self) -> usize {
        self.path.changes.len()
    }

    /// The path through videos of so many frames.
    pub(super) fn finish(mut self, ends: [u64; 2]) -> Path {
        self.pass_to(ends);
        self.path
    }

    /// Notes the frames that are passed over before the `next` ones.
    fn pass_to(&mut self, next: [u64; 2]) {
        let [lacking, added] = [0, 1].map(|video| next[video] - self.at[video]);
        if lacking > 0 || added > 0 {
            self.path.changes.push((Change { at: self.at, lacking, added }, self.time));
        }
    }
}
