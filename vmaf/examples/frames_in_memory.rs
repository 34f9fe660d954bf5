//! Scores frames that come from a program's own decoder.

use vmaf::ndarray::Array2;
use vmaf::{Chroma, Format, Frame, FrameRun, Request};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let format = Format::new(320, 180, Chroma::Yuv420, 8)?;
    let mut run = FrameRun::start(&Request::new("reference").encode("encode"), format)?;
    for index in 0..24 {
        let (reference, encode) = (decoded(index, 1), decoded(index, 8));
        let reference = Frame::from_views(format, reference.iter().map(|plane| plane.view()))?;
        let encode = Frame::from_views(format, encode.iter().map(|plane| plane.view()))?;
        run.push(reference, vec![encode])?;
    }
    for result in run.finish()? {
        println!("{:.2}", result.score().ok_or("nothing was measured")?);
    }
    Ok(())
}

/// Stands for a decoder: planes of a ramp that moves, in steps of `step`.
fn decoded(index: usize, step: usize) -> [Array2<u8>; 3] {
    [(180, 320), (90, 160), (90, 160)].map(|size| {
        Array2::from_shape_fn(size, |(y, x)| ((x + y + 2 * index) / step * step % 256) as u8)
    })
}
