/* Scores a y4m clip of 8-bit 4:2:0 with the library, and prints the mean: score REFERENCE DISTORTED */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libvmaf/libvmaf.h>

#define CHECK(condition, what)                                                                          \
    do {                                                                                                \
        if (!(condition)) {                                                                             \
            fprintf(stderr, "%s failed\n", what);                                                       \
            exit(1);                                                                                    \
        }                                                                                               \
    } while (0)

static FILE *opened(const char *path, unsigned *w, unsigned *h)
{
    char header[256];
    FILE *file = fopen(path, "rb");
    CHECK(file && fgets(header, sizeof header, file), path);
    CHECK(sscanf(header, "YUV4MPEG2 W%u H%u", w, h) == 2, "the header");
    return file;
}

/* Returns 0 at the end of the file. */
static int read_picture(FILE *file, VmafPicture *picture, unsigned w, unsigned h)
{
    char frame[256];
    if (!fgets(frame, sizeof frame, file))
        return 0;
    CHECK(!strncmp(frame, "FRAME", 5), "the frame's header");
    CHECK(!vmaf_picture_alloc(picture, VMAF_PIX_FMT_YUV420P, 8, w, h), "vmaf_picture_alloc");
    for (int plane = 0; plane < 3; plane++)
        for (unsigned y = 0; y < picture->h[plane]; y++) {
            char *row = (char *)picture->data[plane] + y * picture->stride[plane];
            CHECK(fread(row, 1, picture->w[plane], file) == picture->w[plane], "reading a row");
        }
    return 1;
}

int main(int argc, char **argv)
{
    unsigned w, h, frames = 0;
    double score;
    VmafContext *vmaf;
    VmafModel *model;
    VmafPicture reference, distorted;
    VmafConfiguration configuration = { .log_level = VMAF_LOG_LEVEL_WARNING, .n_threads = 2 };
    VmafModelConfig model_configuration = { .name = "vmaf" };

    CHECK(argc == 3, "score REFERENCE DISTORTED");
    FILE *first = opened(argv[1], &w, &h), *second = opened(argv[2], &w, &h);
    CHECK(!vmaf_init(&vmaf, configuration), "vmaf_init");
    CHECK(!vmaf_model_load(&model, &model_configuration, "vmaf_v0.6.1"), "vmaf_model_load");
    CHECK(!vmaf_use_features_from_model(vmaf, model), "vmaf_use_features_from_model");
    while (read_picture(first, &reference, w, h) && read_picture(second, &distorted, w, h))
        CHECK(!vmaf_read_pictures(vmaf, &reference, &distorted, frames++), "vmaf_read_pictures");
    CHECK(!vmaf_read_pictures(vmaf, NULL, NULL, 0), "the last vmaf_read_pictures");
    CHECK(!vmaf_score_pooled(vmaf, model, VMAF_POOL_METHOD_MEAN, &score, 0, frames - 1), "vmaf_score_pooled");
    printf("%.6f\n", score);
    vmaf_model_destroy(model);
    vmaf_close(vmaf);
    return 0;
}
