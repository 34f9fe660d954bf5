//! The description of videos to metrics that measure light: matrix, range, transfer function,
//! primaries and siting of chroma.
//!
//! Encoders don't change them, so one description holds for the reference and all encodes. It is
//! what the reference states, or else the first encode that states something. What none of them
//! states is assumed, and the assumption reported. Options that the user sets take precedence.

use vmaf_core::color::{ChromaSiting, Matrix};
use vmaf_core::{Chroma, ColorRange, Format};
use vmaf_media::StreamInfo;

use crate::error::{Error, Result};
use crate::request::Metric;

/// The option of metrics that depend on the frame rate, and its greatest value.
const FRAME_RATE: &str = "frame_rate";
const GREATEST_RATE: f64 = 240.0;

/// The description of a run's videos.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Light {
    properties: Vec<Property>,
}

/// One property of the samples.
#[derive(Debug, Clone, PartialEq)]
struct Property {
    /// The option that it sets.
    option: &'static str,
    /// The option's value; `None` if the video has one that is not supported.
    value: Option<&'static str>,
    /// The name in the file, if one states it.
    stated: Option<String>,
}

impl Property {
    fn new(option: &'static str, stated: Option<&String>, value: Option<&'static str>) -> Self {
        Self { option, value, stated: stated.cloned() }
    }
}

impl Light {
    /// Returns the description of `reference` and its encodes. The user may state the range of videos
    /// that state none.
    pub(crate) fn new<'a>(
        reference: &'a StreamInfo,
        encodes: impl Iterator<Item = &'a StreamInfo> + Clone,
        assumed_range: Option<ColorRange>,
    ) -> Self {
        let all = || std::iter::once(reference).chain(encodes.clone());
        let first = |of: fn(&StreamInfo) -> Option<&String>| all().find_map(of);
        let matrix = first(|info| info.color.matrix.as_ref());
        let transfer = first(|info| info.color.transfer.as_ref());
        let primaries = first(|info| info.color.primaries.as_ref());
        let is_wide = matches!(matrix.map(String::as_str), Some("bt2020nc"));
        let assumed_matrix = match Matrix::assumed(reference.format.height()) {
            Matrix::Bt601 if !reference.rgb => "bt601",
            _ => "bt709",
        };
        // Encodes are converted to the reference's range.
        let of_encodes = || encodes.clone().find_map(|info| info.range);
        let range = reference.range.or(assumed_range).or_else(of_encodes);
        let siting = all().find_map(|info| info.siting);
        let range_name = |range: ColorRange| match range {
            ColorRange::Limited => "limited",
            ColorRange::Full => "full",
        };
        let siting_name = |siting: ChromaSiting| match siting {
            ChromaSiting::Left => "left",
            ChromaSiting::Center => "center",
            ChromaSiting::TopLeft => "topleft",
        };
        let mut properties = vec![
            Property {
                option: "matrix",
                value: matrix.map_or(Some(assumed_matrix), |name| matrix_option(name)),
                // RGB is converted by BT.709 unless a file states another matrix.
                stated: matrix.cloned().or(reference.rgb.then(|| assumed_matrix.to_owned())),
            },
            Property {
                option: "range",
                value: Some(range.map_or("limited", range_name)),
                stated: range.map(|range| range.to_string()),
            },
            Property::new(
                "transfer",
                transfer,
                match transfer {
                    Some(name) => transfer_option(name),
                    None => Some(if reference.rgb { "srgb" } else { "bt1886" }),
                },
            ),
            Property::new(
                "primaries",
                primaries,
                match primaries {
                    Some(name) => primaries_option(name),
                    None => Some(if is_wide { "bt2020" } else { "bt709" }),
                },
            ),
        ];
        if matches!(reference.format.chroma(), Chroma::Yuv420 | Chroma::Yuv422) {
            properties.push(Property {
                option: "siting",
                value: Some(siting.map_or(if is_wide { "topleft" } else { "left" }, siting_name)),
                stated: siting.map(|siting| siting_name(siting).to_owned()),
            });
        }
        Self { properties }
    }

    /// Adds the description to a metric's options, except where the user set them.
    ///
    /// # Errors
    /// Fails if a property is not supported and the user did not set the option, or if colours
    /// can't be compared.
    pub(crate) fn describe(
        &self,
        (feature, options): Metric,
        reference: &StreamInfo,
        scored: &Format,
    ) -> Result<Metric> {
        if !feature.measures_light() {
            return Ok((feature, options));
        }
        if scored.chroma() == Chroma::Mono && reference.format.chroma() != Chroma::Mono {
            let reason = format!(
                "{} measures colour, but the encodes of {} can be compared by luma only",
                feature.name, reference.path
            );
            return Err(Error::input(reason));
        }
        let mut described = options.clone();
        for Property { option, value, stated } in &self.properties {
            if options.iter().any(|(name, _)| name == *option) {
                continue;
            }
            let Some(value) = value else {
                let stated = stated.as_deref().unwrap_or_default();
                let reason = format!(
                    "{} has {option} {stated}, which {} does not support: set the metric's option \
                     {option}",
                    reference.path, feature.name
                );
                return Err(Error::input(reason));
            };
            described.set(option, value)?;
        }
        let takes_rate = feature.options.iter().any(|option| option.name == FRAME_RATE);
        let is_set = options.iter().any(|(name, _)| name == FRAME_RATE);
        if let Some(rate) = reference.frame_rate.filter(|_| takes_rate && !is_set) {
            described.set(FRAME_RATE, &rate.as_f64().min(GREATEST_RATE).to_string())?;
        }
        Ok((feature, described))
    }

    /// Returns the properties that are assumed, as text; `None` if files state all of them.
    pub(super) fn assumptions(&self) -> Option<String> {
        let assumed = self.properties.iter().filter(|property| property.stated.is_none());
        let assumed: Vec<String> = assumed
            .map(|property| format!("{} {}", property.option, property.value.unwrap_or_default()))
            .collect();
        (!assumed.is_empty()).then(|| format!("assumed for colour: {}", assumed.join(", ")))
    }
}

