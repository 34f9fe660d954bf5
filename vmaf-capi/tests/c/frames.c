/* Order, indexes and sizes of the frames that a context reads. */

#include "common.h"

static const struct clip clip = { VMAF_PIX_FMT_YUV420P, 8, 96, 80 };

#define VIF "VMAF_integer_feature_vif_scale0_score"
#define MOTION2 "VMAF_integer_feature_motion2_score"

static void without_features(unsigned n_threads)
{
    double score;
    VmafContext *vmaf = open_context(n_threads, 0);
    read_clip(vmaf, clip, 2);
    EXPECT_INVALID(vmaf_feature_score_at_index(vmaf, VIF, &score, 0));
    EXPECT_OK(vmaf_close(vmaf));
}

static void without_pictures(unsigned n_threads)
{
    /* The end of an empty input is an error for features that keep state from frame to frame. */
    VmafContext *vmaf = open_context(n_threads, 0);
    EXPECT_OK(vmaf_use_feature(vmaf, "psnr", NULL));
    EXPECT_INVALID(vmaf_read_pictures(vmaf, NULL, NULL, 0));
    /* The input has not ended. */
    read_clip(vmaf, clip, 1);
    EXPECT(isfinite(feature_at(vmaf, "psnr_y", 0)));
    EXPECT_OK(vmaf_close(vmaf));

    /* Without features, it is not. */
    vmaf = open_context(n_threads, 0);
    EXPECT_OK(vmaf_read_pictures(vmaf, NULL, NULL, 0));
    EXPECT_INVALID(vmaf_read_pictures(vmaf, NULL, NULL, 0));
    EXPECT_INVALID(read_pair(vmaf, clip, 0, 0));
    EXPECT_OK(vmaf_close(vmaf));
}

/* A context is closed with frames in its queue. */
static void close_early(unsigned n_threads)
{
    VmafContext *vmaf = open_context(n_threads, 0);
    EXPECT_OK(vmaf_use_feature(vmaf, "vif", NULL));
    EXPECT_OK(vmaf_use_feature(vmaf, "motion", NULL));
    for (unsigned i = 0; i < 5; i++)
        EXPECT_OK(read_pair(vmaf, clip, i, i));
    EXPECT_OK(vmaf_close(vmaf));
}

static void after_the_end(unsigned n_threads)
{
    VmafContext *vmaf = open_context(n_threads, 0);
    EXPECT_OK(vmaf_use_feature(vmaf, "vif", NULL));
    EXPECT_OK(vmaf_use_feature(vmaf, "motion", NULL));
    read_clip(vmaf, clip, 3);
    EXPECT_INVALID(vmaf_read_pictures(vmaf, NULL, NULL, 0));
    EXPECT_INVALID(vmaf_read_pictures(vmaf, NULL, NULL, 3));
    EXPECT_INVALID(read_pair(vmaf, clip, 3, 3));
    EXPECT(isnan(feature_at(vmaf, VIF, 3)));
    EXPECT(isfinite(feature_at(vmaf, VIF, 2)));
    EXPECT_OK(vmaf_close(vmaf));
}

static void before_the_end(void)
{
    /* Without threads, a frame's own features are there at once. */
    VmafContext *vmaf = open_context(0, 0);
    VmafModel *model = load_model("vmaf", 0, "vmaf_v0.6.1");
    EXPECT_OK(vmaf_use_features_from_model(vmaf, model));
    double score;
    EXPECT_OK(read_pair(vmaf, clip, 0, 0));
    EXPECT(isfinite(feature_at(vmaf, VIF, 0)));
    for (unsigned i = 1; i < 4; i++)
        EXPECT_OK(read_pair(vmaf, clip, i, i));
    /* The last frame awaits the next for its motion. */
    EXPECT_INVALID(vmaf_score_at_index(vmaf, model, &score, 3));
    EXPECT_INVALID(vmaf_score_pooled(vmaf, model, VMAF_POOL_METHOD_MEAN, &score, 0, 3));
    EXPECT_OK(vmaf_read_pictures(vmaf, NULL, NULL, 0));
    EXPECT_OK(vmaf_score_at_index(vmaf, model, &score, 3));
    EXPECT_OK(vmaf_score_pooled(vmaf, model, VMAF_POOL_METHOD_MEAN, &score, 0, 3));
    EXPECT_INVALID(vmaf_score_pooled(vmaf, model, VMAF_POOL_METHOD_MEAN, &score, 0, 4));
    /* Asked for again, a score is the same. */
    double again;
    EXPECT_OK(vmaf_score_pooled(vmaf, model, VMAF_POOL_METHOD_MEAN, &again, 0, 3));
    EXPECT(again == score);
    EXPECT_OK(vmaf_close(vmaf));
    vmaf_model_destroy(model);
}

