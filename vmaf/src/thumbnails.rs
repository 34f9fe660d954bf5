//! Pictures of selected frames, for the report.
//!
//! The scores select the frames, so they are known only once all frames are scored. The videos are
//! then opened and read once more, up to the last selected frame; frames in between are only
//! decoded. Videos that can't be read twice have no pictures, and a video that fails the second
//! time loses its pictures, not its scores.

use std::io;

use image::codecs::jpeg::JpegEncoder;
use image::{ExtendedColorType, ImageEncoder, RgbImage};
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use vmaf_core::{Format, Frame, FrameGroup, maps};
use vmaf_media::{Message, StreamInfo};

use crate::error::{Error, Result};
use crate::handle::{Event, RunHandle};
use crate::inputs::OpenInputs;
use crate::output::report::Report;
use crate::pictures;
use crate::report_frames::{self, ReportFrame};
use crate::request::Metric;

/// The greatest width of pictures, in pixels.
const MAX_WIDTH: u32 = 480;

/// The quality of the JPEG files: the pictures show where to look, and need not be exact.
const JPEG_QUALITY: u8 = 82;

/// The pictures of a run.
#[derive(Debug, Default)]
pub(crate) struct Thumbnails {
    pub(crate) frames: Vec<FrameThumbnails>,
    /// Width and height of each picture.
    pub(crate) size: (u32, u32),
    /// The reason why there are no pictures, or not all.
    pub(crate) reason: Option<String>,
}

/// The pictures of a frame, as JPEG files.
#[derive(Debug)]
pub(crate) struct FrameThumbnails {
    pub(crate) report_frame: ReportFrame,
    pub(crate) reference: Vec<u8>,
    /// The pictures of each encode, with its index in the run.
    pub(crate) encodes: Vec<(usize, EncodeThumbnails)>,
}

/// The pictures of an encode's frame.
#[derive(Debug)]
pub(crate) struct EncodeThumbnails {
    pub(crate) distorted: Vec<u8>,
    /// The heat map of lost quality.
    pub(crate) heat: Option<Vec<u8>>,
}

impl Thumbnails {
    /// Returns thumbnails without pictures, for a `reason`.
    pub(crate) fn without(reason: impl Into<String>) -> Self {
        Self { reason: Some(reason.into()), ..Self::default() }
    }

    /// Takes the pictures of a run with this `report`. `open` opens its videos once more.
    pub(crate) fn of(
        report: &Report,
        open: impl FnOnce() -> Result<OpenInputs>,
        handle: &RunHandle,
    ) -> Self {
        let encodes = report.encodes.iter().map(|encode| &encode.path);
        let mut paths = encodes.chain([&report.reference.path]);
        if let Some(path) = paths.find(|path| !can_be_read_twice(path)) {
            let name = if path == "-" { "standard input" } else { path };
            let reason = format!("{name} can be read only once");
            return Self::without(reason);
        }
        let timeline = report.timeline();
        // Which end of a metric is bad is unknown: without a model there are no worst frames.
        let model = report.models.first();
        let scores = report.encodes.iter().map(|encode| {
            let values = encode.result.as_ref().ok()?;
            let scores = model.and_then(|model| timeline.column(values, model.label()));
            Some(scores.unwrap_or_else(|| vec![f64::NAN; timeline.frames().len()]))
        });
        let scores: Vec<Option<Vec<f64>>> = scores.collect();
        let report_frames = report_frames::choose_frames(&timeline, &scores);
        let mut thumbnails = Self::default();
        let captured = open().and_then(|inputs| {
            // As many threads as for scoring.
            let threads = rayon::ThreadPoolBuilder::new().num_threads(report.threads).build();
            let threads = threads.map_err(|error| Error::input(error.to_string()))?;
            threads.install(|| thumbnails.capture(report, report_frames, inputs, handle))
        });
        if let Err(failure) = captured {
            let reason = failure.message();
            thumbnails.reason = Some(reason.worded(&handle.wording()));
            handle.warn(Message::from("the report lacks pictures: ").then(reason));
        }
        thumbnails
    }

