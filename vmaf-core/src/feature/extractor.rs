//! The interface between features and the scorer.

use std::any::Any;
use std::sync::Arc;

use crate::{Frame, Result};

/// A feature planned for a job: measures all its variants on all encodes of a group.
///
/// One extractor serves all worker threads; what a thread needs to write to is in its workspace.
pub trait Extractor: Send + Sync {
    /// How many earlier reference frames [`extract`](Self::extract) reads.
    fn lookback(&self) -> usize {
        0
    }

    /// Which neighbours' values a frame's final values depend on.
    fn neighbours(&self) -> Neighbours {
        Neighbours::default()
    }

    /// Memory for one worker thread, made once and used for many frames.
    fn workspace(&self) -> Box<dyn Any + Send>;

    /// Measures the frames of `window` and writes each variant's per-frame values to `rows`.
    ///
    /// # Errors
    /// Where the measurement is not defined for what the frames hold.
    fn extract(
        &self,
        window: &Window<'_>,
        workspace: &mut (dyn Any + Send),
        rows: &mut Rows<'_>,
    ) -> Result<()>;

    /// Computes the outputs of `variant` that depend on neighbouring frames, from its per-frame
    /// values over a stretch of frames, and hands each frame's to `emit` (index in the stretch,
    /// values in the order of the outputs).
    fn finish(&self, variant: usize, frames: &Series<'_>, emit: &mut dyn FnMut(usize, &[f64])) {
        let _ = (variant, frames, emit);
    }
}

/// How far a frame's final values depend on other frames' per-frame values.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Neighbours {
    /// On this many frames before it.
    pub before: u64,
    /// On this many frames after it.
    pub after: u64,
}

impl Neighbours {
    /// What covers both.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self { before: self.before.max(other.before), after: self.after.max(other.after) }
    }
}

/// The frames that belong to one moment, and the reference frames before it.
#[derive(Debug)]
pub struct Window<'a> {
    /// The moment's frame number, from 0 at the start of the video.
    pub index: u64,
    /// The reference frame.
    pub reference: &'a Frame,
    /// The frame of each encode; `None` for an encode that has dropped out.
    pub distorted: &'a [Option<Arc<Frame>>],
    /// Earlier reference frames, the latest first; fewer than asked for at the video's start.
    pub previous: &'a [Arc<Frame>],
}

/// Where an extractor writes a moment's per-frame values.
#[derive(Debug)]
pub struct Rows<'a> {
    values: &'a mut [f64],
    /// Values of one encode, all extractors together.
    row: usize,
    /// Where each variant of this extractor begins in a row.
    starts: &'a [usize],
}

impl<'a> Rows<'a> {
    /// Rows of `row` values, one an encode, in which this extractor's variants begin at `starts`.
    pub(crate) fn new(values: &'a mut [f64], row: usize, starts: &'a [usize]) -> Self {
        Self { values, row, starts }
    }

    /// Writes the values of `variant` for encode `encode`, in the order of the outputs. The
    /// variant's outputs may be fewer (without `debug`): the rest is left out.
    pub fn write(&mut self, encode: usize, variant: usize, values: &[f64]) {
        let start = self.starts[variant];
        let end = self.starts[variant + 1];
        let row = &mut self.values[encode * self.row..][start..end];
        row.copy_from_slice(&values[..end - start]);
    }
}

/// The per-frame values of one variant and encode, over a stretch of frames without gaps.
#[derive(Debug)]
pub struct Series<'a> {
    /// The number of the stretch's first frame.
    pub first: u64,
    /// The per-frame outputs, in order, each with a value a frame.
    pub columns: &'a [&'a [f64]],
}

impl Series<'_> {
    /// How many frames there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.columns.first().map_or(0, |column| column.len())
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
