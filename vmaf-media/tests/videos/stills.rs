//! Stills and numbered stills, whole.

use std::io::Cursor;

use crate::common::{Folder, bad_frame, drain, ffmpeg, not_video, planes, read, read_with};
use crate::ffmpeg::{DECODERS, encode, run};
use image::{DynamicImage, ImageFormat, Luma, Rgb, RgbImage};
use vmaf_core::{Chroma, Format};
use vmaf_media::conform::converted;
use vmaf_media::{ColorRange, Matrix, OpenOptions, Rational, open};

fn encoded(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Vec::new();
    image.write_to(&mut Cursor::new(&mut bytes), format).expect("the still can be encoded");
    bytes
}

fn plain(width: u32, height: u32, colour: [u8; 3]) -> DynamicImage {
    RgbImage::from_pixel(width, height, Rgb(colour)).into()
}

/// The one value that each plane of a plain picture has.
fn levels(planes: &[Vec<Vec<u16>>]) -> Vec<u16> {
    let level = |plane: &Vec<Vec<u16>>| {
        assert!(plane.iter().flatten().all(|&sample| sample == plane[0][0]));
        plane[0][0]
    };
    planes.iter().map(level).collect()
}

#[test]
fn lossless_stills_of_all_formats_give_the_same_frame() {
    let folder = Folder::new();
    let picture = RgbImage::from_fn(21, 13, |x, y| Rgb([x as u8 * 12, y as u8 * 19, 200]));
    let mut frames = Vec::new();
    for (format, codec) in
        [(ImageFormat::Png, "png"), (ImageFormat::Tiff, "tiff"), (ImageFormat::WebP, "webp")]
    {
        // The name says nothing: the content does.
        let file = folder.write("still", encoded(&picture.clone().into(), format));
        let (info, mut read) = read(&file).expect("a still");
        assert_eq!(info.format, Format::new(21, 13, Chroma::Yuv444, 8).expect("a format"));
        assert_eq!((info.codec.as_str(), info.frames, info.frame_rate), (codec, Some(1), None));
        assert_eq!(info.range, Some(ColorRange::Limited));
        assert_eq!((read.len(), read[0].time), (1, Some(0.0)));
        frames.append(&mut read);
    }
    assert!(frames.iter().all(|frame| *frame == frames[0]));
}

#[test]
fn white_is_white_in_every_format() {
    let folder = Folder::new();
    for format in [ImageFormat::Png, ImageFormat::Tiff, ImageFormat::Jpeg, ImageFormat::WebP] {
        let file = folder.write("still", encoded(&plain(16, 16, [255; 3]), format));
        let (_, frames) = read(&file).expect("a still");
        assert_eq!(levels(&planes(&frames[0])), [235, 128, 128], "{format:?}");
    }
}

#[test]
fn sixteen_bits_and_gray_are_kept() {
    let folder = Folder::new();
    let deep = image::ImageBuffer::from_pixel(4, 4, Rgb([u16::MAX; 3]));
    for format in [ImageFormat::Png, ImageFormat::Tiff] {
        let file = folder.write("deep", encoded(&deep.clone().into(), format));
        let (info, frames) = read(&file).expect("a still");
        assert_eq!(info.format.bit_depth(), 16);
        assert_eq!(levels(&planes(&frames[0])), [60160, 32768, 32768]);
    }
    let gray = image::ImageBuffer::from_pixel(4, 4, Luma([255_u8]));
    for format in [ImageFormat::Png, ImageFormat::Jpeg] {
        let file = folder.write("gray", encoded(&gray.clone().into(), format));
        let (info, frames) = read(&file).expect("a still");
        assert_eq!(info.format.chroma(), Chroma::Mono);
        assert_eq!(levels(&planes(&frames[0])), [235]);
    }
}

#[test]
fn numbered_stills_are_read_as_a_video() {
    let folder = Folder::new();
    for number in 2..5 {
        let still = plain(8, 6, [number * 50; 3]);
        folder.write(&format!("shot{number:03}.png"), encoded(&still, ImageFormat::Png));
    }
    let pattern = folder.path("shot%03d.png");
    let (info, frames) = read(&pattern).expect("a video");
    assert_eq!((info.frames, info.frame_rate), (Some(3), Some(Rational { num: 25, den: 1 })));
    assert_eq!(info.path, pattern);
    let luma: Vec<u16> = frames.iter().map(|frame| levels(&planes(frame))[0]).collect();
    assert_eq!(luma, [102, 145, 188]);
    assert_eq!(frames[2].time, Some(0.08));

    let frame_rate = Some(Rational { num: 50, den: 1 });
    let options = OpenOptions { frame_rate, ..OpenOptions::default() };
    let (_, frames) = read_with(&pattern, &options).expect("a video");
    assert_eq!(frames[2].time, Some(0.04));
}

