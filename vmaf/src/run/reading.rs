//! The reading of a run's videos side by side into a scorer.

use std::ops::Range;

use vmaf_core::{FrameGroup, Scorer};
use vmaf_media::{Message, Setting};

use crate::error::{Error, Result};
use crate::failure::{EncodeFailure, Finding};
use crate::inputs::{EncodeEnd, InputReader, State, StreamEnds};

/// The frames that a run reads, and how it treats different lengths.
pub(super) struct Reading {
    pub(super) frames: Range<u64>,
    pub(super) shortest: bool,
}

impl Reading {
    /// Returns the number of frames to read, if it is known in advance.
    pub(super) fn expected(inputs: &InputReader, scorer: &Scorer) -> Option<u64> {
        let wanted = scorer.frames_to_push();
        let end = inputs.frames().unwrap_or(u64::MAX).min(wanted.end);
        (end < u64::MAX).then(|| end.saturating_sub(wanted.start))
    }

    /// Reads the frames that the scorer needs and pushes them. After each frame calls `pushed`.
    pub(super) fn read(
        &self,
        inputs: &mut InputReader,
        scorer: &mut Scorer,
        mut pushed: impl FnMut(&InputReader, &mut Scorer) -> Result<()>,
    ) -> Result<()> {
        let wanted = scorer.frames_to_push();
        while inputs.read() < wanted.end && (inputs.any_active() || self.is_served(inputs)) {
            let index = inputs.read();
            let Some(group) = inputs.next_group()? else { break };
            if index < wanted.start {
                continue;
            }
            if !self.is_scoring(inputs, &group) {
                break;
            }
            scorer.push(group)?;
            pushed(inputs, scorer)?;
        }
        inputs.finish()?;
        Ok(())
    }

    /// Returns true if an encode that ended has all frames to be scored, so that reading can
    /// continue for others.
    fn is_served(&self, inputs: &InputReader) -> bool {
        let served = |state: &State<_>| matches!(state, State::Shorter(n) if *n >= self.frames.end);
        inputs.encodes().iter().any(|encode| served(&encode.state))
    }

    /// Returns true if any encode scores the group.
    fn is_scoring(&self, inputs: &InputReader, group: &FrameGroup) -> bool {
        group.distorted.iter().any(Option::is_some) || self.is_served(inputs)
    }

    /// Returns the reason why an encode has no score, if so. The reference was read for `read`
    /// frames.
    pub(super) fn failure(&self, path: &str, end: &EncodeEnd, read: u64) -> Option<EncodeFailure> {
        match end {
            EncodeEnd::Failed(failure) => Some(failure.clone()),
            EncodeEnd::Shorter(frames) if !self.shortest && *frames < self.frames.end => {
                let says = format!("{path} ends after {frames} frames, before the reference; ");
                Some(EncodeFailure::new(Finding::Shorter { frames: *frames }, shortest(says)))
            }
            EncodeEnd::Longer if !self.shortest => {
                let says = format!("{path} is longer than the {read} frames of the reference; ");
                Some(EncodeFailure::new(Finding::Longer { frames: read }, shortest(says)))
            }
            EncodeEnd::Shorter(_) | EncodeEnd::Longer | EncodeEnd::Open => None,
        }
    }

    /// Fails if the reference at `path` ended before the frames to be scored did.
    pub(super) fn check_reach(&self, path: &str, ends: &StreamEnds) -> Result<()> {
        let (start, end, frames) = (self.frames.start, self.frames.end, ends.read);
        if ends.ended && frames == 0 {
            return Err(Error::input(format!("{path} has no frames")));
        }
        let short = if self.shortest { frames <= start } else { frames < end && end < u64::MAX };
        if ends.ended && (short || frames <= start) {
            let asked = self.frames.clone();
            return Err(Error::FramesBeyondEnd { count: frames, frames: asked });
        }
        Ok(())
    }
}

/// Returns a message about videos of different lengths, with the remedy.
fn shortest(message: String) -> Message {
    let message = Message::from(message).text("pass ").remedy(Setting::Shortest);
    message.text(" to score the part that both have")
}
