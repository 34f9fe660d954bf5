//! Scenes in the JSON document.

use std::ops::Range;

use serde::Serialize;
use vmaf_core::pool::{Pool, SceneMean};
use vmaf_core::score::Column;

use super::OrderedMap;
use crate::output::report::Report;
use crate::output::values::Values;

/// The frames of a scene, the end not included, and its times in seconds.
#[derive(Serialize)]
struct Extent {
    frames: [u64; 2],
    start: Option<f64>,
    end: Option<f64>,
}

/// The scene with the lowest mean.
#[derive(Serialize)]
pub(super) struct WorstScene {
    mean: f64,
    #[serde(flatten)]
    extent: Extent,
}

/// A scene, and the pools of its values by column.
#[derive(Serialize)]
pub(super) struct SceneEntry<'a> {
    #[serde(flatten)]
    extent: Extent,
    scores: OrderedMap<&'a str, OrderedMap<&'a str, Option<f64>>>,
    #[serde(skip_serializing_if = "OrderedMap::is_empty")]
    metrics: OrderedMap<&'a str, OrderedMap<&'a str, Option<f64>>>,
}

impl Extent {
    fn new(values: &Values, rows: &Range<usize>) -> Self {
        let scenes = values.scored.scenes();
        let first = values.scored.frames().get(rows.start);
        // Scenes are in order and without gaps.
        let scene =
            first.and_then(|first| scenes.get(scenes.partition_point(|scene| scene.end <= *first)));
        let span = values.span(rows);
        Self {
            frames: scene.map_or([0; 2], |scene| [scene.start, scene.end]),
            start: span.map(|[start, _]| start),
            end: span.map(|[_, end]| end),
        }
    }
}

impl WorstScene {
    pub(super) fn new(values: &Values, worst: &SceneMean) -> Self {
        Self { mean: worst.mean, extent: Extent::new(values, &worst.rows) }
    }
}

/// Returns an entry for each scene of an encode that has scored frames, with the run's pools of
/// models' scores and requested metrics.
pub(super) fn entries<'a>(report: &'a Report, values: &'a Values) -> Vec<SceneEntry<'a>> {
    let metrics: Vec<&Column> =
        report.metric_columns().iter().filter_map(|name| values.column(name)).collect();
    let scores: Vec<&Column> =
        report.models.iter().filter_map(|model| values.column(model.label())).collect();
    let entry = |rows: &Range<usize>| {
        let pooled = |columns: &[&'a Column]| {
            let each = columns.iter().map(|column| {
                (report.name(&column.name), pools(report, &column.values[rows.clone()]))
            });
            OrderedMap(each.collect())
        };
        SceneEntry {
            extent: Extent::new(values, rows),
            scores: pooled(&scores),
            metrics: pooled(&metrics),
        }
    };
    values.scenes().iter().map(entry).collect()
}

/// Returns the run's pools of the values of a scene, without those of shorter stretches.
fn pools<'a>(report: &'a Report, values: &[f64]) -> OrderedMap<&'a str, Option<f64>> {
    let is_whole = |pool: Pool| !matches!(pool, Pool::Window(_) | Pool::SceneMin | Pool::SceneMax);
    let pools = report.pools.iter().filter(|pool| is_whole(pool.pool));
    OrderedMap(pools.map(|pool| (&pool.name[..], pool.pool.apply(values, &[]))).collect())
}
