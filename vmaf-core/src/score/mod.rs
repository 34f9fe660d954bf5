//! Scoring: from frame groups to tables of values.
//!
//! A [`Job`] states what to measure. Starting it gives a [`Scorer`]: groups are pushed in order,
//! worker threads measure them, and [`Scorer::finish`] returns a [`ScoreTable`] for each encode.
//! The number of threads bounds the number of frames in flight: [`Scorer::push`] blocks if the
//! workers fall behind.
//!
//! Each thread measures whole frames. A feature that depends on neighbouring frames receives
//! earlier frames with each group, of the reference (motion) or of the encodes too
//! (speed_temporal). Values that depend on later frames are computed at the end. The order in which
//! threads finish therefore does not affect the results.
//!
//! A job may be split into [parts](Part) that are measured in sequence or in parallel and then
//! joined. A part holds the raw values of each frame, so the cuts do not affect the results either.

mod job;
mod part;
mod plan;
mod pool;
mod sampling;
mod start;
mod table;
mod worker;

#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

pub use job::Job;
use part::Fingerprint;
pub use part::Part;
use pool::Pool;
pub use sampling::Sampling;
pub use table::ScoreTable;
use worker::{Pictures, Role, SharedState, Task};

pub use crate::column::Column;
use crate::error::JobError;
use crate::feature::{Lookback, Neighbours};
use crate::frame::Recycler;
use crate::scene::Changes;
use crate::{Error, Format, Frame, FrameGroup, Result};

/// A running job: push groups, then finish.
pub struct Scorer {
    shared: Arc<SharedState>,
    /// `None` if the caller's thread measures.
    pool: Option<Pool>,
    selection: FrameSelection,
    fingerprint: Fingerprint,
    /// The accepted formats of the reference's frames; `encodes` holds those of each encode.
    reference: AcceptedFormats,
    encodes: Vec<AcceptedFormats>,
    /// True if a feature reads the RGB that frames were converted from.
    reads_rgb: bool,
    /// The state for each bit depth at which features are measured.
    depths: Vec<DepthFrames>,
    /// The changes of the reference, if scenes are detected.
    changes: Option<Changes>,
    /// The number of the next group.
    next: u64,
    /// The number of measured frames that came from added parts or went into parts already taken.
    parted: usize,
}

/// The formats in which a video's frames may be pushed.
#[derive(Debug, Clone, Copy)]
struct AcceptedFormats {
    /// The video's format.
    format: Format,
    /// The reduced format that contains everything the features read.
    required: Format,
}

impl AcceptedFormats {
    /// Returns true if a frame of `format` may be pushed.
    fn allows(&self, format: &Format) -> bool {
        let Self { format: own, required } = self;
        (format.width, format.height) == (own.width, own.height)
            && (format.chroma == own.chroma || format.chroma == required.chroma)
            && [own.bit_depth, required.bit_depth].contains(&format.bit_depth)
    }
}

/// The frames to score, and the neighbours that they need.
#[derive(Debug, Clone)]
struct FrameSelection {
    frames: Range<u64>,
    every: u64,
    sampling: Option<Sampling>,
    /// The frames that may be measured: a part of the video, or all of it.
    part: Range<u64>,
    neighbours: Neighbours,
    /// The number of earlier frames needed, of the reference or the encodes.
    lookback: usize,
}

impl FrameSelection {
    /// The frames whose temporal features are measured.
    fn context(&self) -> Range<u64> {
        let Neighbours { before, after } = self.neighbours;
        self.frames.start.saturating_sub(before)..self.frames.end.saturating_add(after)
    }

    /// The frames that are measured.
    fn measured_frames(&self) -> Range<u64> {
        let context = self.context();
        let start = context.start.max(self.part.start);
        start..context.end.min(self.part.end).max(start)
    }

    /// Returns true if frame `index`, one of the frames of the job, is scored.
    fn takes(&self, index: u64) -> bool {
        match self.sampling {
            Some(sampling) => sampling.takes(index - self.frames.start),
            None => index.is_multiple_of(self.every),
        }
    }

    fn role(&self, index: u64) -> Role {
        if !self.part.contains(&index) {
            Role::Unused
        } else if self.frames.contains(&index) {
            if self.takes(index) { Role::Scored } else { Role::Between }
        } else if self.context().contains(&index) {
            Role::Context
        } else {
            Role::Unused
        }
    }
}

