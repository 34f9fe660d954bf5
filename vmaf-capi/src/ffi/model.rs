//! `VmafModel`: loading models and changing the options of their features.

use std::ffi::{c_char, c_int};

use vmaf_core::Model;
use vmaf_core::model::Builtin;

use super::types::VmafModelConfig;
use super::{exclusive, from_raw, guard, into_raw, shared, text};
use crate::dictionary::Dictionary;
use crate::{Errno, Result, message};

/// The name of the score if none is given.
const DEFAULT_NAME: &str = "vmaf";

/// Bits of `VmafModelFlags`. `VMAF_MODEL_FLAG_DISABLE_TRANSFORM` has no effect when a model is
/// loaded.
const DISABLE_CLIP: u64 = 1;
const ENABLE_TRANSFORM: u64 = 1 << 1;

/// A model. For a bootstrap model, it stands for its plain predictor.
pub struct VmafModel {
    pub(super) model: Model,
    /// True if an option was set to an invalid value. libvmaf reports this when the features are
    /// requested.
    pub(super) has_invalid_option: bool,
}

impl VmafModel {
    fn new(model: Model) -> Self {
        Self { model, has_invalid_option: false }
    }

    /// The model, if its options are valid.
    pub(super) fn checked(&self) -> Result<&Model> {
        if self.has_invalid_option { Err(Errno::INVALID) } else { Ok(&self.model) }
    }

    /// Sets options of a feature. A feature that the model does not use is ignored.
    pub(super) fn set_options(&mut self, feature: &str, options: &Dictionary) {
        let features = self.model.features().unwrap_or_default();
        if !features.iter().any(|(used, _)| used.name == feature) {
            return;
        }
        for (name, value) in options.iter() {
            match self.model.clone().with_option(feature, name, value) {
                Ok(model) => self.model = model,
                // libvmaf ignores unknown options without a word.
                Err(error @ vmaf_core::Error::Unknown { .. }) => message::warning(error),
                Err(error) => {
                    message::error(error);
                    self.has_invalid_option = true;
                }
            }
        }
    }
}

/// A built-in model, or one of a file.
pub(super) enum Location<'a> {
    BuiltIn(&'a str),
    File(&'a str),
}

/// Loads a model that is a bootstrap model or not, as `is_bootstrap` demands.
///
/// # Safety
/// `config` is null or points to a configuration whose name is null or a string.
pub(super) unsafe fn load(
    config: *const VmafModelConfig,
    location: &Location<'_>,
    is_bootstrap: bool,
) -> Result<VmafModel> {
    // SAFETY: the caller's promise.
    let config = unsafe { shared(config)? };
    let name = if config.name.is_null() {
        DEFAULT_NAME
    } else {
        // SAFETY: the caller's promise.
        unsafe { text(config.name)? }
    };
    let mut model = match location {
        Location::BuiltIn(version) => {
            let builtin = Builtin::find(version).filter(|builtin| builtin.name == *version);
            let Some(builtin) = builtin else {
                message::warning(format_args!("no such built-in model: \"{version}\""));
                return Err(Errno::INVALID);
            };
            Model::builtin(builtin.name)?
        }
        Location::File(path) => {
            let json = std::fs::read_to_string(path).map_err(|error| {
                message::error(format_args!("could not read model from path: \"{path}\": {error}"));
                Errno::INVALID
            })?;
            Model::from_json(path, &json)?
        }
    };
    if model.is_bootstrap() != is_bootstrap {
        return Err(Errno::INVALID);
    }
    model = model.with_label(name);
    if config.flags & DISABLE_CLIP != 0 {
        model = model.without_clip();
    }
    if config.flags & ENABLE_TRANSFORM != 0 {
        model = model.with_transform();
    }
    Ok(VmafModel::new(model))
}

/// Loads a built-in model.
///
/// # Safety
/// `model` is null or points to a pointer; `cfg` is null or points to a configuration whose name is
/// null or a string; `version` is null or a string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vmaf_model_load(
    model: *mut *mut VmafModel,
    cfg: *const VmafModelConfig,
    version: *const c_char,
) -> c_int {
    guard(|| {
        // SAFETY: as this function requires.
        let (model, version) = unsafe { (exclusive(model)?, text(version)?) };
        // SAFETY: as this function requires.
        *model = into_raw(unsafe { load(cfg, &Location::BuiltIn(version), false)? });
        Ok(())
    })
}

/// Loads a model from a JSON file.
///
/// # Safety
/// As in [`vmaf_model_load`], for `path`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vmaf_model_load_from_path(
    model: *mut *mut VmafModel,
    cfg: *const VmafModelConfig,
    path: *const c_char,
) -> c_int {
    guard(|| {
        // SAFETY: as this function requires.
        let (model, path) = unsafe { (exclusive(model)?, text(path)?) };
        // SAFETY: as this function requires.
        *model = into_raw(unsafe { load(cfg, &Location::File(path), false)? });
        Ok(())
    })
}

/// Sets options of one of the model's features, and frees the dictionary.
///
/// # Safety
/// `model` is null or a model, `feature_name` null or a string, `opts_dict` null or a dictionary,
/// all of this library.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vmaf_model_feature_overload(
    model: *mut VmafModel,
    feature_name: *const c_char,
    opts_dict: *mut Dictionary,
) -> c_int {
    guard(|| {
        // SAFETY: as this function requires.
        let (model, feature) = unsafe { (exclusive(model)?, text(feature_name)?) };
        // SAFETY: the dictionary comes from `into_raw`, and C gives it up.
        let options = unsafe { from_raw(opts_dict) }.ok_or(Errno::INVALID)?;
        model.set_options(feature, &options);
        Ok(())
    })
}

/// Frees a model.
///
/// # Safety
/// `model` is null or a model of this library that is not used any more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vmaf_model_destroy(model: *mut VmafModel) {
    guard(|| {
        // SAFETY: as this function requires.
        drop(unsafe { from_raw(model) });
        Ok(())
    });
}
