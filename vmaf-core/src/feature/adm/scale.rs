//! The four scales: sizes, regions, and the fixed-point positions of each.

/// The number of scales.
pub(in crate::feature) const SCALES: usize = 4;

/// The wavelet's low-pass and high-pass filters (Daubechies 2), in units of 2^-15.
pub(super) const LOW: [i32; 4] = [15826, 27411, 7345, -4240];
pub(super) const HIGH: [i32; 4] = [-4240, -7345, 27411, -15826];

/// One scale's bands.
#[derive(Debug, Clone, Copy)]
pub(in crate::feature) struct Scale {
    /// 0 for the finest.
    pub(in crate::feature) index: usize,
    /// The size of a band: half of the input's, rounded up.
    pub(in crate::feature) width: usize,
    pub(in crate::feature) height: usize,
}

/// The part of a band that counts: all but a tenth at each border.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::feature) struct Region {
    pub(in crate::feature) left: usize,
    pub(in crate::feature) top: usize,
    pub(in crate::feature) right: usize,
    pub(in crate::feature) bottom: usize,
}

impl Scale {
    /// The scale `index` whose input is of `width` by `height`.
    pub(in crate::feature) fn from_input(index: usize, width: usize, height: usize) -> Self {
        Self { index, width: width.div_ceil(2), height: height.div_ceil(2) }
    }

    /// The part that counts.
    pub(in crate::feature) fn region(&self) -> Region {
        let border = |size: usize| (size as f64 * 0.1 - 0.5) as usize;
        let (left, top) = (border(self.width), border(self.height));
        Region { left, top, right: self.width - left, bottom: self.height - top }
    }

    /// The right shift of the vertical filter's sum; `depth` is the picture's bit depth.
    pub(super) fn vertical_shift(&self, depth: u8) -> u32 {
        [u32::from(depth), 0, 16, 16][self.index]
    }

    /// The right shift of the horizontal filter's sum.
    pub(super) fn horizontal_shift(&self) -> u32 {
        [16, 15, 16, 15][self.index]
    }
}

impl Region {
    /// Its rows.
    pub(super) fn rows(&self) -> std::ops::Range<usize> {
        self.top..self.bottom
    }

    /// The number of its coefficients.
    pub(in crate::feature) fn area(&self) -> usize {
        (self.right - self.left) * (self.bottom - self.top)
    }

    /// The region and the pixels around it that contrast masking reads, within a band of that size.
    pub(in crate::feature) fn with_surround(&self, width: usize, height: usize) -> Self {
        Self {
            left: self.left.saturating_sub(1),
            top: self.top.saturating_sub(1),
            right: width.min(self.right + 1),
            bottom: height.min(self.bottom + 1),
        }
    }
}

/// A place of a signal that is filtered, mirrored at its ends: at the start the first sample is not
/// repeated, at the end the last one is.
pub(in crate::feature) fn mirrored(index: isize, len: usize) -> usize {
    let index = index.unsigned_abs();
    if index < len { index } else { 2 * len - 1 - index }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_are_mirrored_as_in_the_wavelet() {
        let places: Vec<usize> = (-1..7).map(|i| mirrored(i, 5)).collect();
        assert_eq!(places, [1, 0, 1, 2, 3, 4, 4, 3]);
    }

    #[test]
    fn a_tenth_is_left_out_at_each_border() {
        let region = Scale::from_input(0, 1920, 1080).region();
        assert_eq!(region, Region { left: 95, top: 53, right: 865, bottom: 487 });
        let small = Scale::from_input(3, 5, 29).region();
        assert_eq!(small, Region { left: 0, top: 1, right: 3, bottom: 14 });
        assert_eq!(small.with_surround(3, 15), Region { left: 0, top: 0, right: 3, bottom: 15 });
    }
}
