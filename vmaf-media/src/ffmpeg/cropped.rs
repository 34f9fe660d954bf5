//! Crops frames as their container states.

use vmaf_core::Frame;
use vmaf_core::frame::Recycler;

use super::container::Crop;
use crate::conform::{Rect, copy_part};
use crate::{Error, Frames, ReadPlan, Result, Source, StreamInfo};

/// Crops the frames of `source` to the container's crop, if they have the size that it applies to.
/// The codec's own crop is applied already. If the crop's edges divide a chroma sample, that sample
/// is kept at the beginning and left out at the end, as FFmpeg does, which made the encodes of many
/// such sources.
pub(super) fn cropped(source: Box<dyn Source>, crop: Option<Crop>) -> Box<dyn Source> {
    let Some(Crop { frame_size, part, .. }) = crop else { return source };
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
    let words = format!("{}x{} to {part}", frame_size.0, frame_size.1);
    let shown = info.format.with_size(part.width, part.height).ok().filter(|_| size == frame_size);
    if let Some(shown) = shown {
        info.format = shown;
        info.notes.push(format!("cropped from {words}, as the container states"));
    } else {
        info.notes.push(format!(
            "the container's crop from {words} is ignored: it is for frames of another size"
        ));
    }
    let part = shown.map(|_| part);
    Box::new(CroppedSource { source, info, frame_size, part })
}

struct CroppedSource {
    source: Box<dyn Source>,
    info: StreamInfo,
    /// The size of the frames, and the part that is kept.
    frame_size: (u32, u32),
    part: Option<Rect>,
}

impl Source for CroppedSource {
    fn info(&self) -> &StreamInfo {
        &self.info
    }

    fn frames(self: Box<Self>, plan: &ReadPlan) -> Result<Box<dyn Frames>> {
        let Self { source, info, frame_size, part } = *self;
        let frames = source.frames(plan)?;
        Ok(match part {
            Some(part) => Box::new(CroppedFrames {
                frames,
                info,
                frame_size,
                part,
                recycler: Recycler::default(),
                next: 0,
            }),
            None => frames,
        })
    }
}

struct CroppedFrames {
    frames: Box<dyn Frames>,
    info: StreamInfo,
    /// The same as the source's.
    frame_size: (u32, u32),
    part: Rect,
    recycler: Recycler,
    next: u64,
}

impl Frames for CroppedFrames {
    fn info(&self) -> &StreamInfo {
        &self.info
    }

    fn read(&mut self) -> Result<Option<Frame>> {
        let Some(frame) = self.frames.read()? else { return Ok(None) };
        let (width, height) = frame.format().size();
        if (width, height) != self.frame_size {
            let reason = format!(
                "the frame size changes to {width}x{height}, for which the container states no crop"
            );
            return Err(Error::frame(&self.info.path, self.next, reason));
        }
        self.next += 1;
        Ok(Some(copy_part(&frame, self.part, &self.recycler)))
    }

    fn skip(&mut self, count: u64) -> Result<u64> {
        let passed = self.frames.skip(count)?;
        self.next += passed;
        Ok(passed)
    }
}
