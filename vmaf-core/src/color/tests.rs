//! Rows of light against the definition.

use super::*;
use crate::feature::testing::{PATTERNS, plane};
use crate::frame::Pixels;
use crate::simd::{Kernel, Level};
use crate::{Chroma, ColorRange, Format, Frame, Sample};
use fearless_simd::Simd;

/// All rows of a frame.
struct Rows<'a>(&'a Frame, &'a LightReader);

impl Kernel for Rows<'_> {
    type Output = Vec<[Vec<f32>; 3]>;

    #[inline(always)]
    fn run<S: Simd>(self, _simd: S) -> Self::Output {
        let (width, height) = self.0.format().plane_size(0);
        let mut memory = RowMemory::default();
        let row = |y| {
            let mut rgb = [0, 1, 2].map(|_| vec![0.0; width]);
            let mut rows = rgb.each_mut().map(|row| &mut row[..]);
            self.1.read(self.0, y, &mut memory, &mut rows);
            rgb
        };
        (0..height).map(row).collect()
    }
}

fn frame(format: Format, seed: usize) -> Frame {
    let pattern = |i: usize| PATTERNS[(seed + i) % PATTERNS.len()];
    let planes = 0..format.chroma().planes();
    let pixels = if format.bit_depth() == 8 {
        let plane = |i| {
            let (width, height) = format.plane_size(i);
            plane::<u8>(pattern(i), width, height, 8, 3)
        };
        Pixels::U8(planes.map(plane).collect())
    } else {
        let plane = |i| {
            let (width, height) = format.plane_size(i);
            plane::<u16>(pattern(i), width, height, format.bit_depth(), 3)
        };
        Pixels::U16(planes.map(plane).collect())
    };
    Frame::new(format, pixels).expect("a frame")
}

fn check<T: Sample>(frame: &Frame, space: &ColorSpace, screen: &Screen) {
    let reader = LightReader::new(frame.format(), space, screen, space.primaries.to_bt709());
    let rows = |level: Level| level.run(Rows(frame, &reader));
    let found = rows(Level::baseline());
    let (peak, _) = screen.scale(space.transfer);
    for (y, [red, green, blue]) in found.iter().enumerate() {
        for (x, ((red, green), blue)) in red.iter().zip(green).zip(blue).enumerate() {
            let expected = reference::light::<T>(frame, space, screen, x, y);
            for (found, expected) in [red, green, blue].into_iter().zip(expected) {
                let found = f64::from(*found);
                assert!(
                    (found - expected).abs() < 2e-6 * peak,
                    "{space:?} {} column {x}, row {y}: {found}, not {expected}",
                    frame.format()
                );
            }
        }
    }
    for level in Level::available() {
        assert_eq!(rows(level), found, "{}", level.name());
    }
}

#[test]
fn rows_equal_the_definition() {
    let chroma = [Chroma::Yuv420, Chroma::Yuv422, Chroma::Yuv444, Chroma::Mono];
    let transfers = [Transfer::Bt1886, Transfer::Srgb, Transfer::Pq, Transfer::Hlg];
    let sitings = [ChromaSiting::Left, ChromaSiting::Center, ChromaSiting::TopLeft];
    let matrices = [Matrix::Bt601, Matrix::Bt709, Matrix::Bt2020].map(Some);
    let primaries = [
        Primaries::Bt709,
        Primaries::Bt2020,
        Primaries::P3,
        Primaries::Bt601Lines525,
        Primaries::Bt601Lines625,
    ];
    for width in 2..=70_usize {
        let (height, chroma) = (2 + width % 9, chroma[width % 4]);
        let depth = [8, 10, 12, 16][width / 4 % 4];
        let format = Format::new(width as u32, height as u32, chroma, depth).expect("a format");
        let space = ColorSpace {
            matrix: if chroma == Chroma::Yuv444 && width % 8 < 4 {
                None
            } else {
                matrices[width % 3]
            },
            range: if width / 2 % 2 == 0 { ColorRange::Limited } else { ColorRange::Full },
            transfer: transfers[width / 3 % 4],
            primaries: primaries[width % 5],
            siting: sitings[width / 5 % 3],
        };
        let frame = frame(format, width);
        let screen = Screen {
            peak: 1500.0,
            black: 0.5,
            reflected: 0.25,
            ambient: 10.0,
            least: 0.005,
            unit: 1.0,
            is_ideal: false,
        };
        for screen in [Screen::ideal(255.0), screen, Screen { peak: 200.0, ..screen }] {
            if depth == 8 {
                check::<u8>(&frame, &space, &screen);
            } else {
                check::<u16>(&frame, &space, &screen);
            }
        }
    }
}

#[test]
fn white_and_black_are_those_of_the_range() {
    let format = Format::new(8, 8, Chroma::Yuv420, 8).expect("a format");
    for (range, black, white) in [(ColorRange::Limited, 16_u8, 235), (ColorRange::Full, 0, 255)] {
        let space = ColorSpace { range, ..ColorSpace::default() };
        for (luma, light) in [(black, 0.0), (white, 1.0)] {
            let planes = [(luma, 8), (128, 4), (128, 4)];
            let planes = planes.map(|(sample, size)| {
                crate::Plane::from_vec(vec![sample; size * size], size, size).expect("a plane")
            });
            let frame = Frame::from_planes(format, planes.to_vec()).expect("a frame");
            let reader = LightReader::new(&format, &space, &Screen::ideal(255.0), None);
            let rows = Level::best().run(Rows(&frame, &reader));
            for value in rows.iter().flatten().flatten() {
                assert!((value - light).abs() < 1e-6, "{range}: {value}");
            }
        }
    }
}
