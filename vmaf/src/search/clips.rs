//! The clips of a sample, cut from the source by frame number, and the sizes of frames in a file.

use std::path::Path;

use vmaf_media::{OpenOptions, ReadPlan};

use super::analysis::SourceAnalysis;
use super::content::FrameContent;
use super::program;
use super::samples::SamplePlan;
use crate::error::{Error, Result};
use crate::handle::{Event, RunHandle};

/// The largest difference in detail of a frame that was cut and its original: decoders may differ in
/// rounding, not in more.
const MAX_DIFFERENCE: f32 = 0.05;

/// Gaps between clips become a frame's duration; longer ones within a clip are kept up to this, in
/// seconds.
const MAX_GAP: f64 = 1.0;

/// Cuts the frames of a plan from the video at `source` into one file without loss: FFV1 in
/// Matroska, or y4m by its extension. `stream` is the number of the video stream.
pub(super) fn cut(
    source: &str,
    stream: Option<u32>,
    plan: &SamplePlan,
    analysis: &SourceAnalysis,
    output: &Path,
    handle: &RunHandle,
) -> Result<()> {
    let frames = plan.encoded_frames();
    let ranges = plan
        .extents()
        .iter()
        .map(|extent| format!("between(n,{},{})", extent.start, extent.end - 1));
    let select = ranges.collect::<Vec<_>>().join("+");
    let duration = 1.0 / analysis.rate();
    // The first frame begins at 0, and clips follow one another.
    let retime = format!(
        "if(isnan(PREV_OUTPTS),0,PREV_OUTPTS+if(gt((PTS-PREV_INPTS)*TB,{MAX_GAP}),{duration}/TB,\
         PTS-PREV_INPTS))"
    );
    let map = stream.map_or_else(|| "0:v:0".to_owned(), |stream| format!("0:{stream}"));
    let mut command = program::ffmpeg_with_progress();
    command.args(["-i", source, "-map", &map]);
    command.args(["-vf", &format!("select='{select}',setpts='{retime}'")]);
    command.args(["-fps_mode", "passthrough", "-frames:v", &frames.to_string()]);
    if output.extension().is_some_and(|extension| extension == "y4m") {
        command.args(["-strict", "-1", "-f", "yuv4mpegpipe"]);
    } else {
        command.args(["-c:v", "ffv1", "-level", "3", "-g", "1"]);
    }
    command.arg(output);
    handle.start_progress(Some(frames));
    let cut = program::run(command, handle, &|done| handle.set_progress(done));
    handle.event(Event::Done);
    cut.map_err(|reason| Error::input(format!("{source}: can't cut clips from it: {reason}")))
}

/// Verifies that the file at `path` has the frames of a plan. `is_exact` is false if its pictures
/// may differ from the source's as it is read here: rotated ones.
pub(super) fn verify(
    path: &str,
    plan: &SamplePlan,
    analysis: &SourceAnalysis,
    is_exact: bool,
) -> Result<()> {
    let mut frames = vmaf_media::open(path, &OpenOptions::default())?.frames(&ReadPlan::luma())?;
    for number in plan.extents().iter().cloned().flatten() {
        let Some(frame) = frames.read()? else {
            return Err(Error::input(format!(
                "the clips cut by ffmpeg end before frame {number} of the source: ffmpeg reads \
                 fewer frames of it"
            )));
        };
        let (detail, expected) = (FrameContent::from_frame(&frame).detail, analysis.detail(number));
        if is_exact && (detail - expected).abs() > MAX_DIFFERENCE * expected.max(1.0) {
            return Err(Error::input(format!(
                "the clips cut by ffmpeg show something else than frame {number} of the source: \
                 ffmpeg counts its frames differently"
            )));
        }
    }
    Ok(())
}

/// Returns the size in bytes of each of the `frames` frames of the video at `path`, in the order of
/// display. If a frame is not one packet, each has the mean size.
pub(super) fn frame_sizes(path: &Path, frames: usize) -> Result<Vec<u32>> {
    let mut command = program::ffmpeg();
    command.arg("-i").arg(path);
    command.args(["-map", "0:v:0", "-c", "copy", "-f", "framecrc", "-"]);
    let listed = program::output(command)
        .map_err(|reason| Error::input(format!("{}: {reason}", path.display())))?;
    let sizes = packet_sizes(&String::from_utf8_lossy(&listed));
    if sizes.len() == frames {
        return Ok(sizes);
    }
    let all: u64 = sizes.iter().map(|size| u64::from(*size)).sum();
    let mean = u32::try_from(all / frames.max(1) as u64).unwrap_or(u32::MAX);
    Ok(vec![mean; frames])
}

/// Returns the sizes of packets in FFmpeg's list of them, by their times of display. A line is
/// "stream, decoding time, display time, duration, size, checksum".
fn packet_sizes(list: &str) -> Vec<u32> {
    let packet = |line: &str| {
        let mut fields = line.split(',').map(str::trim);
        let time = fields.nth(2)?.parse::<i64>().ok();
        let size = fields.nth(1)?.parse::<u32>().ok()?;
        Some((time, size))
    };
    let lines = list.lines().filter(|line| !line.starts_with('#'));
    let mut packets: Vec<(Option<i64>, u32)> = lines.filter_map(packet).collect();
    // Streams without a container have no times; they keep the order of decoding.
    if packets.iter().all(|(time, _)| time.is_some()) {
        packets.sort_by_key(|(time, _)| *time);
    }
    packets.into_iter().map(|(_, size)| size).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_in_the_order_of_display() {
        let list = "#software: Lavf\n#tb 0: 1/25\n\
                    0, 0, 0, 1, 900, 0x1, S=1, 8, 0x2\n\
                    0, 1, 3, 1, 500, 0x1\n0, 2, 1, 1, 40, 0x1\n0, 3, 2, 1, 60, 0x1\n";
        assert_eq!(packet_sizes(list), [900, 40, 60, 500]);
        let untimed = "0, NOPTS, NOPTS, 1, 9, 0x1\n0, NOPTS, NOPTS, 1, 5, 0x1\n";
        assert_eq!(packet_sizes(untimed), [9, 5]);
    }
}
