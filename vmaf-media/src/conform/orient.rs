//! Sources whose frames are rotated and mirrored, sample by sample.
//!
//! Two files may show the same picture but store it differently: a phone stores it as its sensor
//! sees it, with a display matrix that rotates it, and an encoder rotates the samples. The
//! orientation changes a score a little, most of all for a small picture, so pictures are compared
//! as they are shown.

use std::sync::Arc;

use vmaf_core::frame::Recycler;
use vmaf_core::{Chroma, Format, Frame, Plane, Rational, Sample};

use super::options::PlanOptions;
use super::plan::{Plan, mismatch, size_of};
use crate::{Frames, Mismatch, Orientation, ReadPlan, Result, Source, StreamInfo};

/// The number of rows that become columns at once.
const TILE: usize = 32;

/// Returns `source` with its frames moved, so that `orientation` shows the stored frames as the
/// source's own orientation did. If chroma can't be moved exactly (4:2:2 can't be rotated by 90
/// degrees), it is resampled to 4:4:4 first.
///
/// # Errors
/// [`Mismatch::Rotation`] if one of the two orientations is not by right angles, and the other is
/// not the same.
pub fn oriented(source: Box<dyn Source>, orientation: Orientation) -> Result<Box<dyn Source>> {
    let info = source.info();
    let own = info.orientation;
    if own == orientation {
        return Ok(source);
    }
    if !own.is_exact() || !orientation.is_exact() {
        let reason = format!(
            "is to be {own} for display, another video {orientation}: only rotations by right angles \
             are supported; rotate both the same way first (ffmpeg does so when it converts)"
        );
        return Err(mismatch(info, Mismatch::Rotation, reason));
    }
    let steps = own.then(orientation.inverse());
    let mut source = source;
    if !is_movable(&source.info().format, steps) {
        let mut plan = Plan::cropped(source.info(), None)?;
        plan.scale_to(plan.format.with_chroma(Chroma::Yuv444), &PlanOptions::default());
        let notes = plan.steps();
        source = plan.apply(source);
        return Ok(Box::new(OrientedSource::new(source, steps, orientation, notes)));
    }
    Ok(Box::new(OrientedSource::new(source, steps, orientation, Vec::new())))
}

/// Returns true if the samples of all planes can be moved so that chroma keeps its position beside
/// luma.
fn is_movable(format: &Format, steps: Orientation) -> bool {
    let (x, y) = format.chroma().shifts();
    let [across, down] = steps.is_reversed();
    let [across, down] = if steps.is_transposed() { [down, across] } else { [across, down] };
    let fits =
        |reversed: bool, length: u32, shift: u32| !reversed || length.is_multiple_of(1 << shift);
    (!steps.is_transposed() || x == y)
        && fits(across, format.width(), x)
        && fits(down, format.height(), y)
}

struct OrientedSource {
    source: Box<dyn Source>,
    info: StreamInfo,
    /// The rotation and mirroring applied to the frames.
    steps: Orientation,
}

impl OrientedSource {
    fn new(
        source: Box<dyn Source>,
        steps: Orientation,
        orientation: Orientation,
        notes: Vec<String>,
    ) -> Self {
        let mut info = source.info().clone();
        let from = size_of(&info.format);
        info.format = moved_format(&info.format, steps);
        info.orientation = orientation;
        info.applied_rotation = info.applied_rotation.then(steps);
        info.notes.extend(notes);
        let to = size_of(&info.format);
        let sizes = if from == to { String::new() } else { format!(" from {from} to {to}") };
        info.notes.push(format!("{steps}{sizes} for display"));
        if steps.is_transposed() {
            let aspect = info.sample_aspect;
            info.sample_aspect = aspect.and_then(|Rational { num, den }| Rational::rate(den, num));
        }
        Self { source, info, steps }
    }
}

impl Source for OrientedSource {
    fn info(&self) -> &StreamInfo {
        &self.info
    }

    fn frames(self: Box<Self>, plan: &ReadPlan) -> Result<Box<dyn Frames>> {
        let Self { source, info, steps } = *self;
        let frames = source.frames(plan)?;
        Ok(Box::new(OrientedFrames { frames, info, steps, recycler: Recycler::default() }))
    }
}

