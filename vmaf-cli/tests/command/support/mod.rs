//! What single groups of tests need: recorded figures, and a browser.

pub(crate) mod bound;
pub(crate) mod browser;
pub(crate) mod clips;
pub(crate) mod log;