#[test]
fn numbered_stills_of_other_formats_are_decoded_by_ffmpeg() {
    let Some(program) = ffmpeg() else { return };
    let folder = Folder::new();
    let png = folder.path("%02d.png");
    encode(&program, "testsrc2=size=50x38:rate=25", "-frames:v 3", &png);
    let all = |path: &str, options: &OpenOptions| {
        let source = converted(open(path, options).expect(path), Matrix::Bt601);
        let info = source.info().clone();
        assert_eq!(info.color.matrix.as_deref(), Some("smpte170m"));
        let frames = drain(source).expect(path);
        (info, frames.iter().map(|frame| (frame.time, planes(frame))).collect::<Vec<_>>())
    };
    let (info, expected) = all(&png, &OpenOptions::default());
    for extension in ["bmp", "jxl"] {
        let pattern = folder.path(&format!("%02d.{extension}"));
        let lossless: &[&str] = if extension == "jxl" { &["-distance", "0"] } else { &[] };
        run(&program, &[&["-i", &png][..], lossless, &[&pattern]].concat());
        for &decoder in DECODERS {
            let options = OpenOptions { decoder, ..OpenOptions::default() };
            let (own, frames) = all(&pattern, &options);
            assert_eq!((own.format, own.frames, &own.path), (info.format, Some(3), &pattern));
            assert!(frames == expected, "{extension} {decoder:?}");
        }
    }
    // One of another size, and one that is several.
    let pattern = folder.path("%02d.bmp");
    encode(&program, "testsrc2=size=50x40:rate=25", "-frames:v 1", &folder.path("02.bmp"));
    assert!(bad_frame(read(&pattern)).1.contains("02.bmp is 50x40"));
    let moving = folder.path("01.gif");
    encode(&program, "testsrc2=size=50x38:rate=25", "-frames:v 3", &moving);
    assert!(bad_frame(read(&folder.path("%02d.gif"))).1.contains("several pictures"));
}

#[test]
fn a_numbered_still_of_another_format_is_named() {
    let folder = Folder::new();
    let pattern = folder.path("%d.png");
    assert!(not_video(read(&pattern)).contains("no file matches"));
    let still = encoded(&plain(8, 6, [9; 3]), ImageFormat::Png);
    folder.write("0.png", &still);
    folder.write("1.png", encoded(&plain(8, 8, [9; 3]), ImageFormat::Png));
    let (frame, reason) = bad_frame(read(&pattern));
    assert_eq!(frame, 1);
    assert!(reason.contains("1.png is 8x8") && reason.contains("8x6"), "{reason}");

    folder.write("1.png", &still[..still.len() / 2]);
    let (frame, reason) = bad_frame(read(&pattern));
    assert_eq!(frame, 1);
    assert!(reason.contains("1.png"), "{reason}");

    folder.write("1.png", "no still");
    let (_, reason) = bad_frame(read(&pattern));
    assert!(reason.contains("not a PNG, TIFF, JPEG or WebP"), "{reason}");

    folder.write("1.png", &still);
    folder.write("3.png", &still);
    let reason = not_video(read(&pattern));
    assert!(reason.contains("2.png is missing"), "{reason}");
}

#[test]
fn a_truncated_still_is_refused() {
    let folder = Folder::new();
    let picture = RgbImage::from_fn(16, 16, |x, y| Rgb([(x * y) as u8, x as u8, y as u8]));
    for format in [ImageFormat::Png, ImageFormat::Tiff, ImageFormat::WebP] {
        let whole = encoded(&picture.clone().into(), format);
        // The last bytes of a PNG are a mark and no picture.
        for cut in 0..whole.len() - 16 {
            let result = read(&folder.write("cut", &whole[..cut]));
            assert!(result.is_err(), "{format:?} cut at {cut} of {}", whole.len());
        }
    }
}
