//! Pictures in Rust's own memory, for scaling by a program.

use vmaf_core::Format;

use super::picture::{Planes, pixel_format, size};

/// The alignment of rows in bytes, and the padding after the last row.
const ALIGNMENT: usize = 64;

/// The layout of a picture in memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Layout {
    pub(super) width: u32,
    pub(super) height: u32,
    /// FFmpeg's name of a planar pixel format.
    pub(super) pixel_format: String,
    /// The stride in bytes and the number of rows of each plane.
    pub(super) planes: Vec<(usize, usize)>,
    /// The number of bytes of a row that hold samples, for each plane.
    pub(super) rows: Vec<usize>,
}

/// A picture.
pub(super) struct Picture {
    pub(super) layout: Layout,
    pub(super) planes: Vec<Vec<u8>>,
}

impl Picture {
    /// Creates a picture of `format`, with all bytes zero.
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
