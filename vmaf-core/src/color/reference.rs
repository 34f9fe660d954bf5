//! The definition of a pixel's light, in double precision.

use super::primaries::apply;
use super::{ChromaSiting, ColorSpace, Matrix, Screen};
use crate::{Chroma, Frame, Sample};

/// The light of the pixel at column `x` and row `y`, of BT.709's primaries.
pub(super) fn light<T: Sample>(
    frame: &Frame,
    space: &ColorSpace,
    screen: &Screen,
    x: usize,
    y: usize,
) -> [f64; 3] {
    let format = frame.format();
    let sample = |plane: usize, x: usize, y: usize| -> f64 {
        let sample: i32 = frame.plane::<T>(plane).row(y)[x].into();
        f64::from(sample)
    };
    let (factor, offset) = space.luma_scale(format);
    let signal = |plane: usize| sample(plane, x, y) * factor + offset;
    let rgb = match space.matrix {
        _ if format.chroma() == Chroma::Mono => [signal(0); 3],
        None => [signal(2), signal(0), signal(1)],
        Some(matrix) => {
            let (factor, offset) = space.chroma_scale(format);
            let (across, down) = format.chroma().shifts();
            let (left, top) = match space.siting {
                ChromaSiting::Left => (0.0, 0.5),
                ChromaSiting::Center => (0.5, 0.5),
                ChromaSiting::TopLeft => (0.0, 0.0),
            };
            let [cb, cr] = [1, 2].map(|plane| {
                let (width, height) = format.plane_size(plane);
                let columns = position(x, across, left, width);
                let rows = position(y, down, top, height);
                let mut value = 0.0;
                for (row, down) in rows {
                    for (column, across) in columns {
                        value += sample(plane, column, row) * down * across;
                    }
                }
                value * factor + offset
            });
            let [red, green, blue] = matrix.shares();
            let luma = signal(0);
            let (r, b) = (luma + 2.0 * (1.0 - red) * cr, luma + 2.0 * (1.0 - blue) * cb);
            [r, (luma - red * r - blue * b) / green, b]
        }
    };
    let scene = rgb.map(|signal| space.transfer.light(signal.clamp(0.0, 1.0)));
    let (scale, offset) = screen.scale(space.transfer);
    let mut light = scene.map(|light| light * scale + offset);
    if let Some(power) = screen.system_gamma(space.transfer) {
        let weights = Matrix::Bt2020.shares();
        let luminance: f64 = scene.iter().zip(weights).map(|(light, weight)| light * weight).sum();
        light = scene.map(|light| scale * light * luminance.powf(power) + offset);
    }
    let [least, greatest] = screen.bounds(space.transfer);
    let light = light.map(|light| light.clamp(least, greatest) + screen.added(space.transfer));
    space.primaries.to_bt709().map_or(light, |matrix| apply(&matrix, light))
}

/// The two samples of chroma nearest to luma's place, each with its share. Chroma has half the
/// places if `shift` is 1; its first sample is then `sited` places after luma's first.
fn position(place: usize, shift: u32, sited: f64, len: usize) -> [(usize, f64); 2] {
    let place = if shift == 0 { place as f64 } else { (place as f64 - sited) / 2.0 };
    let (floor, last) = (place.floor(), len as isize - 1);
    let at = |index: f64| (index as isize).clamp(0, last) as usize;
    [(at(floor), 1.0 - (place - floor)), (at(floor + 1.0), place - floor)]
}
