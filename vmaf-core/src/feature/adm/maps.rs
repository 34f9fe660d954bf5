//! Maps of ADM: the contribution of each coefficient of each band and scale, as the cube root of
//! what it adds to sums of cubes.

mod roots;

use self::roots::{Details, cube_root};
use super::combination::{Combination, SKIPPED};
use super::csf;
use super::reference::{Grid, wavelet};
use super::scale::{SCALES, Scale};
use super::sums::{Bands, norm};
use crate::feature::maps::{
    self, Band, Map, MapPlane, Mapped, Pair, Part, PooledMaps, Rect, add_resampled, smoothed,
};
use crate::{Format, Result, Sample};

/// The loss that a heat of 1 stands for: pictures that lose half of their detail are ruined.
const HOT: f32 = 0.5;

/// The maps of ADM.
pub(crate) struct AdmMaps;

impl Mapped for AdmMaps {
    fn make<T: Sample>(pair: &Pair<'_>) -> Result<PooledMaps> {
        let options = pair.options;
        let weights = csf::weights(options)?;
        let depth = pair.format.bit_depth;
        let [mut reference, mut distorted] = [pair.reference, pair.distorted]
            .map(|frame| Grid::from_plane(frame.plane::<T>(0), depth));
        let gain_limit = options.float("adm_enhn_gain_limit");
        let mut planes = Vec::new();
        for (index, weights) in weights.iter().enumerate() {
            let scale = Scale::from_input(index, reference.width, reference.height);
            let [o, t] = [reference, distorted].map(|input| wavelet(&scale, &input, depth));
            if index > 0 || !options.flag("adm_skip_scale0") {
                let details = [&o.detail, &t.detail];
                let roots = Details { scale: &scale, weights, details, gain_limit }.roots();
                planes.extend(bands(&scale, Part::Numerator, roots.kept));
                planes.extend(bands(&scale, Part::Denominator, roots.reference));
                if !options.flag("adm_skip_aim") {
                    planes.extend(bands(&scale, Part::Added, roots.added));
                }
            }
            (reference, distorted) = (o.approximation, t.approximation);
        }
        let pool = CubicNorms {
            format: pair.format,
            noise_weight: options.float("adm_noise_weight"),
            combination: Combination::from_options(options),
        };
        Ok(PooledMaps { planes, pool: Box::new(pool) })
    }
}

/// The maps of a scale's bands.
fn bands(scale: &Scale, part: Part, roots: Bands<Vec<f32>>) -> [MapPlane; 3] {
    let region = scale.region();
    let counted = Rect {
        x: region.left,
        y: region.top,
        width: region.right - region.left,
        height: region.bottom - region.top,
    };
    let (width, height) = (scale.width, scale.height);
    let mut bands = Band::ALL.into_iter();
    roots.map(|roots| MapPlane {
        scale: scale.index,
        part,
        band: bands.next(),
        counted,
        map: Map::from_rows(width, height, roots),
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
            let sums =
                [0, 1, 2].map(|band: usize| bands[band].sums(weights.as_ref(), |x| x * x * x));
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
        // The contribution of each coefficient to either side, as the norm of a single place.
        let noise = libm::cbrt(self.noise_weight) as f32;
        let [mut num, mut den] = [0.0, 0.0].map(|zero| Map::uniform(width, height, zero));
        for bands in planes.chunks_exact(3) {
            let sum = match bands[0].part {
                Part::Numerator => &mut num,
                Part::Denominator => &mut den,
                _ => continue,
            };
            let mut local = Map::uniform(bands[0].map.width(), bands[0].map.height(), 0.0);
            for MapPlane { map, .. } in bands {
                let cubes = smoothed(map, |x| x * x * x);
                local =
                    local.with(&cubes, |sum, cube| sum + cube_root(f64::from(cube)) as f32 + noise);
            }
            add_resampled(&local, 1.0, sum);
        }
        num.with(
            &den,
            |num, den| {
                if den > 0.0 { ((1.0 - num / den) / HOT).clamp(0.0, 1.0) } else { 0.0 }
            },
        )
    }
}

#[cfg(test)]
mod tests;
