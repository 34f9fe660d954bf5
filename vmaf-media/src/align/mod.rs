//! Whether a frame of an encode shows what the reference's frame of the same number shows.
//!
//! Nothing ruins a score as silently as frames that are off by one. So pairs are made in order,
//! and two things have to agree with that: the times at which files say that their frames are
//! shown, counted from each file's first, and the pictures ([`Matcher`]).
//!
//! Each frame leaves a [`Signature`] behind, the mean brightness of 16 by 9 parts of the picture,
//! taken where the frame is read ([`watch`]). What lasts is subtracted from it, and what is left is
//! compared with that of all frames of the other video within five seconds. Eight frames at a time
//! are a *stretch*. It can tell where something moves in it and one shift fits clearly better than
//! all others; then it votes for that shift. Stills, black, slow fades and what repeats can't tell,
//! and are no reason to refuse. Four votes for one shift, where each vote for another counts two
//! against it, are a [`Finding`].
//!
//! On encodes by x264, x265, SVT-AV1 and VP9 of films, pans, slides, loops and stills, at their
//! worst quality too, no stretch of aligned video voted for another shift but at the ends of linear
//! fades of a still picture, one or two at a time and for different shifts.
//!
//! [`Aligner`] aligns whole videos: which frame of the encode shows each frame of the reference, and
//! which have no counterpart.

mod aligner;
mod clock;
mod contrast;
mod displaced;
mod edges;
mod film;
mod finding;
mod lattice;
mod matcher;
mod path;
mod signature;
mod stretch;
mod trace;
mod watch;

pub use aligner::{Aligned, Aligner};
pub use contrast::Contrast;
pub use finding::{Finding, Votes};
pub use matcher::Matcher;
pub use path::{Change, Path};
pub use signature::Signature;
pub(crate) use signature::sum_of;
pub use watch::{Sight, Sights, watch};

#[cfg(test)]
mod tests;

/// How far apart frames may be that are compared, in seconds.
pub const REACH: f64 = 5.0;

/// How many frames that is, for a video of `frame_rate` frames a second: of what has no rate, as
/// for 25.
fn reach(frame_rate: Option<f64>) -> usize {
    let frames = REACH * frame_rate.filter(|rate| rate.is_finite()).unwrap_or(25.0);
    (frames.round() as usize).clamp(25, 600)
}
