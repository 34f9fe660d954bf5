//! XPSNR planned for a job: weights are computed once for all encodes and for all variants with the
//! same order of differences.

use std::sync::Arc;

use super::Order;
use super::blocks::Blocks;
use super::kernel::{self, Workspace};
use crate::feature::{AnyExtractor, Extractor, Lookback, Plan, Requirements, Rows, Series, Window};
use crate::{Format, Frame, Level, Result, Sample};

/// The index of the first error among the per-frame outputs.
const ERROR: usize = 3;

struct Xpsnr {
    format: Format,
    level: Level,
    blocks: Option<Blocks>,
    /// Each variant's frame rate; none if the reference decides.
    rates: Vec<Option<f64>>,
}

pub(super) fn plan(plan: &Plan<'_>) -> Arc<dyn AnyExtractor> {
    let (width, height) = plan.format.plane_size(0);
    let rates = plan.variants.iter().map(|options| options.float("frame_rate"));
    Arc::new(Xpsnr {
        format: plan.format,
        level: plan.level,
        blocks: Blocks::new(width, height),
        rates: rates.map(|rate| (rate > 0.0).then_some(rate)).collect(),
    })
}

impl Xpsnr {
    /// The order of the differences that each variant uses.
    fn orders(&self, reference: &Frame) -> Vec<Order> {
        let of_stream = reference.frame_rate.map_or(0.0, |rate| rate.as_f64());
        self.rates.iter().map(|rate| Order::from_frame_rate(rate.unwrap_or(of_stream))).collect()
    }

    /// Each block's weight under `order`; nothing for a picture without blocks.
    fn weights<T: Sample>(
        &self,
        window: &Window<'_>,
        order: Order,
        workspace: &mut Workspace,
    ) -> Vec<f64> {
        let Some(blocks) = &self.blocks else { return Vec::new() };
        let earlier = |back: usize| window.previous.get(back).map(|frame| frame.plane::<T>(0));
        let earlier = [earlier(0), earlier(1)];
        let (now, depth) = (window.reference.plane(0), self.format.bit_depth);
        let activity = kernel::activity(self.level, blocks, now, earlier, order, depth, workspace);
        blocks.weights(&activity, depth)
    }

    /// The squared errors of a plane's blocks.
    fn errors<T: Sample>(
        &self,
        frames: [&Frame; 2],
        plane: usize,
        workspace: &mut Workspace,
    ) -> Vec<u64> {
        let planes = frames.map(|frame| frame.plane::<T>(plane));
        let (width, height) = self.format.plane_size(plane);
        let (size, counts) = match &self.blocks {
            Some(blocks) => {
                let (x, y) = if plane == 0 { (0, 0) } else { self.format.chroma.shifts() };
                ((blocks.size >> x, blocks.size >> y), blocks.counts())
            }
            // All in one.
            None => ((width.max(1), height.max(1)), (1, 1)),
        };
        kernel::errors(self.level, planes, size, counts, self.format.bit_depth, workspace)
    }

    /// The error of a plane, weighed if there are blocks, as FFmpeg has it: a whole number.
    fn error(&self, errors: &[u64], weights: &[f64]) -> u64 {
        match &self.blocks {
            Some(blocks) => blocks.weighted_error(errors, weights, self.format.bit_depth),
            None => errors.iter().sum(),
        }
    }

    /// The value of a plane of which the root of the error is `root`.
    fn xpsnr(&self, plane: usize, root: f64) -> f64 {
        if root < 1.0 {
            return f64::INFINITY;
        }
        let greatest = (1_u64 << self.format.bit_depth) - 1;
        let (width, height) = self.format.plane_size(plane);
        let peaks = (width * height) as u64 * (greatest * greatest);
        10.0 * libm::log10(peaks as f64 / (root * root))
    }
}

impl Extractor for Xpsnr {
    type Workspace = Workspace;

    fn requirements(&self) -> Requirements {
        Requirements {
            lookback: Lookback { reference: 2, ..Lookback::default() },
            chroma: true,
            ..Requirements::default()
        }
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
        let orders = self.orders(window.reference);
        let mut weights = [None, None];
        for &order in &orders {
            weights[order as usize]
                .get_or_insert_with(|| self.weights::<T>(window, order, workspace));
        }
        for (encode, distorted) in window.encodes() {
            let frames = [window.reference, distorted];
            let mut values = vec![[f64::NAN; 2 * ERROR]; orders.len()];
            for plane in 0..self.format.chroma.planes() {
                let errors = self.errors::<T>(frames, plane, workspace);
                for (values, order) in values.iter_mut().zip(&orders) {
                    let weights = weights[*order as usize].as_deref().unwrap_or_default();
                    let error = self.error(&errors, weights) as f64;
                    values[plane] = self.xpsnr(plane, error.sqrt());
                    values[ERROR + plane] = error;
                }
            }
            for (variant, values) in values.iter().enumerate() {
                rows.write(encode, variant, values);
            }
        }
        Ok(())
    }

    fn aggregate(&self, _variant: usize, frames: &Series<'_>) -> Vec<f64> {
        let of_plane = |(plane, errors): (usize, &&[f64])| {
            let roots: f64 = errors.iter().map(|error| error.sqrt()).sum();
            self.xpsnr(plane, roots / errors.len() as f64)
        };
        frames.columns[ERROR..].iter().enumerate().map(of_plane).collect()
    }
}
