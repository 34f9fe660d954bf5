//! The meaning of the options for frames of a size: the pictures to measure, and the contrasts.

use super::luminance::Transfer;
use super::{FEATURE, LEVELS, SCALES};
use crate::feature::Options;
use crate::{Error, Format, Result};

/// Both sides of a picture may not be smaller than this.
const LEAST_SIDE: usize = 216;

/// The greatest window size that counts of 16 bits allow.
const GREATEST_WINDOW: usize = 255;

/// The weight of each contrast, from one step of 10 bits up: contrasts well above the threshold of
/// vision seem to grow more slowly than they do.
const WEIGHTS: [u8; 32] = [
    1, 2, 3, 4, 4, 5, 5, 6, 6, 6, 6, 7, 7, 7, 7, 8, 8, 8, 8, 8, 8, 8, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9,
];

/// The default share of pixels that are pooled; an option at another value takes precedence over
/// one at this.
const TOP_SHARE: f64 = 0.6;

/// The preparation of a source picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Preparation {
    /// The size it is brought to, by repeating and dropping pixels.
    pub(super) width: usize,
    pub(super) height: usize,
    /// True if neighbours are averaged, so that dither between levels does not hide their edge.
    pub(super) smooth: bool,
}

/// The samples for which contrasts are computed, and the contrasts that are visible.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct VisibleContrasts {
    /// The number of contrasts: steps of 1 to this, in samples of 10 bits.
    pub(super) steps: usize,
    /// The samples with a visible contrast: the least, and the number of samples from it on.
    pub(super) least: u16,
    pub(super) judged: u16,
    /// The samples that are counted, which are those and the samples that differ from them by a
    /// contrast: the least, and the number of samples from it on.
    pub(super) base: u16,
    pub(super) band: u16,
    /// For each sample, the first contrast (0 for a step of 1) that is visible there: greater ones
    /// are too. The number of contrasts if none is visible.
    pub(super) first: Vec<u8>,
}

impl VisibleContrasts {
    /// Contrasts of 1 to `steps`. `seen` holds for each the greatest sample from which it is
    /// visible; samples are visible from `visible` on, if any are.
    pub(super) fn new(steps: usize, seen: &[u16], visible: Option<u16>) -> Self {
        let visible = visible.map_or(usize::MAX / 2, usize::from);
        let first_of = |sample: usize| {
            let is_seen =
                |&step: &usize| sample <= seen[step].into() && sample + steps + step + 1 > visible;
            (0..steps).find(is_seen).unwrap_or(steps) as u8
        };
        let first: Vec<u8> = (0..=usize::from(LEVELS)).map(first_of).collect();
        let has_any = |&first: &u8| usize::from(first) < steps;
        let least = first.iter().position(has_any).unwrap_or(0);
        let judged = first.iter().rposition(has_any).map_or(0, |last| last + 1 - least);
        let base = least.saturating_sub(steps);
        let band = if judged == 0 { 0 } else { least + judged + steps - base };
        Self {
            steps,
            base: base as u16,
            band: band as u16,
            least: least as u16,
            judged: judged as u16,
            first,
        }
    }

    /// The weight of contrast `step`, 0 for a step of 1.
    pub(super) fn weight(step: usize) -> f32 {
        WEIGHTS[step].into()
    }

    /// The greatest weight.
    pub(super) fn greatest_weight(&self) -> usize {
        WEIGHTS[self.steps - 1].into()
    }
}

/// A measurement of a picture: all parameters that decide its value at each pixel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Measurement {
    pub(super) preparation: Preparation,
    /// True if scales begin at half the size.
    pub(super) halve: bool,
    /// The window's side in pixels, odd.
    pub(super) window: usize,
    pub(super) contrasts: VisibleContrasts,
}

impl Measurement {
    /// Width and height at `scale`.
    pub(super) fn size(&self, scale: usize) -> (usize, usize) {
        let times = scale + usize::from(self.halve);
        let halved = |side: usize| (0..times).fold(side, |side, _| side.div_ceil(2));
        (halved(self.preparation.width), halved(self.preparation.height))
    }

    /// The value of a contrast of 1 in a map: 65535 is the greatest possible contrast, of two
    /// values that share a window.
    pub(super) fn map_unit(&self) -> f64 {
        let greatest = self.contrasts.greatest_weight() * self.window * self.window / 4;
        f64::from(u16::MAX) / greatest as f64
    }
}

/// The measurements that one set of options asks for.
#[derive(Debug, Clone)]
pub(super) struct Settings {
    /// The measurement of an encode, and of the reference if it is measured.
    pub(super) encode: Measurement,
    pub(super) reference: Option<Measurement>,
    /// The share of pixels that are pooled, those with the most banding.
    pub(super) share: f64,
    pub(super) greatest_value: f64,
}

