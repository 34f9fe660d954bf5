/* Every function with NULL or otherwise wrong arguments, and dictionaries. */

#include "common.h"

static void contexts(void)
{
    const VmafConfiguration cfg = { 0 };
    EXPECT_INVALID(vmaf_init(NULL, cfg));
    EXPECT_INVALID(vmaf_close(NULL));

    for (unsigned n_threads = 0; n_threads < 3; n_threads++)
        for (unsigned n_subsample = 0; n_subsample < 3; n_subsample++)
            EXPECT_OK(vmaf_close(open_context(n_threads, n_subsample)));

    /* Log levels outside the enumeration are moved into it. */
    VmafContext *vmaf = NULL;
    EXPECT_OK(vmaf_init(&vmaf, (VmafConfiguration) { .log_level = (enum VmafLogLevel) 1000 }));
    EXPECT_OK(vmaf_close(vmaf));
    EXPECT_OK(vmaf_close(open_context(0, 0)));

    EXPECT(vmaf_version() && *vmaf_version());
}

static void dictionaries(void)
{
    VmafFeatureDictionary *dict = NULL;
    EXPECT_INVALID(vmaf_feature_dictionary_free(NULL));
    EXPECT_OK(vmaf_feature_dictionary_free(&dict));

    EXPECT_INVALID(vmaf_feature_dictionary_set(NULL, "key", "1"));
    EXPECT_INVALID(vmaf_feature_dictionary_set(&dict, NULL, "1"));
    EXPECT(!dict);

    /* Names are not checked, a name may be set again, and there is room for many. */
    EXPECT_OK(vmaf_feature_dictionary_set(&dict, "", ""));
    EXPECT_OK(vmaf_feature_dictionary_set(&dict, "key", "1"));
    EXPECT_OK(vmaf_feature_dictionary_set(&dict, "key", "true"));
    for (unsigned i = 0; i < 50; i++) {
        char key[16];
        snprintf(key, sizeof(key), "key%u", i);
        EXPECT_OK(vmaf_feature_dictionary_set(&dict, key, "1.5"));
    }
    EXPECT_OK(vmaf_feature_dictionary_set(&dict, "key7", "2"));
    EXPECT(dict);
    EXPECT_OK(vmaf_feature_dictionary_free(&dict));
    EXPECT(!dict);
    EXPECT_OK(vmaf_feature_dictionary_free(&dict));
}

static void features(VmafContext *vmaf)
{
    EXPECT_INVALID(vmaf_use_feature(NULL, "psnr", NULL));
    EXPECT_INVALID(vmaf_use_feature(vmaf, NULL, NULL));
    EXPECT_INVALID(vmaf_use_feature(vmaf, "", NULL));
    EXPECT_INVALID(vmaf_use_feature(vmaf, "no_such_feature", NULL));
    /* Names of extractors, not of their outputs. */
    EXPECT_INVALID(vmaf_use_feature(vmaf, "VMAF_integer_feature_adm2_score", NULL));
    EXPECT_INVALID(vmaf_use_feature(vmaf, "PSNR", NULL));

    /* A dictionary stays the caller's if the feature is unknown. */
    VmafFeatureDictionary *dict = option("enable_chroma", "false");
    EXPECT_INVALID(vmaf_use_feature(vmaf, "no_such_feature", dict));
    EXPECT_OK(vmaf_feature_dictionary_free(&dict));

    /* A dictionary belongs to the library if the feature is known, even if a value is wrong. */
    EXPECT_INVALID(vmaf_use_feature(vmaf, "psnr", option("enable_chroma", "maybe")));
    EXPECT_INVALID(vmaf_use_feature(vmaf, "psnr", option("enable_chroma", "1")));
    EXPECT_INVALID(vmaf_use_feature(vmaf, "vif", option("vif_enhn_gain_limit", "many")));
    EXPECT_INVALID(vmaf_use_feature(vmaf, "vif", option("vif_enhn_gain_limit", "0.5")));
    EXPECT_INVALID(vmaf_use_feature(vmaf, "vif", option("vif_enhn_gain_limit", "100.5")));
    EXPECT_OK(vmaf_use_feature(vmaf, "psnr", option("enable_chroma", "false")));
    /* Unknown options are ignored. */
    EXPECT_OK(vmaf_use_feature(vmaf, "vif", option("no_such_option", "1")));
    /* A feature may be asked for again. */
    EXPECT_OK(vmaf_use_feature(vmaf, "vif", NULL));
}

