/* Scores of generated clips beside those of libvmaf 3.2 (plain C code), and pooling. */

#include "common.h"

#define FRAMES 3

/* libvmaf reads past the chroma planes of 4:2:2 and of odd sizes. */
#define SKIP (-1)

/* Means over the clip. NaN where the feature does not exist. */
struct expected {
    struct clip clip;
    double vmaf_v0_6_1, vmaf_v1, psnr_y, psnr_cb, float_ssim, ciede2000, cambi;
};

static const struct expected recorded[] = {
    { { VMAF_PIX_FMT_YUV420P, 8, 232, 218 }, 96.894208, 94.360844, 35.462224, 35.470514, 0.943764, 33.582890, 0 },
    { { VMAF_PIX_FMT_YUV420P, 12, 232, 218 }, 96.911199, 94.361047, 35.494099, 35.502389, 0.943765, 33.583565, 0 },
    { { VMAF_PIX_FMT_YUV420P, 10, 232, 218 }, 96.915791, 94.363077, 35.487733, 35.496023, 0.943775, 33.585868, 0 },
    { { VMAF_PIX_FMT_YUV420P, 16, 232, 218 }, 96.925728, 94.360303, 35.496087, 35.504377, 0.943764, 33.582931, 0 },
    { { VMAF_PIX_FMT_YUV422P, 8, 232, 218 }, 96.894208, 94.360844, 35.462224, 35.468628, 0.943764, SKIP, 0 },
    { { VMAF_PIX_FMT_YUV422P, 10, 232, 218 }, 96.915791, 94.363077, 35.487733, 35.494137, 0.943775, SKIP, 0 },
    { { VMAF_PIX_FMT_YUV422P, 16, 232, 218 }, 96.925728, 94.360303, 35.496087, 35.502491, 0.943764, SKIP, 0 },
    { { VMAF_PIX_FMT_YUV444P, 8, 232, 218 }, 96.894208, 91.877396, 35.462224, 35.467716, 0.943764, 33.670016, 0 },
    { { VMAF_PIX_FMT_YUV444P, 10, 232, 218 }, 96.915791, 91.733413, 35.487733, 35.493225, 0.943775, 33.673415, 0 },
    { { VMAF_PIX_FMT_YUV444P, 16, 232, 218 }, 96.925728, 91.968059, 35.496087, 35.501579, 0.943764, 33.670066, 0 },
    { { VMAF_PIX_FMT_YUV400P, 8, 232, 218 }, 96.894208, NAN, 35.462224, NAN, 0.943764, NAN, 0 },
    { { VMAF_PIX_FMT_YUV400P, 10, 232, 218 }, 96.915791, NAN, 35.487733, NAN, 0.943775, NAN, 0 },
    { { VMAF_PIX_FMT_YUV400P, 16, 232, 218 }, 96.925728, NAN, 35.496087, NAN, 0.943764, NAN, 0 },
    { { VMAF_PIX_FMT_YUV420P, 8, 233, 217 }, 96.919941, 94.340618, 35.462330, 35.474450, 0.943769, SKIP, 0 },
    { { VMAF_PIX_FMT_YUV420P, 10, 233, 217 }, 96.941049, 94.342594, 35.487839, 35.499959, 0.943780, SKIP, 0 },
    { { VMAF_PIX_FMT_YUV420P, 16, 233, 217 }, 96.951540, 94.339944, 35.496193, 35.508313, 0.943769, SKIP, 0 },
    { { VMAF_PIX_FMT_YUV422P, 8, 233, 217 }, 96.919941, 94.340618, 35.462330, 35.468267, 0.943769, SKIP, 0 },
    { { VMAF_PIX_FMT_YUV422P, 10, 233, 217 }, 96.941049, 94.342594, 35.487839, 35.493776, 0.943780, SKIP, 0 },
    { { VMAF_PIX_FMT_YUV422P, 16, 233, 217 }, 96.951540, 94.339944, 35.496193, 35.502130, 0.943769, SKIP, 0 },
    { { VMAF_PIX_FMT_YUV444P, 8, 233, 217 }, 96.919941, 91.863704, 35.462330, 35.466792, 0.943769, 33.679965, 0 },
    { { VMAF_PIX_FMT_YUV444P, 10, 233, 217 }, 96.941049, 91.719542, 35.487839, 35.492301, 0.943780, 33.683367, 0 },
    { { VMAF_PIX_FMT_YUV444P, 16, 233, 217 }, 96.951540, 91.954273, 35.496193, 35.500655, 0.943769, 33.680015, 0 },
    { { VMAF_PIX_FMT_YUV400P, 8, 233, 217 }, 96.919941, NAN, 35.462330, NAN, 0.943769, NAN, 0 },
    { { VMAF_PIX_FMT_YUV400P, 10, 233, 217 }, 96.941049, NAN, 35.487839, NAN, 0.943780, NAN, 0 },
    { { VMAF_PIX_FMT_YUV400P, 16, 233, 217 }, 96.951540, NAN, 35.496193, NAN, 0.943769, NAN, 0 },
};

