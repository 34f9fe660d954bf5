//! Maps of CAMBI: the contrast of each pixel of each scale.

use super::SCALES;
use super::kernel::pooling::{MeanOfTop, weighted_mean_of_top};
use super::kernel::{Group, Side, Source};
use super::settings::{Measurement, SCALE_WEIGHTS, Settings, combined};
use crate::feature::maps::{
    Map, MapPlane, Mapped, Pair, Part, Pool, PooledMaps, Weights, add_resampled,
};
use crate::{Frame, Level, Result, Sample};

/// The value that a heat of 1 stands for: twice the value above which banding annoys.
const HOT: f32 = 10.0;

/// The maps of CAMBI.
pub(crate) struct CambiMaps;

impl Mapped for CambiMaps {
    fn make<T: Sample>(pair: &Pair<'_>) -> Result<PooledMaps> {
        let settings = Settings::new(pair.options, &pair.format)?;
        let mut planes =
            planes::<T>(pair.distorted, Part::Contrast, &settings.encode, settings.share);
        if let Some(reference) = &settings.reference {
            planes.extend(self::planes::<T>(
                pair.reference,
                Part::SourceContrast,
                reference,
                settings.share,
            ));
        }
        Ok(PooledMaps { planes, pool: Box::new(settings) })
    }
}

fn planes<T: Sample>(
    frame: &Frame,
    part: Part,
    measurement: &Measurement,
    share: f64,
) -> Vec<MapPlane> {
    let group = Group::with_one(measurement, &[share]);
    let mut memory = group.memory(frame.format().plane_size(0));
    let mut planes = Vec::new();
    let mut on_map = |_: usize, scale: usize, contrasts: &[f32]| {
        let (width, height) = measurement.size(scale);
        let map = Map::from_rows(width, height, contrasts.to_vec());
        planes.push(MapPlane::whole(scale, part, map));
    };
    let (level, depth, side) = (Level::best(), frame.format().bit_depth, Side::Encode);
    let source = Source::<T> { plane: frame.plane(0), depth, side };
    group.measure(level, &source, &mut memory, &mut on_map);
    planes
}

impl Settings {
    /// The value that the maps of one part pool to.
    fn pooled(
        &self,
        planes: &[MapPlane],
        part: Part,
        window: usize,
        weights: &Weights,
    ) -> Option<f64> {
        let mut values = [0.0; SCALES];
        for plane in planes.iter().filter(|plane| plane.part == part) {
            let contrasts = plane.map.values();
            let weights = weights.at(plane.map.width(), plane.map.height());
            values[plane.scale] = if let Some(weights) = weights {
                weighted_mean_of_top(contrasts, weights.values(), self.share)?
            } else {
                let (pixels, bin) = (contrasts.len(), &mut Vec::new());
                let top = MeanOfTop { values: contrasts, pixels, share: self.share, bin };
                Level::best().run(top)
            };
        }
        Some(combined(&values, window))
    }
}

impl Pool for Settings {
    fn outputs(&self, planes: &[MapPlane], weights: &Weights) -> Option<Vec<f64>> {
        let own = self.pooled(planes, Part::Contrast, self.encode.window, weights)?;
        let source = match &self.reference {
            Some(reference) => {
                self.pooled(planes, Part::SourceContrast, reference.window, weights)?
            }
            None => f64::NAN,
        };
        let outputs = [own, source, (own - source).max(0.0)];
        Some(outputs.map(|value| value.min(self.greatest_value)).to_vec())
    }

    fn constants(&self) -> Vec<(&'static str, f64)> {
        let mut constants = vec![("topk", self.share), ("window", self.encode.window as f64)];
        let source = self.reference.as_ref();
        constants.extend(source.map(|source| ("source_window", source.window as f64)));
        constants
    }

    fn heat(&self, planes: &[MapPlane], (width, height): (usize, usize)) -> Map {
        let mut heat = Map::uniform(width, height, 0.0);
        let pixels = (self.encode.window * self.encode.window) as f32;
        for plane in planes.iter().filter(|plane| plane.part == Part::Contrast) {
            let weight = SCALE_WEIGHTS[plane.scale] as f32 / pixels / HOT;
            add_resampled(&plane.map, weight, &mut heat);
        }
        heat.map(|value| value.min(1.0))
    }
}
