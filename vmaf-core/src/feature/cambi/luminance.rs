//! From sample values to light, and back to the sample values at which contrasts are visible.
//!
//! All values are samples of 10 bits, limited range: 64 is black, 940 is white.

use super::LEVELS;

const BLACK: i32 = 64;
const WHITE: i32 = 940;

/// The electro-optical transfer function of the display: the light that samples stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Transfer {
    /// ITU-R BT.1886, a display of 300 cd/m² with blacks of 0.01.
    Bt1886,
    /// SMPTE ST 2084, the perceptual quantizer of high dynamic range.
    Pq,
}

impl Transfer {
    /// The transfer function that options call `name`.
    pub(super) fn from_name(name: &str) -> Self {
        if name == "pq" { Self::Pq } else { Self::Bt1886 }
    }

    /// The light of a sample, in cd/m².
    fn luminance(self, sample: i32) -> f64 {
        let signal = f64::from(sample.clamp(BLACK, WHITE) - BLACK) / f64::from(WHITE - BLACK);
        match self {
            Self::Bt1886 => bt1886(signal),
            Self::Pq => pq(signal),
        }
    }

    /// Returns true if the step from `sample` up by `contrast` is brighter by more than `ratio`.
    fn shows(self, sample: i32, contrast: i32, ratio: f64) -> bool {
        let (low, high) = (self.luminance(sample), self.luminance(sample + contrast));
        high - low > ratio * low
    }

    /// The greatest sample from which a step of `contrast` is visible, which means brighter by more
    /// than `ratio`; 0 if there is none.
    ///
    /// Steps are judged between black and white: if even the last one below white is visible, all
    /// samples count.
    pub(super) fn greatest_seen(self, contrast: i32, ratio: f64) -> u16 {
        let shows = |sample: i32| self.shows(sample, contrast, ratio);
        let (mut seen, mut unseen) = (BLACK, WHITE - contrast - 1);
        if !shows(seen) {
            return 0;
        }
        if !shows(seen + 1) {
            return seen as u16;
        }
        if shows(unseen) {
            return if shows(unseen + 1) { LEVELS - 1 } else { unseen as u16 };
        }
        while unseen - seen > 1 {
            let middle = seen + (unseen - seen) / 2;
            if shows(middle) {
                seen = middle;
            } else {
                unseen = middle;
            }
        }
        seen as u16
    }

    /// The least sample of at least `luminance`; 0 if black has that, and `None` if white has less.
    pub(super) fn least_of(self, luminance: f64) -> Option<u16> {
        if self.luminance(BLACK) >= luminance {
            return Some(0);
        }
        (BLACK..=WHITE)
            .find(|&sample| self.luminance(sample) >= luminance)
            .map(|found| found as u16)
    }
}

fn bt1886(signal: f64) -> f64 {
    const GAMMA: f64 = 2.4;
    let root = |luminance: f64| libm::pow(luminance, 1.0 / GAMMA);
    let (white, black) = (root(300.0), root(0.01));
    let gain = libm::pow(white - black, GAMMA);
    let lift = black / (white - black);
    gain * libm::pow((signal + lift).max(0.0), GAMMA)
}

fn pq(signal: f64) -> f64 {
    const M1: f64 = 0.159_301_757_812_5;
    const M2: f64 = 78.84375;
    const C1: f64 = 0.835_937_5;
    const C2: f64 = 18.851_562_5;
    const C3: f64 = 18.6875;
    let root = libm::pow(signal, 1.0 / M2);
    let num = (root - C1).max(0.0);
    10_000.0 * libm::pow(num / (C2 - C3 * root), 1.0 / M1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn luminance_follows_the_standards() {
        for (sample, expected) in [(0, 0.01), (64, 0.01), (940, 300.0), (1023, 300.0)] {
            assert!((Transfer::Bt1886.luminance(sample) - expected).abs() < 1e-9, "{sample}");
        }
        assert_eq!(Transfer::Pq.luminance(64), 0.0);
        assert!((Transfer::Pq.luminance(940) - 10_000.0).abs() < 1e-6);
        // Half of the signal: 92 cd/m².
        assert!((Transfer::Pq.luminance(502) - 92.245).abs() < 0.01);
    }

    #[test]
    fn thresholds_equal_libvmafs() {
        let seen = |transfer: Transfer, ratio: f64| {
            [1, 2, 3, 4, 8].map(|contrast| transfer.greatest_seen(contrast, ratio))
        };
        // The values that libvmaf 3.2.0 computes.
        assert_eq!(seen(Transfer::Bt1886, 0.019), [178, 305, 432, 559, 1023]);
        assert_eq!(seen(Transfer::Bt1886, 0.0006), [1023; 5]);
        assert_eq!(Transfer::Bt1886.least_of(0.0), Some(0));
        assert_eq!(Transfer::Bt1886.least_of(0.499), Some(114));
        assert_eq!(Transfer::Bt1886.least_of(298.901), Some(939));
        assert_eq!(Transfer::Bt1886.least_of(301.0), None);
    }

    #[test]
    fn larger_steps_are_visible_at_brighter_samples() {
        for transfer in [Transfer::Bt1886, Transfer::Pq] {
            for ratio in [0.0001, 0.001, 0.019, 0.1, 0.5, 1.0] {
                let seen: Vec<u16> =
                    (1..=32).map(|contrast| transfer.greatest_seen(contrast, ratio)).collect();
                assert!(seen.is_sorted(), "{transfer:?} {ratio} {seen:?}");
            }
        }
    }
}
