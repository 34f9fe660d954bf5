//! Features: the measurements made of a frame.
//!
//! Each feature has a folder:
//!
//! - `mod.rs`: purpose, options, columns and the paper.
//! - `reference.rs`: the readable definition.
//! - `kernel.rs`: the fast version, which opens with the formula and the order of passes. Passes
//!   with a file of their own lie in `kernel/`.
//! - `extractor.rs`: the feature planned for a job.
//! - `tests.rs`: the kernel against the definition.
//!
//! To add a feature, write the folder and name it in [`FEATURES`].
//!
//! A [`Feature`] is static knowledge. Planned for a job it becomes an `Extractor`, which
//! measures all *variants* of the feature (the sets of options that the job's models and metrics
//! ask for) on all encodes of a [`FrameGroup`](crate::FrameGroup) at once, so that what they share
//! is computed once.

pub mod adm;
#[cfg(feature = "butteraugli")]
pub mod butteraugli;
pub mod cambi;
pub mod ciede;
#[cfg(feature = "cvvdp")]
pub mod cvvdp;
pub mod float_adm;
pub mod float_ansnr;
pub mod float_moment;
pub mod float_motion;
pub mod float_ms_ssim;
pub mod float_psnr;
pub mod float_ssim;
pub mod float_vif;
pub mod maps;
pub mod motion;
pub mod psnr;
pub mod psnr_hvs;
pub mod speed;
#[cfg(feature = "ssimulacra2")]
pub mod ssimulacra2;
pub mod vif;
pub mod xpsnr;

mod extractor;
mod light;
mod options;
mod sink;
#[cfg(test)]
pub(crate) mod testing;

pub(crate) use extractor::{
    AnyExtractor, Extractor, Lookback, Neighbours, Requirements, Rows, Series, ThreadExtractor,
    ValueLayout, Window,
};
pub(crate) use options::{FLAG, number, option, unnamed, whole};
pub use options::{OptionKind, OptionSpec, Options};
pub use sink::{FeatureMap, MapSink};

use std::sync::Arc;

use crate::simd::Level;
use crate::{Chroma, Error, Format, Result};

/// Features that a build may lack, by cargo features of the same names.
const OPTIONAL: [&str; 3] = ["butteraugli", "cvvdp", "ssimulacra2"];

/// Every feature there is.
pub static FEATURES: &[&Feature] = &[
    &adm::FEATURE,
    #[cfg(feature = "butteraugli")]
    &butteraugli::FEATURE,
    &cambi::FEATURE,
    &ciede::FEATURE,
    #[cfg(feature = "cvvdp")]
    &cvvdp::FEATURE,
    &float_adm::FEATURE,
    &float_ansnr::FEATURE,
    &float_moment::FEATURE,
    &float_motion::FEATURE,
    &float_ms_ssim::FEATURE,
    &float_psnr::FEATURE,
    &float_ssim::FEATURE,
    &float_vif::FEATURE,
    &motion::FEATURE,
    &psnr::FEATURE,
    &psnr_hvs::FEATURE,
    &speed::CHROMA,
    &speed::TEMPORAL,
    #[cfg(feature = "ssimulacra2")]
    &ssimulacra2::FEATURE,
    &vif::FEATURE,
    &xpsnr::FEATURE,
];

/// The features that have maps, with the functions that make them.
static MAPPED: &[(&Feature, maps::MapFunctions)] = &[
    (&vif::FEATURE, maps::MapFunctions::new::<vif::maps::VifMaps>()),
    (&adm::FEATURE, maps::MapFunctions::new::<adm::maps::AdmMaps>()),
    (&cambi::FEATURE, maps::MapFunctions::new::<cambi::maps::CambiMaps>()),
    #[cfg(feature = "butteraugli")]
    (&butteraugli::FEATURE, maps::MapFunctions::new::<butteraugli::maps::ButteraugliMap>()),
];

/// Columns that libvmaf names without their options.
const NAMED_PLAINLY: &[&str] = &["cambi_source", "cambi_full_reference"];

/// A feature: its name, options and outputs.
#[derive(Debug)]
pub struct Feature {
    /// Its name, as libvmaf has it.
    pub name: &'static str,
    /// A description of the measurement, in one sentence.
    pub summary: &'static str,
    /// Its source in the literature.
    pub paper: &'static str,
    /// Its options.
    pub options: &'static [OptionSpec],
    /// Its outputs, in the order of the columns.
    pub outputs: &'static [Output],
    /// The least width and height it is defined for, whatever its options. If options decide, this
    /// is 1x1, the help of the options states the size, and planning rejects frames that are too
    /// small.
    pub least_size: (u32, u32),
    /// Plans it for a job.
    pub(crate) plan: fn(&Plan<'_>) -> Result<Arc<dyn AnyExtractor>>,
}

/// A value that a feature gives.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Output {
    /// The name that model files use.
    pub name: &'static str,
    /// The column's name if no option changes it.
    pub column: &'static str,
    /// The time at which it is computed.
    pub when: When,
    /// The conditions under which it is present; empty if it is always present.
    pub needs: &'static [Need],
    /// Usual least and greatest value: features that compare contrast slightly exceed 1 if the
    /// distorted picture has more of it.
    pub range: (f64, f64),
    /// Its meaning, in one line; empty for outputs that only `debug` gives.
    pub summary: &'static str,
}

