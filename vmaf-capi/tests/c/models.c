/* Models, model collections, their flags and the options of their features. */

#include <unistd.h>

#include "common.h"

static const struct clip clip = { VMAF_PIX_FMT_YUV420P, 8, 240, 216 };

/* Scores of the clip. NaN: libvmaf crashes on a picture this small. */
static const struct { const char *version; double score; } built_in[] = {
    { "vmaf_v0.6.1", 90.715404 },
    { "vmaf_v0.6.1neg", 87.593939 },
    { "vmaf_4k_v0.6.1", 94.646349 },
    { "vmaf_4k_v0.6.1neg", 92.136744 },
    { "vmaf_v1.0.16_3d0h", 94.275387 },
    { "vmaf_v1.0.16_3d0h_2160", NAN },
    { "vmaf_v1.0.16_5d0h", NAN },
    { "vmaf_v1.0.16_1d5h_2160", NAN },
    { "vmaf_v1.0.16_hfr_3d0h", 98.822944 },
    { "vmaf_v1.0.16_hfr_3d0h_2160", NAN },
    { "vmaf_v1.0.16_hfr_5d0h", NAN },
    { "vmaf_v1.0.16_hfr_1d5h_2160", NAN },
};

/* Score of the first of three frames. */
static double score_with(VmafModel *model)
{
    VmafContext *vmaf = open_context(0, 0);
    EXPECT_OK(vmaf_use_features_from_model(vmaf, model));
    read_clip(vmaf, clip, 3);
    double score = NAN;
    EXPECT_OK(vmaf_score_at_index(vmaf, model, &score, 0));
    EXPECT_OK(vmaf_close(vmaf));
    return score;
}

static double built_in_score(const char *version, uint64_t flags)
{
    VmafModel *model = load_model(NULL, flags, version);
    const double score = score_with(model);
    vmaf_model_destroy(model);
    return score;
}

static void built_in_models(bool quick)
{
    for (unsigned i = 0; i < sizeof(built_in) / sizeof(*built_in); i++) {
        if (quick || isnan(built_in[i].score)) {
            vmaf_model_destroy(load_model("vmaf", 0, built_in[i].version));
            continue;
        }
        const double score = built_in_score(built_in[i].version, 0);
        if (fabs(score - built_in[i].score) <= 1e-4)
            continue;
        printf("%s: %.6f instead of %.6f\n", built_in[i].version, score, built_in[i].score);
        failures++;
    }
}

static void refused_models(void)
{
    VmafModelConfig cfg = { .name = "vmaf" };
    VmafModel *model = NULL;
    VmafModelCollection *collection = NULL;
    EXPECT_INVALID(vmaf_model_load(&model, &cfg, ""));
    EXPECT_INVALID(vmaf_model_load(&model, &cfg, "vmaf"));
    EXPECT_INVALID(vmaf_model_load(&model, &cfg, "vmaf_v0.6.1.json"));
    EXPECT_INVALID(vmaf_model_load_from_path(&model, &cfg, ""));
    EXPECT_INVALID(vmaf_model_load_from_path(&model, &cfg, "no such file.json"));
    EXPECT_INVALID(vmaf_model_load_from_path(&model, &cfg, "no such file.pkl"));
    EXPECT(!model);
    EXPECT_INVALID(vmaf_model_collection_load(&model, &collection, &cfg, "no such model"));
    EXPECT_INVALID(vmaf_model_collection_load_from_path(&model, &collection, &cfg, "no such file"));
    EXPECT(!model && !collection);
    /* A model is no collection. */
    EXPECT_INVALID(vmaf_model_collection_load(&model, &collection, &cfg, "vmaf_v0.6.1"));
    EXPECT(!collection);
}

static void write_file(char *path, const char *text)
{
    const int file = mkstemp(path);
    EXPECT(file >= 0 && write(file, text, strlen(text)) == (ssize_t) strlen(text));
    close(file);
}

static void broken_file(const char *text)
{
    char path[] = "broken-model-XXXXXX";
    write_file(path, text);
    VmafModelConfig cfg = { .name = "vmaf" };
    VmafModel *model = NULL;
    VmafModelCollection *collection = NULL;
    EXPECT_INVALID(vmaf_model_load_from_path(&model, &cfg, path));
    EXPECT_INVALID(vmaf_model_collection_load_from_path(&model, &collection, &cfg, path));
    EXPECT(!collection);
    unlink(path);
}