struct OrientedFrames {
    frames: Box<dyn Frames>,
    info: StreamInfo,
    /// The same as the source's.
    steps: Orientation,
    recycler: Recycler,
}

fn moved_format(format: &Format, steps: Orientation) -> Format {
    if steps.is_transposed() { format.transposed() } else { *format }
}

impl Frames for OrientedFrames {
    fn info(&self) -> &StreamInfo {
        &self.info
    }

    fn read(&mut self) -> Result<Option<Frame>> {
        let frame = self.frames.read()?;
        Ok(frame.map(|frame| moved(&frame, self.steps, &self.recycler)))
    }

    fn skip(&mut self, count: u64) -> Result<u64> {
        self.frames.skip(count)
    }
}

/// Returns a frame rotated and mirrored by `steps`.
fn moved(frame: &Frame, steps: Orientation, recycler: &Recycler) -> Frame {
    let mut to = recycler.frame(moved_format(frame.format(), steps));
    for plane in 0..frame.format().chroma().planes() {
        if frame.format().bit_depth() == 8 {
            move_plane(frame.plane::<u8>(plane), steps, to.plane_mut(plane));
        } else {
            move_plane(frame.plane::<u16>(plane), steps, to.plane_mut(plane));
        }
    }
    (to.time, to.frame_rate, to.range) = (frame.time, frame.frame_rate, frame.range);
    to.rgb = frame.rgb.as_deref().map(|rgb| Arc::new(moved(rgb, steps, recycler)));
    to
}

