//! Pictures of the moments that people should see.
//!
//! Which moments, the scores say, so they are only known once all frames are scored. The videos are
//! then opened and read once more, in the same way, up to the last moment that each is shown at;
//! frames in between are decoded and no more. What can't be read twice has no pictures, and a video
//! that fails the second time costs pictures, never scores.

use std::io;

use image::codecs::jpeg::JpegEncoder;
use image::{ExtendedColorType, ImageEncoder, RgbImage};
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use vmaf_core::feature::vif;
use vmaf_core::maps::Maps;
use vmaf_core::{Format, Frame, FrameGroup};
use vmaf_media::{Message, StreamInfo};

use crate::error::{Error, Result};
use crate::handle::{Event, RunHandle};
use crate::inputs::OpenInputs;
use crate::moments::{self, Moment};
use crate::output::report::Report;
use crate::pictures;

/// The greatest width of pictures, in pixels.
const WIDTH: u32 = 480;

/// The quality of the JPEG files: encodes are judged by scores, pictures show where to look.
const QUALITY: u8 = 82;

/// The pictures of a run.
#[derive(Debug, Default)]
pub(crate) struct Thumbnails {
    pub(crate) shots: Vec<Shot>,
    /// Width and height of each picture.
    pub(crate) size: (u32, u32),
    /// Why there are none, or not all.
    pub(crate) reason: Option<String>,
}

/// A moment's pictures, as JPEG files.
#[derive(Debug)]
pub(crate) struct Shot {
    pub(crate) moment: Moment,
    pub(crate) reference: Vec<u8>,
    /// The pictures of each encode, with its index in the run.
    pub(crate) encodes: Vec<(usize, EncodeShot)>,
}

/// An encode's pictures of a moment.
#[derive(Debug)]
pub(crate) struct EncodeShot {
    pub(crate) distorted: Vec<u8>,
    /// The heat map of lost quality.
    pub(crate) heat: Option<Vec<u8>>,
}

impl Thumbnails {
    /// Thumbnails without pictures, for a `reason`.
    pub(crate) fn without(reason: impl Into<String>) -> Self {
        Self { reason: Some(reason.into()), ..Self::default() }
    }

    /// Takes the pictures of a run that found `report`. `open` opens its videos once more.
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
        // Of metrics it is not said which end is bad: without a model there are no worst moments.
        let model = report.models.first();
        let scores = report.encodes.iter().map(|encode| {
            let values = encode.result.as_ref().ok()?;
            let scores = model.and_then(|model| timeline.column(values, model.label()));
            Some(scores.unwrap_or_else(|| vec![f64::NAN; timeline.frames().len()]))
        });
        let scores: Vec<Option<Vec<f64>>> = scores.collect();
        let moments = moments::choose(&timeline, &scores);
        let mut thumbnails = Self::default();
        let taken = open().and_then(|inputs| {
            // As many threads as scored.
            let threads = rayon::ThreadPoolBuilder::new().num_threads(report.threads).build();
            let threads = threads.map_err(|error| Error::input(error.to_string()))?;
            threads.install(|| thumbnails.take(moments, inputs, handle))
        });
        if let Err(failure) = taken {
            let reason = failure.message();
            thumbnails.reason = Some(reason.worded(&handle.wording()));
            handle.warn(Message::from("the report lacks pictures: ").then(reason));
        }
        thumbnails
    }

    /// Reads the frames of the moments, and takes the pictures of each.
    fn take(&mut self, moments: Vec<Moment>, inputs: OpenInputs, handle: &RunHandle) -> Result<()> {
        let Some(last) = moments.last().map(|moment| moment.frame) else { return Ok(()) };
        let camera = Camera { info: inputs.reference().clone(), size: size_of(&inputs.format()) };
        self.size = camera.size;
        let mut frames = inputs.picked(&moments)?;
        handle.begin(Some(last + 1));
        for moment in moments {
            let Some(group) = frames.next(&moment)? else { return Ok(()) };
            handle.at(moment.frame);
            self.shots.push(camera.shot(moment, &group)?);
        }
        handle.event(Event::Done);
        Ok(())
    }
}

/// Pipes and standard input can't be.
fn can_be_read_twice(path: &str) -> bool {
    // What is no file at all, as a pattern of numbered stills, is opened by its name again.
    path != "-" && std::fs::metadata(path).map_or(true, |metadata| metadata.is_file())
}

/// Returns the width and height of the pictures of frames.
fn size_of(format: &Format) -> (u32, u32) {
    let (width, height) = (format.width(), format.height());
    if width <= WIDTH {
        return (width, height);
    }
    let scaled = u64::from(height) * u64::from(WIDTH) / u64::from(width);
    (WIDTH, u32::try_from(scaled).unwrap_or(height).max(1))
}

/// Captures pictures.
struct Camera {
    /// The colours of all frames: encodes with other colours were converted, or accepted as they
    /// are.
    info: StreamInfo,
    /// Width and height of pictures.
    size: (u32, u32),
}

impl Camera {
    /// The pictures of a group of frames, its encodes side by side.
    fn shot(&self, moment: Moment, group: &FrameGroup) -> Result<Shot> {
        let there = moment.encodes.iter().filter_map(|encode| {
            let distorted = group.distorted.get(*encode)?.as_deref()?;
            Some((*encode, distorted))
        });
        let there: Vec<_> = there.collect();
        let of_encode = |(encode, distorted): (usize, &Frame)| {
            Ok((encode, self.encode(&group.reference, distorted)?))
        };
        let (encodes, reference) = rayon::join(
            || there.into_par_iter().map(of_encode).collect::<Result<Vec<_>>>(),
            || self.jpeg(&self.picture(&group.reference)),
        );
        Ok(Shot { moment, reference: reference?, encodes: encodes? })
    }

    /// The pictures of an encode's frame.
    fn encode(&self, reference: &Frame, distorted: &Frame) -> Result<EncodeShot> {
        let picture = self.picture(distorted);
        // What is too small to be mapped is shown without.
        let maps = Maps::new(&vif::FEATURE, &vif::FEATURE.options(), reference, distorted).ok();
        let (width, height) = (self.size.0 as usize, self.size.1 as usize);
        let heat = maps
            .map(|maps| self.jpeg(&pictures::heat_over(&picture, &maps.heat_at(width, height))));
        Ok(EncodeShot { distorted: self.jpeg(&picture)?, heat: heat.transpose()? })
    }

    /// A frame in the size of pictures.
    fn picture(&self, frame: &Frame) -> RgbImage {
        pictures::reduced(frame, &self.info, self.size)
    }

    /// A picture as a JPEG file.
    fn jpeg(&self, picture: &RgbImage) -> Result<Vec<u8>> {
        let (width, height) = self.size;
        let mut bytes = Vec::new();
        JpegEncoder::new_with_quality(&mut bytes, QUALITY)
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
    fn pictures_keep_their_shape() {
        let of =
            |width, height| size_of(&Format::new(width, height, Chroma::Yuv420, 8).expect("valid"));
        assert_eq!(of(1920, 1080), (480, 270));
        assert_eq!(of(1080, 1920), (480, 853));
        assert_eq!(of(320, 240), (320, 240));
        assert_eq!(of(32_768, 16), (480, 1));
    }

    #[test]
    fn pipes_are_read_once() {
        assert!(!can_be_read_twice("-"));
        assert!(can_be_read_twice(file!().rsplit('/').next().expect("a name")));
        #[cfg(unix)]
        assert!(!can_be_read_twice("/dev/null"));
    }
}
