//! The blocks that a picture is divided into, their weights, and the sums made with them.

/// Above this many pixels the picture is processed in cells of 2 by 2 pixels.
const LARGE: usize = 2048 * 1152;

/// Up to this many pixels a block's weight is bounded by those of its neighbours.
const SMALL: usize = 640 * 480;

/// The pixels for which the block size and the activity of usual content are known.
const UHD: f64 = 3840.0 * 2160.0;

/// The division of a picture into blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Blocks {
    /// The width of luma.
    pub(super) width: usize,
    pub(super) height: usize,
    /// Width and height of a block of luma: a multiple of 4.
    pub(super) size: usize,
}

/// The activity of a block of the reference.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Activity {
    /// The sum of the high-pass filtered picture's absolute values.
    pub(super) spatial: u64,
    /// The sum of the absolute differences to earlier pictures.
    pub(super) temporal: u64,
}

impl Blocks {
    /// The division of a picture; none if it is too small for blocks.
    pub(super) fn new(width: usize, height: usize) -> Option<Self> {
        let size = 4 * (32.0 * uhd_ratio(width, height).sqrt() + 0.5) as usize;
        (size > 0).then_some(Self { width, height, size })
    }

    /// The number of blocks in a row and in a column.
    pub(super) fn counts(&self) -> (usize, usize) {
        (self.width.div_ceil(self.size), self.height.div_ceil(self.size))
    }

    /// Returns true if the picture is processed in cells of 2 by 2 pixels.
    pub(super) fn is_large(&self) -> bool {
        self.width * self.height > LARGE
    }

    /// The width of the picture's border that spatial activity leaves out.
    pub(super) fn border(&self) -> usize {
        if self.is_large() { 2 } else { 1 }
    }

    /// The weight of each block's squared errors, row by row.
    pub(super) fn weights(&self, activity: &[Activity], depth: u8) -> Vec<f64> {
        let (across, down) = self.counts();
        let mut weights = Vec::with_capacity(activity.len());
        for row in 0..down {
            let rows = Span::new(row, self.size, self.height, self.border());
            for column in 0..across {
                let columns = Span::new(column, self.size, self.width, self.border());
                let activity = activity[row * across + column];
                weights.push(self.weight(rows, columns, activity, depth));
            }
        }
        if self.width * self.height <= SMALL {
            smooth(&mut weights, across);
        }
        weights
    }

    fn weight(&self, rows: Span, columns: Span, activity: Activity, depth: u8) -> f64 {
        if rows.inner == 0 || columns.inner == 0 {
            return 1.0;
        }
        // The filter does not arrive at FFmpeg's sum for narrow blocks of large pictures.
        let is_lost = self.is_large() && columns.inner_end <= 12;
        let spatial = if is_lost { 0.0 } else { activity.spatial as f64 };
        // Temporal activity counts twice.
        let temporal = (2 * activity.temporal) as f64;
        let activity = spatial / (columns.inner as f64 * rows.inner as f64)
            + temporal / (columns.length as f64 * rows.length as f64);
        let activity = activity.max(f64::from(1_u32 << (depth - 6)));
        1.0 / (activity * activity).sqrt()
    }

    /// The factor that scales the weighted error of usual content to that of PSNR.
    fn usual_activity(&self, depth: u8) -> f64 {
        let ratio = uhd_ratio(self.width, self.height).max(0.00001);
        (16.0 * f64::from(1_u32 << (2 * depth - 9)) / ratio.sqrt()).sqrt()
    }

    /// The weighted squared error of a plane whose blocks have `errors`, in whole numbers.
    pub(super) fn weighted_error(&self, errors: &[u64], weights: &[f64], depth: u8) -> u64 {
        let mut sum = 0.0;
        for (error, weight) in errors.iter().zip(weights) {
            sum += *error as f64 * weight;
        }
        (sum * self.usual_activity(depth) + 0.5) as u64
    }
}

fn uhd_ratio(width: usize, height: usize) -> f64 {
    (width * height) as f64 / UHD
}

/// A block in one direction.
#[derive(Debug, Clone, Copy)]
struct Span {
    length: usize,
    /// The end of the part with spatial activity, from the block's start, and its length.
    inner_end: usize,
    inner: usize,
}

impl Span {
    fn new(index: usize, size: usize, picture: usize, border: usize) -> Self {
        let start = index * size;
        let length = size.min(picture - start);
        let inner_start = if start > 0 { 0 } else { border };
        let at_end = start + length == picture;
        let inner_end = if at_end { length.saturating_sub(border) } else { length };
        Self { length, inner_end, inner: inner_end.saturating_sub(inner_start) }
    }
}

/// Bounds each weight by the greatest of those to its left, to its right and above it, the former
/// and the latter bounded already. The last one has no right neighbour.
fn smooth(weights: &mut [f64], across: usize) {
    for next in 1..weights.len() {
        let block = next - 1;
        let left = if block > 0 { weights[block - 1] } else { 0.0 };
        let mut bound = match next % across {
            // The first block of the next row is no neighbour.
            0 => left,
            // Before the first block of a row there is none.
            1 => weights[next],
            _ => left.max(weights[next]),
        };
        if block >= across {
            bound = bound.max(weights[block - across]);
        }
        weights[block] = weights[block].min(bound);
    }
    if let Some(last) = weights.len().checked_sub(1).filter(|last| *last > across) {
        let bound = weights[last - 1].max(weights[last - across]);
        weights[last] = weights[last].min(bound);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_grow_with_the_picture() {
        let size = |width, height| Blocks::new(width, height).map(|blocks| blocks.size);
        assert_eq!(size(3840, 2160), Some(128));
        assert_eq!(size(1920, 1080), Some(64));
        assert_eq!(size(1280, 720), Some(44));
        assert_eq!(size(45, 45), Some(4));
        assert_eq!(size(45, 44), None);
    }

    #[test]
    fn a_weight_is_bounded_by_its_neighbours() {
        let mut weights = vec![0.5, 0.1, 0.2, 0.1, 0.4, 0.3, 0.1, 0.2, 0.9];
        smooth(&mut weights, 3);
        assert_eq!(weights, [0.1, 0.1, 0.1, 0.1, 0.3, 0.3, 0.1, 0.2, 0.3]);
    }

    #[test]
    fn flat_pictures_have_the_greatest_weight() {
        let blocks = Blocks::new(1920, 1080).expect("large enough");
        let (across, down) = blocks.counts();
        assert_eq!((across, down), (30, 17));
        let weights = blocks.weights(&vec![Activity::default(); across * down], 8);
        assert!(weights.iter().all(|weight| *weight == 0.25));
    }
}
