//! Checks that a frame of an encode shows the same as the reference's frame of the same number.
//!
//! Nothing ruins a score as silently as frames that are off by one. So pairs are made in order, and
//! two things have to agree with that: the files' timestamps, counted from each file's first frame,
//! and the pictures ([`Matcher`]).
//!
//! Each frame is reduced to a [`Signature`], the mean brightness of 32 by 18 parts of the picture,
//! when it is read ([`with_fingerprints`]). The average of the neighbouring frames is subtracted,
//! and the rest is compared with that of all frames of the other video within five seconds. Eight
//! frames at a time are a *stretch*. It is conclusive if something moves in it and one shift fits
//! clearly better than all others; then it votes for that shift. Stills, black, slow fades and
//! repetitions are inconclusive, and no reason to refuse. Four votes for one shift make a
//! [`Finding`]; each vote for another shift cancels two of them.
//!
//! On encodes by x264, x265, SVT-AV1 and VP9 of films, pans, slides, loops and stills, including
//! their worst quality, no stretch of aligned video voted for another shift except at the ends of
//! linear fades of a still picture, one or two at a time and for different shifts.
//!
//! [`Aligner`] aligns whole videos: it finds the frame of the encode that shows each frame of the
//! reference, and the frames that have no counterpart.

mod aligner;
mod bars;
mod contrast;
mod displaced;
mod finding;
mod fingerprint;
mod lattice;
mod matcher;
mod path;
mod residuals;
mod stretch;
mod timestamps;
mod window;

pub use aligner::{Aligner, AlignmentResult};
pub use contrast::Contrast;
pub use finding::{Finding, Votes};
pub use fingerprint::{FrameFingerprint, FrameFingerprints, with_fingerprints};
pub use matcher::Matcher;
pub use path::{AlignmentPath, UnpairedFrames};
pub use vmaf_core::scene::Signature;

/// The number of cells of a [`Signature`], and its steps per level of 8 bits.
const CELLS: usize = Signature::CELLS;
const STEPS_PER_LEVEL: f32 = Signature::STEPS_PER_LEVEL;

#[cfg(test)]
mod tests;

/// The greatest distance between compared frames, in seconds.
pub const REACH: f64 = 5.0;

/// Returns the number of frames in that time for a video of `frame_rate` frames per second; 25 if
/// it has none.
fn reach(frame_rate: Option<f64>) -> usize {
    let frames = REACH * frame_rate.filter(|rate| rate.is_finite()).unwrap_or(25.0);
    (frames.round() as usize).clamp(25, 600)
}
