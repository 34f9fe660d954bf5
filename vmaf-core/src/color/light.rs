//! Rows of a frame as light.
//!
//! ```text
//! chroma  = linear interpolation of the nearest samples, across and down
//! signal  = luma * scale + offset + matrix * chroma          clipped to 0 to 1
//! light   = curve(signal)                                    of HLG times a power of luminance
//! output  = matrix * (light within the screen's bounds + reflections)
//! ```
//!
//! Each step is a plain loop over a row, which vectorises at the width of the level it runs on. All
//! numbers are of single precision.

use super::primaries::Matrix3;
use super::screen::Screen;
use super::transfer::Curve;
use super::{ChromaSiting, ColorSpace, Matrix};
use crate::frame::Pixels;
use crate::numeric::powf;
use crate::{Chroma, ColorRange, Format, Frame, Sample};

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
    /// The least and greatest light, before reflections.
    bounds: [f32; 2],
    system_gamma: Option<SystemGamma>,
    /// Light that is added to that of signals.
    added: f32,
    /// The matrix from red, green and blue light to the output; `None` if it is that light.
    output: Option<Matrix3>,
}

/// The system gamma of HLG: it turns the light of a scene into that of a screen.
#[derive(Debug, Clone, Copy)]
struct SystemGamma {
    /// The weights of red, green and blue in luminance.
    weights: [f32; 3],
    /// The power of luminance.
    power: f32,
    scale: f32,
    offset: f32,
}

/// The readers of frames, as they are and before they were converted from RGB.
#[derive(Debug, Clone)]
pub(crate) struct Readers {
    samples: LightReader,
    rgb: LightReader,
}

impl Readers {
    /// Creates the readers of frames of `format`, as [`LightReader::new`].
    pub(crate) fn new(
        format: &Format,
        space: &ColorSpace,
        screen: &Screen,
        output: Option<Matrix3>,
    ) -> Self {
        let rgb_format = Format { chroma: Chroma::Yuv444, bit_depth: 16, ..*format };
        let rgb = ColorSpace { matrix: None, range: ColorRange::Full, ..*space };
        Self {
            samples: LightReader::new(format, space, screen, output),
            rgb: LightReader::new(&rgb_format, &rgb, screen, output),
        }
    }

    /// The reader of frames as they are, or before they were converted from RGB.
    pub(crate) fn of(&self, is_rgb: bool) -> &LightReader {
        if is_rgb { &self.rgb } else { &self.samples }
    }
}

/// Returns true if both pictures of a pair were converted from RGB, and are compared as that.
/// Whatever other encodes there are, a pair is read in the same way.
pub(crate) fn is_rgb_pair(reference: &Frame, encode: &Frame) -> bool {
    reference.rgb.is_some() && encode.rgb.is_some()
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
    /// Creates a reader of frames of `format` in `space`, shown on `screen`. `output` is applied to
    /// the light of the space's own primaries.
    pub(crate) fn new(
        format: &Format,
        space: &ColorSpace,
        screen: &Screen,
        output: Option<Matrix3>,
    ) -> Self {
        let shares = |matrix: Matrix| {
            let [red, green, blue] = matrix.shares();
            let (of_cr, of_cb) = (2.0 * (1.0 - red), 2.0 * (1.0 - blue));
            [of_cr, -of_cb * blue / green, -of_cr * red / green, of_cb].map(|share| share as f32)
        };
        let (scale, offset) = screen.scale(space.transfer);
        let system_gamma = screen.system_gamma(space.transfer).map(|power| SystemGamma {
            weights: Matrix::Bt2020.shares().map(|weight| weight as f32),
            power: power as f32,
            scale: scale as f32,
            offset: offset as f32,
        });
        let (scale, offset) = if system_gamma.is_some() { (1.0, 0.0) } else { (scale, offset) };
        Self {
            chroma: format.chroma,
            siting: space.siting,
            luma_scale: Scale::new(space.luma_scale(format)),
            chroma_scale: Scale::new(space.chroma_scale(format)),
            shares: space.matrix.map(shares),
            curve: Curve::new(space.transfer, scale, offset),
            bounds: screen.bounds(space.transfer).map(|bound| bound as f32),
            system_gamma,
            added: screen.added(space.transfer) as f32,
            output,
        }
    }

    /// Writes the light of row `y` of `frame` to `rgb`: red, green and blue, each as long as a row.
    ///
    /// The type of samples is looked up here, once a row, so that all that follows is compiled once.
    #[inline(always)]
    pub(crate) fn read(
        &self,
        frame: &Frame,
        y: usize,
        memory: &mut RowMemory,
        rgb: &mut [&mut [f32]; 3],
    ) {
        match frame.pixels() {
            Pixels::U8(_) => self.read_samples::<u8>(frame, y, memory, rgb),
            Pixels::U16(_) => self.read_samples::<u16>(frame, y, memory, rgb),
        }
        self.emit(rgb);
    }

    #[inline(always)]
    fn read_samples<T: Sample>(
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
        if let Some(gamma) = self.system_gamma {
            let SystemGamma { weights, power, scale, offset } = gamma;
            let [red, green, blue] = &mut *rgb;
            for ((red, green), blue) in red.iter_mut().zip(green.iter_mut()).zip(blue.iter_mut()) {
                let luminance = share(weights, *red, *green, *blue);
                let gain = scale * powf(luminance, power);
                for component in [red, green, blue] {
                    *component = gain * *component + offset;
                }
            }
        }
        let [least, greatest] = self.bounds;
        for value in rgb.iter_mut().flat_map(|plane| plane.iter_mut()) {
            *value = value.clamp(least, greatest) + self.added;
        }
        if let Some(output) = &self.output {
            let [first, second, third] = output.map(|row| row.map(|share| share as f32));
            let [red, green, blue] = rgb;
            for ((red, green), blue) in red.iter_mut().zip(green.iter_mut()).zip(blue.iter_mut()) {
                let (r, g, b) = (*red, *green, *blue);
                *red = share(first, r, g, b);
                *green = share(second, r, g, b);
                *blue = share(third, r, g, b);
            }
        }
    }
}

/// The weighted sum of red, green and blue.
#[inline(always)]
fn share(weights: [f32; 3], red: f32, green: f32, blue: f32) -> f32 {
    weights[0] * red + weights[1] * green + weights[2] * blue
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

/// The means of four pixels of two rows each. The last column of an odd number is taken twice.
#[inline(always)]
pub(crate) fn halve(above: &[f32], below: &[f32], out: &mut [f32]) {
    let pairs = above.chunks_exact(2).zip(below.chunks_exact(2));
    for (out, (above, below)) in out.iter_mut().zip(pairs) {
        *out = ((above[0] + above[1]) + (below[0] + below[1])) * 0.25;
    }
    if let (1, Some(out)) = (above.len() % 2, out.last_mut()) {
        let (above, below) = (above[above.len() - 1], below[below.len() - 1]);
        *out = ((above + above) + (below + below)) * 0.25;
    }
}
