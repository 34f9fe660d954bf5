//! The models and features that libvmaf's tool bundles under a name: the AOM common test
//! conditions and Netflix's.

use vmaf_core::feature;

use crate::failure::{Failure, Result};

/// Models and features, as they would be given one by one.
#[derive(Debug, Default)]
pub(crate) struct Preset {
    pub(crate) models: Vec<&'static str>,
    pub(crate) features: Vec<&'static str>,
}

/// The AOM common test conditions of `version`.
pub(crate) fn aom_ctc(version: &str) -> Result<Preset> {
    let versions = ["v1.0", "v2.0", "v3.0", "v4.0", "v5.0", "v6.0", "v7.0"];
    let Some(index) = versions.iter().position(|known| *known == version) else {
        return Err(unknown("--aom_ctc", version, &versions));
    };
    let mut preset = Preset {
        models: vec!["version=vmaf_v0.6.1:name=vmaf", "version=vmaf_v0.6.1neg:name=vmaf_neg"],
        features: vec![
            "psnr=reduced_hbd_peak=true:enable_apsnr=true:min_sse=0.5",
            "ciede",
            if index < 6 {
                "float_ssim=enable_db=true:clip_db=true"
            } else {
                "float_ssim=scale=1:enable_db=true:clip_db=true"
            },
            "float_ms_ssim=enable_db=true:clip_db=true",
            "psnr_hvs",
        ],
    };
    if index >= 2 {
        preset.features.push("cambi");
    }
    preset.check("--aom_ctc", version)
}

/// Netflix's test conditions of `version`.
pub(crate) fn nflx_ctc(version: &str) -> Result<Preset> {
    if version != "v1.0" {
        return Err(unknown("--nflx_ctc", version, &["v1.0"]));
    }
    let preset = Preset {
        models: vec!["version=vmaf_4k_v0.6.1:name=vmaf", "version=vmaf_4k_v0.6.1neg:name=vmaf_neg"],
        features: vec![
            "psnr=enable_chroma=true:enable_apsnr=true",
            "float_ssim=enable_db=true:clip_db=true",
            "cambi",
        ],
    };
    preset.check("--nflx_ctc", version)
}

fn unknown(flag: &str, version: &str, known: &[&str]) -> Failure {
    Failure::input(format!("{flag} has no '{version}': there is {}", known.join(", ")))
}

impl Preset {
    /// The preset, unless it has features that are not there.
    fn check(self, flag: &str, version: &str) -> Result<Self> {
        let names = self.features.iter().map(|text| text.split('=').next().unwrap_or(text));
        let missing: Vec<&str> = names.filter(|name| feature::find(name).is_err()).collect();
        if missing.is_empty() {
            return Ok(self);
        }
        Err(Failure::input(format!(
            "{flag} {version} needs {}, which this version lacks",
            missing.join(", ")
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_or_unknown_is_named() {
        let message = |result: Result<Preset>| match result {
            Ok(preset) => preset.features.join(" "),
            Err(failure) => failure.to_string(),
        };
        assert!(message(aom_ctc("v1.0")).contains("psnr_hvs"));
        assert!(!message(aom_ctc("v2.0")).contains("cambi"));
        assert!(message(aom_ctc("v7.0")).contains("cambi"));
        assert!(message(aom_ctc("proposed")).contains("v7.0"));
        assert!(message(nflx_ctc("v2.0")).contains("v1.0"));
    }
}
