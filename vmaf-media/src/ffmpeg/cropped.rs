//! Frames without what the container leaves out of them.

use vmaf_core::frame::Recycler;
use vmaf_core::{Format, Frame};

use super::container::Crop;
use crate::conform::{Rect, copy_part};
use crate::{Error, FrameIndex, Matrix, Result, Source, StreamInfo};

/// Has the frames of `source` cropped as the container says, if they are of the size that it speaks of.
/// What a codec crops is cropped already. Where a crop begins or ends within a sample of chroma, that
/// sample is left out at the end and kept at the beginning, as by FFmpeg, which made the encodes of many such
/// sources.
pub(super) fn cropped(source: Box<dyn Source>, crop: Option<Crop>) -> Box<dyn Source> {
    let Some(Crop { of, part, .. }) = crop else { return source };
    let mut info = source.info().clone();
    let (x, y) = info.format.chroma().shifts();
    let whole = |length: u32, shift: u32| length >> shift << shift;
    let part = Rect {
        width: whole(part.width, x).max(1),
        height: whole(part.height, y).max(1),
        x: whole(part.x, x),
        y: whole(part.y, y),
    };
    let size = info.format.size();
    if size == (part.width, part.height) {
        return source;
    }
    let words = format!("{}x{} to {part}", of.0, of.1);
    let shown = info.format.with_size(part.width, part.height).ok().filter(|_| size == of);
    if let Some(shown) = shown {
        info.format = shown;
        info.notes.push(format!("cropped from {words}, as the container says"));
    } else {
        info.notes.push(format!("the container's crop from {words} is of other frames: left out"));
    }
    let part = shown.map(|_| part);
    Box::new(Cropped { source, info, of, part, recycler: Recycler::default(), next: 0 })
}

struct Cropped {
    source: Box<dyn Source>,
    info: StreamInfo,
    /// The size of the frames, and what is kept of them.
    of: (u32, u32),
    part: Option<Rect>,
    recycler: Recycler,
    next: u64,
}

impl Source for Cropped {
    fn info(&self) -> &StreamInfo {
        &self.info
    }

    fn look_at(&mut self, format: &Format) {
        self.source.look_at(format);
    }

    fn convert_with(&mut self, matrix: Matrix) {
        self.source.convert_with(matrix);
    }

    fn allow_sizes(&mut self) {
        self.source.allow_sizes();
    }

    fn read(&mut self) -> Result<Option<Frame>> {
        let Some(frame) = self.source.read()? else { return Ok(None) };
        let Some(part) = self.part else { return Ok(Some(frame)) };
        let (width, height) = frame.format().size();
        if (width, height) != self.of {
            let reason = format!(
                "the video goes on in {width}x{height}, of which the container does not say what is \
                 shown"
            );
            return Err(Error::frame(&self.info.path, self.next, reason));
        }
        self.next += 1;
        Ok(Some(copy_part(&frame, part, &self.recycler)))
    }

    fn skip(&mut self, count: u64) -> Result<u64> {
        let passed = self.source.skip(count)?;
        self.next += passed;
        Ok(passed)
    }

    fn revisit(&mut self, index: &FrameIndex) {
        self.source.revisit(index);
    }
}
