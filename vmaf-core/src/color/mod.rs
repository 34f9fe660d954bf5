//! Colour: from stored samples to light.
//!
//! Metrics of colour compare the light that a screen emits, not samples. A [`ColorSpace`] states
//! what samples mean, and a `LightReader` converts rows of a frame:
//!
//! 1. Chroma is brought to luma's resolution by linear interpolation between the nearest samples,
//!    from where they are [sited](ChromaSiting). At borders the last sample is repeated.
//! 2. The matrix and the range give red, green and blue signals, clipped to 0 to 1.
//! 3. The transfer function gives light. HLG's includes the system gamma of 1.2 that BT.2100 states
//!    for a screen of 1000 cd/m².
//! 4. Light of other primaries is converted to those of BT.709; colours outside them have negative
//!    components.

mod light;
mod primaries;
#[cfg(test)]
mod reference;
mod space;
mod transfer;

#[cfg(test)]
mod tests;

pub(crate) use light::{LightReader, RowMemory};
pub use space::{ChromaSiting, ColorSpace, Matrix, Primaries, Transfer};
