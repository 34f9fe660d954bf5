//! The interface between features and the scorer.
//!
//! Features implement [`Extractor`], which knows the type of its samples and of its memory. The
//! scorer holds features of all types side by side, as [`AnyExtractor`]s, and gives each thread
//! [`ThreadExtractor`]s of its own. One adapter turns the first into the others.

use std::sync::Arc;

use crate::frame::Pixels;
use crate::simd::samples::Load;
use crate::simd::transpose::Transpose;
use crate::{Frame, Plane, Result, Sample};

/// A feature planned for a job: measures all its variants on all encodes of a group.
///
/// One extractor serves all worker threads; a thread writes only to its workspace.
pub(crate) trait Extractor: Send + Sync + 'static {
    /// Memory of one worker thread, created once and used for many frames.
    type Workspace: Send;

    /// The frames and planes that it reads.
    fn requirements(&self) -> Requirements {
        Requirements::default()
    }

    /// Creates the memory of a worker thread.
    fn workspace(&self) -> Self::Workspace;

    /// Measures the frames of `window` and writes each variant's per-frame values to `rows`. All
    /// frames have samples of type `T`.
    ///
    /// # Errors
    /// If the measurement is not defined for the content of the frames.
    fn extract<T: Load + Transpose>(
        &self,
        window: &Window<'_>,
        workspace: &mut Self::Workspace,
        rows: &mut Rows<'_>,
    ) -> Result<()>;

    /// Computes the outputs of `variant` that depend on neighbouring frames, from its per-frame
    /// values over a stretch of frames, and hands each frame's to `emit` (index in the stretch,
    /// values in the order of the outputs).
    fn finish(&self, variant: usize, frames: &Series<'_>, emit: &mut dyn FnMut(usize, &[f64])) {
        let _ = (variant, frames, emit);
    }

    /// Computes the outputs of `variant` for the whole video, all of them in order, from its
    /// per-frame values over the scored frames, or over [all frames](Requirements::all_frames).
    fn aggregate(&self, variant: usize, frames: &Series<'_>) -> Vec<f64> {
        let _ = (variant, frames);
        Vec::new()
    }
}

/// An [`Extractor`] of any type.
pub(crate) trait AnyExtractor: Send + Sync {
    /// [`Extractor::requirements`].
    fn requirements(&self) -> Requirements;

    /// The extractor together with a new workspace, for one worker thread.
    fn for_thread(self: Arc<Self>) -> Box<dyn ThreadExtractor>;

    /// [`Extractor::finish`].
    fn finish(&self, variant: usize, frames: &Series<'_>, emit: &mut dyn FnMut(usize, &[f64]));

    /// [`Extractor::aggregate`].
    fn aggregate(&self, variant: usize, frames: &Series<'_>) -> Vec<f64>;
}

/// An extractor with the workspace of one thread.
pub(crate) trait ThreadExtractor: Send {
    /// [`Extractor::extract`], for frames with samples of either type.
    ///
    /// # Errors
    /// As [`Extractor::extract`].
    fn extract(&mut self, window: &Window<'_>, rows: &mut Rows<'_>) -> Result<()>;
}

impl<E: Extractor> AnyExtractor for E {
    fn requirements(&self) -> Requirements {
        self.requirements()
    }

    fn for_thread(self: Arc<Self>) -> Box<dyn ThreadExtractor> {
        Box::new(WithWorkspace { workspace: self.workspace(), extractor: self })
    }

    fn finish(&self, variant: usize, frames: &Series<'_>, emit: &mut dyn FnMut(usize, &[f64])) {
        self.finish(variant, frames, emit);
    }

    fn aggregate(&self, variant: usize, frames: &Series<'_>) -> Vec<f64> {
        self.aggregate(variant, frames)
    }
}

struct WithWorkspace<E: Extractor> {
    extractor: Arc<E>,
    workspace: E::Workspace,
}

impl<E: Extractor> ThreadExtractor for WithWorkspace<E> {
    fn extract(&mut self, window: &Window<'_>, rows: &mut Rows<'_>) -> Result<()> {
        match window.reference.pixels() {
            Pixels::U8(_) => self.extractor.extract::<u8>(window, &mut self.workspace, rows),
            Pixels::U16(_) => self.extractor.extract::<u16>(window, &mut self.workspace, rows),
        }
    }
}

/// The frames and planes that an extractor reads beside the luma of the current frames.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Requirements {
    /// Earlier frames.
    pub(crate) lookback: Lookback,
    /// True if it reads chroma. Otherwise frames may come without chroma.
    pub(crate) chroma: bool,
    /// True if it reads the [RGB](Frame::rgb) that frames were converted from, if they have it.
    pub(crate) rgb: bool,
    /// The neighbouring frames whose values a frame's final values depend on.
    pub(crate) neighbours: Neighbours,
    /// True if the values of the whole video cover all its frames, including those that a job skips
    /// because it scores only every nth frame.
    pub(crate) all_frames: bool,
}

/// The number of earlier frames that are read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Lookback {
    /// The number of earlier reference frames.
    pub(crate) reference: usize,
    /// The number of earlier frames of each encode.
    pub(crate) distorted: usize,
    /// True if their chroma is read too. Otherwise they may come without chroma.
    pub(crate) chroma: bool,
}

