//! Black bars: finds the picture area of a frame.

use vmaf_core::{Format, Frame, Plane, Sample};

use crate::rect::Rect;
use crate::{ReadPlan, Result, Source};

/// The brightest level that counts as black, in 8 bits: encoding makes bars slightly uneven.
const MAX_BLACK: u32 = 24;

/// The least width of a bar, as a fraction of the height or width: pictures often have a dark line
/// at an edge.
const MIN_BAR_WIDTH: f64 = 0.012;

/// The number of frames that [`picture_area`] examines, and their distance.
const EXAMINED_FRAMES: usize = 40;
const FRAME_STEP: usize = 6;

/// Finds the bars of a video from some of its frames.
#[derive(Debug, Clone)]
pub struct BarDetector {
    format: Format,
    /// The black rows at the top and bottom and columns at the left and right that all frames
    /// share.
    black: Option<[usize; 4]>,
}

impl BarDetector {
    /// Starts a search in frames of `format`.
    #[must_use]
    pub fn new(format: Format) -> Self {
        Self { format, black: None }
    }

    /// Examines a frame. One that is entirely black is ignored.
    pub fn look(&mut self, frame: &Frame) {
        if let Some(found) = black_edges_of(frame) {
            self.add(found);
        }
    }

    /// Adds the black edges of a frame.
    pub(crate) fn add(&mut self, found: [usize; 4]) {
        let black = self.black.get_or_insert(found);
        for (edge, found) in black.iter_mut().zip(found) {
            *edge = (*edge).min(found);
        }
    }

    /// Returns the picture area, with its origin on even rows and columns; `None` if every frame
    /// was black.
    #[must_use]
    pub fn picture(&self) -> Option<Rect> {
        let (width, height) = self.format.size();
        let bar = |black: usize, of: u32| {
            let black = black as u32;
            if f64::from(black) < (f64::from(of) * MIN_BAR_WIDTH).max(2.0) {
                0
            } else {
                black / 2 * 2
            }
        };
        let [top, bottom, left, right] = self.black?;
        let (top, bottom) = (bar(top, height), bar(bottom, height));
        let (left, right) = (bar(left, width), bar(right, width));
        Some(Rect { width: width - left - right, height: height - top - bottom, x: left, y: top })
    }
}

/// Returns the picture area in the first seconds of a video; `None` if they are all black.
///
/// # Errors
/// Fails if the video can't be read.
pub fn picture_area(source: Box<dyn Source>) -> Result<Option<Rect>> {
    let mut bars = BarDetector::new(source.info().format);
    let mut frames = source.frames(&ReadPlan::luma())?;
    for index in 0..EXAMINED_FRAMES * FRAME_STEP {
        let Some(frame) = frames.read()? else { break };
        if index % FRAME_STEP == 0 {
            bars.look(&frame);
        }
    }
    Ok(bars.picture())
}

/// Returns the number of black rows at the top and bottom and of black columns at the left and
/// right of a frame; `None` if it is entirely black.
pub(crate) fn black_edges_of(frame: &Frame) -> Option<[usize; 4]> {
    if frame.format().bit_depth() == 8 {
        black_edges(frame.plane::<u8>(0), MAX_BLACK as u8)
    } else {
        black_edges(frame.plane::<u16>(0), (MAX_BLACK << (frame.format().bit_depth() - 8)) as u16)
    }
}

fn black_edges<T: Sample + PartialOrd>(plane: &Plane<T>, black: T) -> Option<[usize; 4]> {
    let is_black = |y: usize| plane.row(y).iter().all(|sample| *sample <= black);
    let top = (0..plane.height()).find(|y| !is_black(*y))?;
    let bottom = (0..plane.height()).rev().find(|y| !is_black(*y))?;
    let (mut left, mut right) = (plane.width(), plane.width());
    for y in top..=bottom {
        let row = plane.row(y);
        // Only samples that could make the edges narrower are examined.
        left = row[..left].iter().position(|sample| *sample > black).unwrap_or(left);
        let mut behind = row[row.len() - right..].iter().rev();
        right = behind.position(|sample| *sample > black).unwrap_or(right);
        if left == 0 && right == 0 {
            break;
        }
    }
    Some([top, plane.height() - 1 - bottom, left, right])
}

#[cfg(test)]
mod tests {
    use vmaf_core::Chroma;

    use super::*;

    fn frame(picture: Rect, value: u16) -> Frame {
        let format = Format::new(200, 100, Chroma::Mono, 10).expect("valid");
        let inside = |at: u32, from: u32, length: u32| (from..from + length).contains(&at);
        let samples: Vec<u16> = (0..100)
            .flat_map(|y| (0..200).map(move |x| (x, y)))
            .map(|(x, y)| {
                let is_picture =
                    inside(x, picture.x, picture.width) && inside(y, picture.y, picture.height);
                if is_picture { value } else { 70 }
            })
            .collect();
        Frame::from_luma(format, &samples).expect("a frame")
    }

    #[test]
    fn the_picture_is_the_union_over_all_frames() {
        let whole = Rect { width: 200, height: 100, x: 0, y: 0 };
        let mut bars = BarDetector::new(*frame(whole, 0).format());
        assert_eq!(bars.picture(), None);
        bars.look(&frame(whole, 64));
        assert_eq!(bars.picture(), None, "black shows nothing");
        let letterbox = Rect { width: 200, height: 76, x: 0, y: 12 };
        bars.look(&frame(letterbox, 500));
        assert_eq!(bars.picture(), Some(letterbox));
        bars.look(&frame(Rect { width: 150, height: 60, x: 25, y: 20 }, 500));
        assert_eq!(bars.picture(), Some(letterbox), "a dark scene");
        bars.look(&frame(Rect { width: 199, height: 99, x: 1, y: 0 }, 500));
        assert_eq!(bars.picture(), Some(whole), "a dark line is no bar");
    }
}
