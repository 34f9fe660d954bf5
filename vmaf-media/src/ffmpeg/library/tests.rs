use ffmpeg_next::frame::Video;
use vmaf_core::Chroma;
use vmaf_core::frame::Recycler;

use super::*;
use crate::ffmpeg::to_frame;

/// A decoded picture, 7 by 5, in FFmpeg's pixel format `name`, whose planes have rows of these
/// `widths` in 16-bit samples, which are what `sample` says for plane, column and row.
fn decoded(name: &str, widths: &[usize], sample: impl Fn(usize, usize, usize) -> u16) -> Picture {
    let mut picture = Picture::new();
    picture.frame = Video::new(name.parse().expect("known"), 7, 5);
    for (plane, width) in widths.iter().enumerate() {
        let stride = picture.frame.stride(plane);
        let rows = picture.frame.data_mut(plane).chunks_exact_mut(stride);
        for (y, row) in rows.enumerate() {
            for (x, bytes) in row.as_chunks_mut().0.iter_mut().take(*width).enumerate() {
                *bytes = sample(plane, x, y).to_le_bytes();
            }
        }
    }
    picture
}

fn rows(picture: &Picture) -> Vec<Vec<Vec<u16>>> {
    let (format, InputFormat { pixel, .. }) =
        format_of(picture).expect("a format that can be scored");
    let read = |bytes| u16::from_le_bytes(bytes) >> pixel.shift;
    let mut to = Recycler::default().frame(format);
    to_frame::copy_samples(picture, pixel, &mut to, read).expect("a picture");
    let planes = (0..format.chroma().planes()).map(|index| to.plane::<u16>(index));
    planes.map(|plane| plane.rows().map(<[u16]>::to_vec).collect()).collect()
}

#[test]
fn semi_planar_samples_are_deinterleaved_and_shifted_down() {
    let value = |plane: usize, x: usize, y: usize| (plane * 300 + y * 20 + x) as u16;
    let planar = decoded("yuv420p10le", &[7, 4, 4], value);
    let semi_planar = decoded("p010le", &[7, 8], |plane, x, y| {
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
fn unsupported_formats_are_named() {
    let reason = format_of(&decoded("xyz12le", &[21], |_, _, _| 0)).expect_err("no format");
    assert!(reason.contains("xyz12le"), "{reason}");
    let (format, _) = format_of(&decoded("gray12le", &[7], |_, _, _| 0)).expect("a format");
    assert_eq!((format.chroma(), format.bit_depth()), (Chroma::Mono, 12));
}

#[test]
fn an_unstated_frame_rate_is_none() {
    assert_eq!(rational(ffmpeg_next::Rational(0, 1)), None);
    assert_eq!(rational(ffmpeg_next::Rational(25, 0)), None);
    assert_eq!(rational(ffmpeg_next::Rational(-25, 1)), None);
    assert_eq!(rational(ffmpeg_next::Rational(25, 1)), Some(Rational { num: 25, den: 1 }));
}
