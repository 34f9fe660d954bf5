//! Scoring: from groups of frames to tables of values.
//!
//! A [`Job`] says what is wanted. Started, it is a [`Scorer`]: groups are pushed in order, worker
//! threads measure them, and [`Scorer::finish`] gives a [`Scored`] for each encode. What is in
//! flight is bounded by the number of threads: [`Scorer::push`] waits when the workers are behind.
//!
//! Threads take whole frames. A feature that looks at neighbours gets the earlier frames with each
//! group, of the reference (motion) or of the encodes too (speed_temporal), and what depends on
//! later frames is computed at the end, so the order in which threads finish changes nothing.
//!
//! A job may be done in [parts](Part), one after another or side by side, and joined: what a part
//! holds is each frame's raw values, so that the cuts change nothing either.

mod job;
mod part;
mod plan;
mod sampling;
mod scored;
mod start;
mod worker;

#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

pub use job::Job;
use part::Fingerprint;
pub use part::Part;
pub use sampling::Sampling;
pub use scored::Scored;
use worker::{Pictures, Role, Shared, Task};

pub use crate::column::Column;
use crate::error::JobError;
use crate::feature::Neighbours;
use crate::frame::Recycler;
use crate::{Error, Format, Frame, FrameGroup, Result};

/// A running job: push groups, then finish.
pub struct Scorer {
    shared: Arc<Shared>,
    threads: Option<rayon::ThreadPool>,
    wanted: Wanted,
    fingerprint: Fingerprint,
    /// What frames may be pushed: of the reference, and of each encode.
    reference: Pushed,
    encodes: Vec<Pushed>,
    /// The bit depths that features are measured at.
    depths: Vec<Depth>,
    /// The number of the next group.
    next: u64,
    /// How many of the measured frames parts were made of, or came from.
    parted: usize,
}

/// The frames of a video as they may be pushed.
#[derive(Debug, Clone, Copy)]
struct Pushed {
    /// As they are.
    format: Format,
    /// What is looked at.
    looked_at: Format,
}

impl Pushed {
    /// Whether a frame of `format` may be pushed.
    fn allows(&self, format: &Format) -> bool {
        let Self { format: own, looked_at } = self;
        (format.width, format.height) == (own.width, own.height)
            && (format.chroma == own.chroma || format.chroma == looked_at.chroma)
            && [own.bit_depth, looked_at.bit_depth].contains(&format.bit_depth)
    }
}

/// Which frames are scored, and which others that takes.
#[derive(Debug, Clone)]
struct Wanted {
    frames: Range<u64>,
    every: u64,
    sampling: Option<Sampling>,
    /// Those among which frames are measured: a part of the video, or all.
    part: Range<u64>,
    neighbours: Neighbours,
    /// How many earlier frames are looked at, of the reference or the encodes.
    lookback: usize,
}

impl Wanted {
    /// The frames whose temporal features are measured.
    fn context(&self) -> Range<u64> {
        let Neighbours { before, after } = self.neighbours;
        self.frames.start.saturating_sub(before)..self.frames.end.saturating_add(after)
    }

    /// The frames that are measured.
    fn measured(&self) -> Range<u64> {
        let context = self.context();
        let start = context.start.max(self.part.start);
        start..context.end.min(self.part.end).max(start)
    }

    /// Whether a frame of those asked for is scored.
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
    /// The numbers of the frames to push: those to be scored and, for an excerpt or a part, the
    /// neighbours they need. The end is `u64::MAX` where the video's end decides. Where it is not
    /// beyond the start, nothing is.
    #[must_use]
    pub fn wanted(&self) -> Range<u64> {
        let measured = self.wanted.measured();
        if measured.is_empty() {
            return measured;
        }
        measured.start.saturating_sub(self.wanted.lookback as u64)..measured.end
    }

    /// Adds a part that was measured before, of the same job. Parts come in the order of their
    /// frames and before any group is pushed; what is [wanted](Self::wanted) is then the rest.
    ///
    /// # Errors
    /// [`Error::Job`] where the part is of another job, or does not begin where what is there ends.
    pub fn add(&mut self, part: Part) -> Result<()> {
        if self.next != self.wanted().start {
            return Err(Error::Job(JobError::LatePart));
        }
        part.check(self.fingerprint, self.wanted.measured().start)?;
        self.wanted.part.start = part.frames().end;
        self.next = self.wanted().start;
        let measured = part.into_measured();
        self.parted += measured.len();
        self.shared.add(measured);
        Ok(())
    }

    /// What was measured since the last part was taken or added, or since the start: waits for the
    /// workers, and goes on.
    ///
    /// # Errors
    /// Whatever a feature met.
    pub fn part(&mut self) -> Result<Part> {
        let measured = self.shared.wait(self.parted)?;
        let first = measured.first().map_or(self.next, |frame| frame.index);
        let first = first.max(self.wanted.measured().start);
        self.parted += measured.len();
        let size = (self.shared.encodes(), self.shared.row());
        Ok(Part::new(self.fingerprint, size, first, measured))
    }

    /// What is looked at of the reference's frames: chroma may not be, and they have the fewest bits
    /// that anything is measured at. Frames may be pushed in this form, which saves keeping and
    /// [promoting](Frame::promoted) them.
    #[must_use]
    pub fn looked_at(&self) -> Format {
        self.reference.looked_at
    }

    /// What is looked at of the frames of encode `encode`, as [`looked_at`](Self::looked_at).
    ///
    /// # Panics
    /// Where there is no such encode.
    #[must_use]
    pub fn looked_at_of(&self, encode: usize) -> Format {
        self.encodes[encode].looked_at
    }

