use vmaf_core::frame::Recycler;
use vmaf_core::{Chroma, Sample};

use super::*;

fn format(width: u32, height: u32, chroma: Chroma, bit_depth: u8) -> Format {
    Format::new(width, height, chroma, bit_depth).expect("valid")
}

/// Slopes with texture, up to the ends of the range; others in each frame.
fn textured(format: Format, seed: usize) -> Frame {
    fn fill<T: Sample + TryFrom<usize>>(frame: &mut Frame, seed: usize) {
        let most = (1_usize << frame.format().bit_depth()) - 1;
        for index in 0..frame.format().chroma().planes() {
            let plane = frame.plane_mut::<T>(index);
            for y in 0..plane.height() {
                for (x, sample) in plane.row_mut(y).iter_mut().enumerate() {
                    let texture = (x * x * 31 + y * 17 + index * 5 + seed * 7) % 64;
                    let value = (x * 5 + y * 3 + texture) * most / 400;
                    *sample = T::try_from(value.min(most)).ok().expect("fits");
                }
            }
        }
    }
    let mut frame = Recycler::default().frame(format);
    if format.bit_depth() == 8 {
        fill::<u8>(&mut frame, seed);
    } else {
        fill::<u16>(&mut frame, seed);
    }
    frame
}

/// Returns true if there is a program; the tests of the command report it if one is required.
fn has_program() -> bool {
    let version = super::super::command::command("error").arg("-version").output();
    version.is_ok_and(|output| output.status.success())
}

/// Returns `frames` scaled by `scaler`, given as it takes them.
fn scaled(scaler: &mut PictureScaler, to: Format, frames: &[Frame]) -> Vec<Frame> {
    let mut given = frames.iter();
    let mut all = Vec::new();
    let mut frame = Recycler::default().frame(to);
    let mut is_over = false;
    loop {
        if scaler.receive(&mut frame).expect("scaled") {
            all.push(frame.clone());
        } else if is_over {
            return all;
        } else if let Some(next) = given.next() {
            scaler.send(next);
        } else {
            scaler.end();
            is_over = true;
        }
    }
}

#[test]
fn a_program_scales_frame_after_frame() {
    if !has_program() {
        return;
    }
    let formats = [format(48, 34, Chroma::Yuv420, 8), format(96, 68, Chroma::Yuv420, 8)];
    for count in [0, 1, 2, 40] {
        let frames: Vec<_> = (0..count).map(|seed| textured(formats[0], seed % 39)).collect();
        let made = PictureScaler::with_program("a", formats, Scaler::Bicubic);
        let scaled = scaled(&mut made.expect("a scaler"), formats[1], &frames);
        assert_eq!(scaled.len(), count);
        if count == 40 {
            assert_eq!(scaled[0], scaled[39]);
            assert_ne!(scaled[0], scaled[1]);
        }
        // Twice as large: the same mean.
        let mean = |frame: &Frame| {
            let samples = frame.plane::<u8>(0).rows().flatten();
            let (sum, count) = samples.fold((0.0, 0.0), |(s, n), v| (s + f64::from(*v), n + 1.0));
            sum / count
        };
        for (frame, scaled) in frames.iter().zip(&scaled) {
            assert!((mean(frame) - mean(scaled)).abs() < 0.5);
        }
    }
}

#[cfg(feature = "ffmpeg")]
#[test]
fn the_library_and_the_program_scale_identically() {
    if !has_program() {
        return;
    }
    let sizes = [((64, 36), (96, 54)), ((50, 38), (128, 72)), ((51, 37), (77, 57))];
    for chroma in [Chroma::Mono, Chroma::Yuv420, Chroma::Yuv422, Chroma::Yuv444] {
        for (bit_depth, (small, large)) in [8, 10, 12, 16].into_iter().zip(sizes.iter().cycle()) {
            for scaler in [Scaler::Bilinear, Scaler::Bicubic, Scaler::Lanczos] {
                let from = format(small.0, small.1, chroma, bit_depth);
                // Chroma becomes the reference's.
                let to_chroma = if bit_depth == 10 && from.chroma() != Chroma::Mono {
                    Chroma::Yuv420
                } else {
                    chroma
                };
                let to = format(large.0, large.1, to_chroma, bit_depth);
                let frames = [textured(from, 3), textured(from, 4)];
                let library = PictureScaler::with_library("a", [from, to], scaler);
                let library = scaled(&mut library.expect("a scaler"), to, &frames);
                let program = PictureScaler::with_program("a", [from, to], scaler);
                let program = scaled(&mut program.expect("a scaler"), to, &frames);
                assert!(library == program, "{scaler:?} of {from} to {to}");
            }
        }
    }
}

#[test]
fn the_error_of_a_stopped_program_is_reported() {
    if !has_program() {
        return;
    }
    let formats = [format(48, 34, Chroma::Mono, 8), format(96, 68, Chroma::Mono, 8)];
    let mut scaler = PictureScaler::with_program("a", formats, Scaler::Bicubic).expect("a scaler");
    scaler.send(&textured(formats[0], 0));
    match &mut scaler.backend {
        Backend::Program(program, _) => program.kill(),
        #[cfg(feature = "ffmpeg")]
        Backend::Library(_) => panic!("it is a program"),
    }
    scaler.end();
    let mut frame = Recycler::default().frame(formats[1]);
    let reason = scaler.receive(&mut frame).expect_err("it has ended");
    assert!(reason.contains("stopped"), "{reason}");
}
