//! SSIMULACRA2 planned for a job.

use std::marker::PhantomData;
use std::sync::Arc;

use super::WHITE;
use super::kernel::{Comparison, Workspace};
use super::score::score;
use crate::color::Readers;
use crate::feature::{AnyExtractor, Extractor, Plan, Requirements, Rows, Window, light};
use crate::{Chroma, Level, Result, Sample};

struct Ssimulacra2 {
    level: Level,
    /// The readers of each variant.
    variants: Vec<Readers>,
    /// True if frames have chroma.
    chroma: bool,
}

pub(super) fn plan(plan: &Plan<'_>) -> Result<Arc<dyn AnyExtractor>> {
    let readers = |options| light::ideal_readers(super::FEATURE.name, options, &plan.format, WHITE);
    let variants = plan.variants.iter().map(readers).collect::<Result<_>>()?;
    let chroma = plan.format.chroma != Chroma::Mono;
    Ok(Arc::new(Ssimulacra2 { level: plan.level, variants, chroma }))
}

impl Extractor for Ssimulacra2 {
    type Workspace = Workspace;

    fn requirements(&self) -> Requirements {
        Requirements { chroma: self.chroma, ..Requirements::default() }
    }

    fn workspace(&self) -> Workspace {
        Workspace::default()
    }

    fn extract<T: Sample>(
        &self,
        window: &Window<'_>,
        workspace: &mut Workspace,
        rows: &mut Rows<'_>,
    ) -> Result<()> {
        for is_rgb in [false, true] {
            let Some(pairs) = light::Pairs::of(window, is_rgb) else { continue };
            for (variant, readers) in self.variants.iter().enumerate() {
                let (frames, workspace) = (&pairs.frames[..], &mut *workspace);
                let reader = readers.of(is_rgb);
                let sums = if is_rgb {
                    let samples = PhantomData::<u16>;
                    self.level.run(Comparison { frames, reader, workspace, samples })
                } else {
                    let samples = PhantomData::<T>;
                    self.level.run(Comparison { frames, reader, workspace, samples })
                };
                for (&encode, sums) in pairs.encodes.iter().zip(&sums) {
                    rows.write(encode, variant, &[score(sums)]);
                }
            }
        }
        Ok(())
    }
}
