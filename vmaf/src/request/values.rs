//! Option values as text: sizes, parts of pictures, pixel formats, frame rates, ranges of frames.
//!
//! Each function parses one kind. Its error says what such text looks like, without naming an
//! option.

use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Serialize};
use vmaf_core::Chroma;
use vmaf_core::pool::Pool;
use vmaf_media::Rational;
use vmaf_media::conform::Rect;

use super::options::Crop;
pub use super::options::Sample;

/// The longest side of pictures that are scaled to a size, and the most pixels that these have:
/// 16K video.
const LONGEST_SCALED: u32 = 16_384;
const LARGEST_SCALED: u64 = 15_360 * 8_640;

/// A size that videos are scaled to.
pub fn scaled_size(text: &str) -> Result<(u32, u32), String> {
    let (width, height) = size(text)?;
    let pixels = u64::from(width) * u64::from(height);
    if width.max(height) > LONGEST_SCALED || pixels > LARGEST_SCALED {
        return Err(format!(
            "the largest size is 15360x8640, or as many pixels with sides of at most \
             {LONGEST_SCALED}"
        ));
    }
    Ok((width, height))
}

/// A size such as `1920x1080`.
pub fn size(text: &str) -> Result<(u32, u32), String> {
    let fail = || "a size is WIDTHxHEIGHT, as 1920x1080".to_owned();
    let (width, height) = text.split_once(['x', 'X']).ok_or_else(fail)?;
    let (width, height) = (width.parse().ok(), height.parse().ok());
    match (width, height) {
        (Some(width @ 1..), Some(height @ 1..)) => Ok((width, height)),
        _ => Err(fail()),
    }
}

/// Parses a crop: `auto`, or an area.
pub fn crop(text: &str) -> Result<Crop, String> {
    if text == "auto" {
        return Ok(Crop::Auto);
    }
    let fail = || "a crop is auto, or WIDTH:HEIGHT:X:Y, as 1920:800:0:140".to_owned();
    rect(text).map(Crop::At).ok_or_else(fail)
}

/// Parses a part of a picture, its width, height and position, as `1920:800:0:140`.
pub fn rect(text: &str) -> Option<Rect> {
    let numbers: Result<Vec<u32>, _> = text.split(':').map(str::parse).collect();
    match numbers.as_deref() {
        Ok(&[width, height, x, y]) if width > 0 && height > 0 => Some(Rect { width, height, x, y }),
        _ => None,
    }
}

/// A planar pixel format: its chroma subsampling and, if its name states it, its bit depth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PixelFormat {
    /// The chroma subsampling.
    pub chroma: Chroma,
    /// The bits per sample, if the name states them.
    pub bit_depth: Option<u8>,
}

/// A pixel format: `420`, `422`, `444`, `400`, or FFmpeg's name of a planar one.
pub fn pixel_format(text: &str) -> Result<PixelFormat, String> {
    let fail = || {
        "a pixel format is 420, 422, 444 or 400, or a name such as yuv420p10le or gray".to_owned()
    };
    let plain = |chroma| Ok(PixelFormat { chroma, bit_depth: None });
    match text {
        "420" => return plain(Chroma::Yuv420),
        "422" => return plain(Chroma::Yuv422),
        "444" => return plain(Chroma::Yuv444),
        "400" => return plain(Chroma::Mono),
        _ => {}
    }
    let named = [
        ("yuv420p", Chroma::Yuv420),
        ("yuv422p", Chroma::Yuv422),
        ("yuv444p", Chroma::Yuv444),
        ("gray", Chroma::Mono),
    ];
    let rest = named.iter().find_map(|(name, chroma)| Some((text.strip_prefix(name)?, *chroma)));
    let (depth, chroma) = rest.ok_or_else(fail)?;
    let bit_depth = match depth {
        "" => 8,
        depth => {
            let depth = depth.strip_suffix("le").and_then(|depth| depth.parse().ok());
            depth.filter(|depth| (9..=16).contains(depth)).ok_or_else(fail)?
        }
    };
    Ok(PixelFormat { chroma, bit_depth: Some(bit_depth) })
}

