//! Recorded figures and a browser, for single groups of tests.

pub(crate) mod bound;
pub(crate) mod browser;
pub(crate) mod clips;
pub(crate) mod light;
pub(crate) mod log;
