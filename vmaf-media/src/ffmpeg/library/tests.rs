use ffmpeg_next::format::Pixel;
use vmaf_core::Chroma;

use super::*;

/// A decoded frame whose 16-bit samples are what `sample` says for plane, column and row.
fn decoded(pixel: Pixel, sample: impl Fn(usize, usize, usize) -> u16) -> av::frame::Video {
    let mut frame = av::frame::Video::new(pixel, 7, 5);
    for plane in 0..frame.planes() {
        let stride = frame.stride(plane);
        for (y, row) in frame.data_mut(plane).chunks_exact_mut(stride).enumerate() {
            for (x, bytes) in row.as_chunks_mut::<2>().0.iter_mut().enumerate() {
                *bytes = sample(plane, x, y).to_le_bytes();
            }
        }
    }
    frame
}

fn rows(frame: &av::frame::Video) -> Vec<Vec<Vec<u16>>> {
    let (format, pixel) = format_of(frame).expect("a format that can be scored");
    let read = |bytes| u16::from_le_bytes(bytes) >> pixel.shift;
    let mut to = Recycler::default().frame(format);
    copy(frame, pixel, &mut to, read).expect("a picture");
    let planes = (0..format.chroma.planes()).map(|index| to.plane::<u16>(index));
    planes.map(|plane| plane.rows().map(<[u16]>::to_vec).collect()).collect()
}

#[test]
fn semi_planar_samples_are_taken_apart_and_shifted_down() {
    let value = |plane: usize, x: usize, y: usize| (plane * 300 + y * 20 + x) as u16;
    let planar = decoded(Pixel::YUV420P10LE, value);
    let semi_planar = decoded(Pixel::P010LE, |plane, x, y| {
        let value = if plane == 0 { value(0, x, y) } else { value(1 + x % 2, x / 2, y) };
        value << 6
    });
    let rows = [rows(&planar), rows(&semi_planar)];
    assert_eq!(rows[0], rows[1]);
    // Odd sizes: chroma is rounded down.
    assert_eq!((rows[0][1].len(), rows[0][1][0].len()), (2, 3));
    assert_eq!(rows[0][2][1], [value(2, 0, 1), value(2, 1, 1), value(2, 2, 1)]);
}

#[test]
fn formats_that_can_not_be_scored_are_named() {
    let reason = format_of(&decoded(Pixel::RGB24, |_, _, _| 0)).expect_err("no format");
    assert!(reason.contains("rgb24"), "{reason}");
    let (format, _) = format_of(&decoded(Pixel::GRAY12LE, |_, _, _| 0)).expect("a format");
    assert_eq!((format.chroma, format.bit_depth), (Chroma::Mono, 12));
}

#[test]
fn an_unknown_frame_rate_is_none() {
    assert_eq!(rational(av::Rational::new(0, 1)), None);
    assert_eq!(rational(av::Rational::new(25, 0)), None);
    assert_eq!(rational(av::Rational::new(-25, 1)), None);
    assert_eq!(rational(av::Rational::new(25, 1)), Some(Rational { num: 25, den: 1 }));
}
