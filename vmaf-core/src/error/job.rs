//! Errors of jobs.

use crate::frame::Format;

/// The reason why a job cannot run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JobError {
    /// A job without encodes.
    #[error("a job needs an encode to score")]
    NoEncode,

    /// A job without models and features.
    #[error("no model and no feature is asked for")]
    NothingRequested,

    /// Two models with the same label, which names their columns.
    #[error("two models are called '{label}': give one another name")]
    SameLabel {
        /// The models' label.
        label: String,
    },

    /// An encode number that the job does not have.
    #[error("there is no encode {encode} in a job of {count}, counted from 0")]
    UnknownEncode {
        /// The encode's place in the job, from 0.
        encode: usize,
        /// The number of encodes in the job.
        count: usize,
    },

    /// An option that cannot be set for a single encode because it decides which columns there are.
    #[error(
        "{option} of {feature} decides which columns there are, which is the same for all encodes"
    )]
    SharedOption {
        /// The feature's name.
        feature: String,
        /// The option's name.
        option: String,
    },

    /// Two models that use one feature at different bit depths.
    #[error(
        "two models look at {column}, one at {} bits and one at {}: score them in separate runs",
        .bit_depths[0], .bit_depths[1]
    )]
    TwoBitDepths {
        /// The feature's name with the suffix that its options add to column names.
        column: String,
        /// The two bit depths.
        bit_depths: [u8; 2],
    },

    /// A feature that is requested twice with different options that give the same column names.
    #[error(
        "{feature} is asked for twice, with options that differ but name no column: score one of \
         them in a run of its own"
    )]
    TwoOptionSets {
        /// The feature's name.
        feature: String,
    },

    /// A sample of no frame, or from no frames.
    #[error("a sample has at least one frame, of at least one")]
    EmptySample,

    /// Threads that the system failed to start.
    #[error("can't start {count} threads: {reason}")]
    Threads {
        /// The number of threads requested.
        count: usize,
        /// The reason given by the system.
        reason: String,
    },

    /// A group whose number of encodes differs from the job's.
    #[error("a group of {given} encodes in a job of {expected}")]
    GroupSize {
        /// The number of encodes in the group.
        given: usize,
        /// The number of encodes in the job.
        expected: usize,
    },

    /// A frame that does not match the job's format.
    #[error("frame {frame} of the {} is {found}; the job is {expected}", video(.encode))]
    FrameFormat {
        /// The frame's number, from 0 at the start of the video.
        frame: u64,
        /// The index in the job of the frame's encode; `None` for the reference.
        encode: Option<usize>,
        /// The frame's format.
        found: Format,
        /// The job's format, at the bit depth of the video.
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

    /// A part that does not begin at the end of the previous ones.
    #[error("a part begins at frame {start}; the ones before it end at frame {expected}")]
    PartOrder {
        /// The part's first frame.
        start: u64,
        /// The frame at which it had to begin.
        expected: u64,
    },

    /// Bytes that are not a part, or are a part written by another version of this library.
    #[error("a part can't be read: {reason}")]
    UnreadablePart {
        /// The reason why the bytes are invalid.
        reason: &'static str,
    },

    /// A job that was finished without a scored frame.
    #[error("no frame was scored")]
    NoFrame,

    /// A bug in this library.
    #[error("frame {frame}: a worker panicked; this is a bug")]
    Panic {
        /// The frame that was being measured.
        frame: u64,
    },
}

fn video(encode: &Option<usize>) -> &'static str {
    if encode.is_none() { "reference" } else { "distorted video" }
}
