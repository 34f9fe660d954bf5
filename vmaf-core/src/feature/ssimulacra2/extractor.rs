//! SSIMULACRA2 planned for a job.

use std::marker::PhantomData;
use std::sync::Arc;

use super::WHITE;
use super::kernel::{Comparison, Workspace};
use super::score::score;
use crate::color::{Readers, Screen, is_rgb_pair};
use crate::feature::{AnyExtractor, Extractor, Plan, Requirements, Rows, Window, light};
use crate::{Chroma, Error, Frame, Level, Result, Sample};

struct Ssimulacra2 {
    level: Level,
    /// The readers of each variant.
    variants: Vec<Readers>,
    /// True if frames have chroma.
    chroma: bool,
}

pub(super) fn plan(plan: &Plan<'_>) -> Result<Arc<dyn AnyExtractor>> {
    let format = plan.format;
    let variants = plan.variants.iter().map(|options| {
        let space = light::color_space(options, &format);
        if space.matrix.is_none() && format.chroma != Chroma::Yuv444 {
            let feature = super::FEATURE.name.to_owned();
            let reason = format!("reads RGB from three planes of one size, not {}", format.chroma);
            return Err(Error::Unsupported { feature, reason });
        }
        let screen = Screen::ideal(WHITE);
        Ok(Readers::new(&format, &space, &screen, space.primaries.to_bt709()))
    });
    let variants = variants.collect::<Result<_>>()?;
    let chroma = format.chroma != Chroma::Mono;
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
            let reference = window.reference;
            let pairs =
                window.encodes().filter(|(_, frame)| is_rgb_pair(reference, frame) == is_rgb);
            let (encodes, distorted): (Vec<usize>, Vec<&Frame>) = pairs.unzip();
            if encodes.is_empty() {
                continue;
            }
            let own: Vec<&Frame> = [reference].into_iter().chain(distorted).collect();
            let rgb: Vec<&Frame> = own.iter().filter_map(|frame| frame.rgb.as_deref()).collect();
            for (variant, readers) in self.variants.iter().enumerate() {
                let (reader, workspace) = (readers.of(is_rgb), &mut *workspace);
                let sums = if is_rgb {
                    let (frames, samples) = (&rgb[..], PhantomData::<u16>);
                    self.level.run(Comparison { frames, reader, workspace, samples })
                } else {
                    let (frames, samples) = (&own[..], PhantomData::<T>);
                    self.level.run(Comparison { frames, reader, workspace, samples })
                };
                for (&encode, scales) in encodes.iter().zip(&sums) {
                    rows.write(encode, variant, &[score(scales)]);
                }
            }
        }
        Ok(())
    }
}
