//! Metrics that compare pictures of light on an ideal screen, each frame by itself.

use std::marker::PhantomData;
use std::sync::Arc;

use super::supported_space;
use crate::color::{LightReader, Readers, Screen, is_rgb_pair};
use crate::feature::{AnyExtractor, Extractor, Options, Plan, Requirements, Rows, Window};
use crate::{Chroma, Format, Frame, Level, Result, Sample};

/// A metric of single pictures.
pub(crate) trait PictureMetric: Send + Sync + 'static {
    /// Memory that is reused from frame to frame.
    type Workspace: Default + Send;
    /// Sums over a frame of an encode.
    type Sums;
    /// The outputs of an encode.
    type Values: AsRef<[f64]>;

    /// Compares each encode's frame with the reference's, the first of `frames`.
    fn compare(
        level: Level,
        frames: &[&Frame],
        reader: &LightReader,
        workspace: &mut Self::Workspace,
    ) -> Vec<Self::Sums>;

    /// Returns the outputs of a frame with these sums.
    fn values(sums: &Self::Sums) -> Self::Values;
}

/// Compares `encodes` with `reference`: their RGB if `is_rgb`.
pub(crate) fn compare<M: PictureMetric>(
    level: Level,
    (reference, encodes): (&Frame, &[&Frame]),
    (readers, is_rgb): (&Readers, bool),
    workspace: &mut M::Workspace,
) -> Vec<M::Sums> {
    let frames = std::iter::once(reference).chain(encodes.iter().copied());
    let frames: Vec<&Frame> = if is_rgb {
        frames.filter_map(|frame| frame.rgb.as_deref()).collect()
    } else {
        frames.collect()
    };
    M::compare(level, &frames, readers.of(is_rgb), workspace)
}

/// A metric planned for a job.
struct PictureExtractor<M> {
    level: Level,
    /// The readers of each variant.
    variants: Vec<Readers>,
    /// True if frames have chroma.
    chroma: bool,
    metric: PhantomData<M>,
}

/// Plans the metric called `name`, to which white of standard dynamic range has `white` cd/m².
pub(crate) fn plan<M: PictureMetric>(
    plan: &Plan<'_>,
    name: &str,
    white: f64,
) -> Result<Arc<dyn AnyExtractor>> {
    let readers = |options| ideal_readers(name, options, &plan.format, white);
    let variants = plan.variants.iter().map(readers).collect::<Result<_>>()?;
    let (level, chroma) = (plan.level, plan.format.chroma != Chroma::Mono);
    Ok(Arc::new(PictureExtractor::<M> { level, variants, chroma, metric: PhantomData }))
}

/// Readers of light with the primaries of BT.709, on the ideal screen whose white has `white` cd/m².
///
/// # Errors
/// As of [`supported_space`].
pub(crate) fn ideal_readers(
    feature: &str,
    options: &Options,
    format: &Format,
    white: f64,
) -> Result<Readers> {
    let space = supported_space(feature, options, format)?;
    Ok(Readers::new(format, &space, &Screen::ideal(white), space.primaries.to_bt709()))
}

impl<M: PictureMetric> Extractor for PictureExtractor<M> {
    type Workspace = M::Workspace;

    fn requirements(&self) -> Requirements {
        Requirements { chroma: self.chroma, rgb: self.chroma, ..Requirements::default() }
    }

    fn workspace(&self) -> M::Workspace {
        M::Workspace::default()
    }

    fn extract<T: Sample>(
        &self,
        window: &Window<'_>,
        workspace: &mut M::Workspace,
        rows: &mut Rows<'_>,
    ) -> Result<()> {
        for is_rgb in [false, true] {
            let pairs = window.encodes();
            let pairs = pairs.filter(|(_, frame)| is_rgb_pair(window.reference, frame) == is_rgb);
            let (encodes, distorted): (Vec<usize>, Vec<&Frame>) = pairs.unzip();
            if encodes.is_empty() {
                continue;
            }
            for (variant, readers) in self.variants.iter().enumerate() {
                let frames = (window.reference, &distorted[..]);
                let readers = (readers, is_rgb);
                let sums = compare::<M>(self.level, frames, readers, workspace);
                for (&encode, sums) in encodes.iter().zip(&sums) {
                    rows.write(encode, variant, M::values(sums).as_ref());
                }
            }
        }
        Ok(())
    }
}