impl Settings {
    pub(super) fn new(options: &Options, format: &Format) -> Result<Self> {
        let given = format.plane_size(0);
        let size = |width: &str, height: &str| {
            let size = (options.int(width) as usize, options.int(height) as usize);
            if size.0 == 0 || size.1 == 0 { given } else { size }
        };
        let mut encode = size("enc_width", "enc_height");
        if encode.0 > given.0 || encode.1 > given.1 {
            // If the encode is larger in either direction, frames are measured at their own size.
            encode = given;
        }
        let full_reference = options.flag("full_ref");
        let reference = if full_reference { size("src_width", "src_height") } else { encode };
        check_sizes(encode, reference)?;

        let halve = match options.int("cambi_high_res_speedup") {
            1080 => encode.0 * encode.1 >= 1920 * 1080,
            1440 => encode.0 * encode.1 >= 2560 * 1440,
            2160 => encode.0 * encode.1 >= 3840 * 2160,
            _ => false,
        };
        let depth = match options.int("enc_bitdepth") {
            0 => i64::from(format.bit_depth),
            depth => depth,
        };
        let contrasts = contrasts(options);
        let measurement = |(width, height): (usize, usize)| -> Result<Measurement> {
            let preparation = Preparation { width, height, smooth: depth < 10 };
            let window = window(options.int("window_size") as usize, width + height, halve)?;
            Ok(Measurement { preparation, halve, window, contrasts: contrasts.clone() })
        };
        let share = match options.float("topk") {
            TOP_SHARE => options.float("cambi_topk"),
            share => share,
        };
        Ok(Self {
            encode: measurement(encode)?,
            reference: if full_reference { Some(measurement(reference)?) } else { None },
            share,
            greatest_value: options.float("cambi_max_val"),
        })
    }
}

fn unsupported(reason: String) -> Error {
    Error::Unsupported { feature: FEATURE.name.to_owned(), reason }
}

fn check_sizes(encode: (usize, usize), reference: (usize, usize)) -> Result<()> {
    for (width, height) in [encode, reference] {
        if width < LEAST_SIDE && height < LEAST_SIDE {
            return Err(unsupported(format!(
                "a picture needs a side of at least {LEAST_SIDE} pixels; this one is \
                 {width}x{height}"
            )));
        }
    }
    let (wider, higher) = (reference.0.cmp(&encode.0), reference.1.cmp(&encode.1));
    if wider.is_ne() && wider == higher.reverse() {
        return Err(unsupported(format!(
            "a source of {}x{} is wider and lower, or narrower and higher, than an encode of \
             {}x{}; make src_width and src_height fit enc_width and enc_height",
            reference.0, reference.1, encode.0, encode.1
        )));
    }
    Ok(())
}

fn contrasts(options: &Options) -> VisibleContrasts {
    let transfer = match options.text("cambi_eotf").as_str() {
        "bt1886" => Transfer::from_name(&options.text("eotf")),
        other => Transfer::from_name(other),
    };
    let steps = 1_usize << options.int("max_log_contrast");
    let ratio = options.float("tvi_threshold");
    let seen: Vec<u16> =
        (1..=steps).map(|step| transfer.greatest_seen(step as i32, ratio)).collect();
    VisibleContrasts::new(steps, &seen, transfer.least_of(options.float("cambi_vis_lum_threshold")))
}

/// The side of the window for pictures whose sides sum to `sides`, from that for 3840x2160.
fn window(asked: usize, sides: usize, halve: bool) -> Result<usize> {
    let scaled = ((asked * sides) / 375) >> 4;
    let halved = if halve { scaled.div_ceil(2) } else { scaled };
    let window = halved | 1;
    if window > GREATEST_WINDOW {
        return Err(unsupported(format!(
            "a window_size of {asked} makes a window of {window} pixels at this size, and there \
             may be {GREATEST_WINDOW}; choose one of at most {}",
            asked * GREATEST_WINDOW / window
        )));
    }
    Ok(window)
}

/// The weight of each scale.
pub(super) const SCALE_WEIGHTS: [f64; SCALES] = [16.0, 8.0, 4.0, 2.0, 1.0];

/// The value of a picture from its scales' values.
pub(super) fn combined(scales: &[f64; SCALES], window: usize) -> f64 {
    let mut sum = 0.0;
    for (value, weight) in scales.iter().zip(SCALE_WEIGHTS) {
        sum += value * weight;
    }
    sum / (window * window) as f64
}
