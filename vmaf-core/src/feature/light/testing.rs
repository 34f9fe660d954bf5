//! Light of whole frames, for the definitions of metrics, and what all of them have to meet.

use std::fmt::Debug;

use fearless_simd::Simd;

use super::PictureMetric;
use crate::color::{ColorSpace, LightReader, RowMemory, Screen};
use crate::feature::Feature;
use crate::feature::testing::{Pattern, measured, planar};
use crate::simd::{Kernel, Level};
use crate::{Chroma, Error, Format, Frame, Job};

/// A picture of three components, row by row.
#[derive(Debug, Clone)]
pub(crate) struct Picture {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) components: [Vec<f64>; 3],
}

impl Picture {
    /// Half as many columns and rows, rounded up: means of four pixels. The last column and row are
    /// repeated.
    pub(crate) fn halved(&self) -> Self {
        let (width, height) = (self.width.div_ceil(2), self.height.div_ceil(2));
        let components = self.components.each_ref().map(|plane| {
            let pixel = |x: usize, y: usize| {
                plane[y.min(self.height - 1) * self.width + x.min(self.width - 1)]
            };
            let mean = |i: usize| {
                let (x, y) = (2 * (i % width), 2 * (i / width));
                (pixel(x, y) + pixel(x + 1, y) + pixel(x, y + 1) + pixel(x + 1, y + 1)) / 4.0
            };
            (0..width * height).map(mean).collect()
        });
        Self { width, height, components }
    }
}

struct Light<'a>(&'a Frame, f64);

impl Kernel for Light<'_> {
    type Output = Picture;

    #[inline(always)]
    fn run<S: Simd>(self, _simd: S) -> Picture {
        let Self(frame, white) = self;
        let (width, height) = frame.format().plane_size(0);
        let (space, screen) = (ColorSpace::default(), Screen::ideal(white));
        let reader = LightReader::new(frame.format(), &space, &screen, None);
        let mut memory = RowMemory::default();
        let mut components = [const { Vec::new() }; 3];
        for y in 0..height {
            let mut rows = [0, 1, 2].map(|_| vec![0.0_f32; width]);
            reader.read(frame, y, &mut memory, &mut rows.each_mut().map(|row| &mut row[..]));
            for (component, row) in components.iter_mut().zip(rows) {
                component.extend(row.into_iter().map(f64::from));
            }
        }
        Picture { width, height, components }
    }
}

/// The light of a frame: red, green and blue, as the ideal screen with this white shows the default
/// colour space.
pub(crate) fn light(frame: &Frame, white: f64) -> Picture {
    Level::baseline().run(Light(frame, white))
}

/// A frame that resembles a picture.
pub(crate) fn natural(seed: u64, width: u32, height: u32) -> Frame {
    let format = Format::new(width, height, Chroma::Yuv420, 8).expect("a format");
    planar([seed, seed + 1, seed + 2].map(Pattern::Natural), format, 0)
}

/// The value of `column` for two frames, with options.
pub(crate) fn scored(
    (feature, column): (&'static Feature, &str),
    [reference, distorted]: [&Frame; 2],
    set: &[(&str, &str)],
) -> f64 {
    let mut options = feature.options();
    for (name, value) in set {
        options.set(name, value).expect("an option");
    }
    measured(feature, &options, reference, distorted)[column]
}

/// The sums of `M`, to which white has `white` cd/m², for the encodes of `frames`, of which the
/// first is the reference. The workspace was used for a picture of another size before.
pub(crate) fn kernel_sums<M: PictureMetric>(
    level: Level,
    white: f64,
    frames: &[&Frame],
) -> Vec<M::Sums> {
    let (space, screen) = (ColorSpace::default(), Screen::ideal(white));
    let reader = |frame: &Frame| LightReader::new(frame.format(), &space, &screen, None);
    let mut workspace = M::Workspace::default();
    let other = Format::new(70, 41, Chroma::Yuv420, 8).expect("a format");
    let before = planar([Pattern::Noise(9); 3], other, 0);
    M::compare(level, &[&before, &before], &reader(&before), &mut workspace);
    let reader = reader(frames[0]);
    M::compare(level, frames, &reader, &mut workspace)
}

/// The sums of an encode are the same beside another.
pub(crate) fn check_encodes<M: PictureMetric>(white: f64)
where
    M::Sums: PartialEq + Debug,
{
    let [a, b, c] = [1, 5, 9].map(|seed| natural(seed, 101, 77));
    let together = kernel_sums::<M>(Level::best(), white, &[&a, &b, &c]);
    for (alone, together) in [&b, &c].into_iter().zip(&together) {
        assert_eq!(&kernel_sums::<M>(Level::best(), white, &[&a, alone])[0], together);
    }
}

/// Every option that describes samples changes the value, but not the column's name.
pub(crate) fn check_options(feature: &'static Feature, column: &str) {
    let (a, b) = (natural(1, 64, 48), natural(2, 64, 48));
    let plain = scored((feature, column), [&a, &b], &[]);
    for option in [
        ("matrix", "bt709"),
        ("matrix", "bt2020"),
        ("range", "full"),
        ("transfer", "srgb"),
        ("transfer", "pq"),
        ("transfer", "hlg"),
        ("primaries", "bt2020"),
        ("primaries", "bt601-525"),
        ("primaries", "bt601-625"),
        ("primaries", "p3"),
        ("siting", "center"),
        ("siting", "topleft"),
    ] {
        let other = scored((feature, column), [&a, &b], &[option]);
        assert!((other - plain).abs() > 1e-6, "{option:?}: {other} {plain}");
    }
}

/// RGB has three planes of one size, and pictures are at least 8 pixels wide.
pub(crate) fn check_refusals(feature: &'static Feature) {
    let format = |width, chroma| Format::new(width, 64, chroma, 8).expect("a format");
    let mut rgb = feature.options();
    rgb.set("matrix", "rgb").expect("an option");
    let start = |format, options| Job::new(format, 1).feature(feature, options).start();
    assert!(start(format(32, Chroma::Yuv444), rgb.clone()).is_ok());
    let error = start(format(32, Chroma::Yuv420), rgb).err();
    assert!(matches!(error, Some(Error::Unsupported { .. })));
    let error = start(format(7, Chroma::Yuv420), feature.options()).err();
    assert!(matches!(error, Some(Error::TooSmall { .. })));
}
