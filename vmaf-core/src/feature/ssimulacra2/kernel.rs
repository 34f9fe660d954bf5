//! SSIMULACRA2's maps, fast.
//!
//! With means, variances and covariance under the [filter](super::filter), of each component of XYB
//! in the reference (a) and an encode (b):
//!
//! ```text
//! dissimilarity = 1 - (1 - (mean_a - mean_b)^2) (2 cov + C2) / (var_a + var_b + C2)    at least 0
//! edges         = (|b - mean_b| - |a - mean_a|) / (1 + |a - mean_a|)
//! added, lost   = max(edges, 0), max(-edges, 0)
//! ```
//!
//! The covariance follows from the variance of the difference, `var_a + var_b - 2 cov`. The
//! dissimilarity, in terms of that, is small without cancellation where pictures are alike.
//!
//! The scales are processed one after the other, each from top to bottom, a row at a time, so that
//! only the last nine rows are kept beside the light of the next scale. The passes of a row, in
//! [`ScalePass`]:
//!
//! 1. The row as light: [converted](crate::color) from samples at the first scale.
//! 2. [`halve`]: every other row, the light of the next scale.
//! 3. [`xyb::convert`]: light to XYB.
//! 4. [`rows::filter_across`]: the components, their squares, and the squares of differences.
//! 5. [`rows::filter_down`] and [`maps::add`], four rows later: the maps, and their sums.
//!
//! What depends on the reference alone is computed once for all encodes. Passes are plain loops over
//! rows of single precision, which vectorise at the width of each level; sums have a fixed number of
//! lanes. So all levels give the same bits.

pub(super) mod maps;
pub(super) mod rows;
pub(super) mod xyb;

use fearless_simd::Simd;

use maps::LaneSums;
use rows::{PAD, Ring, filter_across, filter_down};

use super::filter::REACH;
use super::score::ScaleSums;
use super::{LEAST_SIZE, SCALES};
use crate::Frame;
use crate::color::{LightReader, RowMemory, halve};
use crate::numeric::FloatPlane;
use crate::simd::Kernel;

/// Numbers of a row that are processed together; rows are padded to a multiple with zeros.
const LANES: usize = 16;

/// Memory of the reference or of one encode.
#[derive(Default)]
struct PictureMemory {
    /// The light of this scale, after the first.
    light: [FloatPlane; 3],
    /// The light of the next scale, as far as it is known.
    next: [FloatPlane; 3],
    /// This row and the one before as light: red, green and blue.
    rows: [[Vec<f32>; 3]; 2],
    /// The latest rows of each component.
    components: [ComponentMemory; 3],
}

/// The latest rows of a component.
#[derive(Default)]
struct ComponentMemory {
    values: Ring,
    /// Filtered across: values, squares, and of an encode squared differences from the reference.
    across: [Ring; 3],
    sums: LaneSums,
}

/// Memory that is reused from frame to frame.
#[derive(Default)]
pub(super) struct Workspace {
    chroma: RowMemory,
    /// The reference's memory, then each encode's.
    pictures: Vec<PictureMemory>,
    /// A row of squares.
    squares: Vec<f32>,
    /// The reference's filtered values and squares of a row.
    of_reference: [Vec<f32>; 2],
    /// An encode's filtered values, squares and squared differences of a row.
    of_encode: [Vec<f32>; 3],
    zeros: Vec<f32>,
}

/// The sums over all scales, for each encode.
pub(super) struct Comparison<'a> {
    /// The reference, then the encodes.
    pub(super) frames: &'a [&'a Frame],
    pub(super) reader: &'a LightReader,
    pub(super) workspace: &'a mut Workspace,
}

impl Kernel for Comparison<'_> {
    type Output = Vec<Vec<ScaleSums>>;

    #[inline(always)]
    fn run<S: Simd>(self, _simd: S) -> Vec<Vec<ScaleSums>> {
        let Self { frames, reader, workspace } = self;
        workspace.pictures.resize_with(frames.len(), PictureMemory::default);
        let mut sums = vec![Vec::with_capacity(SCALES); frames.len() - 1];
        let (mut width, mut height) = frames[0].format().plane_size(0);
        for scale in 0..SCALES {
            if width < LEAST_SIZE || height < LEAST_SIZE {
                break;
            }
            if scale > 0 {
                (width, height) = (width.div_ceil(2), height.div_ceil(2));
                for picture in &mut workspace.pictures {
                    std::mem::swap(&mut picture.light, &mut picture.next);
                }
            }
            let pass = ScalePass { width, height, is_last: scale + 1 == SCALES };
            workspace.start(&pass);
            for y in 0..height + REACH {
                if y < height {
                    for (index, frame) in frames.iter().enumerate() {
                        if scale == 0 {
                            workspace.read_samples(&pass, index, frame, reader, y);
                        } else {
                            workspace.read_light(index, y);
                        }
                    }
                    workspace.filter_row(&pass, y);
                }
                if y >= REACH {
                    workspace.compare_row(&pass, y - REACH);
                }
            }
            let pixels = (width * height) as f64;
            for (sums, picture) in sums.iter_mut().zip(&workspace.pictures[1..]) {
                let components = picture.components.each_ref().map(|memory| memory.sums.total());
                sums.push(ScaleSums { components, pixels });
            }
        }
        sums
    }
}

/// A scale.
#[derive(Debug, Clone, Copy)]
struct ScalePass {
    width: usize,
    height: usize,
    /// True if no scale follows.
    is_last: bool,
}

