//! CIEDE2000 planned for a job.

use std::marker::PhantomData;
use std::sync::Arc;

use super::kernel::{Differences, Workspace};
use crate::feature::{AnyExtractor, Extractor, Plan, Requirements, Rows, Window};
use crate::{Chroma, Error, Format, Frame, Level, Result, Sample};

struct Ciede {
    format: Format,
    level: Level,
}

pub(super) fn plan(plan: &Plan<'_>) -> Result<Arc<dyn AnyExtractor>> {
    let Format { width, height, chroma, .. } = plan.format;
    let feature = super::FEATURE.name.to_owned();
    if chroma == Chroma::Mono {
        let reason = "compares colours, of which frames without chroma have none".to_owned();
        return Err(Error::Unsupported { feature, reason });
    }
    let (x, y) = chroma.shifts();
    let (least_width, least_height) = (1 << x, 1 << y);
    if width < least_width || height < least_height {
        return Err(Error::TooSmall { feature, width, height, least_width, least_height });
    }
    Ok(Arc::new(Ciede { format: plan.format, level: plan.level }))
}

impl Extractor for Ciede {
    type Workspace = Workspace;

    fn requirements(&self) -> Requirements {
        Requirements { chroma: true, ..Requirements::default() }
    }

    fn workspace(&self) -> Workspace {
        Workspace::new()
    }

    fn extract<T: Sample>(
        &self,
        window: &Window<'_>,
        workspace: &mut Workspace,
        rows: &mut Rows<'_>,
    ) -> Result<()> {
        let (encodes, distorted): (Vec<usize>, Vec<&Frame>) = window.encodes().unzip();
        let (reference, distorted) = (window.reference, &distorted[..]);
        let samples = PhantomData::<T>;
        let sums = self.level.run(Differences { reference, distorted, workspace, samples });
        let pixels = f64::from(self.format.width) * f64::from(self.format.height);
        for (encode, sum) in encodes.into_iter().zip(sums) {
            rows.write_all(encode, &[score(sum / pixels)]);
        }
        Ok(())
    }
}

/// The score of a mean difference: infinite for none.
fn score(mean: f64) -> f64 {
    45.0 - 20.0 * libm::log10(mean)
}
