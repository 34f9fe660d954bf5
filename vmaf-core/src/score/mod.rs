//! Scoring: from groups of frames to tables of values.
//!
//! A [`Job`] says what is wanted. Started, it is a [`Scorer`]: groups are pushed in order, worker
//! threads measure them, and [`Scorer::finish`] gives a [`Scored`] for each encode. What is in
//! flight is bounded by the number of threads: [`Scorer::push`] waits when the workers are behind.
//!
//! Threads take whole frames. A feature that looks at neighbours gets the earlier frames with each
//! group, of the reference (motion) or of the encodes too (speed_temporal), and what depends on
//! later frames is computed at the end, so the order in which threads finish changes nothing.

mod job;
mod scored;
mod worker;

#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

pub use job::Job;
pub use scored::{Column, Scored};
use worker::{Pictures, Role, Shared, Task};

use crate::feature::Neighbours;
use crate::{Error, Frame, FrameGroup, Result};

/// A running job: push groups, then finish.
pub struct Scorer {
    shared: Arc<Shared>,
    threads: Option<rayon::ThreadPool>,
    wanted: Wanted,
    /// The bit depths that features are measured at, that of the frames first.
    depths: Vec<Depth>,
    /// The number of the next group.
    next: u64,
}

/// Which frames are scored, and which others that takes.
#[derive(Debug, Clone)]
struct Wanted {
    frames: Range<u64>,
    every: u64,
    neighbours: Neighbours,
    /// How many earlier frames are looked at: of the reference, and of the encodes.
    lookback: usize,
    lookback_distorted: usize,
}

impl Wanted {
    /// The frames whose temporal features are measured.
    fn context(&self) -> Range<u64> {
        let Neighbours { before, after } = self.neighbours;
        self.frames.start.saturating_sub(before)..self.frames.end.saturating_add(after)
    }

    fn role(&self, index: u64) -> Role {
        if self.frames.contains(&index) {
            if index.is_multiple_of(self.every) { Role::Scored } else { Role::Between }
        } else if self.context().contains(&index) {
            Role::Context
        } else {
            Role::Unused
        }
    }
}

impl Scorer {
    /// The numbers of the frames to push: those to be scored and, for an excerpt, the neighbours
    /// they need. The end is `u64::MAX` where the video's end decides.
    #[must_use]
    pub fn wanted(&self) -> Range<u64> {
        let context = self.wanted.context();
        let lookback = self.wanted.lookback.max(self.wanted.lookback_distorted);
        context.start.saturating_sub(lookback as u64)..context.end
    }

    /// Takes the next group. The first one pushed is number `wanted().start`.
    ///
    /// # Errors
    /// [`Error::Format`] where a frame is not of the job's format, [`Error::Job`] where the number
    /// of encodes is not the job's, and whatever a feature met in this or an earlier frame.
    pub fn push(&mut self, group: FrameGroup) -> Result<()> {
        self.check(&group)?;
        let index = self.next;
        self.next += 1;
        let role = self.wanted.role(index);
        let pictures: Vec<Pictures> =
            self.depths.iter_mut().map(|depth| depth.next(&group, &self.wanted)).collect();
        if role == Role::Unused {
            return Ok(());
        }
        let slot = self.shared.begin(index, role, &group)?;
        let task = Task { index, slot, role, pictures };
        match &self.threads {
            None => self.shared.measure(task),
            Some(pool) => {
                let shared = self.shared.clone();
                pool.spawn(move || shared.measure(task));
            }
        }
        Ok(())
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
        let measured = self.shared.wait()?;
        if !measured.iter().any(|frame| frame.role == Role::Scored) {
            return Err(Error::Job("no frame was scored".to_owned()));
        }
        Ok(self.shared.conclude(&measured))
    }

    fn check(&self, group: &FrameGroup) -> Result<()> {
        let format = self.shared.format();
        let check = |frame: &Frame, which: &str| {
            if frame.format() == format {
                return Ok(());
            }
            Err(Error::Format(format!(
                "frame {} of the {which} is {}; the job is {format}",
                self.next,
                frame.format()
            )))
        };
        check(&group.reference, "reference")?;
        for frame in group.distorted.iter().flatten() {
            check(frame, "distorted video")?;
        }
        let (given, expected) = (group.distorted.len(), self.shared.encodes());
        if given == expected {
            Ok(())
        } else {
            Err(Error::Job(format!("a group of {given} encodes in a job of {expected}")))
        }
    }
}

/// The frames of a job at one bit depth.
struct Depth {
    bits: u8,
    /// Earlier frames, the latest first: of the reference, and of the encodes.
    previous: VecDeque<Arc<Frame>>,
    previous_distorted: VecDeque<Vec<Option<Arc<Frame>>>>,
}

impl Depth {
    fn new(bits: u8) -> Self {
        Self { bits, previous: VecDeque::new(), previous_distorted: VecDeque::new() }
    }

    /// What is to be looked at for `group`, which is then an earlier one.
    fn next(&mut self, group: &FrameGroup, wanted: &Wanted) -> Pictures {
        let group = group.promoted(self.bits);
        let previous = self.previous.iter().cloned().collect();
        let previous_distorted = self.previous_distorted.iter().cloned().collect();
        remember(&mut self.previous, wanted.lookback, || group.reference.clone());
        remember(&mut self.previous_distorted, wanted.lookback_distorted, || {
            group.distorted.clone()
        });
        Pictures { group, previous, previous_distorted }
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
