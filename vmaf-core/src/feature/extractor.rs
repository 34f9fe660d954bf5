//! The interface between features and the scorer.

use std::any::Any;
use std::sync::Arc;

use crate::{Frame, Result};

/// A feature planned for a job: measures all its variants on all encodes of a group.
///
/// One extractor serves all worker threads; what a thread needs to write to is in its workspace.
pub(crate) trait Extractor: Send + Sync {
    /// How many earlier reference frames [`extract`](Self::extract) reads.
    fn lookback(&self) -> usize {
        0
    }

    /// How many earlier frames of each encode [`extract`](Self::extract) reads.
    fn lookback_distorted(&self) -> usize {
        0
    }

    /// Whether it reads chroma. Where it doesn't, frames may come without.
    fn reads_chroma(&self) -> bool {
        false
    }

    /// Whether it reads chroma of earlier frames too. Where it doesn't, they may come without.
    fn looks_back_at_chroma(&self) -> bool {
        false
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

    /// Whether the values of the whole video are of all its frames, also those that a job passes
    /// over because it scores only every so many.
    fn covers_all_frames(&self) -> bool {
        false
    }

    /// Computes the outputs of `variant` that are of the whole video, all of them in order, from
    /// its per-frame values over the frames that are scored, or over all that are asked for where
    /// it [covers](Self::covers_all_frames) them.
    fn aggregate(&self, variant: usize, frames: &Series<'_>) -> Vec<f64> {
        let _ = (variant, frames);
        Vec::new()
    }
}

/// How far a frame's final values depend on other frames' per-frame values.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Neighbours {
    /// On this many frames before it.
    pub(crate) before: u64,
    /// On this many frames after it.
    pub(crate) after: u64,
}

impl Neighbours {
    /// What covers both.
    #[must_use]
    pub(crate) fn union(self, other: Self) -> Self {
        Self { before: self.before.max(other.before), after: self.after.max(other.after) }
    }
}

/// The frames that belong to one moment, and those before it that extractors asked for.
#[derive(Debug)]
pub(crate) struct Window<'a> {
    /// The moment's frame number, from 0 at the start of the video.
    pub(crate) index: u64,
    /// The reference frame.
    pub(crate) reference: &'a Frame,
    /// The frame of each encode; `None` for an encode that has dropped out, or that another
    /// extractor measures.
    pub(crate) distorted: &'a [Option<Arc<Frame>>],
    /// Earlier reference frames, the latest first; fewer than asked for at the video's start.
    pub(crate) previous: &'a [Arc<Frame>],
    /// Earlier frames of each encode, the latest first, as `distorted` had them; fewer than asked
    /// for at the video's start.
    pub(crate) previous_distorted: &'a [Vec<Option<Arc<Frame>>>],
}

/// Where an extractor writes a moment's per-frame values.
#[derive(Debug)]
pub(crate) struct Rows<'a> {
    values: &'a mut [f64],
    /// Values of one encode, all extractors together.
    row: usize,
    variants: &'a [Places],
    /// Which encodes it measures.
    encodes: &'a [bool],
}

/// Where the per-frame values of one variant lie in a row.
#[derive(Debug, Clone, Default)]
pub(crate) struct Places {
    /// Where they begin.
    pub(crate) start: usize,
    /// Which of the feature's per-frame outputs there are, by their index among those.
    pub(crate) there: Vec<usize>,
}

impl<'a> Rows<'a> {
    /// Rows of `row` values, one an encode, in which this extractor's variants lie at `variants`;
    /// those of other encodes than `encodes` are not its own.
    pub(crate) fn new(
        values: &'a mut [f64],
        row: usize,
        variants: &'a [Places],
        encodes: &'a [bool],
    ) -> Self {
        Self { values, row, variants, encodes }
    }

    /// Writes the values of `variant` for encode `encode`: all of the feature's per-frame outputs
    /// in order. Those that the job has no use for are left out here, as are those of encodes that
    /// are another extractor's; they may be anything.
    pub(crate) fn write(&mut self, encode: usize, variant: usize, values: &[f64]) {
        if !self.encodes[encode] {
            return;
        }
        let Places { start, there } = &self.variants[variant];
        let row = &mut self.values[encode * self.row + start..][..there.len()];
        for (place, &output) in row.iter_mut().zip(there) {
            *place = values[output];
        }
    }
}

/// The per-frame values of one variant and encode, over a stretch of frames without gaps.
#[derive(Debug)]
pub(crate) struct Series<'a> {
    /// The number of the stretch's first frame.
    pub(crate) first: u64,
    /// The feature's per-frame outputs, in order, each with a value a frame; empty for one that is
    /// not there.
    pub(crate) columns: &'a [&'a [f64]],
}