/// Moves the samples of `plane` to where `steps` show them.
fn move_plane<T: Sample>(plane: &Plane<T>, steps: Orientation, to: &mut Plane<T>) {
    let [across, down] = steps.is_reversed();
    let (width, height) = (to.width(), to.height());
    let from_row = |y: usize| if down { height - 1 - y } else { y };
    if !steps.is_transposed() {
        for y in 0..height {
            let row = plane.row(from_row(y));
            let to = to.row_mut(y);
            to.copy_from_slice(row);
            if across {
                to.reverse();
            }
        }
        return;
    }
    // A column of the output is a row of the input.
    for first in (0..width).step_by(TILE) {
        let last = (first + TILE).min(width);
        let column = |x: usize| plane.row(if across { width - 1 - x } else { x });
        let columns: Vec<&[T]> = (first..last).map(column).collect();
        for y in 0..height {
            let place = from_row(y);
            for (to, column) in to.row_mut(y)[first..last].iter_mut().zip(&columns) {
                *to = column[place];
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A video of one frame.
    struct Single(StreamInfo, Option<Frame>);

    impl Source for Single {
        fn info(&self) -> &StreamInfo {
            &self.0
        }

        fn frames(self: Box<Self>, _: &ReadPlan) -> Result<Box<dyn Frames>> {
            Ok(self)
        }
    }

    impl Frames for Single {
        fn info(&self) -> &StreamInfo {
            &self.0
        }

        fn read(&mut self) -> Result<Option<Frame>> {
            Ok(self.1.take())
        }
    }

    fn source(width: u32, height: u32, chroma: Chroma, orientation: Orientation) -> Single {
        let format = Format::new(width, height, chroma, 8).expect("valid");
        let mut frame = Recycler::default().frame(format);
        for index in 0..chroma.planes() {
            let plane = frame.plane_mut::<u8>(index);
            for y in 0..plane.height() {
                let row = plane.row_mut(y).iter_mut().enumerate();
                row.for_each(|(x, sample)| *sample = (16 * y + x) as u8);
            }
        }
        frame.time = Some(0.5);
        let samples = frame.plane::<u8>(0).rows().flatten().map(|&sample| u16::from(sample));
        let plane = Plane::from_vec(samples.collect(), width as usize, height as usize);
        let planes = vec![plane.expect("as many samples as pixels"); 3];
        let format16 = format.with_chroma(Chroma::Yuv444).with_bit_depth(16).expect("valid");
        frame.rgb = Some(Arc::new(Frame::from_planes(format16, planes).expect("valid")));
        let info = StreamInfo { orientation, ..StreamInfo::new("a.mp4", format, "test") };
        Single(info, Some(frame))
    }

    fn only_frame(source: Box<dyn Source>) -> Option<Frame> {
        let mut frames = source.frames(&ReadPlan::default()).expect("a plan that can be met");
        frames.read().expect("a frame")
    }

    /// The rows of luma, which those of RGB equal.
    fn luma(frame: &Frame) -> Vec<Vec<u8>> {
        let rgb = frame.rgb.as_deref().expect("RGB");
        for plane in 0..3 {
            let rows = rgb.plane::<u16>(plane).rows().flatten();
            let luma = frame.plane::<u8>(0).rows().flatten().map(|&sample| u16::from(sample));
            assert!(rows.copied().eq(luma));
        }
        frame.plane::<u8>(0).rows().map(<[u8]>::to_vec).collect()
    }

    #[test]
    fn samples_move_as_the_display_matrix_says() {
        let of = |mirrored: bool, angle: f64| {
            let orientation = Orientation::new([mirrored, false], -angle);
            let source = Box::new(source(3, 2, Chroma::Mono, orientation));
            let source = oriented(source, Orientation::UPRIGHT).expect("right angles");
            luma(&only_frame(source).expect("a frame"))
        };
        assert_eq!(of(false, 0.0), [[0, 1, 2], [16, 17, 18]]);
        assert_eq!(of(false, 90.0), [[16, 0], [17, 1], [18, 2]]);
        assert_eq!(of(false, 180.0), [[18, 17, 16], [2, 1, 0]]);
        assert_eq!(of(false, 270.0), [[2, 18], [1, 17], [0, 16]]);
        assert_eq!(of(true, 0.0), [[2, 1, 0], [18, 17, 16]]);
        assert_eq!(of(true, 90.0), [[18, 2], [17, 1], [16, 0]]);
        assert_eq!(of(true, 180.0), [[16, 17, 18], [0, 1, 2]]);
        assert_eq!(of(true, 270.0), [[0, 16], [1, 17], [2, 18]]);
    }

    #[test]
    fn rotating_there_and_back_restores_the_samples() {
        for orientation in Orientation::all() {
            for chroma in [Chroma::Yuv420, Chroma::Yuv444] {
                let expected = source(70, 38, chroma, orientation).1.expect("a frame");
                let source = Box::new(source(70, 38, chroma, orientation));
                let turned = oriented(source, Orientation::UPRIGHT).expect("right angles");
                let info = turned.info();
                assert_eq!(info.format.width() == 38, orientation.is_transposed());
                assert_eq!(info.applied_rotation, orientation);
                let back = oriented(turned, orientation).expect("right angles");
                assert_eq!(back.info().applied_rotation, Orientation::UPRIGHT);
                assert_eq!(only_frame(back), Some(expected), "{orientation}");
            }
        }
    }

    #[test]
    fn chroma_is_moved_with_luma_where_possible() {
        let of = |width, height, chroma, index: usize| {
            let format = Format::new(width, height, chroma, 8).expect("valid");
            is_movable(&format, Orientation::all()[index])
        };
        // All but the upright one turn or mirror something.
        for index in 0..8 {
            assert!(of(8, 6, Chroma::Yuv420, index) && of(7, 5, Chroma::Yuv444, index));
            assert_eq!(of(8, 6, Chroma::Yuv422, index), index % 2 == 0, "{index}");
        }
        assert!(of(7, 5, Chroma::Yuv420, 0) && !of(7, 5, Chroma::Yuv420, 2));
        assert!(of(7, 6, Chroma::Yuv420, 6) && !of(7, 6, Chroma::Yuv420, 4));
    }

    #[test]
    fn other_angles_are_refused_unless_both_videos_share_them() {
        let skewed = Orientation::new([false; 2], 30.0);
        let of =
            |orientation| oriented(Box::new(source(8, 6, Chroma::Yuv420, skewed)), orientation);
        assert!(of(skewed).is_ok());
        let error = of(Orientation::UPRIGHT).err().expect("a refusal").to_string();
        assert!(error.contains("a.mp4 is to be rotated by 330 degrees"), "{error}");
    }
}