    /// Reads the selected frames, and takes the pictures of each.
    fn capture(
        &mut self,
        report: &Report,
        report_frames: Vec<ReportFrame>,
        inputs: OpenInputs,
        handle: &RunHandle,
    ) -> Result<()> {
        let Some(last) = report_frames.last().map(|report_frame| report_frame.frame) else {
            return Ok(());
        };
        let maker = ThumbnailMaker {
            info: inputs.reference().clone(),
            size: size_of(&inputs.format()),
            heat_of: report.heat_metric(),
        };
        self.size = maker.size;
        let rgb = maker.heat_of.0.measures_light();
        let mut frames = inputs.selected_frames(&report_frames, rgb)?;
        handle.start_progress(Some(last + 1));
        for report_frame in report_frames {
            let Some(group) = frames.next(&report_frame)? else { return Ok(()) };
            handle.set_progress(report_frame.frame);
            self.frames.push(maker.frame_thumbnails(report_frame, &group)?);
        }
        handle.event(Event::Done);
        Ok(())
    }
}

/// Returns true unless `path` is a pipe or standard input.
fn can_be_read_twice(path: &str) -> bool {
    // A name that is not a file, such as a pattern of numbered stills, is opened by its name again.
    path != "-" && std::fs::metadata(path).map_or(true, |metadata| metadata.is_file())
}

/// Returns the width and height of the pictures of frames.
fn size_of(format: &Format) -> (u32, u32) {
    let (width, height) = (format.width(), format.height());
    if width <= MAX_WIDTH {
        return (width, height);
    }
    let scaled = u64::from(height) * u64::from(MAX_WIDTH) / u64::from(width);
    (MAX_WIDTH, u32::try_from(scaled).unwrap_or(height).max(1))
}

/// Takes pictures.
struct ThumbnailMaker {
    /// The colour properties of all frames: encodes with others were converted, or accepted as they
    /// are.
    info: StreamInfo,
    /// Width and height of pictures.
    size: (u32, u32),
    /// The metric of heat maps.
    heat_of: Metric,
}

impl ThumbnailMaker {
    /// Takes the pictures of a group of frames, its encodes side by side.
    fn frame_thumbnails(
        &self,
        report_frame: ReportFrame,
        group: &FrameGroup,
    ) -> Result<FrameThumbnails> {
        let present = report_frame.encodes.iter().filter_map(|encode| {
            let distorted = group.distorted.get(*encode)?.as_deref()?;
            Some((*encode, distorted))
        });
        let present: Vec<_> = present.collect();
        let of_encode = |(encode, distorted): (usize, &Frame)| {
            Ok((encode, self.encode(&group.reference, distorted)?))
        };
        let (encodes, reference) = rayon::join(
            || present.into_par_iter().map(of_encode).collect::<Result<Vec<_>>>(),
            || self.jpeg(&self.picture(&group.reference)),
        );
        Ok(FrameThumbnails { report_frame, reference: reference?, encodes: encodes? })
    }

    /// Takes the pictures of an encode's frame.
    fn encode(&self, reference: &Frame, distorted: &Frame) -> Result<EncodeThumbnails> {
        let picture = self.picture(distorted);
        // Frames that are too small for a map have none.
        let (feature, options) = &self.heat_of;
        let size = (self.size.0 as usize, self.size.1 as usize);
        let heat = maps::heat_at(feature, options, reference, distorted, size).ok();
        let heat = heat.map(|heat| self.jpeg(&pictures::heat_over(&picture, &heat)));
        Ok(EncodeThumbnails { distorted: self.jpeg(&picture)?, heat: heat.transpose()? })
    }

    /// Scales a frame to the size of pictures.
    fn picture(&self, frame: &Frame) -> RgbImage {
        pictures::reduced(frame, &self.info, self.size)
    }

    /// Encodes a picture as a JPEG file.
    fn jpeg(&self, picture: &RgbImage) -> Result<Vec<u8>> {
        let (width, height) = self.size;
        let mut bytes = Vec::new();
        JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY)
            .write_image(picture.as_raw(), width, height, ExtendedColorType::Rgb8)
            .map_err(|error| Error::output("a picture", io::Error::other(error)))?;
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use vmaf_core::Chroma;

    use super::*;

    #[test]
    fn thumbnails_keep_the_aspect_ratio() {
        let of =
            |width, height| size_of(&Format::new(width, height, Chroma::Yuv420, 8).expect("valid"));
        assert_eq!(of(1920, 1080), (480, 270));
        assert_eq!(of(1080, 1920), (480, 853));
        assert_eq!(of(320, 240), (320, 240));
        assert_eq!(of(32_768, 16), (480, 1));
    }

    #[test]
    fn pipes_can_not_be_read_twice() {
        assert!(!can_be_read_twice("-"));
        assert!(can_be_read_twice(file!().rsplit('/').next().expect("a name")));
        #[cfg(unix)]
        assert!(!can_be_read_twice("/dev/null"));
    }
}
