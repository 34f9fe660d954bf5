//! What can be wrong with a job, or with what is done in one.

use crate::frame::Format;

/// The reason why a job can't be done as it was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JobError {
    /// A job without encodes.
    #[error("a job needs an encode to score")]
    NoEncode,

    /// A job without models and features.
    #[error("no model and no feature is asked for")]
    NothingAsked,

    /// Two models whose columns would have one name.
    #[error("two models are called '{label}': give one another name")]
    SameLabel {
        /// The models' label.
        label: String,
    },

    /// An encode that the job does not have.
    #[error("there is no encode {encode} in a job of {count}, counted from 0")]
    UnknownEncode {
        /// The encode's place in the job, from 0.
        encode: usize,
        /// How many encodes the job has.
        count: usize,
    },

    /// An option that encodes can't have of their own: it decides which columns there are.
    #[error(
        "{option} of {feature} decides which columns there are, which is the same for all encodes"
    )]
    SharedOption {
        /// The feature's name.
        feature: String,
        /// The option's name.
        option: String,
    },

    /// Two models that look at one feature at different bit depths.
    #[error(
        "two models look at {column}, one at {} bits and one at {}: score them in separate runs",
        .bit_depths[0], .bit_depths[1]
    )]
    TwoBitDepths {
        /// The feature, with what its options add to columns' names.
        column: String,
        /// Bits a sample of either.
        bit_depths: [u8; 2],
    },

    /// A feature that is asked for twice with different options and the same columns.
    #[error(
        "{feature} is asked for twice, with options that differ but name no column: score one of \
         them in a run of its own"
    )]
    TwoOptionSets {
        /// The feature's name.
        feature: String,
    },

    /// A sample of no frame, or out of none.
    #[error("a sample has at least one frame, of at least one")]
    EmptySample,

    /// Threads that the system does not start.
    #[error("can't start {count} threads: {reason}")]
    Threads {
        /// How many were asked for.
        count: usize,
        /// The system's reason.
        reason: String,
    },

    /// A group with frames of another number of encodes than the job's.
    #[error("a group of {given} encodes in a job of {expected}")]
    GroupSize {
        /// The encodes of the group.
        given: usize,
        /// The encodes of the job.
        expected: usize,
    },

    /// A frame that is not in the format of the job.
    #[error("frame {frame} of the {} is {found}; the job is {expected}", video(.encode))]
    FrameFormat {
        /// The frame's number, from 0 at the start of the video.
        frame: u64,
        /// The encode that it is of, by its place in the job; `None` for the reference.
        encode: Option<usize>,
        /// The frame's format.
        found: Format,
        /// The job's, at the bit depth of the video.
        expected: Format,
    },

    /// A part that is added after frames were pushed.
    #[error("a part comes too late: frames were pushed")]
    LatePart,

    /// A part that was measured for another job.
    #[error(
        "a part is of another job: of other models, features, options, frames or format, or of \
         another version of this library"
    )]
    ForeignPart,

    /// A part that does not begin where those before it end.
    #[error("a part begins at frame {start}; the ones before it end at frame {expected}")]
    PartOrder {
        /// The part's first frame.
        start: u64,
        /// The frame that it had to begin at.
        expected: u64,
    },

    /// Bytes that are no part, or that of another version of this library.
    #[error("a part can't be read: {reason}")]
    UnreadablePart {
        /// What is wrong with them.
        reason: &'static str,
    },

    /// A job that was finished without a frame to score.
    #[error("no frame was scored")]
    NoFrame,

    /// A fault of this library.
    #[error("frame {frame}: a worker panicked; this is a bug")]
    Panic {
        /// The frame that was measured.
        frame: u64,
    },
}

fn video(encode: &Option<usize>) -> &'static str {
    if encode.is_none() { "reference" } else { "distorted video" }
}
