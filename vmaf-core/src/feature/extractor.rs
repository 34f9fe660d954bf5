//! The interface between features and the scorer.

use std::any::Any;
use std::sync::Arc;

use crate::{Frame, Result};

/// A feature planned for a job: measures all its variants on all encodes of a group.
///
/// One extractor serves all worker threads; what a thread needs to write to is in its workspace.
pub(crate) trait Extractor: Send + Sync {
    /// The number of earlier reference frames that [`extract`](Self::extract) reads.
    fn lookback(&self) -> usize {
        0
    }

    /// The number of earlier frames of each encode that [`extract`](Self::extract) reads.
    fn lookback_distorted(&self) -> usize {
        0
    }

    /// Returns true if it reads chroma. Otherwise frames may come without chroma.
    fn reads_chroma(&self) -> bool {
        false
    }

    /// Returns true if it also reads chroma of earlier frames. Otherwise those may come without
    /// chroma.
    fn looks_back_at_chroma(&self) -> bool {
        false
    }

    /// The neighbouring frames whose values a frame's final values depend on.
    fn neighbours(&self) -> Neighbours {
        Neighbours::default()
    }

    /// Memory for one worker thread, made once and used for many frames.
    fn workspace(&self) -> Box<dyn Any + Send>;

    /// Measures the frames of `window` and writes each variant's per-frame values to `rows`.
    ///
    /// # Errors
    /// If the measurement is not defined for the content of the frames.
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

    /// Returns true if the values of the whole video cover all its frames, including those that a
    /// job skips because it scores only every nth frame.
    fn covers_all_frames(&self) -> bool {
        false
    }

    /// Computes the outputs of `variant` for the whole video, all of them in order, from its
    /// per-frame values over the scored frames, or over all frames if it
    /// [covers](Self::covers_all_frames) them.
    fn aggregate(&self, variant: usize, frames: &Series<'_>) -> Vec<f64> {
        let _ = (variant, frames);
        Vec::new()
    }
}

/// The neighbouring frames whose per-frame values a frame's final values depend on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Neighbours {
    /// The number of frames before it.
    pub(crate) before: u64,
    /// The number of frames after it.
    pub(crate) after: u64,
}

impl Neighbours {
    /// The smallest range that covers both.
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

/// The destination of the per-frame values of one frame number.
#[derive(Debug)]
pub(crate) struct Rows<'a> {
    values: &'a mut [f64],
    /// Values of one encode, all extractors together.
    row: usize,
    variants: &'a [Places],
    /// For each encode, true if this extractor measures it.
    encodes: &'a [bool],
}

/// The position of one variant's per-frame values in a row.
#[derive(Debug, Clone, Default)]
pub(crate) struct Places {
    /// The index of the first value.
    pub(crate) start: usize,
    /// The per-frame outputs that are present, as indices into the feature's per-frame outputs.
    pub(crate) there: Vec<usize>,
}

impl<'a> Rows<'a> {
    /// Creates rows of `row` values, one per encode, in which this extractor's variants lie at
    /// `variants`. The extractor owns only the rows of `encodes`.
    pub(crate) fn new(
        values: &'a mut [f64],
        row: usize,
        variants: &'a [Places],
        encodes: &'a [bool],
    ) -> Self {
        Self { values, row, variants, encodes }
    }

    /// Writes the values of `variant` for encode `encode`: all per-frame outputs of the feature, in
    /// order. Outputs that the job does not use are skipped, and so are encodes that another
    /// extractor measures; their values may be arbitrary.
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
    /// The feature's per-frame outputs, in order, each with one value per frame; empty for an
    /// output that is not present.
    pub(crate) columns: &'a [&'a [f64]],
}
