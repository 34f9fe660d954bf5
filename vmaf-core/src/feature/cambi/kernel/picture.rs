//! A picture of 10-bit samples with its mask, in rows that fill whole blocks.

use crate::memory;

/// Columns that kernels take at once; rows are padded to a multiple of it.
pub(super) const BLOCK: usize = 32;

/// `width` rounded up to whole blocks.
pub(super) fn padded(width: usize) -> usize {
    width.next_multiple_of(BLOCK)
}

/// Rows of a picture, from a given one on. Samples between a row's end and the next row are masked
/// out.
#[derive(Debug, Default)]
pub(super) struct Picture {
    pub(super) width: usize,
    /// The number of rows held.
    pub(super) rows: usize,
    /// Samples from one row to the next.
    pub(super) stride: usize,
    pub(super) samples: Vec<u16>,
    /// 1 in smooth places, where banding would be visible, and 0 elsewhere.
    pub(super) mask: Vec<u8>,
}

impl Picture {
    /// Makes it `width` by `rows`, masked out between rows. Its memory is reused and keeps its old
    /// contents elsewhere.
    pub(super) fn resize(&mut self, width: usize, rows: usize) {
        let stride = padded(width);
        (self.width, self.rows, self.stride) = (width, rows, stride);
        memory::resize(&mut self.samples, stride * rows);
        memory::resize(&mut self.mask, stride * rows);
        for row in self.mask.chunks_exact_mut(stride) {
            row[width..].fill(0);
        }
    }

    pub(super) fn samples(&self, row: usize) -> &[u16] {
        &self.samples[row * self.stride..][..self.stride]
    }

    pub(super) fn mask(&self, row: usize) -> &[u8] {
        &self.mask[row * self.stride..][..self.stride]
    }
}

/// Takes every other sample, from the first on.
#[inline(always)]
pub(super) fn halve<T: Copy>(row: &[T], out: &mut [T]) {
    let (pairs, last) = row[..(2 * out.len()).min(row.len())].as_chunks::<2>();
    let (whole, rest) = out.split_at_mut(pairs.len());
    for (out, pair) in whole.iter_mut().zip(pairs) {
        *out = pair[0];
    }
    for (out, last) in rest.iter_mut().zip(last) {
        *out = *last;
    }
}
