//! SSIMULACRA2 planned for a job.

use std::sync::Arc;

use super::kernel::{Comparison, Workspace};
use super::score::{ScaleSums, score};
use super::{FEATURE, WHITE};
use crate::color::LightReader;
use crate::feature::light::{self, PictureMetric};
use crate::feature::{AnyExtractor, Plan};
use crate::{Frame, Level, Result};

/// The metric, which compares single pictures.
pub(super) struct Ssimulacra2;

pub(super) fn plan(plan: &Plan<'_>) -> Result<Arc<dyn AnyExtractor>> {
    light::plan::<Ssimulacra2>(plan, FEATURE.name, WHITE)
}

impl PictureMetric for Ssimulacra2 {
    type Workspace = Workspace;
    type Sums = Vec<ScaleSums>;
    type Values = [f64; 1];

    fn compare(
        level: Level,
        frames: &[&Frame],
        reader: &LightReader,
        workspace: &mut Workspace,
    ) -> Vec<Vec<ScaleSums>> {
        level.run(Comparison { frames, reader, workspace })
    }

    fn values(sums: &Vec<ScaleSums>) -> [f64; 1] {
        [score(sums)]
    }
}
