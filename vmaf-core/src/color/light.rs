//! Rows of a frame as light.
//!
//! ```text
//! chroma  = linear interpolation of the nearest samples, across and down
//! signal  = luma * scale + offset + matrix * chroma          clipped to 0 to 1
//! light   = curve(signal)           of HLG times luminance^0.2
//! output  = primaries * light
//! ```
//!
//! Each step is a plain loop over a row, which vectorises at the width of the level it runs on. All
//! numbers are of single precision.

use super::primaries::Matrix3;
use super::transfer::{Curve, HLG_PEAK};
use super::{ChromaSiting, ColorSpace, Matrix, Transfer};
use crate::numeric::powf;
use crate::{Chroma, Format, Frame, Sample};

/// The factor and the offset of samples.
#[derive(Debug, Clone, Copy)]
struct Scale {
    factor: f32,
    offset: f32,
}

impl Scale {
    fn new((factor, offset): (f64, f64)) -> Self {
        Self { factor: factor as f32, offset: offset as f32 }
    }

    #[inline(always)]
    fn apply<T: Sample>(self, sample: T) -> f32 {
        let sample: i32 = sample.into();
        sample as f32 * self.factor + self.offset
    }
}

/// A converter of rows of frames of one format into light.
#[derive(Debug, Clone)]
pub(crate) struct LightReader {
    chroma: Chroma,
    siting: ChromaSiting,
    luma_scale: Scale,
    chroma_scale: Scale,
    /// The shares of Cr in red, of Cb and Cr in green, and of Cb in blue; `None` for RGB planes.
    shares: Option<[f32; 4]>,
    curve: Curve,
    /// Luma's weights and the unit of light, if the light of a scene has to become that of a screen.
    system_gamma: Option<[f32; 4]>,
    primaries: Option<Matrix3>,
}

/// Memory that is reused from row to row.
#[derive(Debug, Default)]
pub(crate) struct RowMemory {
    /// Rows of Cb and Cr between rows of samples.
    between: [Vec<f32>; 2],
    /// Rows of Cb and Cr at luma's resolution.
    full: [Vec<f32>; 2],
}

impl LightReader {
    /// Creates a reader of frames of `format` in `space`. Light is in units of `white` cd/m², which
    /// is also the white of standard dynamic range.
    pub(crate) fn new(format: &Format, space: &ColorSpace, white: f64) -> Self {
        let shares = |matrix: Matrix| {
            let [red, green, blue] = matrix.weights();
            let (of_cr, of_cb) = (2.0 * (1.0 - red), 2.0 * (1.0 - blue));
            [of_cr, -of_cb * blue / green, -of_cr * red / green, of_cb].map(|share| share as f32)
        };
        let unit = space.transfer.peak(white) / white;
        let system_gamma = (space.transfer == Transfer::Hlg).then(|| {
            let [red, green, blue] = Matrix::Bt2020.weights().map(|weight| weight as f32);
            [red, green, blue, (HLG_PEAK / white) as f32]
        });
        Self {
            chroma: format.chroma,
            siting: space.siting,
            luma_scale: Scale::new(space.luma_scale(format)),
            chroma_scale: Scale::new(space.chroma_scale(format)),
            shares: space.matrix.map(shares),
            curve: Curve::new(space.transfer, if system_gamma.is_some() { 1.0 } else { unit }),
            system_gamma,
            primaries: space.primaries.to_bt709(),
        }
    }

    /// Writes the light of row `y` of `frame` to `rgb`: red, green and blue, each as long as a row.
    #[inline(always)]
    pub(crate) fn read<T: Sample>(
        &self,
        frame: &Frame,
        y: usize,
        memory: &mut RowMemory,
        rgb: &mut [&mut [f32]; 3],
    ) {
        let luma = frame.plane::<T>(0).row(y);
        match self.shares {
            _ if self.chroma == Chroma::Mono => {
                let [red, green, blue] = rgb;
                for (out, &sample) in red.iter_mut().zip(luma) {
                    *out = self.luma_scale.apply(sample);
                }
                green.copy_from_slice(red);
                blue.copy_from_slice(red);
            }
            None => {
                // The planes are green, blue and red.
                for (plane, out) in [2, 0, 1].into_iter().zip(&mut *rgb) {
                    for (out, &sample) in out.iter_mut().zip(frame.plane::<T>(plane).row(y)) {
                        *out = self.luma_scale.apply(sample);
                    }
                }
            }
            Some(shares) => {
                self.read_chroma::<T>(frame, y, luma.len(), memory);
                let [cb, cr] = &memory.full;
                mix(luma, self.luma_scale, [cb, cr], shares, rgb);
            }
        }
        self.emit(rgb);
    }

