//! Differences between two videos' frames.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Contrast;
use crate::message::Message;
use crate::rect::Rect;
use crate::setting::Setting;

/// Votes of the conclusive stretches of frames: those that move and fit one shift clearly best.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Votes {
    /// The number of conclusive stretches.
    pub telling: u32,
    /// The number of these that agree.
    pub agreeing: u32,
    /// The change of contrast that nearly all frames show, if there is one.
    #[serde(default)]
    pub contrast: Option<Contrast>,
}

impl fmt::Display for Votes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { telling, agreeing, .. } = self;
        write!(f, "{agreeing} of {telling} conclusive stretches of frames agree")
    }
}

/// The reason why an encode's frames can't be paired with the reference's in order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Finding {
    /// The encode shows each picture this many frames later, from its beginning on; earlier if
    /// negative.
    Offset {
        /// The number of frames.
        frames: i64,
        /// The votes for it.
        votes: Votes,
    },
    /// The encode gains this many frames over the reference at some place; it lacks frames if
    /// negative.
    Slip {
        /// The number of additional frames.
        shift: i64,
        /// The frames of the reference between which it happens.
        frames: [u64; 2],
        /// Their timestamps, in seconds.
        times: [Option<f64>; 2],
        /// The frame rates of reference and encode, if they differ.
        rates: Option<[f64; 2]>,
        /// The votes for it.
        votes: Votes,
    },
    /// The encode runs at another frame rate.
    Rate {
        /// Frames per second of the reference and the encode.
        rates: [f64; 2],
        /// The votes of stretches for pairs in order.
        votes: Votes,
    },
    /// The encode's timestamps jump.
    Jump {
        /// The frame at which they jump.
        frame: u64,
        /// The reference's timestamp of that frame, in seconds.
        time: Option<f64>,
        /// The delay of the encode in seconds; it is early if negative.
        seconds: f64,
        /// The votes of stretches for pairs in order.
        votes: Votes,
    },
    /// Single frames show a neighbouring moment, as after a conversion of the frame rate.
    Displaced {
        /// The number of these frames.
        frames: u64,
        /// The number of frames compared.
        compared: u64,
        /// The number of times that the encode repeats a frame.
        repeated: u64,
        /// The number of the reference's frames that it lacks.
        lacking: u64,
    },
    /// The pairs that fit best turn out to show other moments.
    Unverified {
        /// The votes of stretches for other shifts.
        votes: Votes,
    },
    /// Parts of both videos have nothing in common, even in the best alignment.
    Unlike,
    /// Frames were left out of the pairs, and nothing moves enough to prove that they had to be.
    Unproved,
    /// One video has black bars that the other lacks.
    Bars {
        /// The picture area of the reference.
        reference: Rect,
        /// The picture area of the encode.
        encode: Rect,
    },
}

