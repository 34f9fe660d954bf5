//! The information of single pixels, which the kernel sums and [`maps`](super::maps) keep.

use super::kernel::layout::Layout;
use super::sums::{SIGMA_NOISE, flat_loss};
use crate::feature::maps::{Map, RowAverages};
use crate::simd::aligned::AlignedRow;

/// The numerator and denominator of a pixel whose reference is flat, in bits.
pub(super) fn flat_bits(variance: i64) -> [f32; 2] {
    [(1.0 - flat_loss(variance)) as f32, 1.0]
}

/// The numerators and denominators of a scale's pixels in bits, row by row.
pub(super) struct Pixels {
    kept: [PixelMap; 2],
    /// Those of one row, laid out.
    row: BitsRow,
}

/// The map of numerators or of denominators: of all pixels, or averaged.
enum PixelMap {
    All { size: (usize, usize), values: Vec<f32> },
    Averages(RowAverages),
}

/// Numerators and denominators of one row, laid out.
#[derive(Default)]
pub(super) struct BitsRow {
    pub(super) num: AlignedRow<f32>,
    pub(super) den: AlignedRow<f32>,
}

impl Pixels {
    /// Keeps the pixels of a scale of `size` as maps of the size `kept`, averaged if that is smaller.
    pub(super) fn new(size: (usize, usize), kept: (usize, usize)) -> Self {
        let keep = |_| match kept == size {
            true => PixelMap::All { size, values: Vec::with_capacity(size.0 * size.1) },
            false => PixelMap::Averages(RowAverages::new(size, kept)),
        };
        Self { kept: [(); 2].map(keep), row: BitsRow::default() }
    }

    /// The maps of numerators and denominators, after all rows were added.
    pub(super) fn into_maps(self) -> [Map; 2] {
        self.kept.map(|kept| match kept {
            PixelMap::All { size: (width, height), values } => {
                Map::from_rows(width, height, values)
            }
            PixelMap::Averages(averages) => averages.into_map(),
        })
    }

    /// The memory of the next row, of `length`, for [`Pixels::add_row`].
    pub(super) fn row(&mut self, length: usize) -> &mut BitsRow {
        self.row.num.resize(length);
        self.row.den.resize(length);
        &mut self.row
    }

    /// Adds the row whose pixels were written to [`Pixels::row`], by the variances in its windows.
    #[inline(always)]
    pub(super) fn add_row(&mut self, layout: Layout, var_r: &[u32], var_d: &[u32]) {
        let Self { kept, row } = self;
        for (place, (var_r, var_d)) in var_r.iter().zip(var_d).enumerate() {
            if i64::from(var_r.cast_signed()) < SIGMA_NOISE {
                [row.num[place], row.den[place]] = flat_bits(var_d.cast_signed().max(0).into());
            }
        }
        let Layout { lanes, vectors, .. } = layout;
        for (kept, row) in kept.iter_mut().zip([&row.num, &row.den]) {
            match kept {
                PixelMap::All { values, .. } => {
                    for lane in 0..lanes {
                        let columns = row[lane..].iter().step_by(lanes);
                        values.extend(columns.take(layout.limit(lane) as usize));
                    }
                }
                PixelMap::Averages(averages) => {
                    averages.add_row(row, |x| x % vectors * lanes + x / vectors);
                }
            }
        }
    }
}
