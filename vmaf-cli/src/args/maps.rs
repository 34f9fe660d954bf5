//! The command line of `vmaf maps`.

use std::path::PathBuf;

use clap::Args;
use vmaf::MetricSpec;
use vmaf::maps::{MapsRequest, Roi};

use super::streams::StreamArgs;
use super::values;
use super::videos::{ConformArgs, RawArgs};
use crate::failure::Result;

const EXAMPLES: &str = "\
Examples:
  Maps of frame 240, of all three features:
    vmaf maps source.mp4 encode.mp4 --frame 240 -o maps
  One feature, with an option, and its values for a face:
    vmaf maps source.mp4 encode.mp4 --frame 240 --feature vif=vif_enhn_gain_limit=1 \\
        --roi 320:400:800:100 -o maps
  Weighted by a grey image: white counts, black does not:
    vmaf maps source.mp4 encode.mp4 --frame 240 --roi saliency.png -o maps
  Read a map in Python; docs/maps.md has more:
    maps = json.load(open('maps/maps.json'))['maps']
    m = maps[0]
    numpy.fromfile('maps/' + m['file'], m['dtype']).reshape(m['height'], m['width'])

The folder receives vif_heat.png and so on, heat maps over the encode's picture; a file of raw
samples (32-bit floating point, little-endian) for each map; and maps.json, with the size and
contents of each map and the features' values of the frame.";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct MapsArgs {
    /// The reference: the source of the encode; - is standard input
    #[arg(value_name = "REF")]
    pub(crate) reference: String,

    /// The encode
    #[arg(value_name = "DIST")]
    pub(crate) distorted: String,

    /// The frame, counted from 0
    #[arg(long, value_name = "N", value_parser = values::frame, allow_hyphen_values = true)]
    pub(crate) frame: u64,

    /// Skip the first N frames of the encode or, if N is negative, the first -N of the reference
    #[arg(long, value_name = "N", default_value = "0", value_parser = values::offset)]
    #[arg(allow_hyphen_values = true)]
    pub(crate) offset: i32,

    /// A feature to map: vif, adm, cambi or butteraugli, with options as in cambi=topk=0.1 ('vmaf
    /// metrics' lists them); may be repeated [default: vif, adm and cambi, if the frames are large
    /// enough]
    #[arg(long, value_name = "FEATURE")]
    pub(crate) feature: Vec<String>,

    /// Also report the features' values for a part of the picture: a rectangle, or a grey image of
    /// the picture's size, in which white counts and black does not
    #[arg(long, value_name = "W:H:X:Y|IMAGE", value_parser = Roi::parse)]
    pub(crate) roi: Option<Roi>,

    /// The output folder, created if missing
    #[arg(short, long, value_name = "FOLDER")]
    pub(crate) output: PathBuf,

    /// No progress bar and no table
    #[arg(short, long)]
    pub(crate) quiet: bool,

    #[command(flatten)]
    pub(crate) conform: ConformArgs,

    #[command(flatten)]
    pub(crate) raw: RawArgs,

    #[command(flatten)]
    pub(crate) streams: StreamArgs,
}

impl MapsArgs {
    /// Returns the request.
    pub(crate) fn request(&self) -> Result<MapsRequest> {
        let (reference, distorted) = (&self.reference, &self.distorted);
        let mut request = MapsRequest::new(reference, distorted, self.frame, &self.output);
        request.offset = self.offset;
        let features = self.feature.iter().map(|text| text.parse::<MetricSpec>());
        request.features = features.collect::<Result<_, _>>()?;
        request.roi.clone_from(&self.roi);
        request.conform = self.conform.options();
        request.raw = self.raw.layout()?;
        request.frame_rate = self.raw.fps;
        request.streams = self.streams.choice();
        Ok(request)
    }
}
