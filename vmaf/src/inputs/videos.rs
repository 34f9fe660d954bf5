//! The videos of a run, and the facts about them that both stages share: opened, and being read.

use vmaf_core::Format;
use vmaf_media::align::Path;
use vmaf_media::{FrameIndex, Frames, Source, StreamInfo};

use super::encode::{Encode, State};
use crate::conform;
use crate::geometry::GeometryCheck;
use crate::pairing::AlignmentCheck;
use crate::request::Pairing;

/// A reference and its encodes. `V` is the stage of each video: opened, or being read.
pub struct Inputs<V> {
    pub(super) reference: V,
    /// What is known of the reference's stream, and what is done to its frames.
    pub(super) reference_info: StreamInfo,
    pub(super) reference_steps: Vec<String>,
    pub(super) encodes: Vec<Encode<V>>,
    /// What the videos are, at the bit depth of the deepest.
    pub(super) format: Format,
    /// How frames are paired, and the check of that while they are read.
    pub(super) pairing: Pairing,
    pub(super) offset: i32,
    pub(super) alignment_check: Option<AlignmentCheck>,
    /// The proof that pictures are in their places, where that is asked for.
    pub(super) geometry_check: Option<GeometryCheck>,
    /// The pairs that show the same, where that is how frames are paired: all encodes have a frame
    /// for each of these frames of the reference.
    pub(super) pairs: Option<Path>,
    /// The index that was written when the reference was decoded before.
    pub(super) earlier: Option<FrameIndex>,
    /// How many frames of the reference were passed over or paired.
    pub(super) position: u64,
    /// How many groups were read.
    pub(super) read: u64,
    /// Whether the reference has ended.
    pub(super) ended: bool,
}

/// Videos that were opened and compared, of which no frame is read.
pub type OpenInputs = Inputs<Box<dyn Source>>;

/// Videos that are read side by side.
pub type InputReader = Inputs<Box<dyn Frames>>;

impl<V> Inputs<V> {
    /// What the videos are. Where bit depths differ, it has that of the deepest.
    pub fn format(&self) -> Format {
        self.format
    }

    /// What is known of the reference.
    pub fn reference(&self) -> &StreamInfo {
        &self.reference_info
    }

    /// What is done to the reference's frames before they get the bits that they are scored at.
    pub fn reference_steps(&self) -> &[String] {
        &self.reference_steps
    }

    /// All that is done to the frames of a pair, of the reference and of its encode.
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

    /// Whether an encode goes on.
    pub fn any_active(&self) -> bool {
        self.encodes.iter().any(|encode| matches!(encode.state, State::Active(_)))
    }

    /// How many frames the videos share, where that is known without reading them.
    pub fn frames(&self) -> Option<u64> {
        if let Some(pairs) = &self.pairs {
            return Some(pairs.len());
        }
        let encodes = self.encodes.iter().filter_map(|encode| encode.info.as_ref()?.frames);
        // The longest encode decides how long the run takes, the reference how long it can.
        let longest = encodes.max();
        let reference = self.reference().frames;
        longest.into_iter().chain(reference).min()
    }
}