/// Returns the option for a matrix by FFmpeg's name.
fn matrix_option(name: &str) -> Option<&'static str> {
    Matrix::by_name(name).map(|matrix| match matrix {
        Matrix::Bt601 => "bt601",
        Matrix::Bt709 => "bt709",
        Matrix::Bt2020 => "bt2020",
    })
}

/// Returns the option for a transfer function by FFmpeg's name. Screens show all camera curves of
/// standard dynamic range in the same way.
fn transfer_option(name: &str) -> Option<&'static str> {
    match name {
        "bt709" | "smpte170m" | "bt2020-10" | "bt2020-12" | "bt470bg" | "bt470m" | "smpte240m" => {
            Some("bt1886")
        }
        "iec61966-2-1" => Some("srgb"),
        "smpte2084" => Some("pq"),
        "arib-std-b67" => Some("hlg"),
        _ => None,
    }
}

/// Returns the option for primaries by FFmpeg's name.
fn primaries_option(name: &str) -> Option<&'static str> {
    match name {
        "bt709" => Some("bt709"),
        "smpte170m" | "smpte240m" => Some("bt601-525"),
        "bt470bg" => Some("bt601-625"),
        "bt2020" => Some("bt2020"),
        "smpte432" => Some("p3"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use vmaf_core::feature;

    use super::*;

    fn stream(height: u32, chroma: Chroma, color: [&str; 3]) -> StreamInfo {
        let format = Format::new(1280, height, chroma, 8).expect("a format");
        let mut info = StreamInfo::new("a.mp4", format, "h264");
        let [primaries, transfer, matrix] =
            color.map(|name| (!name.is_empty()).then(|| name.to_owned()));
        (info.color.primaries, info.color.transfer, info.color.matrix) =
            (primaries, transfer, matrix);
        info
    }

    fn described(light: &Light, info: &StreamInfo, set: &[(&str, &str)]) -> Result<String> {
        let feature = feature::find("ssimulacra2")?;
        let mut options = feature.options();
        for (name, value) in set {
            options.set(name, value)?;
        }
        let (_, options) = light.describe((feature, options), info, &info.format)?;
        let shown: Vec<String> =
            options.iter().map(|(name, value)| format!("{name}={value}")).collect();
        Ok(shown.join(":"))
    }

    #[test]
    fn assumptions_are_those_of_players_and_reported() {
        let unknown = stream(1080, Chroma::Yuv420, [""; 3]);
        let light = Light::new(&unknown, std::iter::empty(), None);
        assert_eq!(
            described(&light, &unknown, &[]).expect("described"),
            "matrix=bt709:primaries=bt709:range=limited:siting=left:transfer=bt1886"
        );
        assert_eq!(
            light.assumptions().expect("assumed"),
            "assumed for colour: matrix bt709, range limited, transfer bt1886, primaries bt709, \
             siting left"
        );
        let small = stream(480, Chroma::Yuv444, ["", "bt709", ""]);
        let light = Light::new(&small, std::iter::empty(), None);
        assert_eq!(
            described(&light, &small, &[]).expect("described"),
            "matrix=bt601:primaries=bt709:range=limited:transfer=bt1886"
        );
        let assumed = light.assumptions().expect("assumed");
        assert_eq!(assumed, "assumed for colour: matrix bt601, range limited, primaries bt709");
    }

    #[test]
    fn what_files_state_is_used() {
        let unknown = stream(1080, Chroma::Yuv420, [""; 3]);
        let mut encode = stream(1080, Chroma::Yuv420, ["bt2020", "smpte2084", "bt2020nc"]);
        encode.siting = Some(ChromaSiting::Left);
        encode.range = Some(ColorRange::Full);
        let light = Light::new(&unknown, std::iter::once(&encode), None);
        assert_eq!(light.assumptions(), None);
        assert_eq!(
            described(&light, &unknown, &[]).expect("described"),
            "matrix=bt2020:primaries=bt2020:range=full:siting=left:transfer=pq"
        );
        // A value that is the default without a file counts as set.
        let found = described(&light, &unknown, &[("transfer", "bt1886")]).expect("described");
        assert!(found.ends_with("transfer=bt1886"), "{found}");
        let set = [("transfer", "hlg")];
        let found = described(&light, &unknown, &set).expect("described");
        assert!(found.ends_with("transfer=hlg"), "{found}");
        // The encode is converted to the reference's range.
        let assumed = Some(ColorRange::Limited);
        let light = Light::new(&unknown, std::iter::once(&encode), assumed);
        let found = described(&light, &unknown, &[]).expect("described");
        assert!(found.contains("range=limited"), "{found}");
        encode.siting = None;
        let light = Light::new(&encode, std::iter::empty(), None);
        let found = described(&light, &encode, &[]).expect("described");
        assert!(found.contains("siting=topleft"), "{found}");
    }

    #[test]
    fn what_is_not_supported_is_refused() {
        let info = stream(1080, Chroma::Yuv420, ["bt709", "bt709", "ycgco"]);
        let light = Light::new(&info, std::iter::empty(), None);
        let error = described(&light, &info, &[]).expect_err("refused").to_string();
        assert!(error.contains("a.mp4 has matrix ycgco, which ssimulacra2 does not"), "{error}");
        described(&light, &info, &[("matrix", "bt709")]).expect("set by the user");
        let feature = feature::find("ssimulacra2").expect("a feature");
        let mono = Format::new(1280, 1080, Chroma::Mono, 8).expect("a format");
        let other = stream(1080, Chroma::Yuv420, ["bt709"; 3]);
        let light = Light::new(&other, std::iter::empty(), None);
        let error = light.describe((feature, feature.options()), &other, &mono);
        let error = error.expect_err("refused").to_string();
        assert!(error.contains("can be compared by luma only"), "{error}");
    }
}