    /// Takes the next group. The first one pushed is number `wanted().start`.
    ///
    /// # Errors
    /// [`JobError::FrameFormat`] where a frame is neither of the job's format, at the bit depth of its
    /// encode, nor what of it is [looked at](Self::looked_at), [`JobError::GroupSize`] where the
    /// number of encodes is not the job's, and whatever a feature met in this or an earlier frame.
    pub fn push(&mut self, group: FrameGroup) -> Result<()> {
        self.check(&group)?;
        let index = self.next;
        self.next += 1;
        let role = self.wanted.role(index);
        let slot = match role {
            Role::Unused => None,
            _ => Some(self.shared.begin(index, role, &group)?),
        };
        let pictures = self.depths.iter_mut().map(|depth| depth.next(&group)).collect();
        // Where all is measured at another bit depth these pictures have served.
        drop(group);
        let Some(slot) = slot else { return Ok(()) };
        let task = Task { index, slot, role, pictures };
        match &self.threads {
            None => self.shared.measure(task),
            Some(pool) => {
                let shared = self.shared.clone();
                pool.spawn(move || shared.measure(task));
            }
        }
        self.depths.iter_mut().for_each(Depth::trim);
        Ok(())
    }

    /// Takes the next pair of frames of a job with one encode: [`push`](Self::push) of a
    /// [`FrameGroup::pair`].
    ///
    /// # Errors
    /// As [`push`](Self::push).
    pub fn push_pair(
        &mut self,
        reference: impl Into<Arc<Frame>>,
        distorted: impl Into<Arc<Frame>>,
    ) -> Result<()> {
        self.push(FrameGroup::pair(reference, distorted))
    }

    /// How many groups have been measured so far.
    #[must_use]
    pub fn measured(&self) -> u64 {
        self.shared.measured()
    }

    /// Waits for the workers, computes what depends on neighbouring frames and the models' scores,
    /// and gives each encode's table, in the order of the job. That of an encode that dropped out
    /// ends there, with the values it would have if the video did.
    ///
    /// # Errors
    /// Whatever a feature met; [`Error::Job`] where no frame was scored.
    pub fn finish(self) -> Result<Vec<Scored>> {
        let measured = self.shared.wait(0)?;
        if !measured.iter().any(|frame| frame.role == Role::Scored) {
            return Err(Error::Job(JobError::NoFrame));
        }
        Ok(self.shared.conclude(&measured))
    }

    fn check(&self, group: &FrameGroup) -> Result<()> {
        let (given, expected) = (group.distorted.len(), self.encodes.len());
        if given != expected {
            return Err(Error::Job(JobError::GroupSize { given, expected }));
        }
        let check = |frame: &Frame, pushed: &Pushed, encode: Option<usize>| {
            if pushed.allows(frame.format()) {
                return Ok(());
            }
            let (found, expected) = (*frame.format(), pushed.format);
            Err(JobError::FrameFormat { frame: self.next, encode, found, expected })
        };
        check(&group.reference, &self.reference, None)?;
        for (encode, (frame, pushed)) in group.distorted.iter().zip(&self.encodes).enumerate() {
            if let Some(frame) = frame {
                check(frame, pushed, Some(encode))?;
            }
        }
        Ok(())
    }
}

/// The frames of a job at one bit depth.
#[derive(Default)]
struct Depth {
    bits: u8,
    lookback: Lookback,
    /// Which encodes anything is measured of at it.
    measured: Vec<bool>,
    /// Earlier frames, the latest first: of the reference, and of the encodes.
    previous: VecDeque<Arc<Frame>>,
    previous_distorted: VecDeque<Vec<Option<Arc<Frame>>>>,
    /// The memory of promoted frames.
    recycler: Recycler,
}

/// How many earlier frames are looked at, and what of them.
#[derive(Debug, Clone, Copy, Default)]
struct Lookback {
    reference: usize,
    distorted: usize,
    chroma: bool,
}

impl Lookback {
    /// What covers both.
    fn union(self, other: Self) -> Self {
        Self {
            reference: self.reference.max(other.reference),
            distorted: self.distorted.max(other.distorted),
            chroma: self.chroma | other.chroma,
        }
    }
}

impl Depth {
    fn new(bits: u8, lookback: Lookback, measured: Vec<bool>) -> Self {
        Self { bits, lookback, measured, ..Self::default() }
    }

    /// What is to be looked at for `group`, which is then an earlier one.
    fn next(&mut self, group: &FrameGroup) -> Pictures {
        let group = group.only(&self.measured).promoted_in(self.bits, &self.recycler);
        let previous = self.previous.iter().cloned().collect();
        let previous_distorted = self.previous_distorted.iter().cloned().collect();
        remember(&mut self.previous, self.lookback.reference, || group.reference.clone());
        remember(&mut self.previous_distorted, self.lookback.distorted, || group.distorted.clone());
        Pictures { group, previous, previous_distorted }
    }

    /// Lets go of earlier frames' chroma that nobody looks at any more.
    fn trim(&mut self) {
        if self.lookback.chroma {
            return;
        }
        let distorted = self.previous_distorted.iter_mut().flatten().flatten();
        // Frames that are being measured are left alone.
        for frame in self.previous.iter_mut().chain(distorted).filter_map(Arc::get_mut) {
            frame.keep_luma();
        }
    }
}

/// Puts what `latest` gives in front of the earlier ones, of which `count` are kept.
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