impl ScalePass {
    /// The length of a row, padded.
    fn stride(&self) -> usize {
        self.width.next_multiple_of(LANES)
    }
}

impl Workspace {
    fn start(&mut self, pass: &ScalePass) {
        let stride = pass.stride();
        for picture in &mut self.pictures {
            for row in picture.rows.iter_mut().flatten() {
                row.resize(pass.width, 0.0);
            }
            for plane in &mut picture.next {
                plane.resize(pass.width.div_ceil(2), pass.height.div_ceil(2));
            }
            for component in &mut picture.components {
                component.values.start(stride + 2 * PAD);
                for ring in &mut component.across {
                    ring.start(stride);
                }
                component.sums = LaneSums::default();
            }
        }
        self.squares.clear();
        self.squares.resize(stride + 2 * PAD, 0.0);
        for row in self.of_reference.iter_mut().chain(&mut self.of_encode) {
            row.resize(stride, 0.0);
        }
        self.zeros.clear();
        self.zeros.resize(stride, 0.0);
    }

    /// Reads row `y` of picture `index` from its frame.
    #[inline(always)]
    fn read_samples(
        &mut self,
        pass: &ScalePass,
        index: usize,
        frame: &Frame,
        reader: &LightReader,
        y: usize,
    ) {
        let row = &mut self.pictures[index].rows[y % 2];
        let mut rgb = row.each_mut().map(|row| &mut row[..pass.width]);
        reader.read(frame, y, &mut self.chroma, &mut rgb);
    }

    /// Reads row `y` of picture `index` from the light of this scale.
    #[inline(always)]
    fn read_light(&mut self, index: usize, y: usize) {
        let PictureMemory { light, rows, .. } = &mut self.pictures[index];
        for (row, plane) in rows[y % 2].iter_mut().zip(light) {
            row.copy_from_slice(plane.row(y));
        }
    }

    /// Takes row `y` of all pictures into the next scale's light and, as XYB, into the rings.
    #[inline(always)]
    fn filter_row(&mut self, pass: &ScalePass, y: usize) {
        let width = pass.width;
        for picture in &mut self.pictures {
            let PictureMemory { next, rows, components, .. } = picture;
            let is_complete = y % 2 == 1 || y + 1 == pass.height;
            if is_complete && !pass.is_last {
                // The last row of an odd number is taken twice.
                let above = if y % 2 == 1 { &rows[0] } else { &rows[y % 2] };
                for ((above, below), plane) in above.iter().zip(&rows[y % 2]).zip(next) {
                    halve(above, below, plane.row_mut(y / 2));
                }
            }
            let xyb = components.each_mut().map(|memory| memory.values.row_mut(y));
            xyb::convert(&rows[y % 2], xyb.map(|row| &mut row[PAD..PAD + width]));
        }
        let [reference, distorted @ ..] = &mut self.pictures[..] else { return };
        for (index, of_reference) in reference.components.iter_mut().enumerate() {
            of_reference.filter(y, width, &mut self.squares);
            for encode in &mut *distorted {
                let component = &mut encode.components[index];
                component.filter(y, width, &mut self.squares);
                let [_, _, differences] = &mut component.across;
                let (a, b) = (of_reference.values.row(y), component.values.row(y));
                square_differences(a, b, &mut self.squares);
                filter_across(&self.squares, &mut differences.row_mut(y)[..width]);
            }
        }
    }

    /// Filters row `y` of all pictures down, and adds its maps to the sums.
    #[inline(always)]
    fn compare_row(&mut self, pass: &ScalePass, y: usize) {
        let Self { pictures, of_reference, of_encode, zeros, .. } = self;
        let [reference, distorted @ ..] = &mut pictures[..] else { return };
        let stride = pass.stride();
        for (index, component) in reference.components.iter().enumerate() {
            for (ring, out) in component.across.iter().zip(&mut *of_reference) {
                filter_down(ring, (y, pass.height), zeros, out);
            }
            for encode in &mut *distorted {
                let ComponentMemory { values, across, sums } = &mut encode.components[index];
                for (ring, out) in across.iter().zip(&mut *of_encode) {
                    filter_down(ring, (y, pass.height), zeros, out);
                }
                let values = [&component.values, values].map(|ring| &ring.row(y)[PAD..][..stride]);
                let of_reference = of_reference.each_ref().map(|row| &row[..stride]);
                let of_encode = of_encode.each_ref().map(|row| &row[..stride]);
                maps::add(values, of_reference, of_encode, sums);
            }
        }
    }
}

impl ComponentMemory {
    /// Filters row `y` and its squares across.
    #[inline(always)]
    fn filter(&mut self, y: usize, width: usize, squares: &mut [f32]) {
        let values = self.values.row(y);
        let [means, filtered_squares, _] = &mut self.across;
        filter_across(values, &mut means.row_mut(y)[..width]);
        square(values, squares);
        filter_across(squares, &mut filtered_squares.row_mut(y)[..width]);
    }
}

/// Squares a row.
#[inline(always)]
fn square(row: &[f32], out: &mut [f32]) {
    for (out, value) in out.iter_mut().zip(row) {
        *out = value * value;
    }
}

/// Squares the differences of two rows.
#[inline(always)]
fn square_differences(a: &[f32], b: &[f32], out: &mut [f32]) {
    for ((out, a), b) in out.iter_mut().zip(a).zip(b) {
        *out = (a - b) * (a - b);
    }
}
