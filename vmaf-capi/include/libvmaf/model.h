/*
 * Models: the regressors that turn features of a frame into a score.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */

#ifndef VMAF_MODEL_H
#define VMAF_MODEL_H

#include <stdint.h>

#include "feature.h"

#ifdef __cplusplus
extern "C" {
#endif

/** One model. */
typedef struct VmafModel VmafModel;

/** Changes to the last steps of a prediction. Flags are combined with `|`. */
enum VmafModelFlags {
    VMAF_MODEL_FLAGS_DEFAULT = 0,
    /** Scores may leave the model's range, usually 0 to 100. */
    VMAF_MODEL_FLAG_DISABLE_CLIP = (1 << 0),
    /** Applies the model's score transform, such as that of the phone model. */
    VMAF_MODEL_FLAG_ENABLE_TRANSFORM = (1 << 1),
    /** Leaves out the score transform, even if the model asks for it. */
    VMAF_MODEL_FLAG_DISABLE_TRANSFORM = (1 << 2),
};

/** Name and flags of a model that is being loaded. */
typedef struct VmafModelConfig {
    /** Name of the scores in outputs. NULL stands for "vmaf". */
    const char *name;
    /** Set of enum VmafModelFlags. */
    uint64_t flags;
} VmafModelConfig;

/**
 * Loads a built-in model.
 *
 * @param model   Receives the model. Free it with vmaf_model_destroy() after the last score.
 * @param cfg     Name and flags. Not NULL.
 * @param version Name of the built-in model, such as "vmaf_v0.6.1".
 *
 * @return 0, or a negative errno code: -EINVAL if there is no such model.
 */
int vmaf_model_load(VmafModel **model, VmafModelConfig *cfg, const char *version);

/**
 * Loads a model from a JSON file. Otherwise like vmaf_model_load().
 *
 * @return 0, or a negative errno code: -EINVAL if the file cannot be read or holds no model.
 */
int vmaf_model_load_from_path(VmafModel **model, VmafModelConfig *cfg, const char *path);

/**
 * Changes options of the features that a model is given.
 *
 * Call it before vmaf_use_features_from_model(). A feature the model does not use is no error.
 *
 * @param feature_name Name of the feature extractor, such as "adm".
 * @param opts_dict    Options to set. The model keeps its other options. Not NULL. The library
 *                     frees the dictionary.
 *
 * @return 0, or a negative errno code.
 */
int vmaf_model_feature_overload(VmafModel *model, const char *feature_name,
                                VmafFeatureDictionary *opts_dict);

/** Frees a model. NULL is allowed. */
void vmaf_model_destroy(VmafModel *model);

/** Models trained on resamples of one data set. Their spread gives a confidence interval. */
typedef struct VmafModelCollection VmafModelCollection;

/** Members that are valid in a VmafModelCollectionScore. */
enum VmafModelCollectionScoreType {
    VMAF_MODEL_COLLECTION_SCORE_UNKNOWN = 0,
    /** `bootstrap`. */
    VMAF_MODEL_COLLECTION_SCORE_BOOTSTRAP,
};

/** Score of a model collection. */
typedef struct VmafModelCollectionScore {
    enum VmafModelCollectionScoreType type;
    struct {
        /** Mean of the models' scores. */
        double bagging_score;
        /** Standard deviation of the models' scores. */
        double stddev;
        struct {
            /** Bounds of the 95 % confidence interval. */
            struct { double lo, hi; } p95;
        } ci;
    } bootstrap;
} VmafModelCollectionScore;

/**
 * Loads a built-in model collection.
 *
 * @param model            Receives the first model of the file, trained on the whole data set. Free it
 *                         with vmaf_model_destroy().
 * @param model_collection Receives the other models. Free it with vmaf_model_collection_destroy().
 * @param cfg              Name and flags of all models. Not NULL.
 * @param version          Name of the built-in collection, such as "vmaf_b_v0.6.3".
 *
 * @return 0, or a negative errno code: -EINVAL if there is no such collection.
 */
int vmaf_model_collection_load(VmafModel **model, VmafModelCollection **model_collection,
                               VmafModelConfig *cfg, const char *version);

/**
 * Loads a model collection from a JSON file. Otherwise like vmaf_model_collection_load().
 *
 * @return 0, or a negative errno code: -EINVAL if the file cannot be read or holds no collection.
 */
int vmaf_model_collection_load_from_path(VmafModel **model,
                                         VmafModelCollection **model_collection,
                                         VmafModelConfig *cfg, const char *path);

/**
 * Changes options of the features of `model` and of each model in the collection.
 *
 * See vmaf_model_feature_overload().
 */
int vmaf_model_collection_feature_overload(VmafModel *model,
                                           VmafModelCollection **model_collection,
                                           const char *feature_name,
                                           VmafFeatureDictionary *opts_dict);

/** Frees a model collection and its models. NULL is allowed. */
void vmaf_model_collection_destroy(VmafModelCollection *model_collection);

#ifdef __cplusplus
}
#endif

#endif