#define MODEL(type, rho)                                                                               \
    "{\"param_dict\": {\"C\": 4.0}, \"model_dict\": {\"model_type\": \"" type "\", "                      \
    "\"norm_type\": \"linear_rescale\", \"score_clip\": [0.0, 100.0], "                                 \
    "\"slopes\": [0.01, 1.25], \"intercepts\": [-0.2, -0.25], "                                        \
    "\"feature_names\": [\"VMAF_integer_feature_adm2_score\"], "                                       \
    "\"model\": \"svm_type nu_svr\\nkernel_type rbf\\ngamma 0.5\\nnr_class 2\\ntotal_sv 2\\n"            \
    "rho " rho "\\nSV\\n0.5 1:0.25 \\n-0.25 1:0.75 \\n\"}}"

/* A model and a collection in the format of libvmaf's files. */
static void files(void)
{
    char model_path[] = "model-XXXXXX", collection_path[] = "collection-XXXXXX";
    write_file(model_path, MODEL("LIBSVMNUSVR", "-0.3"));
    write_file(collection_path, "{\"0\": " MODEL("RESIDUEBOOTSTRAP_LIBSVMNUSVR", "-0.3")
                                ", \"1\": " MODEL("RESIDUEBOOTSTRAP_LIBSVMNUSVR", "-0.2")
                                ", \"2\": " MODEL("RESIDUEBOOTSTRAP_LIBSVMNUSVR", "-0.4") "}");
    VmafModelConfig cfg = { .name = "file" };
    VmafModel *model = NULL, *first = NULL;
    VmafModelCollection *collection = NULL;
    EXPECT_OK(vmaf_model_load_from_path(&model, &cfg, model_path));
    cfg.name = "files";
    EXPECT_OK(vmaf_model_collection_load_from_path(&first, &collection, &cfg, collection_path));
    /* A model is no collection. */
    VmafModel *no_model = NULL;
    VmafModelCollection *no_collection = NULL;
    EXPECT_INVALID(vmaf_model_collection_load_from_path(&no_model, &no_collection, &cfg, model_path));
    EXPECT(!no_collection);
    unlink(model_path);
    unlink(collection_path);

    VmafContext *vmaf = open_context(0, 0);
    EXPECT_OK(vmaf_use_features_from_model(vmaf, model));
    EXPECT_OK(vmaf_use_features_from_model_collection(vmaf, collection));
    EXPECT_OK(vmaf_import_feature_score(vmaf, "VMAF_integer_feature_adm2_score", 0.875, 0));
    double score;
    EXPECT_OK(vmaf_score_at_index(vmaf, model, &score, 0));
    EXPECT_NEAR(score, 67.029221238, 1e-6);
    EXPECT_OK(vmaf_score_at_index(vmaf, first, &score, 0));
    EXPECT_NEAR(score, 67.029221238, 1e-6);
    VmafModelCollectionScore of_collection;
    EXPECT_OK(vmaf_score_at_index_model_collection(vmaf, collection, &of_collection, 0));
    EXPECT_NEAR(of_collection.bootstrap.bagging_score, 67.029221238, 1e-6);
    EXPECT_NEAR(of_collection.bootstrap.stddev, 10, 1e-6);
    EXPECT_NEAR(of_collection.bootstrap.ci.p95.lo, 57.529221238, 1e-6);
    EXPECT_NEAR(of_collection.bootstrap.ci.p95.hi, 76.529221238, 1e-6);
    EXPECT_OK(vmaf_close(vmaf));
    vmaf_model_destroy(model);
    vmaf_model_destroy(first);
    vmaf_model_collection_destroy(collection);
}

