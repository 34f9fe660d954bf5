//! The presets of libvmaf's tool, which bundle models and features: the AOM common test conditions
//! and Netflix's.

use crate::failure::{Failure, Result};

/// Models and features, in the syntax of the command line.
#[derive(Debug, Default)]
pub(crate) struct Preset {
    pub(crate) models: Vec<&'static str>,
    pub(crate) features: Vec<&'static str>,
    /// True if the videos may differ in bit depth; the shallower one is then promoted.
    pub(crate) mixed_bit_depths: bool,
}

/// The AOM common test conditions, version `version`.
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
        mixed_bit_depths: index >= 5,
    };
    if index >= 2 {
        preset.features.push("cambi");
    }
    Ok(preset)
}

/// Netflix's test conditions, version `version`.
pub(crate) fn nflx_ctc(version: &str) -> Result<Preset> {
    if version != "v1.0" {
        return Err(unknown("--nflx_ctc", version, &["v1.0"]));
    }
    Ok(Preset {
        models: vec!["version=vmaf_4k_v0.6.1:name=vmaf", "version=vmaf_4k_v0.6.1neg:name=vmaf_neg"],
        features: vec![
            "psnr=enable_chroma=true:enable_apsnr=true",
            "float_ssim=enable_db=true:clip_db=true",
            "cambi",
        ],
        mixed_bit_depths: false,
    })
}

fn unknown(flag: &str, version: &str, known: &[&str]) -> Failure {
    Failure::usage(format!(
        "{flag} has no version '{version}': the versions are {}",
        known.join(", ")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use vmaf::{MetricSpec, ModelSpec};

    #[test]
    fn every_preset_names_existing_models_and_features() {
        let versions = ["v1.0", "v2.0", "v3.0", "v4.0", "v5.0", "v6.0", "v7.0"];
        let presets = versions.map(aom_ctc).into_iter().chain([nflx_ctc("v1.0")]);
        for preset in presets {
            let preset = preset.expect("a known version");
            for feature in preset.features {
                feature.parse::<MetricSpec>().expect(feature);
            }
            for model in preset.models {
                model.parse::<ModelSpec>().expect(model).load(None).expect(model);
            }
        }
    }

    #[test]
    fn presets_of_versions_differ_as_the_test_conditions_do() {
        let aom = |version| aom_ctc(version).expect("a known version");
        assert!(!aom("v2.0").features.contains(&"cambi"));
        assert!(aom("v3.0").features.contains(&"cambi"));
        assert!(!aom("v5.0").mixed_bit_depths && aom("v6.0").mixed_bit_depths);
        let scales = |version| aom(version).features.iter().any(|name| name.contains("scale=1"));
        assert!(!scales("v6.0") && scales("v7.0"));
        let message = |result: Result<Preset>| result.expect_err("unknown").to_string();
        assert!(message(aom_ctc("proposed")).contains("v7.0"));
        assert!(message(nflx_ctc("v2.0")).contains("v1.0"));
    }
}