impl Scorer {
    /// The numbers of the frames to push: the frames to score and, for an excerpt or a part, the
    /// neighbours that they need. The end is `u64::MAX` if the frames extend to the end of the
    /// video. Push nothing if the range is empty.
    #[must_use]
    pub fn frames_to_push(&self) -> Range<u64> {
        let measured = self.selection.measured_frames();
        if measured.is_empty() {
            return measured;
        }
        measured.start.saturating_sub(self.selection.lookback as u64)..measured.end
    }

    /// Adds a part that was measured earlier for the same job. Add parts in frame order, before
    /// pushing any group; [`frames_to_push`](Self::frames_to_push) then returns the remaining
    /// frames.
    ///
    /// # Errors
    /// [`Error::Job`] if the part is of another job, or does not begin where the previous ones end.
    pub fn add(&mut self, part: Part) -> Result<()> {
        if self.next != self.frames_to_push().start {
            return Err(Error::Job(JobError::LatePart));
        }
        part.check(self.fingerprint, self.selection.measured_frames().start)?;
        self.selection.part.start = part.frames().end;
        self.next = self.frames_to_push().start;
        let measured = part.into_measured();
        self.parted += measured.len();
        self.shared.add(measured);
        Ok(())
    }

    /// Waits for the workers and returns the frames measured since the last part was taken or
    /// added, or since the start. Pushing may continue afterwards.
    ///
    /// # Errors
    /// Any error of a feature.
    pub fn part(&mut self) -> Result<Part> {
        let measured = self.shared.wait(self.parted)?;
        let first = measured.first().map_or(self.next, |frame| frame.index);
        let first = first.max(self.selection.measured_frames().start);
        self.parted += measured.len();
        let size = (self.shared.encodes(), self.shared.row());
        Ok(Part::new(self.fingerprint, size, first, measured))
    }

    /// The reduced format of the reference's frames: without chroma if no feature reads it, and
    /// with the least bit depth that is measured. Pushing frames in this format avoids storing and
    /// [promoting](Frame::promoted) more than is needed.
    #[must_use]
    pub fn required_format(&self) -> Format {
        self.reference.required
    }

    /// The reduced format of encode `encode`'s frames, as
    /// [`required_format`](Self::required_format).
    ///
    /// # Panics
    /// If there is no such encode.
    #[must_use]
    pub fn required_format_of(&self, encode: usize) -> Format {
        self.encodes[encode].required
    }

    /// True if a feature reads the [RGB](Frame::rgb) that frames were converted from. It does so for
    /// pairs that both have it.
    #[must_use]
    pub fn reads_rgb(&self) -> bool {
        self.reads_rgb
    }

    /// Pushes the next group. The first group has number `frames_to_push().start`.
    ///
    /// # Errors
    /// [`JobError::FrameFormat`] if a frame has neither the job's format, at the bit depth of its
    /// encode, nor the [reduced format](Self::required_format); [`JobError::GroupSize`] if the
    /// number of encodes is not the job's; and any error of a feature in this or an earlier frame.
    pub fn push(&mut self, group: FrameGroup) -> Result<()> {
        self.check(&group)?;
        let index = self.next;
        self.next += 1;
        let role = self.selection.role(index);
        let change = self.changes.as_mut().map(|changes| changes.next(&group.reference));
        let slot = match role {
            Role::Unused => None,
            _ => Some(self.shared.begin(index, role, &group, change)?),
        };
        let pictures = self.depths.iter_mut().map(|depth| depth.next(&group)).collect();
        // If every feature uses another bit depth, the original pictures are no longer needed.
        drop(group);
        let Some(slot) = slot else { return Ok(()) };
        let task = Task { index, slot, role, pictures };
        match &self.pool {
            None => self.shared.measure(task),
            Some(pool) => {
                let shared = self.shared.clone();
                pool.spawn(move || shared.measure(task));
            }
        }
        self.depths.iter_mut().for_each(DepthFrames::trim);
        Ok(())
    }

    /// Pushes the next pair of frames of a job with one encode: [`push`](Self::push) of a
    /// [`FrameGroup::pair`].
    ///
    /// # Errors
    /// As in [`push`](Self::push).
    pub fn push_pair(
        &mut self,
        reference: impl Into<Arc<Frame>>,
        distorted: impl Into<Arc<Frame>>,
    ) -> Result<()> {
        self.push(FrameGroup::pair(reference, distorted))
    }

    /// The number of groups measured so far.
    #[must_use]
    pub fn measured_groups(&self) -> u64 {
        self.shared.measured()
    }

