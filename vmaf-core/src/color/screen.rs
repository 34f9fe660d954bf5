//! Screens: the light that they emit and reflect.

use super::Transfer;

/// The luminance of PQ's brightest signal, in cd/m².
const PQ_PEAK: f64 = 10_000.0;

/// The luminance of the screen that HLG is made for, in cd/m².
const HLG_PEAK: f64 = 1000.0;

/// A screen. Light is in the unit of its luminances.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Screen {
    /// The luminance of white, or of the brightest signal that it can show.
    pub(crate) peak: f64,
    /// The luminance of black.
    pub(crate) black: f64,
    /// The luminance that it reflects from its surroundings.
    pub(crate) reflected: f64,
    /// The illuminance of its surroundings, in lux.
    pub(crate) ambient: f64,
    /// The least light that is told from darkness, which absolute signals are raised to.
    pub(crate) least: f64,
    /// The unit of luminance, in cd/m².
    pub(crate) unit: f64,
    /// True if it shows signals of high dynamic range as they are meant, whatever its peak.
    pub(crate) is_ideal: bool,
}

impl Screen {
    /// The ideal screen in a dark room: `white` cd/m² is its unit, and its white for standard
    /// dynamic range.
    pub(crate) fn ideal(white: f64) -> Self {
        let (peak, black, reflected, ambient, least) = (1.0, 0.0, 0.0, 0.0, 0.0);
        Self { peak, black, reflected, ambient, least, unit: white, is_ideal: true }
    }

    /// The factor and the offset of a transfer function's light.
    pub(super) fn scale(&self, transfer: Transfer) -> (f64, f64) {
        match transfer {
            Transfer::Pq => (PQ_PEAK / self.unit, 0.0),
            Transfer::Hlg if self.is_ideal => (HLG_PEAK / self.unit, 0.0),
            _ => (self.peak - self.black, self.black),
        }
    }

    /// The least and greatest light that it emits for signals of a transfer function.
    pub(super) fn bounds(&self, transfer: Transfer) -> [f64; 2] {
        match transfer {
            Transfer::Pq if !self.is_ideal => [self.least, self.peak],
            _ => [0.0, f64::from(f32::MAX)],
        }
    }

    /// The light added to that of signals of a transfer function: what the screen reflects, and its
    /// black if signals are absolute.
    pub(super) fn added(&self, transfer: Transfer) -> f64 {
        match transfer {
            Transfer::Pq => self.black + self.reflected,
            _ => self.reflected,
        }
    }

    /// The power of luminance in HLG's system gamma (ITU-R BT.2100, note 5i, with BT.2390's term for
    /// the surroundings).
    pub(super) fn system_gamma(&self, transfer: Transfer) -> Option<f64> {
        let is_bright = !self.is_ideal && self.peak > HLG_PEAK;
        (transfer == Transfer::Hlg).then(|| match is_bright {
            true => {
                let surroundings = 0.076_23 * libm::log10(self.ambient / 5.0);
                0.2 + 0.42 * libm::log10(self.peak / HLG_PEAK) - surroundings
            }
            false => 0.2,
        })
    }
}
