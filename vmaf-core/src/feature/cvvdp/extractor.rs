//! ColorVideoVDP planned for a job.

use std::sync::{Arc, OnceLock};

use super::cache::{Cache, Light};
use super::display::Display;
use super::kernel::{Bands, Comparison, ReadLight, Workspace};
use super::{LMS_TO_DKL, XYZ_TO_LMS, score, temporal};
use crate::color::{Readers, RowMemory, is_rgb_pair, product};
use crate::feature::{
    AnyExtractor, Extractor, Lookback, Options, Plan, Requirements, Rows, Series, Window, light,
};
use crate::{Chroma, Error, Format, Frame, Level, Result, Sample};

/// The frame rate of video whose own is not known.
const FRAME_RATE: f64 = 25.0;

/// The index of each hidden per-frame output.
const DIFFERENCE: usize = 1;
const STILL: usize = 2;

struct Cvvdp {
    level: Level,
    format: Format,
    variants: Vec<Variant>,
    /// The number of frames that the longest filters cover.
    taps: usize,
}

/// A set of options.
struct Variant {
    readers: Readers,
    bands: Bands,
    /// The weights of the latest frames in each channel.
    filters: [Vec<f32>; super::CHANNELS],
    cache: Cache,
}

pub(super) fn plan(plan: &Plan<'_>) -> Result<Arc<dyn AnyExtractor>> {
    let format = plan.format;
    let variants: Vec<Variant> =
        plan.variants.iter().map(|options| variant(options, &format)).collect::<Result<_>>()?;
    let taps = variants.iter().map(|variant| variant.filters[0].len()).max().unwrap_or(1);
    Ok(Arc::new(Cvvdp { level: plan.level, format, variants, taps }))
}

fn variant(options: &Options, format: &Format) -> Result<Variant> {
    let unsupported = |reason: String| {
        let feature = super::FEATURE.name.to_owned();
        Err(Error::Unsupported { feature, reason })
    };
    let space = light::supported_space(super::FEATURE.name, options, format)?;
    let (name, distance) = (options.text("display"), options.float("distance"));
    let Some(display) = Display::find(&name, format.height, space.transfer, distance) else {
        return unsupported(format!("knows no display called {name}"));
    };
    let frame_rate = match options.float("frame_rate") {
        0.0 => FRAME_RATE,
        rate => rate,
    };
    let output = product(&product(&LMS_TO_DKL, &XYZ_TO_LMS), &space.primaries.to_xyz());
    let single = |filter: Vec<f64>| filter.into_iter().map(|weight| weight as f32).collect();
    Ok(Variant {
        readers: Readers::new(format, &space, &display.screen, Some(output)),
        bands: Bands::new(format.plane_size(0), display.pixels_per_degree),
        filters: temporal::filters(frame_rate).map(single),
        cache: Cache::default(),
    })
}

/// Memory of one thread.
#[derive(Default)]
struct Memory {
    kernel: Workspace,
    rows: RowMemory,
}

impl Cvvdp {
    /// The light of the latest frames of the reference and of `encodes`, the newest first: of their
    /// RGB if `is_rgb`.
    fn recent(
        &self,
        variant: &Variant,
        window: &Window<'_>,
        (encodes, is_rgb): (&[(usize, &Frame)], bool),
        rows: &mut RowMemory,
    ) -> Vec<Vec<Arc<OnceLock<Light>>>> {
        let past = variant.filters[0].len() - 1;
        let reading = variant.cache.begin(window.index.saturating_sub(past as u64));
        let mut light = |picture: usize, age: usize, frame: &Frame| {
            reading.light((picture, is_rgb), window.index - age as u64, || {
                let rgb = frame.rgb.as_deref().filter(|_| is_rgb);
                let reader = variant.readers.of(rgb.is_some());
                self.level.run(ReadLight { frame: rgb.unwrap_or(frame), reader, rows: &mut *rows })
            })
        };
        let mut reference = vec![light(0, 0, window.reference)];
        for (age, frame) in window.previous.iter().enumerate().take(past) {
            reference.push(light(0, age + 1, frame));
        }
        let mut pictures = vec![reference];
        for &(encode, frame) in encodes {
            let mut recent = vec![light(encode + 1, 0, frame)];
            for (age, frames) in window.previous_distorted.iter().enumerate().take(past) {
                let Some(frame) = frames.get(encode).and_then(Option::as_ref) else { break };
                recent.push(light(encode + 1, age + 1, frame));
            }
            pictures.push(recent);
        }
        pictures
    }

    /// Measures `encodes` under one set of options.
    fn measure(
        &self,
        (index, variant): (usize, &Variant),
        window: &Window<'_>,
        encodes: (&[(usize, &Frame)], bool),
        memory: &mut Memory,
        rows: &mut Rows<'_>,
    ) {
        let recent = self.recent(variant, window, encodes, &mut memory.rows);
        let pictures: Vec<Vec<&Light>> = recent
            .iter()
            .map(|frames| frames.iter().filter_map(|light| light.get()).collect())
            .collect();
        let mut compare = |filters| {
            let (pictures, bands) = (&pictures[..], &variant.bands);
            let (size, workspace) = (self.format.plane_size(0), &mut memory.kernel);
            self.level.run(Comparison { pictures, filters, bands, size, workspace })
        };
        let differences = compare(Some(&variant.filters));
        // Only the first frame may be the only one.
        let stills = if window.index == 0 { compare(None) } else { Vec::new() };
        for (place, (encode, _)) in encodes.0.iter().enumerate() {
            let difference = score::of_frame(&differences[place]);
            let still = stills.get(place).map_or(-1.0, |bands| score::of_frame(bands));
            rows.write(*encode, index, &[score::jod(difference), difference, still]);
        }
    }
}

impl Extractor for Cvvdp {
    type Workspace = Memory;

    fn requirements(&self) -> Requirements {
        let (past, chroma) = (self.taps - 1, self.format.chroma != Chroma::Mono);
        let lookback = Lookback { reference: past, distorted: past, chroma };
        Requirements { lookback, chroma, rgb: chroma, ..Requirements::default() }
    }

    fn workspace(&self) -> Memory {
        Memory::default()
    }

    fn extract<T: Sample>(
        &self,
        window: &Window<'_>,
        memory: &mut Memory,
        rows: &mut Rows<'_>,
    ) -> Result<()> {
        for is_rgb in [false, true] {
            let pairs = window.encodes();
            let pairs = pairs.filter(|(_, frame)| is_rgb_pair(window.reference, frame) == is_rgb);
            let encodes: Vec<(usize, &Frame)> = pairs.collect();
            if encodes.is_empty() {
                continue;
            }
            for variant in self.variants.iter().enumerate() {
                self.measure(variant, window, (&encodes, is_rgb), memory, rows);
            }
        }
        Ok(())
    }

    fn aggregate(&self, _variant: usize, frames: &Series<'_>) -> Vec<f64> {
        let (differences, stills) = (frames.columns[DIFFERENCE], frames.columns[STILL]);
        let quality = match (differences, stills) {
            ([_], [still]) if *still >= 0.0 => score::of_still(*still),
            _ => score::of_video(differences),
        };
        vec![quality]
    }
}
