//! The videos of a run, and the facts about them that both stages share: opened, and being read.

use vmaf_core::Format;
use vmaf_media::align::AlignmentPath;
use vmaf_media::{FrameIndex, Frames, Source, StreamInfo};

use super::encode::{Encode, State};
use crate::conform;
use crate::geometry::GeometryCheck;
use crate::handle::RunHandle;
use crate::pairing::AlignmentCheck;
use crate::request::Pairing;

/// A reference and its encodes. `V` is the stage of each video: opened, or being read.
pub struct Inputs<V> {
    pub(super) reference: V,
    /// Facts about the reference's stream, and the conversions of its frames.
    pub(super) reference_info: StreamInfo,
    pub(super) reference_steps: Vec<String>,
    pub(super) encodes: Vec<Encode<V>>,
    /// The videos' common format, at the bit depth of the deepest.
    pub(super) format: Format,
    /// The pairing of frames, and its check during reading.
    pub(super) pairing: Pairing,
    pub(super) offset: i32,
    pub(super) alignment_check: Option<AlignmentCheck>,
    /// The proof that pictures are not displaced, if requested.
    pub(super) geometry_check: Option<GeometryCheck>,
    /// The pairs found by content, if frames are paired so: all encodes have a frame for each of
    /// these frames of the reference.
    pub(super) pairs: Option<AlignmentPath>,
    /// The index that was written when the reference was decoded before.
    pub(super) earlier: Option<FrameIndex>,
    /// The number of the reference's frames that were skipped or paired.
    pub(super) position: u64,
    /// The number of groups read.
    pub(super) read: u64,
    /// True if the reference has ended.
    pub(super) ended: bool,
    /// The handle that can stop reading.
    pub(super) handle: RunHandle,
}

/// Opened and compared videos, of which no frame has been read.
pub type OpenInputs = Inputs<Box<dyn Source>>;

/// Videos that are read side by side.
pub type InputReader = Inputs<Box<dyn Frames>>;

impl<V> Inputs<V> {
    /// Returns the videos' common format, with the bit depth of the deepest.
    pub fn format(&self) -> Format {
        self.format
    }

    /// Returns the facts about the reference.
    pub fn reference(&self) -> &StreamInfo {
        &self.reference_info
    }

    /// Returns the conversions of the reference's frames before they are promoted to the scored bit
    /// depth.
    pub fn reference_steps(&self) -> &[String] {
        &self.reference_steps
    }

    /// Returns all conversions of the frames of a pair, of the reference and of its encode.
    pub fn pair_steps(&self) -> [Vec<String>; 2] {
        let to = self.format.bit_depth();
        let reference = &self.reference_info.format;
        let encode = self.encodes.first().map(|encode| {
            let from = encode.coded.map_or(to, |coded| coded.bit_depth());
            conform::steps(&encode.steps, from, to)
        });
        [
            conform::steps(&self.reference_steps, reference.bit_depth(), to),
            encode.unwrap_or_default(),
        ]
    }

    /// The encodes, in the order given.
    pub fn encodes(&self) -> &[Encode<V>] {
        &self.encodes
    }

    /// Returns true if any encode is still read.
    pub fn any_active(&self) -> bool {
        self.encodes.iter().any(|encode| matches!(encode.state, State::Active(_)))
    }

    /// Returns the number of frames that all videos have, if it is known without reading them.
    pub fn frames(&self) -> Option<u64> {
        if let Some(pairs) = &self.pairs {
            return Some(pairs.len());
        }
        let encodes = self.encodes.iter().filter_map(|encode| encode.info.as_ref()?.frames);
        // The longest encode decides how long the run takes, the reference how long it can take.
        let longest = encodes.max();
        let reference = self.reference().frames;
        longest.into_iter().chain(reference).min()
    }
}