impl Finding {
    /// Returns the finding in words that follow the encode's name, with remedies.
    #[must_use]
    pub fn message(&self) -> Message {
        let message = Message::default();
        match self {
            Self::Offset { frames, votes } => {
                let side = if *frames > 0 { "later" } else { "earlier" };
                let whose = if *frames > 0 { "its" } else { "the reference's" };
                let count = FrameCount(frames.unsigned_abs());
                message
                    .text(format!(
                        "shows everything {count} {side} than the reference ({votes}): pass "
                    ))
                    .remedy(Setting::Offset(*frames))
                    .text(format!(" to skip {whose} first {count}"))
            }
            Self::Slip { shift, frames, times, rates, votes } => {
                let count = FrameCount(shift.unsigned_abs());
                let has = if *shift > 0 {
                    format!("has {count} more than the reference")
                } else {
                    format!("lacks {count} of the reference")
                };
                let [from, to] = [0, 1].map(|end| FramePosition(frames[end], times[end]));
                let rates = rates.map(|[reference, encode]| {
                    format!("; it runs at {encode:.3} frames/s, the reference at {reference:.3}")
                });
                message
                    .text(format!("{has} between {from} and {to} ({votes})"))
                    .text(rates.unwrap_or_default())
                    .text(": pass ")
                    .remedy(Setting::AlignContent)
                    .text(" to score the frames that match")
            }
            Self::Rate { rates: [reference, encode], votes } => message
                .text(format!("runs at {encode:.3} frames/s, the reference at {reference:.3}: "))
                .then(order_or_content(*votes)),
            Self::Jump { frame, time, seconds, votes } => {
                let side = if *seconds > 0.0 { "late" } else { "early" };
                let (seconds, position) = (seconds.abs(), FramePosition(*frame, *time));
                message
                    .text(format!("is {seconds:.3} s {side} by its timestamps from {position} on: "))
                    .then(order_or_content(*votes))
            }
            Self::Displaced { frames, compared, repeated, lacking } => message
                .text(format!(
                    "has {frames} of {compared} frames out of place, as after a frame rate \
                     conversion (it repeats {}, and lacks {} of the reference): pass ",
                    FrameCount(*repeated),
                    FrameCount(*lacking),
                ))
                .remedy(Setting::AlignContent)
                .text(" to score the frames that match, or ")
                .remedy(Setting::AlignUnchecked)
                .text(" to score all as they are"),
            Self::Unverified { votes } => message
                .text("has frames that ")
                .setting(Setting::AlignContent)
                .text(format!(
                    " can't pair with the reference's: even the best pairs show different moments \
                     ({votes}); cut both videos to the part that they share, or pass "
                ))
                .remedy(Setting::AlignUnchecked)
                .text(" to pair frames in order"),
            Self::Unlike => message
                .text(
                    "differs from the reference for a while, or lacks more frames than are \
                     searched, so ",
                )
                .setting(Setting::AlignContent)
                .text(
                    " can't pair their frames: cut both videos to the parts that they share, or \
                     pass ",
                )
                .remedy(Setting::AlignUnchecked)
                .text(" to pair frames in order"),
            Self::Unproved => message
                .text(
                    "has different frames from the reference, and too little motion to prove which \
                     frames match: pass ",
                )
                .remedy(Setting::AlignUnchecked)
                .text(" to pair them in order"),
            Self::Bars { reference, encode } => message
                .text(format!(
                    "has different black bars from the reference (its picture is {encode}, W:H:X:Y, \
                     the reference's {reference}): pass "
                ))
                .remedy(Setting::CropAuto)
                .text(" to crop the bars, or ")
                .remedy(Setting::AlignUnchecked)
                .text(" to score them as they are"),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.message().fmt(f)
    }
}

/// Advises on an encode with other timestamps: pair its frames in order if the pictures match in
/// order, otherwise by content as well.
fn order_or_content(votes: Votes) -> Message {
    let are_in_order = votes.agreeing > 0 && votes.agreeing == votes.telling;
    if are_in_order {
        Message::from(format!("its pictures match the reference's in order ({votes}); pass "))
            .remedy(Setting::AlignFrames)
            .text(" to pair frames in order")
    } else {
        Message::from("pass ")
            .remedy(Setting::AlignFrames)
            .text(" to pair frames in order, or ")
            .remedy(Setting::AlignContent)
            .text(" to pair those that show the same")
    }
}

/// A number of frames.
struct FrameCount(u64);

impl fmt::Display for FrameCount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} frame{}", self.0, if self.0 == 1 { "" } else { "s" })
    }
}

/// A frame, with its timestamp if it is known.
struct FramePosition(u64, Option<f64>);

impl fmt::Display for FramePosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(frame, time) = self;
        let Some(time) = time else { return write!(f, "frame {frame}") };
        let milliseconds = (time * 1e3).round() as i64;
        let (minutes, rest) = (milliseconds / 60_000, milliseconds % 60_000);
        write!(f, "{minutes:02}:{:02}.{:03}", rest / 1000, rest % 1000)
    }
}