static void flags(void)
{
    /* The clip scores between 0 and 100, so that clipping changes nothing. */
    const double score = built_in_score("vmaf_v0.6.1", VMAF_MODEL_FLAGS_DEFAULT);
    EXPECT(built_in_score("vmaf_v0.6.1", VMAF_MODEL_FLAG_DISABLE_CLIP) == score);
    EXPECT(built_in_score("vmaf_v0.6.1", VMAF_MODEL_FLAG_DISABLE_TRANSFORM) == score);
    EXPECT_NEAR(built_in_score("vmaf_v0.6.1", VMAF_MODEL_FLAG_ENABLE_TRANSFORM), 100, 1e-6);

    /* A model that clips, with features of a very bad frame. */
    static const char *const features[] = {
        "VMAF_integer_feature_adm2_score",       "VMAF_integer_feature_motion2_score",
        "VMAF_integer_feature_vif_scale0_score", "VMAF_integer_feature_vif_scale1_score",
        "VMAF_integer_feature_vif_scale2_score", "VMAF_integer_feature_vif_scale3_score",
    };
    VmafContext *vmaf = open_context(0, 0);
    for (unsigned i = 0; i < sizeof(features) / sizeof(*features); i++)
        EXPECT_OK(vmaf_import_feature_score(vmaf, features[i], 0.3, 0));
    VmafModel *clipped = load_model("clipped", 0, "vmaf_v0.6.1");
    VmafModel *unclipped = load_model("unclipped", VMAF_MODEL_FLAG_DISABLE_CLIP, "vmaf_v0.6.1");
    double low;
    EXPECT_OK(vmaf_score_at_index(vmaf, clipped, &low, 0));
    EXPECT(low == 0);
    EXPECT_OK(vmaf_score_at_index(vmaf, unclipped, &low, 0));
    EXPECT_NEAR(low, -27.815864223, 1e-6);
    EXPECT(feature_at(vmaf, "unclipped", 0) == low);
    EXPECT_OK(vmaf_close(vmaf));
    vmaf_model_destroy(clipped);
    vmaf_model_destroy(unclipped);
}

/* Names of scores: that of the model, "vmaf" without. The configuration's text may change later. */
static void names(void)
{
    char name[] = "mine";
    VmafModelConfig cfg = { .name = name };
    VmafModel *named = NULL, *unnamed = load_model(NULL, 0, "vmaf_v0.6.1");
    EXPECT_OK(vmaf_model_load(&named, &cfg, "vmaf_v0.6.1neg"));
    memset(name, 'x', 4);

    VmafContext *vmaf = open_context(0, 0);
    EXPECT_OK(vmaf_use_features_from_model(vmaf, named));
    EXPECT_OK(vmaf_use_features_from_model(vmaf, unnamed));
    read_clip(vmaf, clip, 2);
    EXPECT(isnan(feature_at(vmaf, "mine", 1)));
    double score;
    EXPECT_OK(vmaf_score_at_index(vmaf, named, &score, 1));
    EXPECT(feature_at(vmaf, "mine", 1) == score);
    EXPECT_OK(vmaf_score_pooled(vmaf, unnamed, VMAF_POOL_METHOD_MAX, &score, 1, 1));
    EXPECT(feature_at(vmaf, "vmaf", 1) == score);
    EXPECT(feature_at(vmaf, "mine", 1) < score);
    /* FFmpeg destroys models before the context. */
    vmaf_model_destroy(named);
    vmaf_model_destroy(unnamed);
    EXPECT_OK(vmaf_close(vmaf));
}