static void imports(VmafContext *vmaf)
{
    double score = 0;
    EXPECT_INVALID(vmaf_import_feature_score(NULL, "mine", 1, 0));
    EXPECT_INVALID(vmaf_import_feature_score(vmaf, NULL, 1, 0));
    EXPECT_OK(vmaf_import_feature_score(vmaf, "mine", 1, 0));
    EXPECT_INVALID(vmaf_import_feature_score(vmaf, "mine", 1, 0));

    EXPECT_INVALID(vmaf_feature_score_at_index(NULL, "mine", &score, 0));
    EXPECT_INVALID(vmaf_feature_score_at_index(vmaf, NULL, &score, 0));
    EXPECT_INVALID(vmaf_feature_score_at_index(vmaf, "mine", NULL, 0));
    EXPECT_INVALID(vmaf_feature_score_at_index(vmaf, "yours", &score, 0));
    EXPECT_INVALID(vmaf_feature_score_at_index(vmaf, "mine", &score, 1));
    EXPECT_INVALID(vmaf_feature_score_at_index(vmaf, "mine", &score, 1000));
    EXPECT(score == 0);
    EXPECT_OK(vmaf_feature_score_at_index(vmaf, "mine", &score, 0));
    EXPECT(score == 1);

    const enum VmafPoolingMethod mean = VMAF_POOL_METHOD_MEAN;
    EXPECT_INVALID(vmaf_feature_score_pooled(NULL, "mine", mean, &score, 0, 0));
    EXPECT_INVALID(vmaf_feature_score_pooled(vmaf, NULL, mean, &score, 0, 0));
    EXPECT_INVALID(vmaf_feature_score_pooled(vmaf, "mine", mean, &score, 1, 0));
    EXPECT_INVALID(vmaf_feature_score_pooled(vmaf, "mine", mean, &score, 0, 1));
    EXPECT_INVALID(vmaf_feature_score_pooled(vmaf, "yours", mean, &score, 0, 0));
    EXPECT_INVALID(vmaf_feature_score_pooled(vmaf, "mine", VMAF_POOL_METHOD_UNKNOWN, &score, 0, 0));
    EXPECT_INVALID(vmaf_feature_score_pooled(vmaf, "mine", VMAF_POOL_METHOD_NB, &score, 0, 0));
    EXPECT_OK(vmaf_feature_score_pooled(vmaf, "mine", mean, &score, 0, 0));
}

static void models(VmafContext *vmaf)
{
    VmafModel *model = load_model("vmaf", 0, "vmaf_v0.6.1");
    double score = 0;
    EXPECT_INVALID(vmaf_use_features_from_model(NULL, model));
    EXPECT_INVALID(vmaf_use_features_from_model(vmaf, NULL));
    EXPECT_OK(vmaf_use_features_from_model(vmaf, model));
    EXPECT_OK(vmaf_use_features_from_model(vmaf, model));

    EXPECT_INVALID(vmaf_score_at_index(NULL, model, &score, 0));
    EXPECT_INVALID(vmaf_score_at_index(vmaf, NULL, &score, 0));
    EXPECT_INVALID(vmaf_score_at_index(vmaf, model, NULL, 0));
    EXPECT_INVALID(vmaf_score_at_index(vmaf, model, &score, 0));

    const enum VmafPoolingMethod mean = VMAF_POOL_METHOD_MEAN;
    EXPECT_INVALID(vmaf_score_pooled(NULL, model, mean, &score, 0, 0));
    EXPECT_INVALID(vmaf_score_pooled(vmaf, NULL, mean, &score, 0, 0));
    EXPECT_INVALID(vmaf_score_pooled(vmaf, model, mean, NULL, 0, 0));
    EXPECT_INVALID(vmaf_score_pooled(vmaf, model, mean, &score, 1, 0));
    EXPECT_INVALID(vmaf_score_pooled(vmaf, model, VMAF_POOL_METHOD_UNKNOWN, &score, 0, 0));
    EXPECT_INVALID(vmaf_score_pooled(vmaf, model, mean, &score, 0, 0));

    VmafFeatureDictionary *dict = option("adm_enhn_gain_limit", "1");
    EXPECT_INVALID(vmaf_model_feature_overload(NULL, "adm", dict));
    EXPECT_INVALID(vmaf_model_feature_overload(model, NULL, dict));
    EXPECT_INVALID(vmaf_model_feature_overload(model, "adm", NULL));
    EXPECT_OK(vmaf_feature_dictionary_free(&dict));

    vmaf_model_destroy(model);
    vmaf_model_destroy(NULL);
}