    /// Brings the row of chroma at luma's row `y` to luma's resolution.
    #[inline(always)]
    fn read_chroma<T: Sample>(
        &self,
        frame: &Frame,
        y: usize,
        width: usize,
        memory: &mut RowMemory,
    ) {
        let (across, down) = self.chroma.shifts();
        let RowMemory { between, full } = memory;
        for (plane, (between, full)) in [1, 2].into_iter().zip(between.iter_mut().zip(full)) {
            let plane = frame.plane::<T>(plane);
            full.resize(width, 0.0);
            between.resize(plane.width(), 0.0);
            let out = if across == 0 { &mut *full } else { &mut *between };
            let (near, far, share) = self.rows(y, down, plane.height());
            let (near, far) = (plane.row(near), plane.row(far));
            for ((out, &near), &far) in out.iter_mut().zip(near).zip(far) {
                let (near, far) = (self.chroma_scale.apply(near), self.chroma_scale.apply(far));
                *out = near + (far - near) * share;
            }
            if across == 1 {
                self.widen(between, full);
            }
        }
    }

    /// The two rows of chroma nearest to luma's row `y`, and the second one's share.
    #[inline(always)]
    fn rows(&self, y: usize, down: u32, height: usize) -> (usize, usize, f32) {
        // Luma has a row more than twice chroma's if its height is odd.
        let row = |row: usize| row.min(height - 1);
        let (near, below) = (row(y >> down), row((y >> down) + 1));
        let above = row((y >> down).saturating_sub(1));
        match (down, self.siting, y % 2) {
            (0, _, _) => (near, near, 0.0),
            (_, ChromaSiting::TopLeft, 0) => (near, near, 0.0),
            (_, ChromaSiting::TopLeft, _) => (near, below, 0.5),
            (_, _, 0) => (near, above, 0.25),
            (_, _, _) => (near, below, 0.25),
        }
    }

    /// Doubles the columns of a row of chroma.
    #[inline(always)]
    fn widen(&self, row: &[f32], out: &mut [f32]) {
        let last = row.len() - 1;
        let is_between = self.siting == ChromaSiting::Center;
        let (before_share, after_share) = if is_between { (0.25, 0.25) } else { (0.0, 0.5) };
        let pair = |before: f32, own: f32, after: f32| {
            [own + (before - own) * before_share, own + (after - own) * after_share]
        };
        let ends = |column: usize| {
            pair(row[column.saturating_sub(1)], row[column], row[(column + 1).min(last)])
        };
        let (pairs, rest) = out.as_chunks_mut::<2>();
        let windows = row.windows(3).zip(&mut pairs[1..]);
        for (window, out) in windows {
            *out = pair(window[0], window[1], window[2]);
        }
        for column in [0, last] {
            if let Some(out) = pairs.get_mut(column) {
                *out = ends(column);
            }
        }
        // Luma has a column more than twice chroma's if its width is odd.
        if let [column] = rest {
            *column = row[last];
        }
    }

    /// Turns a row of signals into light.
    #[inline(always)]
    fn emit(&self, rgb: &mut [&mut [f32]; 3]) {
        for plane in &mut *rgb {
            for value in plane.iter_mut() {
                *value = self.curve.at(*value);
            }
        }
        let [red, green, blue] = rgb;
        let pixels = red.iter_mut().zip(green.iter_mut()).zip(blue.iter_mut());
        if let Some([of_red, of_green, of_blue, unit]) = self.system_gamma {
            for ((red, green), blue) in pixels {
                let luminance = of_red * *red + of_green * *green + of_blue * *blue;
                let gain = unit * powf(luminance, 0.2);
                (*red, *green, *blue) = (gain * *red, gain * *green, gain * *blue);
            }
        }
        if let Some(primaries) = &self.primaries {
            let [to_red, to_green, to_blue] = primaries.map(|row| row.map(|share| share as f32));
            let share =
                |row: [f32; 3], r: f32, g: f32, b: f32| row[0] * r + row[1] * g + row[2] * b;
            for ((red, green), blue) in red.iter_mut().zip(green.iter_mut()).zip(blue.iter_mut()) {
                let (r, g, b) = (*red, *green, *blue);
                *red = share(to_red, r, g, b);
                *green = share(to_green, r, g, b);
                *blue = share(to_blue, r, g, b);
            }
        }
    }
}

/// Adds the shares of chroma to luma.
#[inline(always)]
fn mix<T: Sample>(
    luma: &[T],
    scale: Scale,
    [cb, cr]: [&[f32]; 2],
    [red_cr, green_cb, green_cr, blue_cb]: [f32; 4],
    [red, green, blue]: &mut [&mut [f32]; 3],
) {
    let width = luma.len();
    let (cb, cr) = (&cb[..width], &cr[..width]);
    let (red, green, blue) = (&mut red[..width], &mut green[..width], &mut blue[..width]);
    for x in 0..width {
        let luma = scale.apply(luma[x]);
        red[x] = luma + red_cr * cr[x];
        green[x] = luma + (green_cb * cb[x] + green_cr * cr[x]);
        blue[x] = luma + blue_cb * cb[x];
    }
}