/* Options of a model's features. */
static void overloads(void)
{
    const double neg = built_in_score("vmaf_v0.6.1neg", 0);
    const double plain = built_in_score("vmaf_v0.6.1", 0);
    EXPECT(neg < plain);

    /* With limits on gain, v0.6.1 is v0.6.1neg. */
    VmafModel *model = load_model("vmaf", 0, "vmaf_v0.6.1");
    EXPECT_OK(vmaf_model_feature_overload(model, "vif", option("vif_enhn_gain_limit", "1")));
    EXPECT_OK(vmaf_model_feature_overload(model, "adm", option("adm_enhn_gain_limit", "1.0")));
    /* An extractor the model does not use, and one that does not exist. */
    EXPECT_OK(vmaf_model_feature_overload(model, "psnr", option("enable_chroma", "false")));
    EXPECT_OK(vmaf_model_feature_overload(model, "no_such_feature", option("key", "1")));

    VmafContext *vmaf = open_context(0, 0);
    EXPECT_OK(vmaf_use_features_from_model(vmaf, model));
    read_clip(vmaf, clip, 3);
    double score;
    EXPECT_OK(vmaf_score_at_index(vmaf, model, &score, 0));
    EXPECT(score == neg);
    /* Options are part of the names of features. */
    EXPECT(isnan(feature_at(vmaf, "VMAF_integer_feature_adm2_score", 1)));
    EXPECT(isfinite(feature_at(vmaf, "integer_adm2_egl_1", 1)));
    EXPECT(isfinite(feature_at(vmaf, "integer_vif_scale0_egl_1", 1)));
    EXPECT_OK(vmaf_close(vmaf));

    /* Later options replace earlier ones. */
    EXPECT_OK(vmaf_model_feature_overload(model, "vif", option("vif_enhn_gain_limit", "100")));
    EXPECT_OK(vmaf_model_feature_overload(model, "adm", option("adm_enhn_gain_limit", "100")));
    EXPECT(score_with(model) == plain);

    /* A wrong value is found when the features are asked for. */
    EXPECT_OK(vmaf_model_feature_overload(model, "adm", option("adm_enhn_gain_limit", "many")));
    vmaf = open_context(0, 0);
    EXPECT_INVALID(vmaf_use_features_from_model(vmaf, model));
    EXPECT_OK(vmaf_close(vmaf));
    vmaf_model_destroy(model);
}

/* Models and features with different options, in one context. */
static void shared_context(void)
{
    static const char *const versions[] = { "vmaf_v0.6.1", "vmaf_v0.6.1neg", "vmaf_v1.0.16_3d0h" };
    static const char *const model_names[] = { "a", "b", "c" };
    VmafModel *models[3];
    VmafContext *vmaf = open_context(2, 0);
    EXPECT_OK(vmaf_use_feature(vmaf, "vif", option("vif_enhn_gain_limit", "1.5")));
    for (unsigned i = 0; i < 3; i++) {
        models[i] = load_model(model_names[i], 0, versions[i]);
        EXPECT_OK(vmaf_use_features_from_model(vmaf, models[i]));
    }
    read_clip(vmaf, clip, 3);
    for (unsigned i = 0; i < 3; i++) {
        double score;
        EXPECT_OK(vmaf_score_at_index(vmaf, models[i], &score, 0));
        EXPECT(score == built_in_score(versions[i], 0));
    }
    EXPECT(isfinite(feature_at(vmaf, "VMAF_integer_feature_vif_scale0_score", 1)));
    EXPECT(isfinite(feature_at(vmaf, "integer_vif_scale0_egl_1", 1)));
    EXPECT(isfinite(feature_at(vmaf, "integer_vif_scale0_egl_1.5", 1)));
    EXPECT_OK(vmaf_close(vmaf));
    for (unsigned i = 0; i < 3; i++)
        vmaf_model_destroy(models[i]);
}

