//! Maps of VIF: the contribution of each pixel of each scale to numerator and denominator.

use super::extractor::values;
use super::kernel::picture::{Picture, SegmentedPicture};
use super::kernel::{Scale, Workspace};
use super::pixels::Pixels;
use super::sums::{Ratio, SCALES};
use crate::feature::maps::{
    Map, MapPlane, Mapped, Pair, Part, Pool, PooledMaps, Weights, add_resampled,
};
use crate::simd::transpose::Transpose;
use crate::{Level, Result};

/// The maps of VIF.
pub(crate) struct VifMaps;

impl Mapped for VifMaps {
    fn make<T: Transpose>(pair: &Pair<'_>) -> Result<PooledMaps> {
        Ok(PooledMaps { planes: planes::<T>(pair, None), pool: Box::new(Ratios) })
    }

    fn heat<T: Transpose>(pair: &Pair<'_>, size: (usize, usize)) -> Result<Map> {
        Ok(Ratios.heat(&planes::<T>(pair, Some(size)), size))
    }
}

/// The maps of a pair; averaged to `max_size` where they are larger.
fn planes<T: Transpose>(pair: &Pair<'_>, max_size: Option<(usize, usize)>) -> Vec<MapPlane> {
    let gain_limit = pair.options.float("vif_enhn_gain_limit");
    let mut maker =
        Maker { pair, gain_limit, max_size, workspace: Workspace::default(), planes: Vec::new() };
    let pictures = [pair.reference, pair.distorted].map(|frame| frame.plane::<T>(0));
    let [mut even, mut odd] = <[[SegmentedPicture; 2]; 2]>::default();
    maker.scale::<_, 0>(&pictures, &mut odd);
    if pair.options.flag("vif_skip_scale0") {
        maker.planes.clear();
    }
    maker.scale::<_, 1>(&odd, &mut even);
    maker.scale::<_, 2>(&even, &mut odd);
    maker.scale::<_, 3>(&odd, &mut []);
    maker.planes
}

/// Makes maps scale by scale.
struct Maker<'a> {
    pair: &'a Pair<'a>,
    gain_limit: f64,
    max_size: Option<(usize, usize)>,
    workspace: Workspace,
    planes: Vec<MapPlane>,
}

impl Maker<'_> {
    /// Adds the maps of a scale, and makes the pictures of the next one.
    fn scale<P: Picture, const SCALE: usize>(
        &mut self,
        pictures: &[P; 2],
        next: &mut [SegmentedPicture],
    ) {
        let (width, height) = self.pair.format.plane_size(0);
        let (width, height) = (width >> SCALE, height >> SCALE);
        let (max_width, max_height) = self.max_size.unwrap_or((width, height));
        let kept = (width.min(max_width), height.min(max_height));
        let mut pixels = Pixels::new((width, height), kept);
        let scale = Scale::<P, SCALE> {
            full_width: self.pair.format.width as usize,
            pictures,
            depth: self.pair.format.bit_depth,
            gain_limits: &[self.gain_limit],
            next,
            workspace: &mut self.workspace,
            pixels: Some(&mut pixels),
        };
        scale.measure(Level::best());
        let parts = [Part::Numerator, Part::Denominator];
        for (part, map) in parts.into_iter().zip(pixels.into_maps()) {
            self.planes.push(MapPlane::whole(SCALE, part, map));
        }
    }
}

/// Sums of the numerator by sums of the denominator.
#[derive(Debug)]
struct Ratios;

impl Pool for Ratios {
    fn outputs(&self, planes: &[MapPlane], weights: &Weights) -> Option<Vec<f64>> {
        let mut ratios = [None; SCALES];
        for pair in planes.chunks_exact(2) {
            let weights = weights.at(pair[0].map.width(), pair[0].map.height());
            let (num, area) = pair[0].sums(weights.as_ref(), |value| value);
            let (den, _) = pair[1].sums(weights.as_ref(), |value| value);
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
            add_resampled(&plane.map, 1.0, sum);
        }
        num.with(&den, |num, den| (1.0 - num / den).clamp(0.0, 1.0))
    }
}