impl Output {
    /// A per-frame value between 0 and about 1.
    pub(crate) const fn share(
        name: &'static str,
        column: &'static str,
        summary: &'static str,
    ) -> Self {
        Self { name, column, when: When::Frame, needs: &[], range: (0.0, 1.0), summary }
    }

    /// A per-frame value that is present only with `debug`.
    pub(crate) const fn debug(name: &'static str) -> Self {
        Self {
            name,
            column: name,
            when: When::Frame,
            needs: &[Need::Flag("debug")],
            range: (0.0, f64::INFINITY),
            summary: "",
        }
    }
}

/// The time at which an output is computed, and the frames it covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum When {
    /// With its frame.
    Frame,
    /// With its frame, for later outputs; no column.
    Hidden,
    /// From the values of neighbouring frames, once they are all known. Its column comes after all
    /// per-frame columns of the job, or before the column of a per-frame output that follows in the
    /// feature's list.
    End,
    /// From the values of all frames: one value of the whole video, no column.
    Video,
}

/// A condition for the presence of an output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Need {
    /// Jobs in which this flag of the feature is on.
    Flag(&'static str),
    /// Frames that have chroma.
    Chroma,
}

/// The job that a feature is planned for.
pub(crate) struct Plan<'a> {
    pub(crate) format: Format,
    pub(crate) level: Level,
    /// The sets of options asked for, each with columns of its own.
    pub(crate) variants: &'a [Options],
    /// The options that name each set's columns: options that only describe the encodes are left
    /// out.
    pub(crate) named: &'a [Options],
    /// The receiver of maps, if they are wanted.
    pub(crate) maps: Option<Arc<dyn MapSink>>,
}

impl Feature {
    /// The feature's options, all at their defaults.
    #[must_use]
    pub fn options(&'static self) -> Options {
        Options::defaults(self.name, self.options)
    }

    /// Returns true if it measures light: its options `matrix`, `range`, `transfer`, `primaries` and
    /// `siting` then state what samples mean, and have to describe the video.
    #[must_use]
    pub fn measures_light(&self) -> bool {
        light::OPTIONS.iter().all(|option| self.options.contains(option))
    }

    /// The outputs that are present under `options` for frames with this `chroma`.
    pub fn outputs_under(
        &self,
        options: &Options,
        chroma: Chroma,
    ) -> impl Iterator<Item = &'static Output> {
        let has = move |need: &Need| match need {
            Need::Flag(flag) => options.flag(flag),
            Need::Chroma => chroma != Chroma::Mono,
        };
        self.outputs.iter().filter(move |output| output.needs.iter().all(has))
    }

    /// Returns true if an output needs the flag `name`.
    pub(crate) fn is_needed(&self, name: &str) -> bool {
        let needs = |output: &Output| {
            output.needs.iter().any(|need| matches!(need, Need::Flag(flag) if *flag == name))
        };
        self.outputs.iter().any(needs)
    }

    /// The name of an output's column under `options`.
    #[must_use]
    pub fn column(&self, output: &Output, options: &Options) -> String {
        if NAMED_PLAINLY.contains(&output.column) {
            return output.column.to_owned();
        }
        format!("{}{}", output.column, options.suffix())
    }

    /// Fails if frames are too small for it.
    pub(crate) fn check_size(&self, format: &Format) -> Result<()> {
        let (least_width, least_height) = self.least_size;
        let (width, height) = (format.width, format.height);
        if width < least_width || height < least_height {
            let feature = self.name.to_owned();
            return Err(Error::TooSmall { feature, width, height, least_width, least_height });
        }
        Ok(())
    }

    /// Plans the feature, after checking that frames are large enough for it.
    pub(crate) fn plan(&self, plan: &Plan<'_>) -> Result<Arc<dyn AnyExtractor>> {
        self.check_size(&plan.format)?;
        plan.variants.iter().try_for_each(Options::check)?;
        (self.plan)(plan)
    }
}

/// The feature called `name`.
///
/// # Errors
/// [`Error::Unknown`], with the nearest name, if there is none; [`Error::NotBuilt`] if this build
/// lacks it.
pub fn find(name: &str) -> Result<&'static Feature> {
    let unknown = || match OPTIONAL.iter().find(|optional| **optional == name) {
        Some(&feature) => Error::NotBuilt { feature },
        None => Error::unknown("feature", name, FEATURES.iter().map(|feature| feature.name)),
    };
    FEATURES.iter().copied().find(|feature| feature.name == name).ok_or_else(unknown)
}

/// The feature that gives the output which model files call `name`, and that output's index.
pub(crate) fn find_output(name: &str) -> Option<(&'static Feature, usize)> {
    FEATURES.iter().copied().find_map(|feature| {
        let index = feature.outputs.iter().position(|output| output.name == name)?;
        Some((feature, index))
    })
}