static void collections(void)
{
    VmafModelConfig cfg = { .name = "boot" };
    VmafModel *model = NULL;
    VmafModelCollection *collection = NULL;
    EXPECT_OK(vmaf_model_collection_load(&model, &collection, &cfg, "vmaf_b_v0.6.3"));
    VmafContext *vmaf = open_context(0, 0);
    EXPECT_OK(vmaf_use_features_from_model(vmaf, model));
    EXPECT_OK(vmaf_use_features_from_model_collection(vmaf, collection));
    read_clip(vmaf, clip, 3);

    double score;
    EXPECT_OK(vmaf_score_pooled(vmaf, model, VMAF_POOL_METHOD_MEAN, &score, 0, 2));
    EXPECT_NEAR(score, 95.695496420, 1e-6);
    VmafModelCollectionScore at;
    memset(&at, 255, sizeof(at));
    EXPECT_OK(vmaf_score_at_index_model_collection(vmaf, collection, &at, 1));
    EXPECT(at.type == VMAF_MODEL_COLLECTION_SCORE_BOOTSTRAP);
    EXPECT_NEAR(at.bootstrap.bagging_score, 98.138829728, 1e-6);
    EXPECT_NEAR(at.bootstrap.stddev, 2.214833770, 1e-6);
    EXPECT_NEAR(at.bootstrap.ci.p95.lo, 93.269152770, 1e-6);
    EXPECT_NEAR(at.bootstrap.ci.p95.hi, 100, 1e-6);
    EXPECT(feature_at(vmaf, "boot_bagging", 1) == at.bootstrap.bagging_score);
    EXPECT(feature_at(vmaf, "boot_stddev", 1) == at.bootstrap.stddev);
    EXPECT(feature_at(vmaf, "boot_ci_p95_lo", 1) == at.bootstrap.ci.p95.lo);
    EXPECT(feature_at(vmaf, "boot_ci_p95_hi", 1) == at.bootstrap.ci.p95.hi);
    /* Each model's scores have names too. */
    EXPECT(isfinite(feature_at(vmaf, "boot_0001", 1)));
    EXPECT(isfinite(feature_at(vmaf, "boot_0020", 1)));
    EXPECT(isnan(feature_at(vmaf, "boot_0021", 1)));
    EXPECT_OK(vmaf_close(vmaf));

    vmaf = open_context(0, 0);
    EXPECT_OK(vmaf_use_features_from_model_collection(vmaf, collection));
    read_clip(vmaf, clip, 3);
    VmafModelCollectionScore pooled;
    memset(&pooled, 255, sizeof(pooled));
    const enum VmafPoolingMethod mean = VMAF_POOL_METHOD_MEAN;
    EXPECT_OK(vmaf_score_pooled_model_collection(vmaf, collection, mean, &pooled, 0, 2));
    EXPECT(pooled.type == VMAF_MODEL_COLLECTION_SCORE_BOOTSTRAP);
    EXPECT_NEAR(pooled.bootstrap.bagging_score, 95.168437209, 1e-6);
    EXPECT_NEAR(pooled.bootstrap.stddev, 2.563769801, 1e-6);
    EXPECT_NEAR(pooled.bootstrap.ci.p95.lo, 89.857304250, 1e-6);
    EXPECT_NEAR(pooled.bootstrap.ci.p95.hi, 98.152766735, 1e-6);
    EXPECT(feature_at(vmaf, "boot_bagging", 1) == at.bootstrap.bagging_score);
    EXPECT_OK(vmaf_close(vmaf));
    vmaf_model_collection_destroy(collection);
    vmaf_model_destroy(model);
}

static void collection_overload(void)
{
    VmafModelConfig cfg = { 0 };
    VmafModel *model = NULL;
    VmafModelCollection *collection = NULL;
    EXPECT_OK(vmaf_model_collection_load(&model, &collection, &cfg, "vmaf_b_v0.6.3"));
    EXPECT_OK(vmaf_model_collection_feature_overload(model, &collection, "adm",
                                                     option("adm_enhn_gain_limit", "1")));
    EXPECT_OK(vmaf_model_collection_feature_overload(model, &collection, "no_such_feature",
                                                     option("adm_enhn_gain_limit", "1")));
    VmafContext *vmaf = open_context(0, 0);
    EXPECT_OK(vmaf_use_features_from_model(vmaf, model));
    EXPECT_OK(vmaf_use_features_from_model_collection(vmaf, collection));
    read_clip(vmaf, clip, 2);
    EXPECT(isfinite(feature_at(vmaf, "integer_adm2_egl_1", 1)));
    EXPECT(isnan(feature_at(vmaf, "VMAF_integer_feature_adm2_score", 1)));
    VmafModelCollectionScore score = { 0 };
    EXPECT_OK(vmaf_score_at_index_model_collection(vmaf, collection, &score, 1));
    EXPECT_NEAR(score.bootstrap.bagging_score, 95.356646155, 1e-6);
    EXPECT(feature_at(vmaf, "vmaf_bagging", 1) == score.bootstrap.bagging_score);
    EXPECT_OK(vmaf_close(vmaf));
    vmaf_model_collection_destroy(collection);
    vmaf_model_destroy(model);
}

int main(int argc, char **argv)
{
    const bool quick = is_quick(argc, argv);
    built_in_models(quick);
    refused_models();
    broken_file("");
    broken_file("{");
    broken_file("[1, 2]");
    broken_file("model");
    files();
    names();
    if (!quick) {
        flags();
        overloads();
        shared_context();
    }
    collections();
    collection_overload();
    return finish();
}
