//! The encodes of a run.

use std::sync::Arc;

use vmaf_core::{Format, Frame};
use vmaf_media::align::{AlignmentPath, Finding};
use vmaf_media::{Error, FrameIndex, Frames, Result, StreamInfo};

use crate::failure::EncodeFailure;
use crate::pairing::Alignment;

/// An encode, and its state. `V` is the stage of its video: opened, or being read.
pub struct Encode<V> {
    /// The path, as given.
    pub path: String,
    /// Facts about the stream, once it was opened.
    pub info: Option<StreamInfo>,
    /// The format that its picture was coded in, before conversion.
    pub coded: Option<Format>,
    /// Conversions of its frames before they are promoted to the scored bit depth.
    pub steps: Vec<String>,
    /// The reason why only luma can be compared with the reference's, if so.
    pub(super) luma_only: Option<String>,
    /// The pairing of its frames with the reference's.
    pub alignment: Alignment,
    /// The pairs found by content, if frames are paired so, and how many frames were skipped or
    /// paired.
    pub(super) pairs: Option<AlignmentPath>,
    pub(super) position: u64,
    /// The index that was written when it was decoded before.
    pub(super) earlier: Option<FrameIndex>,
    /// The encode's state.
    pub state: State<V>,
    /// Its remaining frames, if it is longer than the reference.
    pub(super) remaining: Option<V>,
}

/// The state of an encode.
pub enum State<V> {
    /// It is still being read.
    Active(V),
    /// It ended before the reference, after this many frames.
    Shorter(u64),
    /// It had frames left when the reference ended.
    Longer,
    /// It can't be scored.
    Failed(EncodeFailure),
}

impl<V> Encode<V> {
    /// Moves the encode to its next stage, with the video that `next` makes of its own; if that
    /// fails, so does the encode.
    pub(super) fn advance<W>(self, next: impl FnOnce(V) -> Result<W, EncodeFailure>) -> Encode<W> {
        let state = match self.state {
            State::Active(video) => next(video).map_or_else(State::Failed, State::Active),
            State::Shorter(frames) => State::Shorter(frames),
            State::Longer => State::Longer,
            State::Failed(failure) => State::Failed(failure),
        };
        Encode {
            path: self.path,
            info: self.info,
            coded: self.coded,
            steps: self.steps,
            luma_only: self.luma_only,
            alignment: self.alignment,
            pairs: self.pairs,
            position: self.position,
            earlier: self.earlier,
            state,
            remaining: None,
        }
    }

    /// Drops out, since its frames do not match the reference's.
    pub(super) fn fail_alignment(&mut self, finding: Finding) {
        self.state = State::Failed(EncodeFailure::frames(&self.path, finding));
    }
}

impl Encode<Box<dyn Frames>> {
    /// Returns frame number `index` of the encode, unless it has dropped out. Fails only if it is
    /// interrupted.
    pub(super) fn next(
        &mut self,
        index: u64,
        reference_goes_on: bool,
    ) -> Result<Option<Arc<Frame>>> {
        let State::Active(frames) = &mut self.state else { return Ok(None) };
        let wanted = self.pairs.as_ref().and_then(|pairs| pairs.get(index)).map(|pair| pair[1]);
        Ok(match frame_at(&mut **frames, &mut self.position, wanted) {
            Ok(Some(frame)) => {
                if !reference_goes_on
                    && let State::Active(rest) = std::mem::replace(&mut self.state, State::Longer)
                {
                    self.remaining = Some(rest);
                }
                Some(Arc::new(frame))
            }
            Ok(None) => {
                if reference_goes_on {
                    self.state = State::Shorter(index);
                }
                None
            }
            Err(error @ Error::Interrupted { .. }) => return Err(error),
            Err(error) => {
                self.state = State::Failed(error.into());
                None
            }
        })
    }
}

/// Returns the next frame of a video, or its frame `wanted`; `position` counts its frames.
pub(super) fn frame_at(
    frames: &mut dyn Frames,
    position: &mut u64,
    wanted: Option<u64>,
) -> Result<Option<Frame>> {
    loop {
        let Some(frame) = frames.read()? else { return Ok(None) };
        *position += 1;
        if wanted.is_none_or(|wanted| *position > wanted) {
            return Ok(Some(frame));
        }
    }
}
