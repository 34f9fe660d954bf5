//! The matrix that converts RGB, and its estimate from a video that does not state one.
//!
//! Two matrices give the same picture different luma and chroma wherever it has colour. So the
//! means over the cells of a grid, in the first frames of both videos, show which matrix made the
//! video: the one that brings RGB closest to it. Compression, scaling and chroma subsampling hardly
//! change means.

use vmaf_core::{Chroma, Frame, Plane, Sample};

use crate::{ColorRange, Frames, Matrix, ReadPlan, Result, Source, StreamInfo};

/// The matrices that untagged video may have: BT.2020 video is always tagged.
const CANDIDATES: [Matrix; 2] = [Matrix::Bt601, Matrix::Bt709];

/// The number of frames examined.
const EXAMINED_FRAMES: usize = 10;

/// The number of grid cells horizontally and vertically.
const COLUMNS: usize = 16;
const ROWS: usize = 9;

/// The least difference between two candidates' mean squared errors, in squares of 8-bit levels,
/// and the least ratio of the worse to the better.
const MIN_ERROR_DIFFERENCE: f64 = 0.02;
const MIN_ERROR_RATIO: f64 = 1.5;

/// Mean luma, Cb and Cr of a grid cell, from 0 to 1 and from -0.5 to 0.5.
type CellMeans = [f64; 3];

/// Returns `source` with its RGB converted by `matrix`, which its facts then state. A video that
/// isn't RGB is returned unchanged.
#[must_use]
pub fn converted(source: Box<dyn Source>, matrix: Matrix) -> Box<dyn Source> {
    let mut info = source.info().clone();
    if !info.rgb {
        return source;
    }
    info.color.matrix = Some(matrix.name().to_owned());
    Box::new(ConvertedSource { source, info, matrix })
}

struct ConvertedSource {
    source: Box<dyn Source>,
    info: StreamInfo,
    matrix: Matrix,
}

impl Source for ConvertedSource {
    fn info(&self) -> &StreamInfo {
        &self.info
    }

    fn frames(self: Box<Self>, plan: &ReadPlan) -> Result<Box<dyn Frames>> {
        self.source.frames(&ReadPlan { matrix: Some(self.matrix), ..plan.clone() })
    }
}

/// Estimates the matrix that made `video`, which does not state it, from RGB like that of `rgb`,
/// which is converted by the default one. `None` if the colours are inconclusive, as in a grey
/// picture.
///
/// # Errors
/// Fails if one of them can't be read.
pub fn estimate_matrix(rgb: Box<dyn Source>, video: Box<dyn Source>) -> Result<Option<Matrix>> {
    let by = Matrix::default();
    let mut rgb = converted(rgb, by).frames(&ReadPlan::default())?;
    let mut video = video.frames(&ReadPlan::default())?;
    let mut sums = [0.0; CANDIDATES.len()];
    let mut count = 0_usize;
    for _ in 0..EXAMINED_FRAMES {
        let (Some(from), Some(to)) = (rgb.read()?, video.read()?) else { break };
        let (Some(from), Some(to)) = (cell_means(&from), cell_means(&to)) else { return Ok(None) };
        count += from.len();
        for (from, to) in from.into_iter().zip(to) {
            let rgb = to_rgb(by, from);
            for (sum, candidate) in sums.iter_mut().zip(CANDIDATES) {
                let other = from_rgb(candidate, rgb);
                let square = |(a, b): (f64, f64)| ((a - b) * 255.0).powi(2);
                *sum += other.into_iter().zip(to).map(square).sum::<f64>();
            }
        }
    }
    if count == 0 {
        return Ok(None);
    }
    let [bt601, bt709] = sums.map(|sum| sum / count as f64);
    let (near, far) = if bt601 < bt709 { (bt601, bt709) } else { (bt709, bt601) };
    let nearest = CANDIDATES[usize::from(bt709 < bt601)];
    Ok((far - near > MIN_ERROR_DIFFERENCE && far > near * MIN_ERROR_RATIO).then_some(nearest))
}

/// Returns the means of a frame's grid cells; `None` if it has no chroma.
fn cell_means(frame: &Frame) -> Option<Vec<CellMeans>> {
    if frame.format().chroma() == Chroma::Mono {
        return None;
    }
    let means = |plane| match frame.format().bit_depth() {
        8 => means(frame.plane::<u8>(plane), 1.0),
        depth => means(frame.plane::<u16>(plane), f64::from(1_u16 << (depth - 8))),
    };
    let (black, luma, chroma) = match frame.range {
        Some(ColorRange::Full) => (0.0, 255.0, 255.0),
        _ => (16.0, 219.0, 224.0),
    };
    let planes = means(0).into_iter().zip(means(1)).zip(means(2));
    let cell = |((y, cb), cr)| [(y - black) / luma, (cb - 128.0) / chroma, (cr - 128.0) / chroma];
    Some(planes.map(cell).collect())
}

/// Returns the means of a plane's grid cells, in levels of 8 bits.
fn means<T: Sample>(plane: &Plane<T>, unit: f64) -> Vec<f64> {
    let (width, height) = (plane.width(), plane.height());
    let mut sums = vec![(0_u64, 0_u32); COLUMNS * ROWS];
    for y in 0..height {
        let down = y * ROWS / height;
        for (x, sample) in plane.row(y).iter().enumerate() {
            let (sum, count) = &mut sums[down * COLUMNS + x * COLUMNS / width];
            *sum += Into::<u64>::into(*sample);
            *count += 1;
        }
    }
    sums.into_iter().map(|(sum, count)| sum as f64 / f64::from(count.max(1)) / unit).collect()
}

fn luma_weights(matrix: Matrix) -> [f64; 3] {
    matrix.weights().map(|weight| weight as f64 / 10_000.0)
}

fn to_rgb(matrix: Matrix, [y, cb, cr]: CellMeans) -> [f64; 3] {
    let [r, g, b] = luma_weights(matrix);
    let (red, blue) = (y + 2.0 * (1.0 - r) * cr, y + 2.0 * (1.0 - b) * cb);
    [red, (y - r * red - b * blue) / g, blue]
}

fn from_rgb(matrix: Matrix, [red, green, blue]: [f64; 3]) -> CellMeans {
    let [r, g, b] = luma_weights(matrix);
    let y = r * red + g * green + b * blue;
    [y, (blue - y) / (2.0 * (1.0 - b)), (red - y) / (2.0 * (1.0 - r))]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn converting_back_by_the_same_matrix_alone_restores_samples() {
        let cell = [0.4, -0.2, 0.3];
        for matrix in [Matrix::Bt601, Matrix::Bt709, Matrix::Bt2020] {
            let back = from_rgb(matrix, to_rgb(matrix, cell));
            for (back, cell) in back.into_iter().zip(cell) {
                assert!((back - cell).abs() < 1e-12, "{matrix}");
            }
        }
        let other = from_rgb(Matrix::Bt601, to_rgb(Matrix::Bt709, cell));
        assert!((other[0] - cell[0]).abs() > 0.01, "{other:?}");
    }
}
