//! The videos of a run: a reference and its encodes, opened, compared and read side by side.
//!
//! They are opened and compared first ([`OpenInputs`]). [`OpenInputs::start`] begins to read them
//! in the required format, and [`InputReader::next_group`] returns one
//! [`FrameGroup`](vmaf_core::FrameGroup) after the other. An encode that ends, fails, or turns out
//! not to match the reference drops out: its place in the groups stays empty and
//! [`Inputs::encodes`] has the reason, while the others continue. A failure of the reference ends
//! the run.

mod encode;
mod ends;
pub(crate) mod expanded_patterns;
mod matrix;
mod open;
pub(crate) mod open_settings;
mod opened_encode;
mod read;
mod rotation;
mod selected_frames;
mod videos;

pub use self::encode::{Encode, State};
pub use self::ends::{EncodeEnd, StreamEnds};
pub use self::open_settings::OpenSettings;
pub use self::selected_frames::FrameLocations;
pub use self::videos::{InputReader, Inputs, OpenInputs};