    /// Returns the values of frame `index` while the job is running: a table with one row for each
    /// encode. Columns that depend on neighbours which are not measured yet are left out, and so
    /// are models that use them. `None` if the frame is not measured or not scored.
    /// [`finish`](Self::finish) returns the same values.
    ///
    /// # Errors
    /// Any error of a feature.
    pub fn frame_tables(&self, index: u64) -> Result<Option<Vec<ScoreTable>>> {
        let Neighbours { before, after } = self.selection.neighbours;
        let start = index.saturating_sub(before).max(self.selection.measured_frames().start);
        let end = index.saturating_add(after).saturating_add(1);
        if self.selection.role(index) != Role::Scored {
            return Ok(None);
        }
        let complete = self.shared.measured_range(start..end)?;
        let is_complete = complete.is_some();
        let alone = || self.shared.measured_range(index..index + 1);
        let Some(frames) = complete.map_or_else(alone, |frames| Ok(Some(frames)))? else {
            return Ok(None);
        };
        let mut tables = self.shared.tables(&frames, is_complete);
        tables.iter_mut().for_each(|table| table.keep_frame(index));
        Ok(Some(tables))
    }

    /// Waits for the workers, computes values that depend on neighbouring frames and the models'
    /// scores, and returns each encode's table, in the order of the job. The table of an encode
    /// that dropped out ends there, with the same values as if the video ended there.
    ///
    /// # Errors
    /// Any error of a feature; [`Error::Job`] if no frame was scored.
    pub fn finish(self) -> Result<Vec<ScoreTable>> {
        let measured = self.shared.wait(0)?;
        if !measured.iter().any(|frame| frame.role == Role::Scored) {
            return Err(Error::Job(JobError::NoFrame));
        }
        Ok(self.shared.tables(&measured, true))
    }

    fn check(&self, group: &FrameGroup) -> Result<()> {
        let (given, expected) = (group.distorted.len(), self.encodes.len());
        if given != expected {
            return Err(Error::Job(JobError::GroupSize { given, expected }));
        }
        let check = |frame: &Frame, accepted: &AcceptedFormats, encode: Option<usize>| {
            if accepted.allows(frame.format()) {
                return Ok(());
            }
            let (found, expected) = (*frame.format(), accepted.format);
            Err(JobError::FrameFormat { frame: self.next, encode, found, expected })
        };
        check(&group.reference, &self.reference, None)?;
        for (encode, (frame, accepted)) in group.distorted.iter().zip(&self.encodes).enumerate() {
            if let Some(frame) = frame {
                check(frame, accepted, Some(encode))?;
            }
        }
        Ok(())
    }
}

/// The frames of a job at one bit depth.
#[derive(Default)]
struct DepthFrames {
    bits: u8,
    lookback: Lookback,
    /// The encodes that are measured at this bit depth.
    measured: Vec<bool>,
    /// Earlier frames of the reference, the latest first; `previous_distorted` holds those of the
    /// encodes.
    previous: VecDeque<Arc<Frame>>,
    previous_distorted: VecDeque<Vec<Option<Arc<Frame>>>>,
    /// The memory of promoted frames.
    recycler: Recycler,
}

impl DepthFrames {
    fn new(bits: u8, lookback: Lookback, measured: Vec<bool>) -> Self {
        Self { bits, lookback, measured, ..Self::default() }
    }

    /// Returns the pictures needed to measure `group`, and stores it as an earlier one.
    fn next(&mut self, group: &FrameGroup) -> Pictures {
        let group = group.only(&self.measured).promoted_in(self.bits, &self.recycler);
        let previous = self.previous.iter().cloned().collect();
        let previous_distorted = self.previous_distorted.iter().cloned().collect();
        remember(&mut self.previous, self.lookback.reference, || group.reference.clone());
        remember(&mut self.previous_distorted, self.lookback.distorted, || group.distorted.clone());
        Pictures { group, previous, previous_distorted }
    }

    /// Frees the chroma of earlier frames if no feature needs it.
    fn trim(&mut self) {
        if self.lookback.chroma {
            return;
        }
        let distorted = self.previous_distorted.iter_mut().flatten().flatten();
        // Frames still being measured are shared and stay unchanged.
        for frame in self.previous.iter_mut().chain(distorted).filter_map(Arc::get_mut) {
            frame.keep_luma();
        }
    }
}

/// Stores the result of `latest` before the earlier ones, keeping at most `count`.
fn remember<T>(earlier: &mut VecDeque<T>, count: usize, latest: impl FnOnce() -> T) {
    if count > 0 {
        earlier.truncate(count - 1);
        earlier.push_front(latest());
    }
}

impl std::fmt::Debug for Scorer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scorer").field("next", &self.next).finish_non_exhaustive()
    }
}
