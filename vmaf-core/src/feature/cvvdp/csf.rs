//! The contrast sensitivity function: castleCSF for patterns of one degree's standard deviation of
//! 1.5, as a table over luminance and spatial frequency.

use std::sync::LazyLock;

use super::CHANNELS;
use super::parameters::{PARAMETERS, numbers};

/// Luminances of the table.
pub(super) const LUMINANCES: usize = 32;

/// The table.
static TABLE: LazyLock<Table> = LazyLock::new(Table::read);

struct Table {
    /// Base-10 logarithms of luminance and spatial frequency.
    luminance: Vec<f64>,
    frequency: Vec<f64>,
    /// Of each channel the base-10 logarithms of sensitivity, a row for each luminance.
    channels: [Vec<f64>; CHANNELS],
}

impl Table {
    fn read() -> Self {
        let logarithms = |name| numbers(name).into_iter().map(libm::log10).collect();
        Self {
            luminance: logarithms("luminance"),
            frequency: logarithms("frequency"),
            channels: ["achromatic", "red_green", "yellow_violet", "transient"].map(numbers),
        }
    }
}

/// The sensitivity of all channels at one spatial frequency.
#[derive(Debug, Clone)]
pub(super) struct Sensitivity {
    /// Base-10 logarithms by luminance.
    channels: [[f64; LUMINANCES]; CHANNELS],
    /// The base-10 logarithms of the least luminance and of the greatest.
    range: [f64; 2],
}

impl Sensitivity {
    /// The sensitivity at `frequency`, in cycles per degree. The table is interpolated linearly over
    /// the logarithm of frequency, and extended beyond its ends.
    pub(super) fn at(frequency: f64) -> Self {
        let table = &*TABLE;
        let query = libm::log10(frequency);
        let count = table.frequency.len();
        let high = table.frequency.partition_point(|&known| known < query).clamp(1, count - 1);
        let (low, step) = (high - 1, table.frequency[high] - table.frequency[high - 1]);
        let share = (query - table.frequency[low]) / step;
        let correction = PARAMETERS.sensitivity_correction / 20.0;
        let channels = [0, 1, 2, 3].map(|channel: usize| {
            let mut values = [0.0; LUMINANCES];
            let rows = table.channels[channel].chunks_exact(count);
            for (value, row) in values.iter_mut().zip(rows) {
                *value = row[low] + (row[high] - row[low]) * share + correction;
            }
            values
        });
        Self { channels, range: [table.luminance[0], table.luminance[LUMINANCES - 1]] }
    }

    /// The base-10 logarithm of a channel's sensitivity by luminance, and the range of luminances'.
    pub(super) fn channel(&self, channel: usize) -> (&[f64; LUMINANCES], [f64; 2]) {
        (&self.channels[channel], self.range)
    }

    /// A channel's sensitivity at the luminance with this base-10 logarithm.
    pub(super) fn value(&self, channel: usize, luminance: f64) -> f64 {
        let [least, greatest] = self.range;
        let last = (LUMINANCES - 1) as f64;
        let place = ((luminance - least) / (greatest - least) * last).clamp(0.0, last);
        let (low, share) = (place as usize, place.fract());
        let values = &self.channels[channel];
        let high = values[(low + 1).min(LUMINANCES - 1)];
        libm::exp10(values[low] * (1.0 - share) + high * share)
    }
}
