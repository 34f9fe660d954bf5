//! Known colours, and heat only in its place.

use image::Rgb;
use vmaf_core::{Format, Plane};

use super::*;

/// A frame of 2 by 2 pixels of one colour.
fn frame<T: Sample>(chroma: Chroma, depth: u8, samples: [T; 3]) -> Frame {
    let format = Format::new(2, 2, chroma, depth).expect("valid");
    let plane = |index: usize| {
        let (width, height) = format.plane_size(index);
        Plane::from_vec(vec![samples[index]; width * height], width, height).expect("a plane")
    };
    Frame::new(format, T::pixels((0..chroma.planes()).map(plane).collect())).expect("a frame")
}

/// Facts about a file of that height and matrix, from those of a y4m file.
fn info(height: u32, matrix: Option<&str>, range: Option<ColorRange>) -> StreamInfo {
    let place = tempfile::TempDir::new().expect("a directory");
    let path = place.path().join("a.y4m");
    let bytes = [&b"YUV4MPEG2 W2 H2 F25:1 C444\nFRAME\n"[..], &[0; 12]].concat();
    std::fs::write(&path, bytes).expect("a file");
    let options = vmaf_media::OpenOptions::default();
    let source = vmaf_media::open(&path.display().to_string(), &options).expect("a video");
    let mut info = source.info().clone();
    info.format = info.format.with_size(2, height).expect("valid");
    info.color.matrix = matrix.map(str::to_owned);
    info.range = range;
    info
}

fn shown(frame: &Frame, info: &StreamInfo) -> [u8; 3] {
    let picture = rgb(frame, info);
    assert_eq!((picture.width(), picture.height()), (2, 2));
    assert!(picture.pixels().all(|pixel| pixel == picture.get_pixel(0, 0)));
    picture.get_pixel(0, 0).0
}

#[test]
fn colours_match_the_standards() {
    // Red at full strength, as each matrix has it in limited range.
    let red: [(Option<&str>, u32, [u8; 3]); 5] = [
        (Some("bt709"), 1080, [63, 102, 240]),
        (Some("smpte170m"), 1080, [81, 90, 240]),
        (Some("bt2020nc"), 1080, [74, 97, 240]),
        (None, 1080, [63, 102, 240]),
        (None, 480, [81, 90, 240]),
    ];
    for (matrix, height, samples) in red {
        let info = info(height, matrix, Some(ColorRange::Limited));
        for chroma in [Chroma::Yuv444, Chroma::Yuv420, Chroma::Yuv422] {
            let [r, g, b] = shown(&frame(chroma, 8, samples), &info);
            assert!(r >= 253 && g <= 2 && b <= 2, "{matrix:?} {height}: {r} {g} {b}");
            let deep = samples.map(|sample| u16::from(sample) * 16);
            let [r, g, b] = shown(&frame(chroma, 12, deep), &info);
            assert!(r >= 253 && g <= 2 && b <= 2, "{matrix:?} {height}: {r} {g} {b}");
        }
    }
}

#[test]
fn black_and_white_follow_the_range() {
    let of =
        |sample: u8, range| shown(&frame(Chroma::Mono, 8, [sample; 3]), &info(720, None, range));
    let (limited, full) = (Some(ColorRange::Limited), Some(ColorRange::Full));
    assert_eq!([of(16, limited), of(235, None), of(5, limited)], [[0; 3], [255; 3], [0; 3]]);
    assert_eq!([of(0, full), of(128, full), of(255, full)], [[0; 3], [128; 3], [255; 3]]);
    // Green, blue, red.
    let gbr = info(720, Some("gbr"), full);
    assert_eq!(shown(&frame(Chroma::Yuv444, 8, [10_u8, 20, 30]), &gbr), [30, 10, 20]);
}

#[test]
fn more_heat_is_lighter() {
    let lightness = |heat: f32| {
        let [r, g, b] = color(heat).map(|part| part.powf(2.2));
        0.2126 * r + 0.7152 * g + 0.0722 * b
    };
    let steps: Vec<f32> = (0..=50).map(|step| lightness(step as f32 / 50.0)).collect();
    assert!(steps.windows(2).all(|pair| pair[1] > pair[0]), "{steps:?}");
    assert!(steps[0] < 0.05 && steps[50] > 0.7, "{steps:?}");
}

#[test]
fn heat_covers_only_affected_pixels() {
    let picture = RgbImage::from_pixel(3, 1, Rgb([90; 3]));
    let heat = Map::new(3, 1, vec![0.0, 0.2, 1.0]).expect("a map");
    let covered = heat_over(&picture, &heat);
    assert_eq!(covered.get_pixel(0, 0).0, [90; 3]);
    let [r, g, b] = covered.get_pixel(1, 0).0;
    assert!(r != g && g != b);
    let [r, g, b] = covered.get_pixel(2, 0).0;
    assert!(r > 200 && g > 180 && b < g, "{r} {g} {b}");
}

#[test]
fn reduced_pictures_have_the_colours_of_the_whole() {
    let info = info(720, Some("bt709"), Some(ColorRange::Limited));
    for (chroma, height) in [(Chroma::Yuv420, 31), (Chroma::Yuv444, 32), (Chroma::Mono, 40)] {
        let format = Format::new(64, height, chroma, 10).expect("valid");
        // A grey slope from left to right, with some red.
        let plane = |index: usize| {
            let (width, height) = format.plane_size(index);
            let sample = |i: usize| match index {
                0 => (300 + 300 * (i % width) / width) as u16,
                1 => 480,
                _ => 600,
            };
            let samples = (0..width * height).map(sample).collect();
            Plane::from_vec(samples, width, height).expect("a plane")
        };
        let planes = (0..chroma.planes()).map(plane).collect();
        let frame = Frame::new(format, u16::pixels(planes)).expect("a frame");
        let whole = rgb(&frame, &info);
        let small = reduced(&frame, &info, (16, 8));
        assert_eq!((small.width(), small.height()), (16, 8));
        for (x, y, pixel) in small.enumerate_pixels().filter(|(x, ..)| (1..15).contains(x)) {
            let [left, right] = [1, 2].map(|k| whole.get_pixel(4 * x + k, 4 * y.min(6)).0);
            for part in 0..3 {
                let range = left[part].saturating_sub(1)..=right[part] + 1;
                assert!(
                    range.contains(&pixel.0[part]),
                    "{chroma} {x}: {pixel:?} {left:?} {right:?}"
                );
            }
        }
        assert_eq!(reduced(&frame, &info, (64, height)), whole);
    }
}
