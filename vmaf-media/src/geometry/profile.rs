//! Mean brightness of rows and columns, in strips.

use vmaf_core::{Frame, Plane, Sample};

use crate::conform::Rect;

/// The number of strips that each axis is cut into.
pub(super) const STRIPS: usize = 4;

/// The signals along both axes, in levels of 8 bits.
pub(super) struct Profiles {
    /// For each band of rows, the mean of each column.
    columns: Vec<Vec<f32>>,
    /// For each band of columns, the mean of each row.
    rows: Vec<Vec<f32>>,
}

impl Profiles {
    /// Computes the signals of `area` of a frame's luma, cut at `cuts`: horizontal first, then
    /// vertical.
    pub(super) fn from_frame(frame: &Frame, area: Rect, cuts: &[[usize; STRIPS + 1]; 2]) -> Self {
        let bit_depth = frame.format().bit_depth();
        if bit_depth == 8 {
            Self::of_plane(frame.plane::<u8>(0), area, cuts, 1.0)
        } else {
            let scale = 1.0 / f32::from(1_u16 << (bit_depth - 8));
            Self::of_plane(frame.plane::<u16>(0), area, cuts, scale)
        }
    }

    fn of_plane<T: Sample>(
        plane: &Plane<T>,
        area: Rect,
        [across, down]: &[[usize; STRIPS + 1]; 2],
        scale: f32,
    ) -> Self {
        let [width, height] = [area.width as usize, area.height as usize];
        let mut rows = vec![vec![0.0; height]; STRIPS];
        let mut columns = Vec::with_capacity(STRIPS);
        let row_at = |y: usize| &plane.row(area.y as usize + y)[area.x as usize..][..width];
        for y in 0..height {
            let row = row_at(y);
            for (part, means) in rows.iter_mut().enumerate() {
                let part = &row[across[part]..across[part + 1].max(across[part])];
                means[y] = T::sum(part) as f32 * scale / part.len().max(1) as f32;
            }
        }
        for part in 0..STRIPS {
            let (from, to) = (down[part], down[part + 1].max(down[part]));
            let mut sums = vec![0_u32; width];
            for row in (from..to).map(row_at) {
                for (sum, sample) in sums.iter_mut().zip(row) {
                    *sum += Into::<u32>::into(*sample);
                }
            }
            let scale = scale / (to - from).max(1) as f32;
            columns.push(sums.into_iter().map(|sum| sum as f32 * scale).collect());
        }
        Self { columns, rows }
    }

    /// Returns the signals along an axis: 0 is horizontal, 1 vertical.
    pub(super) fn along(&self, axis: usize) -> &[Vec<f32>] {
        if axis == 0 { &self.columns } else { &self.rows }
    }
}
