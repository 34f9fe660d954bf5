/* Call sequences of programs that use libvmaf, with the library opened as they open it. */

#include <dirent.h>
#include <dlfcn.h>
#include <pthread.h>
#include <unistd.h>

#include "common.h"

#define FRAMES 12

static const struct clip clip = { VMAF_PIX_FMT_YUV420P, 8, 96, 80 };

/*
 * GStreamer's element: no threads; features by name beside the model; the score of each frame is asked
 * for as soon as a frame has been read, and the pooled scores at the end.
 */
static void scores_in_mid_stream(void)
{
    VmafContext *vmaf = open_context(0, 1);
    VmafModel *model = load_model("vmaf", VMAF_MODEL_FLAGS_DEFAULT, "vmaf_v0.6.1");
    EXPECT_OK(vmaf_use_features_from_model(vmaf, model));
    EXPECT_OK(vmaf_use_feature(vmaf, "psnr", NULL));
    EXPECT_OK(vmaf_use_feature(vmaf, "float_ssim", NULL));
    double early[FRAMES], sum = 0;
    for (unsigned i = 0; i < FRAMES; i++) {
        EXPECT_OK(read_pair(vmaf, clip, i, i));
        EXPECT(isfinite(feature_at(vmaf, "psnr_y", i)));
        EXPECT(isfinite(feature_at(vmaf, "float_ssim", i)));
        /* The motion of a frame needs the next one, so that a frame's score comes one frame late. */
        EXPECT_INVALID(vmaf_score_at_index(vmaf, model, &early[i], i));
        if (i)
            EXPECT_OK(vmaf_score_at_index(vmaf, model, &early[i - 1], i - 1));
    }
    EXPECT_OK(vmaf_read_pictures(vmaf, NULL, NULL, 0));
    EXPECT_OK(vmaf_score_at_index(vmaf, model, &early[FRAMES - 1], FRAMES - 1));
    for (unsigned i = 0; i < FRAMES; i++) {
        double score;
        EXPECT_OK(vmaf_score_at_index(vmaf, model, &score, i));
        EXPECT(score == early[i]);
        sum += score;
    }
    double pooled;
    EXPECT_OK(vmaf_score_pooled(vmaf, model, VMAF_POOL_METHOD_MEAN, &pooled, 0, FRAMES - 1));
    EXPECT_NEAR(pooled, sum / FRAMES, 1e-12);
    EXPECT_OK(vmaf_close(vmaf));
    vmaf_model_destroy(model);
}

/*
 * libaom's tuning: luma alone in a 4:2:0 picture, options of the model's features, pictures given up
 * after they were read, and a context for each frame without subsampling.
 */
static double score_luma(VmafModel *model, bool with_chroma)
{
    VmafContext *vmaf = open_context(0, 0);
    EXPECT_OK(vmaf_use_features_from_model(vmaf, model));
    VmafPicture ref, dist;
    allocate(&ref, clip, 0, false);
    allocate(&dist, clip, 0, true);
    for (unsigned p = 1; p < 3 && !with_chroma; p++) {
        memset(ref.data[p], 0, ref.stride[p] * ref.h[p]);
        memset(dist.data[p], 255, dist.stride[p] * dist.h[p]);
    }
    EXPECT_OK(vmaf_read_pictures(vmaf, &ref, &dist, 0));
    vmaf_picture_unref(&ref);
    vmaf_picture_unref(&dist);
    EXPECT_OK(vmaf_read_pictures(vmaf, NULL, NULL, 0));
    double score;
    EXPECT_OK(vmaf_score_at_index(vmaf, model, &score, 0));
    EXPECT_OK(vmaf_close(vmaf));
    return score;
}

static void luma_and_a_context_per_frame(void)
{
    VmafModel *model = load_model("vmaf", VMAF_MODEL_FLAG_DISABLE_CLIP, "vmaf_v0.6.1");
    const double plain = score_luma(model, true);
    EXPECT(score_luma(model, false) == plain);
    EXPECT_OK(vmaf_model_feature_overload(model, "adm", option("adm_enhn_gain_limit", "1.0")));
    EXPECT_OK(vmaf_model_feature_overload(model, "vif", option("vif_enhn_gain_limit", "1.0")));
    EXPECT_OK(vmaf_model_feature_overload(model, "motion", option("motion_force_zero", "true")));
    const double without_gain = score_luma(model, true);
    EXPECT(without_gain < plain);
    EXPECT(score_luma(model, true) == without_gain);
    vmaf_model_destroy(model);
}

/* VapourSynth's plugin: frames come in any order, from several threads, without a lock. */
struct shared {
    VmafContext *vmaf;
    unsigned first;
};

static void *read_every_third(void *argument)
{
    const struct shared *const shared = argument;
    for (unsigned index = shared->first; index < FRAMES; index += 3)
        EXPECT_OK(read_pair(shared->vmaf, clip, index, index));
    return NULL;
}

