//! Colour: from stored samples to light.
//!
//! Metrics of colour compare the light that a screen emits, not samples. A [`ColorSpace`] states
//! what samples mean, and a `LightReader` converts rows of a frame:
//!
//! 1. Chroma is brought to luma's resolution by linear interpolation between the nearest samples,
//!    from where they are [sited](ChromaSiting). At borders the last sample is repeated.
//! 2. The matrix and the range give red, green and blue signals, clipped to 0 to 1.
//! 3. The transfer function and the screen give light, including HLG's system gamma.
//! 4. A matrix converts light to other primaries or responses of the eye.

mod light;
mod primaries;
#[cfg(test)]
mod reference;
mod screen;
mod space;
mod transfer;

#[cfg(test)]
mod tests;

pub(crate) use light::{LightReader, Readers, RowMemory, halve, is_rgb_pair};
pub(crate) use primaries::product;
pub(crate) use screen::Screen;
pub use space::{ChromaSiting, ColorSpace, Matrix, Primaries, Transfer};
