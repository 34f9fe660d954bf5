//! The differences of colours, fast.
//!
//! ```text
//! sum over the pixels of sqrt((dL / (0.65 SL))^2 + (dC / SC)^2 + (dH / (4 SH))^2
//!                             + RT * dC / SC * dH / (4 SH))
//! ```
//!
//! `dL`, `dC` and `dH` are the differences of lightness, saturation and hue in CIELAB; `SL`, `SC`
//! and `SH` correct their scales, and `RT` corrects saturated blues.
//!
//! The picture is processed in blocks of columns of a row of chroma, so that intermediate results
//! stay in the first-level cache. Blocks in which an encode equals its reference are skipped. The
//! passes of a block, in [`Differences`]:
//!
//! 1. [`color`]: luma and chroma to CIELAB; the reference's colours once for all encodes.
//! 2. [`difference`]: the formula above.
//! 3. `add`: the sum, in double precision, several columns side by side.
//!
//! [`functions`] has the roots, powers and angles that both need, in a form that vectorises.

pub(super) mod color;
pub(super) mod difference;
pub(super) mod functions;

use fearless_simd::Simd;

use color::{BLOCK, Block, Colors, Light, Tint};
use difference::{DifferenceMemory, differences};

use crate::simd::Kernel;
use crate::{Frame, Sample};

/// Most pixels that share a sample of chroma.
const SHARING: usize = 4;

/// Partial sums that run side by side, the same number at every level.
const SUMS: usize = 16;

/// Blocks that are reused.
pub(super) struct Workspace {
    tint: Tint,
    light: Light,
    /// The colours of pixels that share chroma.
    reference: [Colors; SHARING],
    distorted: Colors,
    memory: DifferenceMemory,
    differences: Block<f32>,
}

impl Workspace {
    pub(super) const fn new() -> Self {
        Self {
            tint: Tint::new(),
            light: Light::new(),
            reference: [const { Colors::new() }; SHARING],
            distorted: Colors::new(),
            memory: DifferenceMemory::new(),
            differences: [0.0; BLOCK],
        }
    }
}

/// The sum over the frame of the difference of colours, for each encode.
pub(super) struct Differences<'a, T> {
    pub(super) reference: &'a Frame,
    pub(super) distorted: &'a [&'a Frame],
    pub(super) workspace: &'a mut Workspace,
    /// The type of samples.
    pub(super) samples: std::marker::PhantomData<T>,
}

impl<T: Sample> Kernel for Differences<'_, T> {
    type Output = Vec<f64>;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> Vec<f64> {
        let format = self.reference.format();
        let unit = f64::from(1_u32 << (format.bit_depth - 8));
        let (width, height) = format.plane_size(0);
        let (across, down) = format.chroma.shifts();
        let columns = width.div_ceil(1 << across);
        let mut sums = vec![[0.0; SUMS]; self.distorted.len()];
        let Workspace { tint, light, reference, distorted, memory, differences: found } =
            self.workspace;
        for row in 0..height.div_ceil(1 << down) {
            for column in (0..columns).step_by(BLOCK) {
                let n = BLOCK.min(columns - column);
                let place = Place { row, column, n, across, down };
                if self.distorted.iter().all(|frame| place.is_alike::<T>(self.reference, frame)) {
                    continue;
                }
                place.read_tint::<T>(self.reference, unit, tint);
                for (part, colors) in reference.iter_mut().enumerate().take(place.parts()) {
                    let Some((luma, n)) = place.luma::<T>(self.reference, part) else { continue };
                    colors.read(simd, luma, (n, across), tint, unit, light);
                }
                for (frame, sums) in self.distorted.iter().zip(&mut sums) {
                    if place.is_alike::<T>(self.reference, frame) {
                        continue;
                    }
                    place.read_tint::<T>(frame, unit, tint);
                    for (part, reference) in reference.iter().enumerate().take(place.parts()) {
                        let Some((luma, n)) = place.luma::<T>(frame, part) else { continue };
                        distorted.read(simd, luma, (n, across), tint, unit, light);
                        differences(simd, n, [reference, distorted], memory, found);
                        add(&found[..n], sums);
                    }
                }
            }
        }
        sums.iter().map(|sums| sums.iter().sum()).collect()
    }
}

/// Neighbouring columns of a row of chroma, and the pixels that share them: a part for each row and
/// column of pixels that a sample of chroma is for.
struct Place {
    row: usize,
    column: usize,
    n: usize,
    across: u32,
    down: u32,
}

impl Place {
    /// The number of parts.
    #[inline(always)]
    fn parts(&self) -> usize {
        1 << (self.across + self.down)
    }

    /// The samples of luma from the first pixel of a part on, and the number of its pixels; none if
    /// it lies outside the picture.
    #[inline(always)]
    fn luma<'a, T: Sample>(&self, frame: &'a Frame, part: usize) -> Option<(&'a [T], usize)> {
        let plane = frame.plane::<T>(0);
        let y = (self.row << self.down) + (part >> self.across);
        let x = (self.column << self.across) + (part & ((1 << self.across) - 1));
        if y >= plane.height() || x >= plane.width() {
            return None;
        }
        let row = &plane.row(y)[x..];
        Some((row, self.n.min(row.len().div_ceil(1 << self.across))))
    }

    /// The samples of chroma from the place's first on. Planes of odd sizes are rounded down: the
    /// last row and column are repeated.
    #[inline(always)]
    fn chroma<'a, T: Sample>(&self, frame: &'a Frame, index: usize) -> &'a [T] {
        let plane = frame.plane::<T>(index);
        let row = plane.row(self.row.min(plane.height() - 1));
        &row[self.column.min(row.len() - 1)..]
    }

    #[inline(always)]
    fn read_tint<T: Sample>(&self, frame: &Frame, unit: f64, tint: &mut Tint) {
        let (u, v) = (self.chroma::<T>(frame, 1), self.chroma::<T>(frame, 2));
        tint.read(u, v, self.n, unit);
    }

    /// Returns true if all samples are the same in both pictures, so that there is no difference.
    #[inline(always)]
    fn is_alike<T: Sample>(&self, a: &Frame, b: &Frame) -> bool {
        let chroma = |index: usize| {
            let (a, b) = (self.chroma::<T>(a, index), self.chroma::<T>(b, index));
            let n = self.n.min(a.len());
            a[..n] == b[..n]
        };
        let luma = |row: usize| {
            let part = row << self.across;
            let (Some((a, _)), Some((b, _))) = (self.luma::<T>(a, part), self.luma::<T>(b, part))
            else {
                return true;
            };
            let n = (self.n << self.across).min(a.len());
            a[..n] == b[..n]
        };
        chroma(1) && chroma(2) && (0..1 << self.down).all(luma)
    }
}

/// Adds differences to the sums.
#[inline(always)]
fn add(differences: &[f32], sums: &mut [f64; SUMS]) {
    let mut sum = *sums;
    let blocks = differences.chunks_exact(SUMS);
    for (k, value) in blocks.remainder().iter().enumerate() {
        sum[k] += f64::from(*value);
    }
    for block in blocks {
        for k in 0..SUMS {
            sum[k] += f64::from(block[k]);
        }
    }
    *sums = sum;
}