static void threads_without_a_lock(unsigned n_threads)
{
    VmafContext *vmaf = open_context(n_threads, 0), *ordered = open_context(0, 0);
    VmafModel *model = load_model("vmaf", 0, "vmaf_v0.6.1");
    EXPECT_OK(vmaf_use_features_from_model(vmaf, model));
    EXPECT_OK(vmaf_use_features_from_model(ordered, model));
    read_clip(ordered, clip, FRAMES);
    pthread_t threads[3];
    struct shared shared[3];
    for (unsigned i = 0; i < 3; i++) {
        shared[i] = (struct shared) { vmaf, i };
        EXPECT(!pthread_create(&threads[i], NULL, read_every_third, &shared[i]));
    }
    for (unsigned i = 0; i < 3; i++)
        EXPECT(!pthread_join(threads[i], NULL));
    EXPECT_OK(vmaf_read_pictures(vmaf, NULL, NULL, 0));
    for (unsigned i = 0; i < FRAMES; i++) {
        double score, expected;
        EXPECT_OK(vmaf_score_at_index(vmaf, model, &score, i));
        EXPECT_OK(vmaf_score_at_index(ordered, model, &expected, i));
        EXPECT(score == expected);
    }
    EXPECT_OK(vmaf_close(vmaf));
    EXPECT_OK(vmaf_close(ordered));
    vmaf_model_destroy(model);
}

static unsigned running_threads(void)
{
    DIR *const tasks = opendir("/proc/self/task");
    unsigned count = 0;
    for (struct dirent *task; (task = readdir(tasks));)
        count += task->d_name[0] != '.';
    EXPECT(!closedir(tasks));
    return count;
}

/*
 * Rigaya's encoders: the library is opened by name, its version must be readable, a name that is no
 * model may be that of a collection, and the library is closed when the work is done. No thread of a
 * closed context may be left to run code that is gone.
 */
static void opened_by_name(const char *name, unsigned repetitions)
{
    const unsigned before = running_threads();
    for (unsigned i = 0; i < repetitions; i++) {
        void *const library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
        EXPECT(library);
        if (!library)
            return;
#define FIND(function) \
    __typeof__(&function) p_##function = (__typeof__(&function)) dlsym(library, #function)
        FIND(vmaf_version);
        FIND(vmaf_init);
        FIND(vmaf_close);
        FIND(vmaf_model_load);
        FIND(vmaf_model_collection_load);
        FIND(vmaf_model_destroy);
        FIND(vmaf_model_collection_destroy);
        FIND(vmaf_use_features_from_model_collection);
        FIND(vmaf_picture_alloc);
        FIND(vmaf_read_pictures);
        FIND(vmaf_score_pooled_model_collection);
        unsigned major = 0, minor = 0;
        EXPECT(sscanf(p_vmaf_version(), "%u.%u", &major, &minor) == 2 && major == 3);

        const VmafConfiguration cfg = { .log_level = VMAF_LOG_LEVEL_NONE, .n_threads = 3 };
        VmafContext *vmaf = NULL;
        EXPECT_OK(p_vmaf_init(&vmaf, cfg));
        VmafModelConfig model_cfg = { .name = "vmaf" };
        VmafModel *model = NULL;
        VmafModelCollection *collection = NULL;
        EXPECT(p_vmaf_model_load(&model, &model_cfg, "vmaf_b_v0.6.3"));
        EXPECT_OK(p_vmaf_model_collection_load(&model, &collection, &model_cfg, "vmaf_b_v0.6.3"));
        EXPECT_OK(p_vmaf_use_features_from_model_collection(vmaf, collection));
        for (unsigned frame = 0; frame < 4; frame++) {
            VmafPicture ref, dist;
            EXPECT_OK(p_vmaf_picture_alloc(&ref, clip.pix_fmt, clip.bpc, clip.w, clip.h));
            EXPECT_OK(p_vmaf_picture_alloc(&dist, clip.pix_fmt, clip.bpc, clip.w, clip.h));
            fill(&ref, frame, false);
            fill(&dist, frame, true);
            EXPECT_OK(p_vmaf_read_pictures(vmaf, &ref, &dist, frame));
        }
        EXPECT_OK(p_vmaf_read_pictures(vmaf, NULL, NULL, 0));
        VmafModelCollectionScore score = { 0 };
        EXPECT_OK(p_vmaf_score_pooled_model_collection(vmaf, collection, VMAF_POOL_METHOD_MEAN,
                                                       &score, 0, 3));
        EXPECT(score.bootstrap.ci.p95.lo <= score.bootstrap.bagging_score);
        EXPECT(score.bootstrap.ci.p95.hi >= score.bootstrap.bagging_score);
        p_vmaf_model_collection_destroy(collection);
        p_vmaf_model_destroy(model);
        EXPECT_OK(p_vmaf_close(vmaf));
        /* The kernel lists a thread a moment longer than pthread_join waits for it. */
        for (unsigned wait = 0; wait < 5000 && running_threads() != before; wait++)
            usleep(1000);
        EXPECT(running_threads() == before);
        EXPECT(!dlclose(library));
    }
}

int main(int argc, char **argv)
{
    const bool quick = is_quick(argc, argv);
    opened_by_name("libvmaf.so.3", quick ? 2 : 20);
    opened_by_name("libvmaf.so", 1);
    scores_in_mid_stream();
    luma_and_a_context_per_frame();
    threads_without_a_lock(0);
    threads_without_a_lock(4);
    return finish();
}
