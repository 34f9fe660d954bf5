//! Maps of ADM: what each coefficient of each band and scale counts, as the cube root of what it
//! adds to sums of cubes.

use super::combination::{Combination, SKIPPED};
use super::csf::{self, Weights};
use super::reference::{Grid, decoupled, masked_cubes, plain_cubes, wavelet};
use super::scale::{SCALES, Scale};
use super::sums::{Bands, CubeShifts, norm};
use crate::maps::{self, Band, Made, Map, MapPlane, Pair, Part, Rect, add_enlarged, smoothed};
use crate::{Format, Result};

/// The loss that a heat of 1 stands for: pictures that lose half of their detail are ruined.
const HOT: f32 = 0.5;

/// The maps of a pair of frames.
pub(crate) fn make(pair: &Pair<'_>) -> Result<Made> {
    let options = pair.options;
    let weights = csf::weights(options)?;
    let depth = pair.format.bit_depth;
    let grids = [pair.reference, pair.distorted].map(|frame| {
        if depth == 8 {
            Grid::of_plane(frame.plane::<u8>(0), depth)
        } else {
            Grid::of_plane(frame.plane::<u16>(0), depth)
        }
    });
    let [mut reference, mut distorted] = grids;
    let gain_limit = options.float("adm_enhn_gain_limit");
    let mut planes = Vec::new();
    for (index, weights) in weights.iter().enumerate() {
        let scale = Scale::of_input(index, reference.width, reference.height);
        let [o, t] = [&reference, &distorted].map(|input| wavelet(&scale, input, depth));
        if index > 0 || !options.flag("adm_skip_scale0") {
            let [kept, added] = decoupled(&o.detail, &t.detail, gain_limit);
            let masked = |signal, mask| {
                let shifts = CubeShifts::masked(&scale);
                let cubes = masked_cubes(&scale, signal, mask, weights);
                roots(&cubes, &shifts, |cube| cube as f64)
            };
            planes.extend(bands(&scale, Part::Numerator, masked(&kept, &added)));
            planes.extend(bands(&scale, Part::Denominator, plain(&scale, &o.detail, weights)));
            if !options.flag("adm_skip_aim") {
                planes.extend(bands(&scale, Part::Added, masked(&added, &kept)));
            }
        }
        (reference, distorted) = (o.approximation, t.approximation);
    }
    let pool = CubicNorms {
        format: pair.format,
        noise_weight: options.float("adm_noise_weight"),
        combination: Combination::of(options),
    };
    Ok(Made { planes, pool: Box::new(pool) })
}

/// The reference's details, weighted.
fn plain(scale: &Scale, reference: &Bands<Grid>, weights: &Weights) -> Bands<Vec<f64>> {
    let cubes = plain_cubes(scale, reference);
    let mut roots = roots(&cubes, &CubeShifts::plain(scale), |cube| cube as f64);
    for (roots, weight) in roots.iter_mut().zip(weights.exact) {
        roots.iter_mut().for_each(|root| *root *= f64::from(weight));
    }
    roots
}

/// The cube roots of cubes in fixed point.
fn roots<T: Copy>(
    cubes: &Bands<Vec<T>>,
    shifts: &CubeShifts,
    number: impl Fn(T) -> f64,
) -> Bands<Vec<f64>> {
    [0, 1, 2].map(|band| {
        let unit = shifts.unit(band);
        cubes[band].iter().map(|cube| libm::cbrt(number(*cube) * unit)).collect()
    })
}

/// The maps of a scale's bands.
fn bands(scale: &Scale, part: Part, roots: Bands<Vec<f64>>) -> [MapPlane; 3] {
    let region = scale.region();
    let counted = Rect {
        x: region.left,
        y: region.top,
        width: region.right - region.left,
        height: region.bottom - region.top,
    };
    let (width, height) = (scale.width, scale.height);
    [0, 1, 2].map(|band| MapPlane {
        scale: scale.index,
        part,
        band: Some(Band::ALL[band]),
        counted,
        map: Map::from_values(width, height, roots[band].iter().map(|root| *root as f32)),
    })
}

/// Cubic norms over each band, added over bands and scales.
#[derive(Debug)]
struct CubicNorms {
    format: Format,
    noise_weight: f64,
    combination: Combination,
}

impl maps::Pool for CubicNorms {
    fn outputs(&self, planes: &[MapPlane], weights: &maps::Weights) -> Option<Vec<f64>> {
        let mut ratios = [SKIPPED; SCALES];
        let mut additive = 0.0;
        for bands in planes.chunks_exact(3) {
            let MapPlane { scale, part, map, .. } = &bands[0];
            let weights = weights.at(map.width(), map.height());
            let sums = [0, 1, 2].map(|band: usize| bands[band].sums(&weights, |x| x * x * x));
            let (cubes, area) = (sums.map(|(sum, _)| sum as f32), sums[0].1);
            if area == 0.0 {
                return None;
            }
            match part {
                Part::Numerator => {
                    ratios[*scale].0 = f64::from(norm(cubes, area, self.noise_weight));
                }
                Part::Denominator => {
                    ratios[*scale].1 = f64::from(norm(cubes, area, self.noise_weight));
                }
                _ => additive += f64::from(norm(cubes, area, 0.0)),
            }
        }
        Some(self.combination.outputs(&self.format, &ratios, additive).to_vec())
    }

    fn constants(&self) -> Vec<(&'static str, f64)> {
        vec![("noise_weight", self.noise_weight)]
    }

    fn heat(&self, planes: &[MapPlane], (width, height): (usize, usize)) -> Map {
        // What each coefficient adds to either side, as the norms of a single place have it.
        let noise = libm::cbrt(self.noise_weight) as f32;
        let [mut num, mut den] = [0.0, 0.0].map(|zero| Map::uniform(width, height, zero));
        for plane in planes {
            let sum = match plane.part {
                Part::Numerator => &mut num,
                Part::Denominator => &mut den,
                _ => continue,
            };
            let local = smoothed(&plane.map.clone().map(|x| x * x * x));
            let local = local.map(|cube| libm::cbrtf(cube) + noise);
            add_enlarged(&local, 1.0, sum);
        }
        let lost = num.values().iter().zip(den.values()).map(|(num, den)| {
            if *den > 0.0 { ((1.0 - num / den) / HOT).clamp(0.0, 1.0) } else { 0.0 }
        });
        Map::from_values(width, height, lost)
    }
}

#[cfg(test)]
mod tests;
