/*
 * Options of features.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */

#ifndef VMAF_FEATURE_H
#define VMAF_FEATURE_H

#ifdef __cplusplus
extern "C" {
#endif

/** Option names and values for one feature. NULL is the empty dictionary. */
typedef struct VmafFeatureDictionary VmafFeatureDictionary;

/**
 * Sets an option, replacing an earlier value of the same name.
 *
 * Names and values are not checked here; functions that take a dictionary reject bad values.
 *
 * @param dict Dictionary to change. If `*dict` is NULL, a new one is stored there.
 * @param key  Option name, such as "adm_enhn_gain_limit".
 * @param val  Value as text: "true", "1.2" or a word. Not NULL.
 *
 * @return 0, or a negative errno code.
 */
int vmaf_feature_dictionary_set(VmafFeatureDictionary **dict, const char *key, const char *val);

/**
 * Frees a dictionary and sets `*dict` to NULL. Does nothing if `*dict` is NULL.
 *
 * vmaf_use_feature() and vmaf_model_feature_overload() free the dictionaries that they take.
 *
 * @return 0, or -EINVAL if `dict` is NULL.
 */
int vmaf_feature_dictionary_free(VmafFeatureDictionary **dict);

#ifdef __cplusplus
}
#endif

#endif