static void repeated_index(void)
{
    /* Without threads, the error is that of the call, which leaves the pictures to the caller. */
    VmafContext *vmaf = open_context(0, 0);
    EXPECT_OK(vmaf_use_feature(vmaf, "vif", NULL));
    EXPECT_OK(read_pair(vmaf, clip, 0, 0));
    const double first = feature_at(vmaf, VIF, 0);
    EXPECT_INVALID(read_pair(vmaf, clip, 1, 0));
    EXPECT(feature_at(vmaf, VIF, 0) == first);
    EXPECT_OK(read_pair(vmaf, clip, 1, 1));
    EXPECT_OK(vmaf_read_pictures(vmaf, NULL, NULL, 0));
    EXPECT(feature_at(vmaf, VIF, 0) == first);
    EXPECT_OK(vmaf_close(vmaf));

    /* With threads, libvmaf returns before it finds the error. The first scores stay. */
    vmaf = open_context(1, 0);
    EXPECT_OK(vmaf_use_feature(vmaf, "vif", NULL));
    EXPECT_OK(read_pair(vmaf, clip, 0, 0));
    read_pair(vmaf, clip, 1, 0);
    EXPECT_OK(read_pair(vmaf, clip, 1, 1));
    EXPECT_OK(vmaf_read_pictures(vmaf, NULL, NULL, 0));
    EXPECT(feature_at(vmaf, VIF, 0) == first);
    EXPECT(isfinite(feature_at(vmaf, VIF, 1)));
    EXPECT_OK(vmaf_close(vmaf));
}

static void imported_and_computed(void)
{
    VmafContext *vmaf = open_context(0, 0);
    EXPECT_OK(vmaf_use_feature(vmaf, "vif", NULL));
    EXPECT_OK(read_pair(vmaf, clip, 0, 0));
    /* A computed score stays. */
    EXPECT_INVALID(vmaf_import_feature_score(vmaf, VIF, 0.5, 0));
    EXPECT(feature_at(vmaf, VIF, 0) != 0.5);
    /* An imported one too. In libvmaf, it makes the computed one an error. */
    EXPECT_OK(vmaf_import_feature_score(vmaf, VIF, 0.5, 1));
    read_pair(vmaf, clip, 1, 1);
    EXPECT(feature_at(vmaf, VIF, 1) == 0.5);
    /* Scores may still be imported at the end. */
    EXPECT_OK(vmaf_read_pictures(vmaf, NULL, NULL, 0));
    EXPECT_OK(vmaf_import_feature_score(vmaf, "mine", 3, 7));
    EXPECT(feature_at(vmaf, "mine", 7) == 3);
    EXPECT_OK(vmaf_close(vmaf));
}

/* Values of features that look at one frame alone do not depend on the order of frames. */
static void order(unsigned n_threads)
{
    static const unsigned indexes[] = { 5, 0, 300, 2, 1, 17, 4 };
    const unsigned n = sizeof(indexes) / sizeof(*indexes);
    VmafContext *vmaf = open_context(n_threads, 0), *ordered = open_context(0, 0);
    EXPECT_OK(vmaf_use_feature(vmaf, "vif", NULL));
    EXPECT_OK(vmaf_use_feature(vmaf, "psnr", NULL));
    EXPECT_OK(vmaf_use_feature(ordered, "vif", NULL));
    EXPECT_OK(vmaf_use_feature(ordered, "psnr", NULL));
    read_clip(ordered, clip, n);
    for (unsigned i = 0; i < n; i++)
        EXPECT_OK(read_pair(vmaf, clip, i, indexes[i]));
    EXPECT_OK(vmaf_read_pictures(vmaf, NULL, NULL, 1000));
    for (unsigned i = 0; i < n; i++) {
        EXPECT(feature_at(vmaf, VIF, indexes[i]) == feature_at(ordered, VIF, i));
        EXPECT(feature_at(vmaf, "psnr_y", indexes[i]) == feature_at(ordered, "psnr_y", i));
    }
    EXPECT(isnan(feature_at(vmaf, VIF, 3)));
    EXPECT(isnan(feature_at(vmaf, VIF, 299)));
    EXPECT_OK(vmaf_close(vmaf));
    EXPECT_OK(vmaf_close(ordered));
}

static int read_different(VmafContext *vmaf, struct clip of_ref, struct clip of_dist)
{
    VmafPicture ref, dist;
    allocate(&ref, of_ref, 0, false);
    allocate(&dist, of_dist, 0, true);
    const int err = vmaf_read_pictures(vmaf, &ref, &dist, 0);
    EXPECT(err);
    EXPECT(ref.data[0] && dist.data[0]);
    EXPECT_OK(vmaf_picture_unref(&ref));
    EXPECT_OK(vmaf_picture_unref(&dist));
    return err;
}

