//! Pictures in memory of our own, for a program that scales.

use vmaf_core::Format;

use super::picture::{Planes, pixel_format, size};

/// Rows begin at multiples of this many bytes, and as many are left behind the last.
const ALIGNMENT: usize = 64;

/// The layout of a picture in memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Layout {
    pub(super) width: u32,
    pub(super) height: u32,
    /// FFmpeg's name of a planar pixel format.
    pub(super) pixel_format: String,
    /// For each plane, the bytes from row to row, and the rows.
    pub(super) planes: Vec<(usize, usize)>,
    /// For each plane, the bytes of a row that hold samples.
    pub(super) rows: Vec<usize>,
}

/// A picture.
pub(super) struct Picture {
    pub(super) layout: Layout,
    pub(super) planes: Vec<Vec<u8>>,
}

impl Picture {
    /// A picture of `format`, black or anything else.
    pub(super) fn new(format: Format) -> Self {
        let bytes = if format.bit_depth() > 8 { 2 } else { 1 };
        let plane = |index: usize| {
            let (width, rows) = size(format, index);
            (width * bytes, rows)
        };
        let sizes = (0..format.chroma().planes()).map(plane);
        let planes: Vec<_> =
            sizes.clone().map(|(row, rows)| (row.next_multiple_of(ALIGNMENT), rows)).collect();
        let memory = planes.iter().map(|(stride, rows)| vec![0; stride * rows + ALIGNMENT]);
        let rows = sizes.map(|(row, _)| row).collect();
        let ((width, height), pixel_format) = (format.size(), pixel_format(format));
        Self {
            planes: memory.collect(),
            layout: Layout { width, height, pixel_format, planes, rows },
        }
    }
}

impl Planes for Picture {
    fn plane(&self, index: usize) -> (&[u8], usize) {
        (&self.planes[index], self.layout.planes[index].0)
    }

    fn plane_mut(&mut self, index: usize) -> (&mut [u8], usize) {
        (&mut self.planes[index], self.layout.planes[index].0)
    }
}
