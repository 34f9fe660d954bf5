/*
 * Expectations and generated clips for the C tests.
 *
 * A program prints each expectation that fails to standard output, and nothing otherwise. It returns 0
 * if all hold. With the argument "quick", it does less.
 */

#ifndef COMMON_H
#define COMMON_H

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libvmaf/libvmaf.h>

static unsigned failures;

#define EXPECT(condition)                                                                              \
    do {                                                                                               \
        if (!(condition)) {                                                                            \
            printf("%s:%d: %s\n", __FILE__, __LINE__, #condition);                                     \
            failures++;                                                                                \
        }                                                                                              \
    } while (0)

#define EXPECT_OK(call) expect_int(__FILE__, __LINE__, #call, (call), 0)
#define EXPECT_INVALID(call) expect_int(__FILE__, __LINE__, #call, (call), -EINVAL)
#define EXPECT_NEAR(value, expected, tolerance)                                                        \
    expect_near(__FILE__, __LINE__, #value, (value), (expected), (tolerance))

static inline void expect_int(const char *file, int line, const char *text, int value, int expected)
{
    if (value == expected)
        return;
    printf("%s:%d: %s is %d instead of %d\n", file, line, text, value, expected);
    failures++;
}

static inline void expect_near(const char *file, int line, const char *text, double value,
                               double expected, double tolerance)
{
    if (fabs(value - expected) <= tolerance)
        return;
    printf("%s:%d: %s is %.9f instead of %.9f\n", file, line, text, value, expected);
    failures++;
}

/* Does less, for valgrind, which is slow. */
static inline bool is_quick(int argc, char **argv)
{
    return argc > 1 && !strcmp(argv[1], "quick");
}

/* Exit status of a program. */
static inline int finish(void)
{
    return failures ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* Size and format of a generated clip. */
struct clip {
    enum VmafPixelFormat pix_fmt;
    unsigned bpc, w, h;
};

/* Rises from 0 to `period / 2` and falls back. */
static inline unsigned triangle(unsigned x, unsigned period)
{
    x %= period;
    return x < period / 2 ? x : period - x;
}

/* Sample of 8 bits. The distorted picture has coarse steps and some noise. */
static inline unsigned sample(unsigned plane, unsigned x, unsigned y, unsigned frame, bool distorted)
{
    const unsigned noise = ((x + 31 * frame) * 2654435761u ^ (y + 17 * plane) * 2246822519u) >> 28;
    const unsigned value =
        60 + 3 * triangle(x + 3 * frame, 40) + 2 * triangle(y + 2 * frame, 28) + noise;
    if (!distorted)
        return value;
    return value / 10 * 10 + (noise & 3);
}

/* Writes one frame of the clip into the picture. */
static inline void fill(VmafPicture *pic, unsigned frame, bool distorted)
{
    for (unsigned p = 0; p < 3; p++) {
        for (unsigned y = 0; pic->data[p] && y < pic->h[p]; y++) {
            uint8_t *const row = (uint8_t *) pic->data[p] + (ptrdiff_t) y * pic->stride[p];
            for (unsigned x = 0; x < pic->w[p]; x++) {
                const unsigned value = sample(p, x, y, frame, distorted);
                if (pic->bpc == 8)
                    row[x] = (uint8_t) value;
                else
                    ((uint16_t *) row)[x] = (uint16_t) (value << (pic->bpc - 8) | (x & 1));
            }
        }
    }
}

/* Allocates one frame of the clip. */
static inline void allocate(VmafPicture *pic, struct clip clip, unsigned frame, bool distorted)
{
    EXPECT_OK(vmaf_picture_alloc(pic, clip.pix_fmt, clip.bpc, clip.w, clip.h));
    fill(pic, frame, distorted);
}

/* Passes the pair of frame `frame` as number `index`. Frees the pictures if they are refused. */
static inline int read_pair(VmafContext *vmaf, struct clip clip, unsigned frame, unsigned index)
{
    VmafPicture ref, dist;
    allocate(&ref, clip, frame, false);
    allocate(&dist, clip, frame, true);
    const int err = vmaf_read_pictures(vmaf, &ref, &dist, index);
    if (err) {
        EXPECT_OK(vmaf_picture_unref(&ref));
        EXPECT_OK(vmaf_picture_unref(&dist));
    }
    /* An accepted picture is cleared. */
    EXPECT(!ref.data[0] && !ref.ref && !ref.priv && !ref.w[0]);
    EXPECT(!dist.data[0] && !dist.ref && !dist.priv && !dist.w[0]);
    return err;
}

/* Passes `n` frames in order, and the end of the input. */
static inline void read_clip(VmafContext *vmaf, struct clip clip, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        EXPECT_OK(read_pair(vmaf, clip, i, i));
    EXPECT_OK(vmaf_read_pictures(vmaf, NULL, NULL, 0));
}

/*
 * Opens a silent context. The CPU mask selects libvmaf's plain C code, whose numbers are the yardstick.
 */
static inline VmafContext *open_context(unsigned n_threads, unsigned n_subsample)
{
    const VmafConfiguration cfg = {
        .log_level = VMAF_LOG_LEVEL_NONE,
        .n_threads = n_threads,
        .n_subsample = n_subsample,
        .cpumask = 65535,
    };
    VmafContext *vmaf = NULL;
    EXPECT_OK(vmaf_init(&vmaf, cfg));
    EXPECT(vmaf);
    return vmaf;
}

/* Loads a built-in model. */
static inline VmafModel *load_model(const char *name, uint64_t flags, const char *version)
{
    VmafModelConfig cfg = { .name = name, .flags = flags };
    VmafModel *model = NULL;
    EXPECT_OK(vmaf_model_load(&model, &cfg, version));
    EXPECT(model);
    return model;
}

/* Dictionary of one option. */
static inline VmafFeatureDictionary *option(const char *key, const char *val)
{
    VmafFeatureDictionary *dict = NULL;
    EXPECT_OK(vmaf_feature_dictionary_set(&dict, key, val));
    EXPECT(dict);
    return dict;
}

/* Value of a feature, or NaN if there is none. */
static inline double feature_at(VmafContext *vmaf, const char *name, unsigned index)
{
    double score;
    return vmaf_feature_score_at_index(vmaf, name, &score, index) ? NAN : score;
}

#endif