/// Parses a frame rate: `24`, `30000/1001`, `59.94`. Decimals that stand for an NTSC rate become
/// that rate.
pub fn frame_rate(text: &str) -> Result<Rational, String> {
    let fail =
        || "a frame rate is a number as 25 or 23.976, or a fraction as 30000/1001".to_owned();
    if let Some((num, den)) = text.split_once('/') {
        let (num, den) = (num.parse().ok(), den.parse().ok());
        return match (num, den) {
            (Some(num @ 1..), Some(den @ 1..)) => Ok(Rational { num, den }),
            _ => Err(fail()),
        };
    }
    let rate: f64 = text.parse().map_err(|_| fail())?;
    if !(0.001..=100_000.0).contains(&rate) {
        return Err(fail());
    }
    let nominal = rate.ceil();
    if rate != nominal && (nominal * 1000.0 / 1001.0 - rate).abs() < 0.006 {
        return Ok(Rational { num: nominal as u32 * 1000, den: 1001 });
    }
    let (mut num, mut den) = ((rate * 1000.0).round() as u32, 1000);
    for factor in [2, 5] {
        while num % factor == 0 && den % factor == 0 {
            (num, den) = (num / factor, den / factor);
        }
    }
    Ok(Rational { num, den })
}

/// Parses frames `A..B`, B not included; either can be omitted.
pub fn frames(text: &str) -> Result<Range<u64>, String> {
    let fail = || "frames are A..B, A.. or ..B, counted from 0, B not included".to_owned();
    let (start, end) = text.split_once("..").ok_or_else(fail)?;
    let number = |text: &str, unset: u64| {
        if text.is_empty() { Ok(unset) } else { text.parse().map_err(|_| fail()) }
    };
    let range = number(start, 0)?..number(end, u64::MAX)?;
    if range.is_empty() {
        return Err(format!("the range {}..{} has no frames", range.start, range.end));
    }
    Ok(range)
}

/// A sample: a number of frames as `200`, or a share as `10%` or `0.1`.
pub fn sample(text: &str) -> Result<Sample, String> {
    /// The unit of shares: millionths of a percent.
    const WHOLE: u64 = 100_000_000;
    let fail = || {
        "a sample is a number of frames, as 200, or a share above 0 and up to 100%, as 10% or 0.1"
            .to_owned()
    };
    if let Ok(frames) = text.parse() {
        return if frames > 0 { Ok(Sample::Frames(frames)) } else { Err(fail()) };
    }
    let (number, unit) = match text.strip_suffix('%') {
        Some(number) => (number, 100.0),
        None => (text, 1.0),
    };
    let share: f64 = number.trim().parse().map_err(|_| fail())?;
    let count = (share / unit * WHOLE as f64).round();
    if !(1.0..=WHOLE as f64).contains(&count) {
        return Err(fail());
    }
    let (mut count, mut of) = (count as u64, WHOLE);
    for factor in [2, 5] {
        while count % factor == 0 && of % factor == 0 {
            (count, of) = (count / factor, of / factor);
        }
    }
    Ok(Sample::Share(count, of))
}

/// One of several parts of a video.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shard {
    /// The shard's number, from 1.
    pub index: u32,
    /// The number of shards.
    pub of: u32,
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.of)
    }
}

/// A shard, as `2/8`.
pub fn shard(text: &str) -> Result<Shard, String> {
    let fail = || "a shard is I/N, as 2/8 for the second of eight".to_owned();
    let (index, of) = text.split_once('/').ok_or_else(fail)?;
    let shard = match (index.parse(), of.parse()) {
        (Ok(index), Ok(of)) => Shard { index, of },
        _ => return Err(fail()),
    };
    if !(1..=shard.of).contains(&shard.index) {
        return Err(format!("the {} parts are counted from 1", shard.of));
    }
    Ok(shard)
}

