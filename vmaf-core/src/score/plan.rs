//! The plan of a job: the extractors, the features and encodes that each measures, and the
//! positions of their values.
//!
//! An encode may have its own bit depth, and its own options for the features of models. Encodes
//! with the same settings for a feature share an extractor, and with it all work on the reference.
//! The values have the same positions and columns for all encodes.

use super::job::{Encode, Job};
use super::worker::{FeaturePlan, VariantOutputs};
use crate::error::JobError;
use crate::feature::{self, Feature, Options, Plan};
use crate::{Format, Result};

/// A feature to be measured, with the options that determine its column names.
pub(super) struct FeatureRequest {
    pub(super) feature: &'static Feature,
    pub(super) options: Options,
    /// The feature's settings for each encode.
    pub(super) of_encodes: Vec<EncodeSettings>,
}

/// A feature's settings for one encode.
pub(super) struct EncodeSettings {
    pub(super) bit_depth: u8,
    pub(super) options: Options,
}

/// Encodes with the same settings for a feature.
struct EncodeGroup {
    /// The indices of the feature's variants among the requested ones; `options` holds their
    /// options.
    variants: Vec<usize>,
    options: Vec<Options>,
    encodes: Vec<bool>,
}

impl Job {
    /// All features to be measured; those of the models come first.
    pub(super) fn requests(&self) -> Result<Vec<FeatureRequest>> {
        let mut all: Vec<FeatureRequest> = Vec::new();
        for model in &self.models {
            for (feature, options) in model.features()? {
                let of_encode = |encode: &Encode| {
                    let bit_depth = model.bit_depth_for(self.format_of(encode).bit_depth);
                    Ok(EncodeSettings { bit_depth, options: encode.options_of(feature, &options)? })
                };
                let of_encodes = self.encodes.iter().map(of_encode).collect::<Result<_>>()?;
                add(&mut all, FeatureRequest { feature, options, of_encodes }, true)?;
            }
        }
        for (feature, options) in &self.features {
            let of_encode = |encode: &Encode| {
                let bit_depth = self.format_of(encode).bit_depth;
                EncodeSettings { bit_depth, options: options.clone() }
            };
            let of_encodes = self.encodes.iter().map(of_encode).collect();
            add(&mut all, FeatureRequest { feature, options: options.clone(), of_encodes }, false)?;
        }
        Ok(all)
    }

    /// Plans each feature at each of the bit `depths`, for all its variants, once for all encodes
    /// that share its settings, and lays out the values of a frame.
    pub(super) fn plan(
        &self,
        requests: &[FeatureRequest],
        depths: &[u8],
    ) -> Result<(Vec<FeaturePlan>, Vec<VariantOutputs>)> {
        let mut plans = Vec::new();
        let mut outputs: Vec<Option<VariantOutputs>> = requests.iter().map(|_| None).collect();
        let mut start = 0;
        for feature in feature::FEATURES.iter().copied() {
            let is_it = |&i: &usize| std::ptr::eq(requests[i].feature, feature);
            let indices: Vec<usize> = (0..requests.len()).filter(is_it).collect();
            let of_feature: Vec<&FeatureRequest> = indices.iter().map(|&i| &requests[i]).collect();
            let mut variants = Vec::new();
            for FeatureRequest { options, .. } in &of_feature {
                let chroma = self.format.chroma;
                let (outputs, layout) =
                    VariantOutputs::new(feature, options, chroma, self.encodes.len(), start);
                start += layout.present.len();
                variants.push((outputs, layout));
            }
            for (depth, &bit_depth) in depths.iter().enumerate() {
                for group in self.encode_groups(&of_feature, bit_depth) {
                    let format = Format { bit_depth, ..self.format };
                    let named = |&variant: &usize| of_feature[variant].options.clone();
                    let named: Vec<Options> = group.variants.iter().map(named).collect();
                    let maps = self.maps.clone();
                    let (level, options) = (self.level, &group.options[..]);
                    let plan = Plan { format, level, variants: options, named: &named, maps };
                    let extractor = feature.plan(&plan)?;
                    let mut layouts = Vec::new();
                    for (index, &variant) in group.variants.iter().enumerate() {
                        let (outputs, layout) = &mut variants[variant];
                        outputs.set_plan((plans.len(), index), &group.encodes);
                        layouts.push(layout.clone());
                    }
                    let encodes = group.encodes;
                    let requirements = extractor.requirements();
                    plans.push(FeaturePlan { extractor, requirements, layouts, depth, encodes });
                }
            }
            for (index, (variant, _)) in indices.into_iter().zip(variants) {
                outputs[index] = Some(variant);
            }
        }
        Ok((plans, outputs.into_iter().flatten().collect()))
    }

    /// Groups the encodes measured at `bit_depth` by their settings for one feature.
    fn encode_groups(&self, of_feature: &[&FeatureRequest], bit_depth: u8) -> Vec<EncodeGroup> {
        let mut all: Vec<EncodeGroup> = Vec::new();
        for encode in 0..self.encodes.len() {
            let measured =
                |&variant: &usize| of_feature[variant].of_encodes[encode].bit_depth == bit_depth;
            let variants: Vec<usize> = (0..of_feature.len()).filter(measured).collect();
            if variants.is_empty() {
                continue;
            }
            let options = |&variant: &usize| of_feature[variant].of_encodes[encode].options.clone();
            let options: Vec<Options> = variants.iter().map(options).collect();
            let place = all
                .iter()
                .position(|group| (&group.variants, &group.options) == (&variants, &options));
            let place = place.unwrap_or_else(|| {
                let encodes = vec![false; self.encodes.len()];
                all.push(EncodeGroup { variants, options, encodes });
                all.len() - 1
            });
            all[place].encodes[encode] = true;
        }
        all
    }
}

/// Adds a feature of a model, or one requested directly, unless it is present.
fn add(all: &mut Vec<FeatureRequest>, request: FeatureRequest, of_model: bool) -> Result<()> {
    let FeatureRequest { feature, options, of_encodes } = &request;
    let same = |other: &&mut FeatureRequest| {
        std::ptr::eq(other.feature, *feature) && other.options.suffix() == options.suffix()
    };
    let Some(other) = all.iter_mut().find(same) else {
        all.push(request);
        return Ok(());
    };
    let depths = other.of_encodes.iter().zip(of_encodes);
    let mut depths = depths.map(|(one, other)| (one.bit_depth, other.bit_depth));
    if let Some((one, other)) = depths.find(|(one, other)| of_model && one != other) {
        let column = format!("{}{}", feature.name, options.suffix());
        return Err(JobError::TwoBitDepths { column, bit_depths: [one, other] }.into());
    }
    let is_needed = |flag: &str| feature.is_needed(flag);
    if !other.options.measures_as(options, is_needed) {
        return Err(JobError::TwoOptionSets { feature: feature.name.to_owned() }.into());
    }
    // Both are the same measurement, but one may request more outputs.
    other.options.add_outputs_of(options, is_needed);
    for settings in &mut other.of_encodes {
        settings.options.add_outputs_of(options, is_needed);
    }
    Ok(())
}
