//! The maps of a row, and their sums.

use super::super::C2;
use super::super::score::{MAPS, MapSums};
use super::LANES;

/// Sums that run side by side, the same number at every level.
#[derive(Debug, Clone, Copy)]
pub(super) struct LaneSums {
    values: [[f64; LANES]; MAPS],
    fourth_powers: [[f64; LANES]; MAPS],
}

impl Default for LaneSums {
    fn default() -> Self {
        Self { values: [[0.0; LANES]; MAPS], fourth_powers: [[0.0; LANES]; MAPS] }
    }
}

impl LaneSums {
    /// The sums of all lanes.
    pub(super) fn total(&self) -> MapSums {
        let total = |lanes: &[f64; LANES]| lanes.iter().sum();
        MapSums {
            values: self.values.each_ref().map(total),
            fourth_powers: self.fourth_powers.each_ref().map(total),
        }
    }

    /// Adds the sums of a row.
    #[inline(always)]
    fn add(&mut self, map: usize, values: [f32; LANES], fourth_powers: [f32; LANES]) {
        for lane in 0..LANES {
            self.values[map][lane] += f64::from(values[lane]);
            self.fourth_powers[map][lane] += f64::from(fourth_powers[lane]);
        }
    }
}

/// Adds the maps of a row to the sums. `values` are both pictures' components, `of_reference` and
/// `of_encode` their filtered values and squares, and the filtered squares of their differences.
/// Rows are padded with zeros, which add nothing.
#[inline(always)]
pub(super) fn add(
    values: [&[f32]; 2],
    of_reference: [&[f32]; 2],
    of_encode: [&[f32]; 3],
    sums: &mut LaneSums,
) {
    let chunks = |row| <[f32]>::as_chunks::<LANES>(row).0;
    let [a, b] = values.map(chunks);
    let n = a.len();
    let b = &b[..n];
    let [means_a, squares_a] = of_reference.map(|row| &chunks(row)[..n]);
    let [means_b, squares_b, differences] = of_encode.map(|row| &chunks(row)[..n]);
    let [mut dissimilar, mut added, mut lost] = [[0.0_f32; LANES]; MAPS];
    let [mut dissimilar_4, mut added_4, mut lost_4] = [[0.0_f32; LANES]; MAPS];
    for i in 0..n {
        for lane in 0..LANES {
            let (mean_a, mean_b) = (means_a[i][lane], means_b[i][lane]);
            let mean_square = (mean_a - mean_b) * (mean_a - mean_b);
            let var_a = squares_a[i][lane] - mean_a * mean_a;
            let var_b = squares_b[i][lane] - mean_b * mean_b;
            let variances = var_a + var_b + C2 as f32;
            let var_difference = differences[i][lane] - mean_square;
            let covariance = variances - var_difference;
            let value = (var_difference + mean_square * covariance) / variances;
            let value = if value > 0.0 { value } else { 0.0 };
            dissimilar[lane] += value;
            dissimilar_4[lane] += (value * value) * (value * value);
            let edge_a = (a[i][lane] - mean_a).abs();
            let edge_b = (b[i][lane] - mean_b).abs();
            let edges = (edge_b - edge_a) / (1.0 + edge_a);
            let square = edges * edges;
            let fourth = square * square;
            let is_added = edges > 0.0;
            added[lane] += if is_added { edges } else { 0.0 };
            added_4[lane] += if is_added { fourth } else { 0.0 };
            lost[lane] -= if is_added { 0.0 } else { edges };
            lost_4[lane] += if is_added { 0.0 } else { fourth };
        }
    }
    let all = [(dissimilar, dissimilar_4), (added, added_4), (lost, lost_4)];
    for (map, (values, fourth_powers)) in all.into_iter().enumerate() {
        sums.add(map, values, fourth_powers);
    }
}
