/* Contexts and pictures on several threads, and a context for each frame as in libaom. */

#include <pthread.h>

#include "common.h"

#define THREADS 4
#define FRAMES 24

static const struct clip clip = { VMAF_PIX_FMT_YUV420P, 8, 96, 80 };

#define VIF "VMAF_integer_feature_vif_scale0_score"

/* A context that threads share, one call at a time. */
struct shared {
    pthread_mutex_t lock;
    VmafContext *vmaf;
    unsigned next;
};

/* Reads frames with indexes out of order, from any thread. */
static void *read_frames(void *argument)
{
    struct shared *const shared = argument;
    for (;;) {
        EXPECT(!pthread_mutex_lock(&shared->lock));
        const unsigned n = shared->next++;
        const unsigned index = n ^ 5;
        if (n < FRAMES)
            EXPECT_OK(read_pair(shared->vmaf, clip, index, index));
        EXPECT(!pthread_mutex_unlock(&shared->lock));
        if (n >= FRAMES)
            return NULL;
    }
}

static void shared_context(unsigned n_threads)
{
    struct shared shared = { .vmaf = open_context(n_threads, 0) };
    VmafContext *ordered = open_context(0, 0);
    EXPECT(!pthread_mutex_init(&shared.lock, NULL));
    EXPECT_OK(vmaf_use_feature(shared.vmaf, "vif", NULL));
    EXPECT_OK(vmaf_use_feature(shared.vmaf, "psnr", NULL));
    EXPECT_OK(vmaf_use_feature(ordered, "vif", NULL));
    EXPECT_OK(vmaf_use_feature(ordered, "psnr", NULL));
    read_clip(ordered, clip, FRAMES);

    pthread_t threads[THREADS];
    for (unsigned i = 0; i < THREADS; i++)
        EXPECT(!pthread_create(&threads[i], NULL, read_frames, &shared));
    for (unsigned i = 0; i < THREADS; i++)
        EXPECT(!pthread_join(threads[i], NULL));
    EXPECT_OK(vmaf_read_pictures(shared.vmaf, NULL, NULL, 0));

    for (unsigned i = 0; i < FRAMES; i++) {
        EXPECT(feature_at(shared.vmaf, VIF, i) == feature_at(ordered, VIF, i));
        EXPECT(feature_at(shared.vmaf, "psnr_y", i) == feature_at(ordered, "psnr_y", i));
    }
    EXPECT_OK(vmaf_close(shared.vmaf));
    EXPECT_OK(vmaf_close(ordered));
    EXPECT(!pthread_mutex_destroy(&shared.lock));
}

/* Scores come from any thread while other contexts work. */
static void *score_clip(void *model)
{
    static const unsigned workers[] = { 0, 2 };
    double scores[2];
    for (unsigned i = 0; i < 2; i++) {
        VmafContext *vmaf = open_context(workers[i], 0);
        EXPECT_OK(vmaf_use_features_from_model(vmaf, model));
        read_clip(vmaf, clip, 6);
        EXPECT_OK(vmaf_score_pooled(vmaf, model, VMAF_POOL_METHOD_MEAN, &scores[i], 0, 5));
        EXPECT_OK(vmaf_close(vmaf));
    }
    EXPECT(scores[0] == scores[1]);
    double *const score = malloc(sizeof(*score));
    *score = scores[0];
    return score;
}

/* One model for contexts of several threads. */
static void contexts_at_once(void)
{
    VmafModel *model = load_model("vmaf", 0, "vmaf_v0.6.1");
    pthread_t threads[THREADS];
    double *scores[THREADS];
    for (unsigned i = 0; i < THREADS; i++)
        EXPECT(!pthread_create(&threads[i], NULL, score_clip, model));
    for (unsigned i = 0; i < THREADS; i++) {
        void *score;
        EXPECT(!pthread_join(threads[i], &score));
        scores[i] = score;
    }
    for (unsigned i = 0; i < THREADS; i++) {
        EXPECT(*scores[i] == *scores[0]);
        if (i)
            free(scores[i]);
    }
    free(scores[0]);
    vmaf_model_destroy(model);
}

/* Imports scores of one feature each, of frames from last to first. */
static void *import_scores(void *argument)
{
    struct shared *const shared = argument;
    EXPECT(!pthread_mutex_lock(&shared->lock));
    const unsigned feature = shared->next++;
    EXPECT(!pthread_mutex_unlock(&shared->lock));
    char name[32];
    snprintf(name, sizeof(name), "feature%u", feature);
    for (unsigned i = 200; i-- > 0;)
        EXPECT_OK(vmaf_import_feature_score(shared->vmaf, name, feature + i, i));
    return NULL;
}

static void imports_at_once(void)
{
    struct shared shared = { .vmaf = open_context(0, 0) };
    EXPECT(!pthread_mutex_init(&shared.lock, NULL));
    pthread_t threads[THREADS];
    for (unsigned i = 0; i < THREADS; i++)
        EXPECT(!pthread_create(&threads[i], NULL, import_scores, &shared));
    for (unsigned i = 0; i < THREADS; i++)
        EXPECT(!pthread_join(threads[i], NULL));
    for (unsigned i = 0; i < THREADS; i++) {
        char name[32];
        snprintf(name, sizeof(name), "feature%u", i);
        for (unsigned index = 0; index < 200; index++)
            EXPECT(feature_at(shared.vmaf, name, index) == i + index);
    }
    EXPECT_OK(vmaf_close(shared.vmaf));
    EXPECT(!pthread_mutex_destroy(&shared.lock));
}

/* The way of libaom's tuning for VMAF: a model for all, a context for each frame. */
static void context_per_frame(unsigned frames)
{
    VmafModel *model = load_model("vmaf", VMAF_MODEL_FLAG_DISABLE_CLIP, "vmaf_v0.6.1neg");
    double first = 0;
    for (unsigned i = 0; i < frames; i++) {
        VmafContext *vmaf = open_context(i % 2 ? 4 : 0, 0);
        EXPECT_OK(vmaf_use_features_from_model(vmaf, model));
        VmafPicture ref, dist;
        allocate(&ref, clip, 0, false);
        allocate(&dist, clip, 0, true);
        EXPECT_OK(vmaf_read_pictures(vmaf, &ref, &dist, 0));
        EXPECT_OK(vmaf_read_pictures(vmaf, NULL, NULL, 0));
        double score;
        EXPECT_OK(vmaf_score_at_index(vmaf, model, &score, 0));
        if (!i)
            first = score;
        EXPECT(score == first);
        EXPECT_OK(vmaf_close(vmaf));
        /* Pictures that were taken may be given up again. */
        EXPECT_INVALID(vmaf_picture_unref(&ref));
        EXPECT_INVALID(vmaf_picture_unref(&dist));
    }
    vmaf_model_destroy(model);
}

int main(int argc, char **argv)
{
    shared_context(0);
    shared_context(4);
    contexts_at_once();
    imports_at_once();
    context_per_frame(is_quick(argc, argv) ? 6 : 40);
    return finish();
}
