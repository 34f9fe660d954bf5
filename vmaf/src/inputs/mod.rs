//! The videos of a run: a reference and its encodes, opened, compared and read side by side.
//!
//! They are opened and compared first ([`OpenInputs`]). [`OpenInputs::start`] begins to read them in
//! the form that is required, and [`InputReader::next_group`] returns one
//! [`FrameGroup`](vmaf_core::FrameGroup) after the other. An encode that ends or fails, or whose frames
//! turn out to be others than the reference's, drops out: its place in the groups stays empty and
//! [`Inputs::encodes`] says why, while the others go on. What ends the reference ends the run.

mod comparing;
mod encode;
mod ends;
pub(crate) mod expanded;
mod matrix;
mod opened;
pub(crate) mod opening;
mod picked;
mod reading;
mod turned;
mod videos;

pub use self::encode::{Encode, State};
pub use self::ends::{End, StreamEnds};
pub use self::opening::Opening;
pub use self::picked::Trace;
pub use self::videos::{InputReader, Inputs, OpenInputs};
