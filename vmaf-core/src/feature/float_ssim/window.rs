//! The window and the constants of SSIM.

/// Taps of the window in one direction.
pub(in crate::feature) const TAPS: usize = 11;

/// The difference in width and height between the picture and its map: the window stays inside.
pub(in crate::feature) const REACH: usize = TAPS - 1;

/// A Gaussian of standard deviation 1.5, up to its middle.
pub(in crate::feature) const HALF: [f32; TAPS / 2 + 1] =
    [0.001_028, 0.007_599, 0.036_001, 0.109_361, 0.213_006, 0.266_012];

/// Keeps the luminance term defined where both pictures are black.
pub(in crate::feature) const C1: f32 = (0.01 * 255.0) * (0.01 * 255.0);

/// Keeps the contrast term defined where both pictures are flat.
pub(in crate::feature) const C2: f32 = (0.03 * 255.0) * (0.03 * 255.0);

/// Keeps the structure term defined there.
pub(in crate::feature) const C3: f32 = C2 / 2.0;
