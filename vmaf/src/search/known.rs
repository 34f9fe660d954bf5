//! The encoders of FFmpeg that a search knows by name.

use super::scale::QualityScale;
use crate::error::Error;

/// An encoder of FFmpeg, and how its quality is set.
#[derive(Debug)]
pub(super) struct KnownEncoder {
    /// The short names; [`codec`](Self::codec) is a name too.
    names: &'static [&'static str],
    /// FFmpeg's name.
    pub(super) codec: &'static str,
    /// Arguments before the input.
    pub(super) of_input: &'static [&'static str],
    /// Arguments that make the encoder obey its quality.
    pub(super) fixed: &'static [&'static str],
    /// The options that take the quality.
    pub(super) quality: &'static [&'static str],
    /// The option that takes a preset.
    pub(super) preset: Option<&'static str>,
    /// Filters after all others.
    pub(super) filters: Option<&'static str>,
    /// The useful range of the quality.
    pub(super) scale: QualityScale,
    /// The settings at which films at 1080p score about 95 and 80: where a search begins.
    pub(super) typical: [f64; 2],
}

impl KnownEncoder {
    /// Returns the name of the quality setting.
    pub(super) fn setting_name(&self) -> &'static str {
        self.quality[0].trim_start_matches('-')
    }
}

/// An encoder with options that most share.
const fn encoder(
    names: &'static [&'static str],
    codec: &'static str,
    scale: QualityScale,
    typical: [f64; 2],
) -> KnownEncoder {
    KnownEncoder {
        names,
        codec,
        of_input: &[],
        fixed: &[],
        quality: &["-crf"],
        preset: Some("-preset"),
        filters: None,
        scale,
        typical,
    }
}

const fn scale(best: f64, worst: f64, step: f64) -> QualityScale {
    QualityScale::new(best, worst, step)
}

/// An encoder of NVIDIA's.
const fn nvenc(codec: &'static str) -> KnownEncoder {
    KnownEncoder {
        fixed: &["-rc", "vbr", "-b:v", "0"],
        quality: &["-cq"],
        ..encoder(&[], codec, scale(8.0, 51.0, 0.5), [24.0, 37.0])
    }
}

/// An encoder of Intel's.
const fn qsv(codec: &'static str) -> KnownEncoder {
    KnownEncoder {
        quality: &["-global_quality"],
        ..encoder(&[], codec, scale(8.0, 51.0, 1.0), [23.0, 35.0])
    }
}

/// An encoder of Linux's video acceleration interface.
const fn vaapi(codec: &'static str, scale: QualityScale, typical: [f64; 2]) -> KnownEncoder {
    KnownEncoder {
        of_input: &["-vaapi_device", "/dev/dri/renderD128"],
        fixed: &["-rc_mode", "CQP"],
        quality: &["-global_quality"],
        preset: None,
        filters: Some("format=nv12|p010,hwupload"),
        ..encoder(&[], codec, scale, typical)
    }
}

/// An encoder of AMD's.
const fn amf(codec: &'static str, scale: QualityScale, typical: [f64; 2]) -> KnownEncoder {
    KnownEncoder {
        fixed: &["-rc", "cqp"],
        quality: &["-qp_i", "-qp_p"],
        preset: Some("-quality"),
        ..encoder(&[], codec, scale, typical)
    }
}

/// An encoder of Apple's.
const fn videotoolbox(codec: &'static str) -> KnownEncoder {
    KnownEncoder {
        quality: &["-q:v"],
        preset: None,
        ..encoder(&[], codec, scale(95.0, 15.0, 1.0), [65.0, 45.0])
    }
}

/// All of them.
static ENCODERS: [KnownEncoder; 23] = [
    encoder(&["x264", "h264"], "libx264", scale(8.0, 45.0, 0.1), [23.0, 34.0]),
    encoder(&["x265", "hevc"], "libx265", scale(8.0, 45.0, 0.1), [22.0, 34.0]),
    encoder(&["svt-av1", "svtav1"], "libsvtav1", scale(8.0, 63.0, 1.0), [30.0, 52.0]),
    KnownEncoder {
        fixed: &["-b:v", "0"],
        preset: Some("-cpu-used"),
        ..encoder(&["aom", "libaom"], "libaom-av1", scale(8.0, 63.0, 1.0), [28.0, 50.0])
    },
    KnownEncoder {
        fixed: &["-b:v", "0"],
        preset: Some("-cpu-used"),
        ..encoder(&["vp9", "vpx"], "libvpx-vp9", scale(8.0, 63.0, 1.0), [28.0, 50.0])
    },
    KnownEncoder {
        quality: &["-qp"],
        preset: Some("-speed"),
        ..encoder(&["rav1e"], "librav1e", scale(20.0, 250.0, 1.0), [80.0, 160.0])
    },
    KnownEncoder {
        quality: &["-qp"],
        ..encoder(&["vvenc", "vvc"], "libvvenc", scale(12.0, 50.0, 1.0), [25.0, 38.0])
    },
    nvenc("h264_nvenc"),
    nvenc("hevc_nvenc"),
    nvenc("av1_nvenc"),
    qsv("h264_qsv"),
    qsv("hevc_qsv"),
    qsv("av1_qsv"),
    qsv("vp9_qsv"),
    vaapi("h264_vaapi", scale(8.0, 51.0, 1.0), [23.0, 35.0]),
    vaapi("hevc_vaapi", scale(8.0, 51.0, 1.0), [23.0, 35.0]),
    vaapi("av1_vaapi", scale(20.0, 250.0, 1.0), [90.0, 170.0]),
    vaapi("vp9_vaapi", scale(20.0, 250.0, 1.0), [70.0, 150.0]),
    amf("h264_amf", scale(8.0, 51.0, 1.0), [23.0, 35.0]),
    amf("hevc_amf", scale(8.0, 51.0, 1.0), [23.0, 35.0]),
    amf("av1_amf", scale(20.0, 250.0, 1.0), [90.0, 170.0]),
    videotoolbox("h264_videotoolbox"),
    videotoolbox("hevc_videotoolbox"),
];

/// Returns the encoder called `name`.
pub(super) fn find(name: &str) -> Result<&'static KnownEncoder, Error> {
    let is_it = |known: &&KnownEncoder| known.codec == name || known.names.contains(&name);
    ENCODERS.iter().find(is_it).ok_or_else(|| unknown(name))
}

/// Returns the error for an encoder that is not known.
pub(super) fn unknown(name: &str) -> Error {
    let names = ENCODERS.iter().flat_map(|known| known.names.iter().chain([&known.codec]));
    vmaf_core::Error::unknown("encoder", name, names.copied()).into()
}

/// Returns a name of each encoder, in the order of use.
#[must_use]
pub fn encoder_names() -> Vec<&'static str> {
    ENCODERS.iter().map(|known| known.names.first().copied().unwrap_or(known.codec)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_settings_within_their_scales() {
        let mut names: Vec<&str> = ENCODERS
            .iter()
            .flat_map(|known| known.names.iter().copied().chain([known.codec]))
            .collect();
        names.sort_unstable();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count);
        for known in &ENCODERS {
            let [good, fair] = known.typical.map(|setting| known.scale.position(setting));
            assert!(0.0 < good && good < fair && fair < known.scale.last() as f64, "{known:?}");
            assert!(!known.quality.is_empty());
        }
        assert_eq!(find("libx265").expect("known").codec, find("x265").expect("known").codec);
    }
}