static void sizes(unsigned n_threads)
{
    const struct clip wide = { VMAF_PIX_FMT_YUV420P, 8, 98, 80 };
    const struct clip high = { VMAF_PIX_FMT_YUV420P, 8, 96, 82 };
    const struct clip full = { VMAF_PIX_FMT_YUV444P, 8, 96, 80 };
    const struct clip deep = { VMAF_PIX_FMT_YUV420P, 10, 96, 80 };
    VmafContext *vmaf = open_context(n_threads, 0);
    EXPECT_OK(vmaf_use_feature(vmaf, "vif", NULL));
    /* The first reference decides the format, even if its pair is refused. */
    EXPECT_INVALID(read_different(vmaf, clip, wide));
    EXPECT_INVALID(read_different(vmaf, wide, wide));
    EXPECT_OK(read_pair(vmaf, clip, 0, 0));
    EXPECT_INVALID(read_different(vmaf, clip, high));
    EXPECT_INVALID(read_different(vmaf, wide, clip));
    EXPECT_INVALID(read_different(vmaf, high, high));
    EXPECT_INVALID(read_different(vmaf, full, full));
    EXPECT_INVALID(read_different(vmaf, clip, full));
    EXPECT_INVALID(read_different(vmaf, deep, clip));
    EXPECT_OK(read_pair(vmaf, clip, 1, 1));
    EXPECT_OK(vmaf_read_pictures(vmaf, NULL, NULL, 0));
    EXPECT(isfinite(feature_at(vmaf, VIF, 0)) && isfinite(feature_at(vmaf, VIF, 1)));
    EXPECT_OK(vmaf_close(vmaf));
}

/* Every n-th frame is scored, with the motion since the frame before. */
static void subsample(unsigned n_threads, unsigned n_subsample)
{
    const unsigned n = 8;
    VmafContext *vmaf = open_context(n_threads, n_subsample), *all = open_context(0, 0);
    VmafModel *model = load_model("vmaf", 0, "vmaf_v0.6.1");
    EXPECT_OK(vmaf_use_features_from_model(vmaf, model));
    EXPECT_OK(vmaf_use_feature(vmaf, "psnr", NULL));
    EXPECT_OK(vmaf_use_features_from_model(all, model));
    EXPECT_OK(vmaf_use_feature(all, "psnr", NULL));
    read_clip(vmaf, clip, n);
    read_clip(all, clip, n);

    double score, of_all;
    for (unsigned i = 0; i < n; i++) {
        EXPECT_OK(vmaf_score_at_index(all, model, &of_all, i));
        if (n_subsample > 1 && i % n_subsample) {
            EXPECT(isnan(feature_at(vmaf, VIF, i)));
            EXPECT_INVALID(vmaf_score_at_index(vmaf, model, &score, i));
        } else {
            EXPECT(feature_at(vmaf, VIF, i) == feature_at(all, VIF, i));
            EXPECT(feature_at(vmaf, MOTION2, i) == feature_at(all, MOTION2, i));
            EXPECT(feature_at(vmaf, "psnr_y", i) == feature_at(all, "psnr_y", i));
            EXPECT_OK(vmaf_score_at_index(vmaf, model, &score, i));
            EXPECT(score == of_all);
        }
    }

    double sum = 0;
    unsigned count = 0;
    for (unsigned i = 0; i < n; i++) {
        if (n_subsample > 1 && i % n_subsample)
            continue;
        EXPECT_OK(vmaf_score_at_index(all, model, &of_all, i));
        sum += of_all;
        count++;
    }
    EXPECT_OK(vmaf_score_pooled(vmaf, model, VMAF_POOL_METHOD_MEAN, &score, 0, n - 1));
    EXPECT_NEAR(score, sum / count, 1e-12);
    if (n_subsample > 2) {
        /* There is no frame to pool. */
        EXPECT_OK(vmaf_score_pooled(vmaf, model, VMAF_POOL_METHOD_MEAN, &score, 1, 2));
        EXPECT(isnan(score));
    }
    EXPECT_OK(vmaf_close(vmaf));
    EXPECT_OK(vmaf_close(all));
    vmaf_model_destroy(model);
}

/* Motion is 0 for the first frame, and for one frame alone. */
static void one_frame(unsigned n_threads)
{
    VmafContext *vmaf = open_context(n_threads, 0);
    EXPECT_OK(vmaf_use_feature(vmaf, "motion", NULL));
    read_clip(vmaf, clip, 1);
    EXPECT(feature_at(vmaf, MOTION2, 0) == 0);
    EXPECT_OK(vmaf_close(vmaf));
}

int main(int argc, char **argv)
{
    const bool quick = is_quick(argc, argv);
    static const unsigned threads[] = { 0, 1, 4 };
    static const unsigned subsamples[] = { 0, 1, 3 };
    for (unsigned i = 0; i < 3; i += quick ? 2 : 1) {
        without_features(threads[i]);
        without_pictures(threads[i]);
        close_early(threads[i]);
        after_the_end(threads[i]);
        order(threads[i]);
        sizes(threads[i]);
        one_frame(threads[i]);
        for (unsigned j = quick ? 2 : 0; j < 3; j++)
            subsample(threads[i], subsamples[j]);
    }
    before_the_end();
    repeated_index();
    imported_and_computed();
    return finish();
}
