//! Transfer functions, and their tables.

use super::Transfer;

impl Transfer {
    /// The light for a signal from 0 to 1, as a share of the brightest signal's. HLG's is that of
    /// the scene, before the screen's system gamma.
    pub(super) fn light(self, signal: f64) -> f64 {
        match self {
            Self::Bt1886 => libm::pow(signal, 2.4),
            Self::Srgb if signal <= 0.040_45 => signal / 12.92,
            Self::Srgb => libm::pow((signal + 0.055) / 1.055, 2.4),
            Self::Pq => {
                const M1: f64 = 2610.0 / 16384.0;
                const M2: f64 = 2523.0 / 4096.0 * 128.0;
                const C1: f64 = 3424.0 / 4096.0;
                const C2: f64 = 2413.0 / 4096.0 * 32.0;
                const C3: f64 = 2392.0 / 4096.0 * 32.0;
                let power = libm::pow(signal, 1.0 / M2);
                libm::pow((power - C1).max(0.0) / (C2 - C3 * power), 1.0 / M1)
            }
            Self::Hlg if signal <= 0.5 => signal * signal / 3.0,
            Self::Hlg => {
                const A: f64 = 0.178_832_77;
                const B: f64 = 1.0 - 4.0 * A;
                const C: f64 = 0.559_910_729_529_562;
                (libm::exp((signal - C) / A) + B) / 12.0
            }
        }
    }
}

/// Intervals of a table.
const STEPS: usize = 4096;

/// A transfer function as straight lines between equally spaced signals. Between them the error is
/// at most 3e-8 of the brightest light, of PQ 6e-7 of the light itself.
#[derive(Debug, Clone)]
pub(super) struct Curve {
    /// The light at the start of each interval, and its increase over the interval.
    lines: Vec<[f32; 2]>,
}

impl Curve {
    /// Creates the table of a transfer function, with the light times `scale` plus `offset`.
    pub(super) fn new(transfer: Transfer, scale: f64, offset: f64) -> Self {
        let light = |step: usize| scale * transfer.light(step as f64 / STEPS as f64) + offset;
        let line = |step: usize| {
            let start = light(step);
            let end = if step < STEPS { light(step + 1) } else { start };
            [start as f32, (end - start) as f32]
        };
        Self { lines: (0..=STEPS).map(line).collect() }
    }

    /// The light for `signal`, which is clipped to 0 to 1.
    #[inline(always)]
    pub(super) fn at(&self, signal: f32) -> f32 {
        let place = signal.clamp(0.0, 1.0) * STEPS as f32;
        let step = place as usize;
        let [start, increase] = self.lines[step.min(STEPS)];
        start + increase * (place - step as f32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn curves_meet_published_values() {
        // SMPTE ST 2084: a signal of 0.508 is about 100 cd/m², of 0.751 about 1000. BT.2100: HLG's
        // signal of 0.5 is a twelfth, of 0.75 about 0.265.
        for (transfer, signal, light, bound) in [
            (Transfer::Pq, 0.508_078, 0.01, 1e-6),
            (Transfer::Pq, 0.751_827, 0.1, 1e-6),
            (Transfer::Pq, 1.0, 1.0, 1e-12),
            (Transfer::Hlg, 0.5, 1.0 / 12.0, 1e-9),
            (Transfer::Hlg, 0.75, 0.264_962, 1e-6),
            (Transfer::Hlg, 1.0, 1.0, 1e-6),
            (Transfer::Srgb, 0.5, 0.214_041, 1e-6),
            (Transfer::Bt1886, 0.5, 0.189_465, 1e-6),
        ] {
            let found = transfer.light(signal);
            assert!((found - light).abs() < bound, "{transfer:?} {signal}: {found}");
        }
    }

    #[test]
    fn tables_stay_near_the_functions() {
        for transfer in [Transfer::Bt1886, Transfer::Srgb, Transfer::Pq, Transfer::Hlg] {
            let curve = Curve::new(transfer, 1.0, 0.0);
            for i in 0..=65_535 {
                let signal = f64::from(i) / 65_535.0;
                let (found, exact) = (f64::from(curve.at(signal as f32)), transfer.light(signal));
                let bound = 1e-7 + 2e-6 * exact;
                assert!((found - exact).abs() < bound, "{transfer:?} {signal}: {found} {exact}");
            }
            assert_eq!([curve.at(-1.0), curve.at(2.0)], [0.0, curve.at(1.0)]);
        }
    }
}