/// A pool, with its name in results, as it was requested.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct NamedPool {
    /// The name.
    pub name: String,
    /// The pool.
    pub pool: Pool,
}

impl TryFrom<String> for NamedPool {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        pool(&text)
    }
}

impl From<NamedPool> for String {
    fn from(pool: NamedPool) -> Self {
        pool.name
    }
}

/// A pool: `median`, `p10`, `window(2s)`.
pub fn pool(text: &str) -> Result<NamedPool, String> {
    let pool = text.parse().map_err(|error: vmaf_core::Error| error.to_string())?;
    Ok(NamedPool { name: text.to_owned(), pool })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scaled_sizes_have_a_limit() {
        assert_eq!(scaled_size("7680x4320"), Ok((7680, 4320)));
        assert_eq!(scaled_size("8640x15360"), Ok((8640, 15360)));
        for bad in ["100000x100000", "32768x32768", "16384x16384", "100000x10", "0x10"] {
            scaled_size(bad).expect_err(bad);
        }
    }

    #[test]
    fn pixel_formats_are_parsed() {
        let of = |chroma, bit_depth| Ok(PixelFormat { chroma, bit_depth });
        assert_eq!(pixel_format("422"), of(Chroma::Yuv422, None));
        assert_eq!(pixel_format("yuv420p10le"), of(Chroma::Yuv420, Some(10)));
        assert_eq!(pixel_format("gray"), of(Chroma::Mono, Some(8)));
        for bad in ["yuv420p10", "yuv420p8le", "nv12", "rgb24", "421"] {
            pixel_format(bad).expect_err(bad);
        }
    }

    #[test]
    fn frame_rates_are_parsed() {
        let of = |num, den| Ok(Rational { num, den });
        assert_eq!(frame_rate("25"), of(25, 1));
        assert_eq!(frame_rate("23.976"), of(24000, 1001));
        assert_eq!(frame_rate("59.94"), of(60000, 1001));
        assert_eq!(frame_rate("30000/1001"), of(30000, 1001));
        assert_eq!(frame_rate("12.5"), of(25, 2));
        for bad in ["0", "-1", "1/0", "fast", "inf"] {
            frame_rate(bad).expect_err(bad);
        }
    }

    #[test]
    fn shards_are_parsed() {
        assert_eq!(shard("2/8"), Ok(Shard { index: 2, of: 8 }));
        for bad in ["2", "0/8", "9/8", "0/0", "a/b", "-1/2", "1/2/3"] {
            shard(bad).expect_err(bad);
        }
    }

    #[test]
    fn samples_are_parsed() {
        assert_eq!(sample("200"), Ok(Sample::Frames(200)));
        assert_eq!(sample("1"), Ok(Sample::Frames(1)));
        assert_eq!(sample("10%"), Ok(Sample::Share(1, 10)));
        assert_eq!(sample("12.5%"), Ok(Sample::Share(1, 8)));
        assert_eq!(sample("0.25"), Ok(Sample::Share(1, 4)));
        assert_eq!(sample("33%"), Ok(Sample::Share(33, 100)));
        assert_eq!(sample("100%"), Ok(Sample::Share(1, 1)));
        for bad in ["0", "0%", "101%", "-5", "-5%", "1.5", "nan%", "all", "", "%"] {
            sample(bad).expect_err(bad);
        }
    }

    #[test]
    fn sizes_and_ranges_are_parsed() {
        assert_eq!(size("1920x1080"), Ok((1920, 1080)));
        for bad in ["1920", "0x10", "10x", "1920x1080x2"] {
            size(bad).expect_err(bad);
        }
        assert_eq!(frames("3..7"), Ok(3..7));
        assert_eq!(frames("3.."), Ok(3..u64::MAX));
        assert_eq!(frames("..7"), Ok(0..7));
        for bad in ["7", "7..3", "3..3", "a..b", "1-2"] {
            frames(bad).expect_err(bad);
        }
    }
}
