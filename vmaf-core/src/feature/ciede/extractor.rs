//! CIEDE2000 planned for a job.

use std::any::Any;
use std::marker::PhantomData;

use super::kernel::{Differences, Workspace};
use crate::feature::{Extractor, Plan, Rows, Window};
use crate::{Chroma, Error, Format, Frame, Level, Result};

struct Ciede {
    format: Format,
    level: Level,
    variants: usize,
}

pub(super) fn plan(plan: &Plan<'_>) -> Result<Box<dyn Extractor>> {
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
    let variants = plan.variants.len();
    Ok(Box::new(Ciede { format: plan.format, level: plan.level, variants }))
}

impl Extractor for Ciede {
    fn reads_chroma(&self) -> bool {
        true
    }

    fn workspace(&self) -> Box<dyn Any + Send> {
        Box::new(Workspace::new())
    }

    fn extract(
        &self,
        window: &Window<'_>,
        workspace: &mut (dyn Any + Send),
        rows: &mut Rows<'_>,
    ) -> Result<()> {
        let workspace = workspace.downcast_mut().expect("the workspace this extractor made");
        let present = window.distorted.iter().enumerate();
        let present = present.filter_map(|(encode, frame)| Some((encode, frame.as_deref()?)));
        let (encodes, distorted): (Vec<usize>, Vec<&Frame>) = present.unzip();
        let (reference, distorted) = (window.reference, &distorted[..]);
        let sums = if self.format.bit_depth == 8 {
            let samples = PhantomData::<u8>;
            self.level.run(Differences { reference, distorted, workspace, samples })
        } else {
            let samples = PhantomData::<u16>;
            self.level.run(Differences { reference, distorted, workspace, samples })
        };
        let pixels = f64::from(self.format.width) * f64::from(self.format.height);
        for (encode, sum) in encodes.into_iter().zip(sums) {
            for variant in 0..self.variants {
                rows.write(encode, variant, &[score(sum / pixels)]);
            }
        }
        Ok(())
    }
}

/// The score of a mean difference: infinite for none.
fn score(mean: f64) -> f64 {
    45.0 - 20.0 * libm::log10(mean)
}
