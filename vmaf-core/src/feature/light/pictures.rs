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
    /// The outputs of an encode.
    type Values: AsRef<[f64]>;

    /// Compares each encode's frame with the reference's, the first of `frames`, whose samples have
    /// type `T`.
    fn compare<T: Sample>(
        level: Level,
        frames: &[&Frame],
        reader: &LightReader,
        workspace: &mut Self::Workspace,
    ) -> Vec<Self::Values>;
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
        Requirements { chroma: self.chroma, ..Requirements::default() }
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
            let Some(Pairs { encodes, frames }) = Pairs::of(window, is_rgb) else { continue };
            for (variant, readers) in self.variants.iter().enumerate() {
                let reader = readers.of(is_rgb);
                let values = if is_rgb {
                    M::compare::<u16>(self.level, &frames, reader, workspace)
                } else {
                    M::compare::<T>(self.level, &frames, reader, workspace)
                };
                for (&encode, values) in encodes.iter().zip(&values) {
                    rows.write(encode, variant, values.as_ref());
                }
            }
        }
        Ok(())
    }
}

/// The encodes of a window that are compared with the reference as RGB, or those that are not.
struct Pairs<'a> {
    /// The index of each encode.
    encodes: Vec<usize>,
    /// The reference's frame, then those of the encodes.
    frames: Vec<&'a Frame>,
}

impl<'a> Pairs<'a> {
    /// Returns the pairs that are compared as RGB if `is_rgb`, or the others; `None` if there are
    /// none.
    fn of(window: &Window<'a>, is_rgb: bool) -> Option<Self> {
        let reference = window.reference;
        let pairs = window.encodes().filter(|(_, frame)| is_rgb_pair(reference, frame) == is_rgb);
        let (encodes, distorted): (Vec<usize>, Vec<&Frame>) = pairs.unzip();
        if encodes.is_empty() {
            return None;
        }
        let frames = [reference].into_iter().chain(distorted);
        let frames =
            frames.filter_map(|frame| if is_rgb { frame.rgb.as_deref() } else { Some(frame) });
        Some(Self { encodes, frames: frames.collect() })
    }
}
