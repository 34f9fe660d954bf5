//! What is not as it should be between two videos' frames.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Contrast;
use crate::conform::Rect;

/// How stretches of frames voted, of those that can tell.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Votes {
    /// How many could tell.
    pub telling: u32,
    /// How many of these agree.
    pub agreeing: u32,
    /// How nearly all frames say that the encode's contrast was changed.
    #[serde(default)]
    pub contrast: Option<Contrast>,
}

impl fmt::Display for Votes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { telling, agreeing, .. } = self;
        write!(f, "{agreeing} of {telling} stretches of frames that can tell say so")
    }
}

/// Why an encode's frames can't be paired with the reference's in order. As text it goes on where
/// the encode's name stops, and ends with what to do.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Finding {
    /// The encode shows each picture this many frames later, from its beginning on; earlier where
    /// it is less than 0.
    Offset {
        /// Frames later.
        frames: i64,
        /// How sure that is.
        votes: Votes,
    },
    /// The encode has this many frames more than the reference, or less, from some place on.
    Slip {
        /// Frames more.
        shift: i64,
        /// The frames of the reference between which it happens.
        frames: [u64; 2],
        /// When these are shown, in seconds.
        times: [Option<f64>; 2],
        /// The frame rates of reference and encode, if they differ.
        rates: Option<[f64; 2]>,
        /// How sure that is.
        votes: Votes,
    },
    /// The encode runs at another rate.
    Rate {
        /// Frames a second of the reference and the encode.
        rates: [f64; 2],
        /// How stretches voted for pairs in order.
        votes: Votes,
    },
    /// The encode's times jump.
    Jump {
        /// At which frame.
        frame: u64,
        /// When the reference shows that, in seconds.
        time: Option<f64>,
        /// By how many seconds, forwards where it is more than 0.
        seconds: f64,
        /// How stretches voted for pairs in order.
        votes: Votes,
    },
    /// Single frames show a moment beside their own, as after a conversion of the frame rate.
    Displaced {
        /// How many frames do.
        frames: u64,
        /// Of so many that were compared.
        compared: u64,
        /// How often the encode repeats a frame.
        repeated: u64,
        /// How many frames of the reference it lacks.
        lacking: u64,
    },
    /// The pairs that fit best turn out to show other moments.
    Unverified {
        /// How stretches voted for others.
        votes: Votes,
    },
    /// Parts of both have nothing in common, even as they fit best.
    Unlike,
    /// Frames were left out of the pairs, and nothing moves enough to prove that they had to be.
    Unproved,
    /// One has black bars that the other lacks.
    Bars {
        /// Where the reference's picture is.
        reference: Rect,
        /// Where the encode's picture is.
        encode: Rect,
    },
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Offset { frames, votes } => {
                let side = if *frames > 0 { "later" } else { "earlier" };
                let which = if *frames > 0 { "its" } else { "the reference's" };
                let count = Frames(frames.unsigned_abs());
                write!(
                    f,
                    "shows everything {count} {side} than the reference ({votes}): --offset \
                     {frames} leaves out {which} first {count}"
                )
            }
            Self::Slip { shift, frames, times, rates, votes } => {
                let count = Frames(shift.unsigned_abs());
                if *shift > 0 {
                    write!(f, "has {count} more than the reference")?;
                } else {
                    write!(f, "lacks {count} of the reference")?;
                }
                let [from, to] = [0, 1].map(|end| Place(frames[end], times[end]));
                write!(f, " between {from} and {to} ({votes})")?;
                if let Some([reference, encode]) = rates {
                    write!(
                        f,
                        "; it runs at {encode:.3} frames/s, the reference at {reference:.3}"
                    )?;
                }
                write!(f, ": --align content scores the frames that match")
            }
            Self::Rate { rates: [reference, encode], votes } => {
                write!(f, "runs at {encode:.3} frames/s, the reference at {reference:.3}: ")?;
                order_or_content(f, *votes)
            }
            Self::Jump { frame, time, seconds, votes } => {
                let side = if *seconds > 0.0 { "late" } else { "early" };
                let place = Place(*frame, *time);
                write!(f, "is {:.3} s {side} by its times from {place} on: ", seconds.abs())?;
                order_or_content(f, *votes)
            }
            Self::Displaced { frames, compared, repeated, lacking } => write!(
                f,
                "shows {frames} of {compared} frames at other moments than the reference, as a \
                 conversion of the frame rate does (it repeats {}, and lacks {} of the \
                 reference): --align content scores the frames that match, --align unchecked all \
                 as they are",
                Frames(*repeated),
                Frames(*lacking),
            ),
            Self::Unverified { votes } => write!(
                f,
                "has frames that --align content can't pair with the reference's: those that it \
                 found show other moments ({votes}); cut both to the part that both have, or pair \
                 in order with --align unchecked"
            ),
            Self::Unlike => write!(
                f,
                "shows something else than the reference for a while, or lacks more than is \
                 searched, so --align content can't pair their frames: cut both to the parts that \
                 both have, or pair in order with --align unchecked"
            ),
            Self::Unproved => write!(
                f,
                "has other frames than the reference, and nothing moves enough to prove which \
                 belong together: --align unchecked pairs them in order"
            ),
            Self::Bars { reference, encode } => write!(
                f,
                "has other black bars than the reference (its picture is {encode}, W:H:X:Y, the \
                 reference's {reference}): --crop auto leaves bars out, --align unchecked scores \
                 them as they are"
            ),
        }
    }
}

/// Advises on what has other times: whether its frames are the reference's in order, pictures tell.
fn order_or_content(f: &mut fmt::Formatter<'_>, votes: Votes) -> fmt::Result {
    let are_in_order = votes.agreeing > 0 && votes.agreeing == votes.telling;
    if are_in_order {
        write!(
            f,
            "its frames are the reference's in order ({votes}), and --align frames pairs them so"
        )
    } else {
        write!(
            f,
            "--align frames pairs their frames in order, --align content those that show the same"
        )
    }
}

/// A number of frames.
struct Frames(u64);

impl fmt::Display for Frames {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} frame{}", self.0, if self.0 == 1 { "" } else { "s" })
    }
}

/// A frame, with its time where that is known.
struct Place(u64, Option<f64>);

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(frame, time) = self;
        let Some(time) = time else { return write!(f, "frame {frame}") };
        let milliseconds = (time * 1e3).round() as i64;
        let (minutes, rest) = (milliseconds / 60_000, milliseconds % 60_000);
        write!(f, "{minutes:02}:{:02}.{:03}", rest / 1000, rest % 1000)
    }
}
