//! The map of butteraugli: the difference at each pixel.

use super::extractor::Butteraugli;
use super::kernel::Workspace;
use super::score::MapSums;
use super::{FEATURE, WHITE};
use crate::color::is_rgb_pair;
use crate::feature::light;
use crate::feature::maps::{
    Map, MapPlane, Mapped, Pair, Part, Pool, PooledMaps, Weights, add_resampled,
};
use crate::{Level, Result, Sample};

/// The difference that a heat of 1 stands for: three times what is just visible.
const HOT: f32 = 3.0;

/// The map of butteraugli.
pub(crate) struct ButteraugliMap;

impl Mapped for ButteraugliMap {
    fn make<T: Sample>(pair: &Pair<'_>) -> Result<PooledMaps> {
        let Pair { options, format, reference, distorted } = pair;
        let readers = light::ideal_readers(FEATURE.name, options, format, WHITE)?;
        let readers = (&readers, is_rgb_pair(reference, distorted));
        let mut workspace = Workspace::default();
        let frames = (*reference, &[*distorted][..]);
        light::compare::<Butteraugli>(Level::best(), frames, readers, &mut workspace);
        let (width, height) = format.plane_size(0);
        let map = Map::from_rows(width, height, workspace.take_map());
        let planes = vec![MapPlane::whole(0, Part::Difference, map)];
        Ok(PooledMaps { planes, pool: Box::new(Norms) })
    }
}

/// The pools of the map.
#[derive(Debug)]
struct Norms;

impl Pool for Norms {
    fn outputs(&self, planes: &[MapPlane], weights: &Weights) -> Option<Vec<f64>> {
        let map = &planes.first()?.map;
        let weights = weights.at(map.width(), map.height());
        let mut sums = MapSums::default();
        for (index, &value) in map.values().iter().enumerate() {
            let weight = weights.as_ref().map_or(1.0, |map| f64::from(map.values()[index]));
            if weight > 0.0 {
                sums.add(value, weight);
            }
        }
        (sums.pixels > 0.0).then(|| sums.values().to_vec())
    }

    fn constants(&self) -> Vec<(&'static str, f64)> {
        Vec::new()
    }

    fn heat(&self, planes: &[MapPlane], (width, height): (usize, usize)) -> Map {
        let mut heat = Map::uniform(width, height, 0.0);
        for plane in planes {
            add_resampled(&plane.map, 1.0 / HOT, &mut heat);
        }
        heat.map(|value| value.min(1.0))
    }
}