static double pooled(VmafContext *vmaf, const char *name)
{
    double score;
    const enum VmafPoolingMethod mean = VMAF_POOL_METHOD_MEAN;
    return vmaf_feature_score_pooled(vmaf, name, mean, &score, 0, FRAMES - 1) ? NAN : score;
}

static void expect_recorded(const char *what, struct clip clip, double value, double expected,
                            double tolerance)
{
    if (fabs(value - expected) <= tolerance || (isnan(value) && isnan(expected)) || expected == SKIP)
        return;
    printf("%ux%u, format %u, %u bits: %s is %.6f instead of %.6f\n", clip.w, clip.h, clip.pix_fmt,
           clip.bpc, what, value, expected);
    failures++;
}

static void score(const struct expected *expected, unsigned n_threads, double *scores)
{
    const struct clip clip = expected->clip;
    const bool chroma = clip.pix_fmt != VMAF_PIX_FMT_YUV400P;
    VmafContext *vmaf = open_context(n_threads, 0);
    VmafModel *v0 = load_model("v0", 0, "vmaf_v0.6.1");
    VmafModel *v1 = load_model("v1", 0, "vmaf_v1.0.16_3d0h");
    EXPECT_OK(vmaf_use_features_from_model(vmaf, v0));
    if (chroma) {
        EXPECT_OK(vmaf_use_features_from_model(vmaf, v1));
        EXPECT_OK(vmaf_use_feature(vmaf, "ciede", NULL));
    }
    EXPECT_OK(vmaf_use_feature(vmaf, "psnr", NULL));
    EXPECT_OK(vmaf_use_feature(vmaf, "float_ssim", NULL));
    EXPECT_OK(vmaf_use_feature(vmaf, "cambi", NULL));
    read_clip(vmaf, clip, FRAMES);

    const enum VmafPoolingMethod mean = VMAF_POOL_METHOD_MEAN;
    scores[0] = scores[1] = NAN;
    EXPECT_OK(vmaf_score_pooled(vmaf, v0, mean, &scores[0], 0, FRAMES - 1));
    if (chroma)
        EXPECT_OK(vmaf_score_pooled(vmaf, v1, mean, &scores[1], 0, FRAMES - 1));
    scores[2] = pooled(vmaf, "psnr_y");
    scores[3] = pooled(vmaf, "psnr_cb");
    scores[4] = pooled(vmaf, "float_ssim");
    scores[5] = pooled(vmaf, "ciede2000");
    scores[6] = pooled(vmaf, "Cambi_feature_cambi_score");

    EXPECT_OK(vmaf_close(vmaf));
    vmaf_model_destroy(v0);
    vmaf_model_destroy(v1);
}

static void clips(unsigned step)
{
    static const char *const with_threads[] = {
        "vmaf_v0.6.1, threaded", "vmaf_v1, threaded",   "psnr_y, threaded", "psnr_cb, threaded",
        "float_ssim, threaded",  "ciede2000, threaded", "cambi, threaded",
    };
    for (unsigned i = 0; i < sizeof(recorded) / sizeof(*recorded); i += step) {
        const struct expected *const e = &recorded[i];
        double scores[7], threaded[7];
        score(e, 0, scores);
        expect_recorded("vmaf_v0.6.1", e->clip, scores[0], e->vmaf_v0_6_1, 1e-6);
        expect_recorded("vmaf_v1", e->clip, scores[1], e->vmaf_v1, 1e-4);
        expect_recorded("psnr_y", e->clip, scores[2], e->psnr_y, 1e-6);
        expect_recorded("psnr_cb", e->clip, scores[3], e->psnr_cb, 1e-6);
        expect_recorded("float_ssim", e->clip, scores[4], e->float_ssim, 1e-5);
        expect_recorded("ciede2000", e->clip, scores[5], e->ciede2000, 1e-4);
        expect_recorded("cambi", e->clip, scores[6], e->cambi, 1e-5);
        /* The number of threads makes no difference. */
        for (unsigned n_threads = 1; n_threads <= 4; n_threads += 3) {
            score(e, n_threads, threaded);
            for (unsigned j = 0; j < 7; j++) {
                if (j != 5 || e->ciede2000 != SKIP)
                    expect_recorded(with_threads[j], e->clip, threaded[j], scores[j], 0);
            }
        }
    }
}

