//! Files of y4m, raw video and stills: whatever they hold, frames have the format that was stated, or
//! there is an error.

#![no_main]

use libfuzzer_sys::arbitrary::Unstructured;
use libfuzzer_sys::fuzz_target;
use vmaf_media::{OpenOptions, RawVideo, ReadPlan};

fuzz_target!(|data: &[u8]| {
    let Some((kind, rest)) = data.split_first() else { return };
    let mut options = OpenOptions::default();
    let (name, bytes) = match kind % 3 {
        0 => ("video.y4m", [b"YUV4MPEG2 ", rest].concat()),
        1 => ("still", rest.to_vec()),
        _ => {
            let mut settings = Unstructured::new(rest);
            let Ok(format) = vmaf_fuzz::format(&mut settings, 300) else { return };
            options.raw = Some(RawVideo {
                width: format.width(),
                height: format.height(),
                chroma: format.chroma(),
                bit_depth: format.bit_depth(),
            });
            ("video.yuv", settings.take_rest().to_vec())
        }
    };
    // The rest would be FFmpeg's.
    let is_still = bytes.starts_with(b"\x89PNG\r\n\x1a\n")
        || bytes.starts_with(&[0xff, 0xd8, 0xff])
        || bytes.starts_with(b"II*\0")
        || bytes.starts_with(b"MM\0*")
        || (bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP"));
    if kind % 3 == 1 && !is_still {
        return;
    }
    let path = vmaf_fuzz::file(name, &bytes);
    let Ok(source) = vmaf_media::open(path.to_str().expect("a path"), &options) else { return };
    let format = source.info().format;
    if u64::from(format.width()) * u64::from(format.height()) > 1 << 22 {
        return;
    }
    let Ok(mut frames) = source.frames(&ReadPlan::new(&format)) else { return };
    for _ in 0..8 {
        let Ok(Some(frame)) = frames.read() else { return };
        assert_eq!(*frame.format(), format);
    }
});
