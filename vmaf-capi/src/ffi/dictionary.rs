//! `VmafFeatureDictionary`: options of a feature.

use std::ffi::{c_char, c_int};

use super::{exclusive, from_raw, guard, into_raw, text};
use crate::dictionary::Dictionary;

/// Sets option `key` to `val`. Creates the dictionary if `*dict` is null.
///
/// # Safety
/// `dict` is null or points to null or a dictionary of this library. `key` and `val` are null or
/// strings.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vmaf_feature_dictionary_set(
    dict: *mut *mut Dictionary,
    key: *const c_char,
    val: *const c_char,
) -> c_int {
    guard(|| {
        // SAFETY: as this function requires.
        let (dict, key, val) = unsafe { (exclusive(dict)?, text(key)?, text(val)?) };
        if dict.is_null() {
            *dict = into_raw(Dictionary::default());
        }
        // SAFETY: it is a dictionary of this library, which no one else uses meanwhile.
        unsafe { exclusive(*dict)? }.set(key, val);
        Ok(())
    })
}

/// Frees a dictionary and sets `*dict` to null.
///
/// # Safety
/// `dict` is null or points to null or a dictionary of this library.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vmaf_feature_dictionary_free(dict: *mut *mut Dictionary) -> c_int {
    guard(|| {
        // SAFETY: as this function requires.
        let dict = unsafe { exclusive(dict)? };
        // SAFETY: dictionaries come from `into_raw`, and C forgets this one.
        drop(unsafe { from_raw(std::mem::replace(dict, std::ptr::null_mut())) });
        Ok(())
    })
}