static void collections(VmafContext *vmaf)
{
    VmafModelConfig cfg = { .name = "bootstrap" };
    VmafModel *model = NULL;
    VmafModelCollection *collection = NULL;
    EXPECT_OK(vmaf_model_collection_load(&model, &collection, &cfg, "vmaf_b_v0.6.3"));
    EXPECT(model && collection);

    EXPECT_INVALID(vmaf_use_features_from_model_collection(NULL, collection));
    EXPECT_INVALID(vmaf_use_features_from_model_collection(vmaf, NULL));
    EXPECT_OK(vmaf_use_features_from_model_collection(vmaf, collection));

    VmafModelCollectionScore score = { 0 };
    EXPECT_INVALID(vmaf_score_at_index_model_collection(NULL, collection, &score, 0));
    EXPECT_INVALID(vmaf_score_at_index_model_collection(vmaf, NULL, &score, 0));
    EXPECT_INVALID(vmaf_score_at_index_model_collection(vmaf, collection, NULL, 0));
    EXPECT_INVALID(vmaf_score_at_index_model_collection(vmaf, collection, &score, 0));

    const enum VmafPoolingMethod mean = VMAF_POOL_METHOD_MEAN;
    const enum VmafPoolingMethod unknown = VMAF_POOL_METHOD_UNKNOWN;
    EXPECT_INVALID(vmaf_score_pooled_model_collection(NULL, collection, mean, &score, 0, 0));
    EXPECT_INVALID(vmaf_score_pooled_model_collection(vmaf, NULL, mean, &score, 0, 0));
    EXPECT_INVALID(vmaf_score_pooled_model_collection(vmaf, collection, mean, NULL, 0, 0));
    EXPECT_INVALID(vmaf_score_pooled_model_collection(vmaf, collection, mean, &score, 1, 0));
    EXPECT_INVALID(vmaf_score_pooled_model_collection(vmaf, collection, unknown, &score, 0, 0));
    EXPECT_INVALID(vmaf_score_pooled_model_collection(vmaf, collection, mean, &score, 0, 0));

    VmafFeatureDictionary *dict = option("adm_enhn_gain_limit", "1");
    EXPECT_INVALID(vmaf_model_collection_feature_overload(model, NULL, "adm", dict));
    EXPECT_INVALID(vmaf_model_collection_feature_overload(NULL, &collection, "adm", dict));
    EXPECT_INVALID(vmaf_model_collection_feature_overload(model, &collection, "adm", NULL));
    EXPECT_OK(vmaf_feature_dictionary_free(&dict));

    vmaf_model_collection_destroy(collection);
    vmaf_model_collection_destroy(NULL);
    vmaf_model_destroy(model);
}

static void pictures(VmafContext *vmaf)
{
    const struct clip clip = { VMAF_PIX_FMT_YUV420P, 8, 64, 64 };
    VmafPicture pic;
    allocate(&pic, clip, 0, false);
    EXPECT_INVALID(vmaf_read_pictures(NULL, &pic, &pic, 0));
    EXPECT_INVALID(vmaf_read_pictures(NULL, NULL, NULL, 0));
    EXPECT_INVALID(vmaf_read_pictures(vmaf, &pic, NULL, 0));
    EXPECT_INVALID(vmaf_read_pictures(vmaf, NULL, &pic, 0));
    EXPECT(pic.data[0]);
    EXPECT_OK(vmaf_picture_unref(&pic));
}

static void picture_pools(VmafContext *vmaf)
{
    const VmafPictureConfiguration good = { { 64, 48, 8, VMAF_PIX_FMT_YUV420P }, 4 };
    VmafPicture pic;
    EXPECT_INVALID(vmaf_preallocate_pictures(NULL, good));
    EXPECT_INVALID(vmaf_fetch_preallocated_picture(NULL, &pic));
    EXPECT_INVALID(vmaf_fetch_preallocated_picture(vmaf, NULL));
    EXPECT_INVALID(vmaf_fetch_preallocated_picture(vmaf, &pic));

    VmafPictureConfiguration bad = good;
    bad.pic_cnt = 0;
    EXPECT_INVALID(vmaf_preallocate_pictures(vmaf, bad));
    bad = good;
    bad.pic_params.w = 0;
    EXPECT_INVALID(vmaf_preallocate_pictures(vmaf, bad));
    bad = good;
    bad.pic_params.h = 0;
    EXPECT_INVALID(vmaf_preallocate_pictures(vmaf, bad));
    bad = good;
    bad.pic_params.bpc = 7;
    EXPECT_INVALID(vmaf_preallocate_pictures(vmaf, bad));
    bad.pic_params.bpc = 17;
    EXPECT_INVALID(vmaf_preallocate_pictures(vmaf, bad));
    bad = good;
    bad.pic_params.pix_fmt = VMAF_PIX_FMT_UNKNOWN;
    EXPECT_INVALID(vmaf_preallocate_pictures(vmaf, bad));
    EXPECT_INVALID(vmaf_fetch_preallocated_picture(vmaf, &pic));

    EXPECT_OK(vmaf_preallocate_pictures(vmaf, good));
    EXPECT_INVALID(vmaf_fetch_preallocated_picture(vmaf, NULL));
}

int main(void)
{
    contexts();
    dictionaries();
    for (unsigned n_threads = 0; n_threads < 2; n_threads++) {
        VmafContext *vmaf = open_context(n_threads, 0);
        features(vmaf);
        imports(vmaf);
        models(vmaf);
        collections(vmaf);
        pictures(vmaf);
        picture_pools(vmaf);
        EXPECT_OK(vmaf_close(vmaf));
    }
    return finish();
}
