//! Conversion between full and limited range.
//!
//! In 8 bits, limited luma is 16 to 235 and chroma 16 to 240 around 128; full range is 0 to 255,
//! with chroma around 128 as well. Higher bit depths scale these levels (ITU-R BT.2100).

use vmaf_core::{Frame, Plane, Sample};

use crate::ColorRange;

/// The converted value of each sample value, for luma and for chroma.
#[derive(Debug)]
pub(super) struct RangeTables {
    luma: Vec<u16>,
    chroma: Vec<u16>,
}

impl RangeTables {
    /// Tables for samples of `bit_depth` bits.
    pub(super) fn new([from, to]: [ColorRange; 2], bit_depth: u8) -> Self {
        let greatest = f64::from((1_u32 << bit_depth) - 1);
        let unit = f64::from(1_u32 << (bit_depth - 8));
        // The level of black and the distance from there to white; for chroma, the level of grey
        // and the range.
        let scale = |range, length: f64, zero: f64| match range {
            ColorRange::Limited => (zero * unit, length * unit),
            ColorRange::Full => (if zero == 16.0 { 0.0 } else { zero * unit }, greatest),
        };
        let table = |length, zero| {
            let ((zero_from, length_from), (zero_to, length_to)) =
                (scale(from, length, zero), scale(to, length, zero));
            let convert = |value: u32| {
                let part = (f64::from(value) - zero_from) / length_from;
                (part * length_to + zero_to).round().clamp(0.0, greatest) as u16
            };
            (0..1 << bit_depth).map(convert).collect()
        };
        Self { luma: table(219.0, 16.0), chroma: table(224.0, 128.0) }
    }

    /// Converts a frame in place.
    pub(super) fn convert(&self, frame: &mut Frame) {
        for index in 0..frame.format().chroma().planes() {
            let table = if index == 0 { &self.luma } else { &self.chroma };
            if frame.format().bit_depth() == 8 {
                look_up(frame.plane_mut::<u8>(index), |sample| table[usize::from(sample)] as u8);
            } else {
                let last = table.len() - 1;
                look_up(frame.plane_mut::<u16>(index), |sample| {
                    table[usize::from(sample).min(last)]
                });
            }
        }
    }
}

fn look_up<T: Sample>(plane: &mut Plane<T>, of: impl Fn(T) -> T) {
    for y in 0..plane.height() {
        for sample in plane.row_mut(y) {
            *sample = of(*sample);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn range_conversion_keeps_black_white_and_grey() {
        use ColorRange::{Full, Limited};
        for bits in [8, 10, 12, 16] {
            let unit = 1 << (bits - 8);
            let greatest = ((1_u32 << bits) - 1) as u16;
            let widen = RangeTables::new([Limited, Full], bits);
            assert_eq!(widen.luma[16 * unit], 0);
            assert_eq!(widen.luma[235 * unit], greatest);
            assert_eq!((widen.luma[0], widen.luma[250 * unit]), (0, greatest));
            assert_eq!(widen.chroma[128 * unit], 128 * unit as u16);
            let narrow = RangeTables::new([Full, Limited], bits);
            assert_eq!(usize::from(narrow.luma[0]), 16 * unit);
            assert_eq!(usize::from(narrow.luma[usize::from(greatest)]), 235 * unit);
            // Converting there and back loses nothing beyond rounding.
            for value in 16 * unit..=235 * unit {
                let back = narrow.luma[usize::from(widen.luma[value])];
                assert_eq!(usize::from(back), value, "{bits} bits");
            }
        }
    }
}
