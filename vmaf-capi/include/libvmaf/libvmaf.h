/*
 * Video quality by VMAF: contexts, frames, scores and reports.
 *
 *     VmafContext *vmaf;
 *     vmaf_init(&vmaf, (VmafConfiguration) { .log_level = VMAF_LOG_LEVEL_ERROR, .n_threads = 4 });
 *     VmafModel *model;
 *     vmaf_model_load(&model, &(VmafModelConfig) { .name = "vmaf" }, "vmaf_v0.6.1");
 *     vmaf_use_features_from_model(vmaf, model);
 *     for (unsigned i = 0; i < n; i++) {
 *         VmafPicture ref, dist;
 *         vmaf_picture_alloc(&ref, VMAF_PIX_FMT_YUV420P, 8, width, height);
 *         vmaf_picture_alloc(&dist, VMAF_PIX_FMT_YUV420P, 8, width, height);
 *         ... write the samples ...
 *         vmaf_read_pictures(vmaf, &ref, &dist, i);
 *     }
 *     vmaf_read_pictures(vmaf, NULL, NULL, 0);
 *     double score;
 *     vmaf_score_pooled(vmaf, model, VMAF_POOL_METHOD_MEAN, &score, 0, n - 1);
 *     vmaf_close(vmaf);
 *     vmaf_model_destroy(model);
 *
 * Functions return 0, or a negative errno code such as -EINVAL.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */

#ifndef VMAF_LIBVMAF_H
#define VMAF_LIBVMAF_H

#include <stdint.h>
#include <stdio.h>

#include "feature.h"
#include "model.h"
#include "picture.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Least severe message that is printed to standard error. */
enum VmafLogLevel {
    VMAF_LOG_LEVEL_NONE = 0,
    VMAF_LOG_LEVEL_ERROR,
    VMAF_LOG_LEVEL_WARNING,
    VMAF_LOG_LEVEL_INFO,
    VMAF_LOG_LEVEL_DEBUG,
};

/** File formats of vmaf_write_output(). */
enum VmafOutputFormat {
    VMAF_OUTPUT_FORMAT_NONE = 0,
    VMAF_OUTPUT_FORMAT_XML,
    VMAF_OUTPUT_FORMAT_JSON,
    VMAF_OUTPUT_FORMAT_CSV,
    /** MicroDVD subtitles that show the scores of each frame. */
    VMAF_OUTPUT_FORMAT_SUB,
};

/** Ways to turn the scores of frames into one. */
enum VmafPoolingMethod {
    VMAF_POOL_METHOD_UNKNOWN = 0,
    VMAF_POOL_METHOD_MIN,
    VMAF_POOL_METHOD_MAX,
    VMAF_POOL_METHOD_MEAN,
    /** Harmonic mean of score + 1, less 1. */
    VMAF_POOL_METHOD_HARMONIC_MEAN,
    /** Number of methods, counting VMAF_POOL_METHOD_UNKNOWN. */
    VMAF_POOL_METHOD_NB
};

/** Settings of a context. Zero is a valid value for each. */
typedef struct VmafConfiguration {
    enum VmafLogLevel log_level;
    /** Number of worker threads. 0 computes features within vmaf_read_pictures(). */
    unsigned n_threads;
    /** Scores every n-th frame alone. 0 and 1 score all. */
    unsigned n_subsample;
    /** Instruction sets to avoid, a set of bits as in libvmaf. Scores do not depend on it. */
    uint64_t cpumask;
    /** GPU features to avoid, a set of bits as in libvmaf. */
    uint64_t gpumask;
} VmafConfiguration;

/** Features to compute and the scores of the frames so far. */
typedef struct VmafContext VmafContext;

/**
 * Opens a context.
 *
 * @param vmaf Receives the context. Free it with vmaf_close().
 * @param cfg  Settings.
 *
 * @return 0, or a negative errno code.
 */
int vmaf_init(VmafContext **vmaf, VmafConfiguration cfg);

/**
 * Adds the features of a model to those that the context computes.
 *
 * A feature that several models need is computed once.
 *
 * @param model Model to score with. Keep it until the last score; it may be destroyed before the context.
 *
 * @return 0, or a negative errno code.
 */
int vmaf_use_features_from_model(VmafContext *vmaf, VmafModel *model);

/** Adds the features of each model in a collection. See vmaf_use_features_from_model(). */
int vmaf_use_features_from_model_collection(VmafContext *vmaf,
                                            VmafModelCollection *model_collection);

/**
 * Adds a feature to those that the context computes.
 *
 * @param feature_name Name of the feature extractor, such as "psnr".
 * @param opts_dict    Options, or NULL. Unknown options are ignored. The library frees the dictionary,
 *                     unless the feature is unknown.
 *
 * @return 0, or a negative errno code: -EINVAL if the feature is unknown or a value is wrong.
 */
int vmaf_use_feature(VmafContext *vmaf, const char *feature_name,
                     VmafFeatureDictionary *opts_dict);