impl Lookback {
    /// The least lookback that includes both.
    #[must_use]
    pub(crate) fn union(self, other: Self) -> Self {
        Self {
            reference: self.reference.max(other.reference),
            distorted: self.distorted.max(other.distorted),
            chroma: self.chroma | other.chroma,
        }
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

/// The frames that belong to one moment, and the earlier ones that extractors require.
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

impl<'a> Window<'a> {
    /// The encodes that are present, each with its index in the job.
    pub(crate) fn encodes(&self) -> impl Iterator<Item = (usize, &'a Frame)> {
        let encodes = self.distorted.iter().enumerate();
        encodes.filter_map(|(encode, frame)| Some((encode, frame.as_deref()?)))
    }

    /// One plane of every picture: the reference's, then those of the encodes that are present.
    pub(crate) fn planes<T: Sample>(&self, index: usize) -> Vec<&'a Plane<T>> {
        let encodes = self.encodes().map(|(_, frame)| frame);
        [self.reference].into_iter().chain(encodes).map(|frame| frame.plane(index)).collect()
    }
}

/// The destination of the per-frame values of one frame number.
#[derive(Debug)]
pub(crate) struct Rows<'a> {
    values: &'a mut [f64],
    /// Values of one encode, all extractors together.
    row: usize,
    variants: &'a [ValueLayout],
    /// For each encode, true if this extractor measures it.
    encodes: &'a [bool],
}

/// The position of one variant's per-frame values in a row.
#[derive(Debug, Clone, Default)]
pub(crate) struct ValueLayout {
    /// The index of the first value.
    pub(crate) start: usize,
    /// The per-frame outputs that are present, as indices into the feature's per-frame outputs.
    pub(crate) present: Vec<usize>,
}

impl<'a> Rows<'a> {
    /// Creates rows of `row` values, one per encode, in which this extractor's variants lie at
    /// `variants`. The extractor owns only the rows of `encodes`.
    pub(crate) fn new(
        values: &'a mut [f64],
        row: usize,
        variants: &'a [ValueLayout],
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
        let ValueLayout { start, present } = &self.variants[variant];
        let row = &mut self.values[encode * self.row + start..][..present.len()];
        for (place, &output) in row.iter_mut().zip(present) {
            *place = values[output];
        }
    }

    /// [Writes](Self::write) values that are the same for all variants.
    pub(crate) fn write_all(&mut self, encode: usize, values: &[f64]) {
        for variant in 0..self.variants.len() {
            self.write(encode, variant, values);
        }
    }

    /// [Writes](Self::write) `values(position, variant)` for each encode that is present in
    /// `window`, by its position among them, and each of `variants`.
    pub(crate) fn write_variants<V, const OUTPUTS: usize>(
        &mut self,
        window: &Window<'_>,
        variants: &[V],
        values: impl Fn(usize, &V) -> [f64; OUTPUTS],
    ) {
        for (position, (encode, _)) in window.encodes().enumerate() {
            for (index, variant) in variants.iter().enumerate() {
                self.write(encode, index, &values(position, variant));
            }
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
