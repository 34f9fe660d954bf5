//! Scores of features, models and collections, at an index and pooled.

use std::ffi::{c_char, c_int, c_uint};

use super::collection::VmafModelCollection;
use super::context::VmafContext;
use super::model::VmafModel;
use super::types::{VmafModelCollectionScore, pool};
use super::{exclusive, guard, shared, text};
use crate::Errno;

/// The score of a model at `index`.
///
/// # Safety
/// `vmaf` is null or a context, `model` null or a model, both of this library; `score` is null or
/// points to a number.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vmaf_score_at_index(
    vmaf: *mut VmafContext,
    model: *mut VmafModel,
    score: *mut f64,
    index: c_uint,
) -> c_int {
    guard(|| {
        // SAFETY: as this function requires.
        let (context, model, score) = unsafe { (shared(vmaf)?, shared(model)?, exclusive(score)?) };
        *score = context.session().model_score(&model.model, index)?;
        Ok(())
    })
}

/// The scores of a collection at `index`.
///
/// # Safety
/// As in [`vmaf_score_at_index`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vmaf_score_at_index_model_collection(
    vmaf: *mut VmafContext,
    model_collection: *mut VmafModelCollection,
    score: *mut VmafModelCollectionScore,
    index: c_uint,
) -> c_int {
    guard(|| {
        // SAFETY: as this function requires.
        let (context, collection, score) =
            unsafe { (shared(vmaf)?, shared(model_collection)?, exclusive(score)?) };
        let model = &collection.model.model;
        *score = context.session().collection_score(model, index)?.into();
        Ok(())
    })
}

/// The score of a feature at `index`.
///
/// # Safety
/// `vmaf` is null or a context of this library, `feature_name` null or a string, `score` is null or
/// points to a number.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vmaf_feature_score_at_index(
    vmaf: *mut VmafContext,
    feature_name: *const c_char,
    score: *mut f64,
    index: c_uint,
) -> c_int {
    guard(|| {
        // SAFETY: as this function requires.
        let (context, name, score) =
            unsafe { (shared(vmaf)?, text(feature_name)?, exclusive(score)?) };
        *score = context.session().feature_score(name, index)?;
        Ok(())
    })
}

/// The pool of a model's scores from `index_low` to `index_high`, both included.
///
/// # Safety
/// As in [`vmaf_score_at_index`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vmaf_score_pooled(
    vmaf: *mut VmafContext,
    model: *mut VmafModel,
    pool_method: c_int,
    score: *mut f64,
    index_low: c_uint,
    index_high: c_uint,
) -> c_int {
    guard(|| {
        // SAFETY: as this function requires.
        let (context, model, score) = unsafe { (shared(vmaf)?, shared(model)?, exclusive(score)?) };
        let pool = pool(pool_method).ok_or(Errno::INVALID)?;
        let range = [index_low, index_high];
        *score = context.session().pooled_model(&model.model, pool, range)?;
        Ok(())
    })
}

/// The pools of a collection's scores from `index_low` to `index_high`, both included.
///
/// # Safety
/// As in [`vmaf_score_at_index`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vmaf_score_pooled_model_collection(
    vmaf: *mut VmafContext,
    model_collection: *mut VmafModelCollection,
    pool_method: c_int,
    score: *mut VmafModelCollectionScore,
    index_low: c_uint,
    index_high: c_uint,
) -> c_int {
    guard(|| {
        // SAFETY: as this function requires.
        let (context, collection, score) =
            unsafe { (shared(vmaf)?, shared(model_collection)?, exclusive(score)?) };
        let pool = pool(pool_method).ok_or(Errno::INVALID)?;
        let (model, range) = (&collection.model.model, [index_low, index_high]);
        *score = context.session().pooled_collection(model, pool, range)?.into();
        Ok(())
    })
}

/// The pool of a feature's scores from `index_low` to `index_high`, both included.
///
/// # Safety
/// As in [`vmaf_feature_score_at_index`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vmaf_feature_score_pooled(
    vmaf: *mut VmafContext,
    feature_name: *const c_char,
    pool_method: c_int,
    score: *mut f64,
    index_low: c_uint,
    index_high: c_uint,
) -> c_int {
    guard(|| {
        // SAFETY: as this function requires.
        let (context, name, score) =
            unsafe { (shared(vmaf)?, text(feature_name)?, exclusive(score)?) };
        let pool = pool(pool_method).ok_or(Errno::INVALID)?;
        *score = context.session().pooled_feature(name, pool, [index_low, index_high])?;
        Ok(())
    })
}