/**
 * Adds a score that was computed elsewhere. Indexes may come in any order.
 *
 * @param feature_name Name of the score, such as "VMAF_integer_feature_motion2_score", or a new name.
 * @param value        Score.
 * @param index        Index of the frame.
 *
 * @return 0, or a negative errno code: -EINVAL if the frame already has this score.
 */
int vmaf_import_feature_score(VmafContext *vmaf, const char *feature_name, double value,
                              unsigned index);

/**
 * Queues a pair of pictures, or ends the input if both pictures are NULL.
 *
 * Add features first. All pictures of a context have one size, format and bit depth. Some scores
 * depend on neighbouring frames, so pass frames in order. Features are complete after the end of the
 * input; afterwards, further calls fail.
 *
 * @param ref   Reference. If the call succeeds, the library takes the picture and clears `*ref`.
 * @param dist  Distorted picture, likewise.
 * @param index Index of the frame.
 *
 * @return 0, or a negative errno code: -EINVAL if the pictures differ in size or format.
 */
int vmaf_read_pictures(VmafContext *vmaf, VmafPicture *ref, VmafPicture *dist, unsigned index);

/**
 * Predicts the score of a frame, and adds it to the context under the model's name.
 *
 * @param score Receives the score.
 *
 * @return 0, or a negative errno code: -EINVAL if the frame's features are not complete.
 */
int vmaf_score_at_index(VmafContext *vmaf, VmafModel *model, double *score, unsigned index);

/** Predicts the score of a frame with a model collection. See vmaf_score_at_index(). */
int vmaf_score_at_index_model_collection(VmafContext *vmaf,
                                         VmafModelCollection *model_collection,
                                         VmafModelCollectionScore *score, unsigned index);

/**
 * Returns one feature of a frame.
 *
 * @param feature_name Name of the score, such as "VMAF_integer_feature_motion2_score" or "psnr_y".
 * @param score        Receives the value.
 *
 * @return 0, or a negative errno code: -EINVAL if there is no such value.
 */
int vmaf_feature_score_at_index(VmafContext *vmaf, const char *feature_name, double *score,
                                unsigned index);

/**
 * Pools the scores of frames `index_low` to `index_high`, both included.
 *
 * @param score Receives the pooled score.
 *
 * @return 0, or a negative errno code: -EINVAL if a frame has no score.
 */
int vmaf_score_pooled(VmafContext *vmaf, VmafModel *model, enum VmafPoolingMethod pool_method,
                      double *score, unsigned index_low, unsigned index_high);

/** Pools each member of the scores of a model collection. See vmaf_score_pooled(). */
int vmaf_score_pooled_model_collection(VmafContext *vmaf,
                                       VmafModelCollection *model_collection,
                                       enum VmafPoolingMethod pool_method,
                                       VmafModelCollectionScore *score, unsigned index_low,
                                       unsigned index_high);

/** Pools one feature of frames `index_low` to `index_high`. See vmaf_score_pooled(). */
int vmaf_feature_score_pooled(VmafContext *vmaf, const char *feature_name,
                              enum VmafPoolingMethod pool_method, double *score,
                              unsigned index_low, unsigned index_high);

/** Pictures to allocate ahead. */
typedef struct VmafPictureConfiguration {
    /** Size and format of each picture. */
    struct {
        unsigned w, h;
        unsigned bpc;
        enum VmafPixelFormat pix_fmt;
    } pic_params;
    /** Number of pictures. A frame needs two. */
    unsigned pic_cnt;
} VmafPictureConfiguration;

/**
 * Allocates pictures that the context uses again and again.
 *
 * @return 0, or a negative errno code: -EINVAL if a size, the count, the bit depth or the format is
 *         wrong.
 */
int vmaf_preallocate_pictures(VmafContext *vmaf, VmafPictureConfiguration cfg);

/**
 * Takes a preallocated picture. Waits until one is free.
 *
 * Samples are those of the picture's former use. vmaf_picture_unref() or vmaf_read_pictures() gives
 * the picture back. Give all back before vmaf_close(), which waits for them.
 *
 * @return 0, or a negative errno code: -EINVAL if the context has no preallocated pictures.
 */
int vmaf_fetch_preallocated_picture(VmafContext *vmaf, VmafPicture *pic);

/**
 * Waits for the context's threads and frees the context.
 *
 * @return 0, or -EINVAL if `vmaf` is NULL.
 */
int vmaf_close(VmafContext *vmaf);

/**
 * Writes the scores of all frames to a file, with pooled scores in XML and JSON.
 *
 * Model scores are written once vmaf_score_at_index() or vmaf_score_pooled() has predicted them.
 *
 * @param output_path Path of the file, which is replaced.
 * @param fmt         File format.
 *
 * @return 0, or a negative errno code: -EINVAL if the file cannot be opened or the format is unknown.
 */
int vmaf_write_output(VmafContext *vmaf, const char *output_path, enum VmafOutputFormat fmt);

/** Version of the library, as text. */
const char *vmaf_version(void);

#ifdef __cplusplus
}
#endif

#endif