/* Features that need chroma refuse pictures without. */
static void luma_alone(void)
{
    static const char *const names[] = { "ciede", "speed_chroma" };
    const struct clip clip = { VMAF_PIX_FMT_YUV400P, 8, 96, 96 };
    for (unsigned i = 0; i < sizeof(names) / sizeof(*names); i++) {
        VmafContext *vmaf = open_context(0, 0);
        EXPECT_OK(vmaf_use_feature(vmaf, names[i], NULL));
        EXPECT_INVALID(read_pair(vmaf, clip, 0, 0));
        EXPECT_OK(vmaf_close(vmaf));
    }
}

/* Scores come from imported features without a picture, in any order of indexes. */
static void imported_features(void)
{
    static const struct { const char *name; double value; } features[] = {
        { "VMAF_integer_feature_adm2_score", 0.9345 },
        { "VMAF_integer_feature_motion2_score", 4.5 },
        { "VMAF_integer_feature_vif_scale0_score", 0.5 },
        { "VMAF_integer_feature_vif_scale1_score", 0.85 },
        { "VMAF_integer_feature_vif_scale2_score", 0.9 },
        { "VMAF_integer_feature_vif_scale3_score", 0.95 },
    };
    VmafContext *vmaf = open_context(0, 0);
    VmafModel *model = load_model("vmaf", 0, "vmaf_v0.6.1");
    double score;
    for (unsigned f = 0; f < sizeof(features) / sizeof(*features); f++) {
        EXPECT_INVALID(vmaf_score_at_index(vmaf, model, &score, 90));
        EXPECT_OK(vmaf_import_feature_score(vmaf, features[f].name, features[f].value, 90));
        EXPECT_OK(vmaf_import_feature_score(vmaf, features[f].name, features[f].value * 0.9, 3));
        EXPECT_OK(vmaf_import_feature_score(vmaf, features[f].name, features[f].value * 0.5, 4));
    }
    EXPECT_OK(vmaf_score_at_index(vmaf, model, &score, 90));
    EXPECT_NEAR(score, 80.728555884, 1e-6);
    EXPECT_OK(vmaf_score_at_index(vmaf, model, &score, 3));
    EXPECT_NEAR(score, 51.401515402, 1e-6);
    EXPECT_OK(vmaf_score_pooled(vmaf, model, VMAF_POOL_METHOD_MIN, &score, 3, 4));
    EXPECT_NEAR(score, 0, 0);
    EXPECT_INVALID(vmaf_score_pooled(vmaf, model, VMAF_POOL_METHOD_MIN, &score, 3, 5));

    /* A score that is there already, under the model's name, is not predicted. */
    EXPECT_OK(vmaf_import_feature_score(vmaf, "vmaf", 42.5, 7));
    EXPECT_OK(vmaf_score_at_index(vmaf, model, &score, 7));
    EXPECT(score == 42.5);
    EXPECT_INVALID(vmaf_import_feature_score(vmaf, "vmaf", 1, 90));
    EXPECT_OK(vmaf_close(vmaf));
    vmaf_model_destroy(model);
}

static void pool_methods(void)
{
    static const double values[] = { 3, 1, 0, 9, 4 };
    VmafContext *vmaf = open_context(0, 0);
    for (unsigned i = 5; i-- > 0;)
        EXPECT_OK(vmaf_import_feature_score(vmaf, "mine", values[i], i));
    double score;
    EXPECT_OK(vmaf_feature_score_pooled(vmaf, "mine", VMAF_POOL_METHOD_MIN, &score, 0, 4));
    EXPECT(score == 0);
    EXPECT_OK(vmaf_feature_score_pooled(vmaf, "mine", VMAF_POOL_METHOD_MIN, &score, 3, 4));
    EXPECT(score == 4);
    EXPECT_OK(vmaf_feature_score_pooled(vmaf, "mine", VMAF_POOL_METHOD_MAX, &score, 0, 4));
    EXPECT(score == 9);
    EXPECT_OK(vmaf_feature_score_pooled(vmaf, "mine", VMAF_POOL_METHOD_MEAN, &score, 0, 4));
    EXPECT_NEAR(score, 3.4, 1e-12);
    EXPECT_OK(vmaf_feature_score_pooled(vmaf, "mine", VMAF_POOL_METHOD_HARMONIC_MEAN, &score, 0, 4));
    EXPECT_NEAR(score, 5 / (1. / 4 + 1. / 2 + 1 + 1. / 10 + 1. / 5) - 1, 1e-12);
    for (unsigned method = VMAF_POOL_METHOD_MIN; method < VMAF_POOL_METHOD_NB; method++) {
        EXPECT_OK(vmaf_feature_score_pooled(vmaf, "mine", (enum VmafPoolingMethod) method, &score, 3, 3));
        EXPECT_NEAR(score, 9, 1e-12);
    }
    EXPECT_OK(vmaf_close(vmaf));
}

int main(int argc, char **argv)
{
    clips(is_quick(argc, argv) ? 14 : 1);
    luma_alone();
    imported_features();
    pool_methods();
    return finish();
}
