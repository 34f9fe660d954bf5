//! `VmafModelCollection`: the resampled predictors of a bootstrap model.

use std::ffi::{c_char, c_int};

use super::model::{Location, VmafModel, load};
use super::types::VmafModelConfig;
use super::{exclusive, from_raw, guard, into_raw, text};
use crate::dictionary::Dictionary;
use crate::{Errno, Result};

/// The resampled predictors of a bootstrap model. Its plain predictor is a [`VmafModel`] beside it.
pub struct VmafModelCollection {
    pub(super) model: VmafModel,
}

/// Loads both parts of a bootstrap model.
///
/// # Safety
/// As in [`vmaf_model_collection_load`], without its string.
unsafe fn load_both(
    model: *mut *mut VmafModel,
    collection: *mut *mut VmafModelCollection,
    config: *const VmafModelConfig,
    location: &Location<'_>,
) -> Result<()> {
    // SAFETY: the caller's promise.
    let (model, collection) = unsafe { (exclusive(model)?, exclusive(collection)?) };
    // SAFETY: the caller's promise.
    let loaded = unsafe { load(config, location, true)? };
    let plain = VmafModel { model: loaded.model.clone(), has_invalid_option: false };
    *model = into_raw(plain);
    *collection = into_raw(VmafModelCollection { model: loaded });
    Ok(())
}

/// Loads a built-in bootstrap model.
///
/// # Safety
/// `model` and `model_collection` are null or point to pointers; `cfg` is null or points to a
/// configuration whose name is null or a string; `version` is null or a string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vmaf_model_collection_load(
    model: *mut *mut VmafModel,
    model_collection: *mut *mut VmafModelCollection,
    cfg: *const VmafModelConfig,
    version: *const c_char,
) -> c_int {
    guard(|| {
        // SAFETY: as this function requires.
        unsafe { load_both(model, model_collection, cfg, &Location::BuiltIn(text(version)?)) }
    })
}

/// Loads a bootstrap model from a JSON file.
///
/// # Safety
/// As in [`vmaf_model_collection_load`], for `path`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vmaf_model_collection_load_from_path(
    model: *mut *mut VmafModel,
    model_collection: *mut *mut VmafModelCollection,
    cfg: *const VmafModelConfig,
    path: *const c_char,
) -> c_int {
    guard(|| {
        // SAFETY: as this function requires.
        unsafe { load_both(model, model_collection, cfg, &Location::File(text(path)?)) }
    })
}

/// Sets options of one of the features of both parts, and frees the dictionary.
///
/// # Safety
/// `model` is null or a model, `model_collection` is null or points to a collection,
/// `feature_name` is null or a string, `opts_dict` is null or a dictionary, all of this library.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vmaf_model_collection_feature_overload(
    model: *mut VmafModel,
    model_collection: *mut *mut VmafModelCollection,
    feature_name: *const c_char,
    opts_dict: *mut Dictionary,
) -> c_int {
    guard(|| {
        // SAFETY: as this function requires.
        let collection = unsafe { exclusive(*exclusive(model_collection)?)? };
        // SAFETY: as this function requires.
        let (model, feature) = unsafe { (exclusive(model)?, text(feature_name)?) };
        // SAFETY: the dictionary comes from `into_raw`, and C gives it up.
        let options = unsafe { from_raw(opts_dict) }.ok_or(Errno::INVALID)?;
        collection.model.set_options(feature, &options);
        model.set_options(feature, &options);
        Ok(())
    })
}

/// Frees a collection.
///
/// # Safety
/// `model_collection` is null or a collection of this library that is not used any more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vmaf_model_collection_destroy(model_collection: *mut VmafModelCollection) {
    guard(|| {
        // SAFETY: as this function requires.
        drop(unsafe { from_raw(model_collection) });
        Ok(())
    });
}
