//! Scores frames that come from a program's own decoder, here two moving ramps.

use vmaf::{Chroma, Format, Frame, FrameRun, Request};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let format = Format::new(320, 180, Chroma::Yuv420, 8)?;
    let request = Request::new("reference").encode("encode");
    let mut run = FrameRun::begin(&request, format)?;
    for index in 0..24 {
        let reference = decoded(run.frame(), index, 1);
        let encode = decoded(run.frame(), index, 8);
        run.push(reference, vec![encode])?;
    }
    for result in run.finish()? {
        println!("{:.2}", result.score().ok_or("nothing was measured")?);
    }
    Ok(())
}

/// Stands for a decoder: writes a ramp that moves, in steps of `step`, into each plane of `frame`.
fn decoded(mut frame: Frame, index: usize, step: usize) -> Frame {
    for plane in 0..frame.format().chroma.planes() {
        let (_, height) = frame.format().plane_size(plane);
        for y in 0..height {
            for (x, sample) in frame.plane_mut::<u8>(plane).row_mut(y).iter_mut().enumerate() {
                *sample = ((x + y + 2 * index) / step * step % 256) as u8;
            }
        }
    }
    frame
}
