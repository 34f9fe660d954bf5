//! Maps of VIF: what each pixel of each scale adds to numerator and denominator.

use super::extractor::values;
use super::reference::{Information, downscaled, information};
use super::sums::{Ratio, SCALES, flat_loss};
use crate::maps::{Made, Map, MapPlane, Pair, Part, Pool, Weights, add_enlarged};
use crate::{Plane, Result, Sample};

/// The maps of a pair of frames.
pub(crate) fn make(pair: &Pair<'_>) -> Result<Made> {
    let planes = if pair.format.bit_depth == 8 { planes::<u8>(pair) } else { planes::<u16>(pair) };
    Ok(Made { planes, pool: Box::new(Ratios) })
}

fn planes<T: Sample>(pair: &Pair<'_>) -> Vec<MapPlane> {
    let (depth, options) = (pair.format.bit_depth, pair.options);
    let gain_limit = options.float("vif_enhn_gain_limit");
    let mut planes = Vec::new();
    let (reference, distorted) = (pair.reference.plane::<T>(0), pair.distorted.plane::<T>(0));
    if !options.flag("vif_skip_scale0") {
        planes.extend(scale(0, reference, distorted, depth, gain_limit));
    }
    let mut pictures = [reference, distorted].map(|picture| downscaled(0, picture, depth));
    for index in 1..SCALES {
        let [reference, distorted] = &pictures;
        planes.extend(scale(index, reference, distorted, depth, gain_limit));
        if index + 1 < SCALES {
            pictures = pictures.map(|picture| downscaled(index, &picture, depth));
        }
    }
    planes
}

/// The numerator and the denominator of a scale, in bits.
fn scale<T: Sample>(
    scale: usize,
    reference: &Plane<T>,
    distorted: &Plane<T>,
    depth: u8,
    gain_limit: f64,
) -> [MapPlane; 2] {
    let pixels = information(scale, reference, distorted, depth, gain_limit);
    let bits = |log: i64| log as f32 / 2048.0;
    let num = pixels.iter().map(|pixel| match *pixel {
        Information::Logs { num, .. } => bits(num),
        Information::Flat { variance } => (1.0 - flat_loss(variance)) as f32,
    });
    let den = pixels.iter().map(|pixel| match *pixel {
        Information::Logs { den, .. } => bits(den),
        Information::Flat { .. } => 1.0,
    });
    let (width, height) = (reference.width(), reference.height());
    [
        MapPlane::whole(scale, Part::Numerator, Map::from_values(width, height, num)),
        MapPlane::whole(scale, Part::Denominator, Map::from_values(width, height, den)),
    ]
}

/// Sums of the numerator by sums of the denominator.
#[derive(Debug)]
struct Ratios;

impl Pool for Ratios {
    fn outputs(&self, planes: &[MapPlane], weights: &Weights) -> Option<Vec<f64>> {
        let mut ratios = [None; SCALES];
        for pair in planes.chunks_exact(2) {
            let weights = weights.at(pair[0].map.width(), pair[0].map.height());
            let (num, area) = pair[0].sums(&weights, |value| value);
            let (den, _) = pair[1].sums(&weights, |value| value);
            if area == 0.0 {
                return None;
            }
            ratios[pair[0].scale] = Some(Ratio { num: num as f32, den: den as f32 });
        }
        Some(values(ratios).to_vec())
    }

    fn constants(&self) -> Vec<(&'static str, f64)> {
        Vec::new()
    }

    fn heat(&self, planes: &[MapPlane], (width, height): (usize, usize)) -> Map {
        let [mut num, mut den] = [0.0, 0.0].map(|zero| Map::uniform(width, height, zero));
        for plane in planes {
            let sum = if plane.part == Part::Numerator { &mut num } else { &mut den };
            add_enlarged(&plane.map, 1.0, sum);
        }
        let lost = num.values().iter().zip(den.values()).map(|(num, den)| 1.0 - num / den);
        Map::from_values(width, height, lost.map(|lost| lost.clamp(0.0, 1.0)))
    }
}
