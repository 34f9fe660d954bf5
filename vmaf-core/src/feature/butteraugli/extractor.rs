//! Butteraugli planned for a job.

use std::sync::Arc;

use super::kernel::{Comparison, Workspace};
use super::score::MapSums;
use super::{FEATURE, WHITE};
use crate::color::LightReader;
use crate::feature::light::{self, PictureMetric};
use crate::feature::{AnyExtractor, Plan};
use crate::{Frame, Level, Result};

/// The metric, which compares single pictures.
pub(super) struct Butteraugli;

pub(super) fn plan(plan: &Plan<'_>) -> Result<Arc<dyn AnyExtractor>> {
    light::plan::<Butteraugli>(plan, FEATURE.name, WHITE)
}

impl PictureMetric for Butteraugli {
    type Workspace = Workspace;
    type Sums = MapSums;
    type Values = [f64; 2];

    fn compare(
        level: Level,
        frames: &[&Frame],
        reader: &LightReader,
        workspace: &mut Workspace,
    ) -> Vec<MapSums> {
        level.run(Comparison { frames, reader, workspace })
    }

    fn values(sums: &MapSums) -> [f64; 2] {
        sums.values()
    }
}
