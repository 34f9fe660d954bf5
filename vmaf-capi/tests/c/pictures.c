/* Geometry of pictures, and pictures allocated ahead. */

#include <pthread.h>
#include <unistd.h>

#include "common.h"

static void refusals(void)
{
    VmafPicture pic;
    memset(&pic, 0, sizeof(pic));
    EXPECT_INVALID(vmaf_picture_alloc(NULL, VMAF_PIX_FMT_YUV420P, 8, 64, 64));
    EXPECT_INVALID(vmaf_picture_alloc(&pic, VMAF_PIX_FMT_UNKNOWN, 8, 64, 64));
    EXPECT_INVALID(vmaf_picture_alloc(&pic, VMAF_PIX_FMT_YUV420P, 0, 64, 64));
    EXPECT_INVALID(vmaf_picture_alloc(&pic, VMAF_PIX_FMT_YUV420P, 7, 64, 64));
    EXPECT_INVALID(vmaf_picture_alloc(&pic, VMAF_PIX_FMT_YUV420P, 17, 64, 64));
    EXPECT(!pic.ref && !pic.data[0]);
    EXPECT_INVALID(vmaf_picture_unref(NULL));
    EXPECT_INVALID(vmaf_picture_unref(&pic));

    EXPECT_OK(vmaf_picture_alloc(&pic, VMAF_PIX_FMT_YUV420P, 8, 64, 64));
    EXPECT_OK(vmaf_picture_unref(&pic));
    EXPECT_INVALID(vmaf_picture_unref(&pic));
}

static void expect_plane(const VmafPicture *pic, unsigned p, unsigned w, unsigned h)
{
    const size_t row = (size_t) w << (pic->bpc > 8);
    EXPECT(pic->w[p] == w && pic->h[p] == h);
    EXPECT(pic->stride[p] >= (ptrdiff_t) row);
    /* Rows start at multiples of 32 bytes, and samples are 0. */
    EXPECT(pic->stride[p] % 32 == 0);
    EXPECT((uintptr_t) pic->data[p] % 32 == 0);
    for (unsigned y = 0; y < h; y++) {
        uint8_t *const at = (uint8_t *) pic->data[p] + (ptrdiff_t) y * pic->stride[p];
        bool zero = true;
        for (size_t x = 0; x < row; x++)
            zero = zero && !at[x];
        EXPECT(zero);
        /* All of a row may be written, padding included. */
        memset(at, 255, (size_t) pic->stride[p]);
    }
}

static void geometry(void)
{
    static const unsigned sizes[][2] = { { 1, 1 }, { 2, 2 }, { 33, 17 }, { 64, 64 }, { 175, 143 } };
    for (unsigned bpc = 8; bpc <= 16; bpc++) {
        for (unsigned i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
            const unsigned w = sizes[i][0], h = sizes[i][1];
            for (unsigned f = VMAF_PIX_FMT_YUV420P; f <= VMAF_PIX_FMT_YUV400P; f++) {
                const enum VmafPixelFormat pix_fmt = (enum VmafPixelFormat) f;
                VmafPicture pic;
                memset(&pic, 255, sizeof(pic));
                EXPECT_OK(vmaf_picture_alloc(&pic, pix_fmt, bpc, w, h));
                EXPECT(pic.pix_fmt == pix_fmt && pic.bpc == bpc && pic.ref);
                expect_plane(&pic, 0, w, h);
                if (pix_fmt == VMAF_PIX_FMT_YUV400P) {
                    for (unsigned p = 1; p < 3; p++)
                        EXPECT(!pic.data[p] && !pic.w[p] && !pic.h[p] && !pic.stride[p]);
                } else {
                    const unsigned cw = pix_fmt == VMAF_PIX_FMT_YUV444P ? w : w / 2;
                    const unsigned ch = pix_fmt == VMAF_PIX_FMT_YUV420P ? h / 2 : h;
                    expect_plane(&pic, 1, cw, ch);
                    expect_plane(&pic, 2, cw, ch);
                    EXPECT(pic.stride[1] == pic.stride[2]);
                }
                /* A copy of the structure is the same picture. */
                VmafPicture copy = pic;
                EXPECT_OK(vmaf_picture_unref(&copy));
                EXPECT(!copy.ref && !copy.priv && !copy.data[0] && !copy.w[0] && !copy.bpc);
            }
        }
    }
}

static void *free_pictures(void *pictures)
{
    for (unsigned i = 0; i < 4; i++)
        EXPECT_OK(vmaf_picture_unref((VmafPicture *) pictures + i));
    return NULL;
}

static void free_on_another_thread(void)
{
    const struct clip clip = { VMAF_PIX_FMT_YUV422P, 10, 65, 33 };
    VmafPicture pictures[4];
    for (unsigned i = 0; i < 4; i++)
        allocate(&pictures[i], clip, i, false);
    pthread_t thread;
    EXPECT(!pthread_create(&thread, NULL, free_pictures, pictures));
    EXPECT(!pthread_join(thread, NULL));
}

static void pool(void)
{
    VmafContext *vmaf = open_context(0, 0);
    const VmafPictureConfiguration cfg = { { 33, 17, 10, VMAF_PIX_FMT_YUV420P }, 3 };
    EXPECT_OK(vmaf_preallocate_pictures(vmaf, cfg));

    VmafPicture pictures[3];
    void *planes[3];
    for (unsigned i = 0; i < 3; i++) {
        memset(&pictures[i], 255, sizeof(pictures[i]));
        EXPECT_OK(vmaf_fetch_preallocated_picture(vmaf, &pictures[i]));
        EXPECT(pictures[i].pix_fmt == VMAF_PIX_FMT_YUV420P && pictures[i].bpc == 10);
        expect_plane(&pictures[i], 0, 33, 17);
        expect_plane(&pictures[i], 1, 16, 8);
        expect_plane(&pictures[i], 2, 16, 8);
        planes[i] = pictures[i].data[0];
    }
    EXPECT(planes[0] != planes[1] && planes[1] != planes[2] && planes[0] != planes[2]);

    /* There is another picture once one was given back. */
    EXPECT_OK(vmaf_picture_unref(&pictures[1]));
    EXPECT(!pictures[1].data[0]);
    EXPECT_INVALID(vmaf_picture_unref(&pictures[1]));
    EXPECT_OK(vmaf_fetch_preallocated_picture(vmaf, &pictures[1]));
    EXPECT(pictures[1].data[0] && pictures[1].data[0] != planes[0] && pictures[1].data[0] != planes[2]);

    for (unsigned i = 0; i < 3; i++)
        EXPECT_OK(vmaf_picture_unref(&pictures[i]));
    EXPECT_OK(vmaf_close(vmaf));
}

/* Takes a picture from a pool of one, and gives it back. */
static void *fetch(void *vmaf)
{
    VmafPicture pic;
    EXPECT_OK(vmaf_fetch_preallocated_picture(vmaf, &pic));
    EXPECT_OK(vmaf_picture_unref(&pic));
    return NULL;
}

/* A thread that needs more pictures than there are gets one, at the latest when one is given back. */
static void pool_of_one(void)
{
    VmafContext *vmaf = open_context(0, 0);
    const VmafPictureConfiguration cfg = { { 16, 16, 8, VMAF_PIX_FMT_YUV400P }, 1 };
    EXPECT_OK(vmaf_preallocate_pictures(vmaf, cfg));

    VmafPicture pic;
    EXPECT_OK(vmaf_fetch_preallocated_picture(vmaf, &pic));
    pthread_t thread;
    EXPECT(!pthread_create(&thread, NULL, fetch, vmaf));
    usleep(50000);
    EXPECT_OK(vmaf_picture_unref(&pic));
    EXPECT(!pthread_join(thread, NULL));
    EXPECT_OK(vmaf_close(vmaf));
}

/* A clip scored with pictures allocated ahead, and with others. */
static void pool_scores(unsigned n_threads)
{
    const struct clip clip = { VMAF_PIX_FMT_YUV420P, 8, 64, 64 };
    const VmafPictureConfiguration cfg = { { 64, 64, 8, VMAF_PIX_FMT_YUV420P }, 16 };
    VmafContext *pooled = open_context(n_threads, 0), *allocated = open_context(n_threads, 0);
    EXPECT_OK(vmaf_preallocate_pictures(pooled, cfg));
    EXPECT_OK(vmaf_use_feature(pooled, "vif", NULL));
    EXPECT_OK(vmaf_use_feature(allocated, "vif", NULL));

    for (unsigned i = 0; i < 30; i++) {
        VmafPicture ref, dist;
        EXPECT_OK(vmaf_fetch_preallocated_picture(pooled, &ref));
        EXPECT_OK(vmaf_fetch_preallocated_picture(pooled, &dist));
        fill(&ref, i, false);
        fill(&dist, i, true);
        EXPECT_OK(vmaf_read_pictures(pooled, &ref, &dist, i));
    }
    EXPECT_OK(vmaf_read_pictures(pooled, NULL, NULL, 0));
    read_clip(allocated, clip, 30);

    for (unsigned i = 0; i < 30; i++) {
        const char *const name = "VMAF_integer_feature_vif_scale0_score";
        EXPECT(feature_at(pooled, name, i) == feature_at(allocated, name, i));
    }
    EXPECT_OK(vmaf_close(pooled));
    EXPECT_OK(vmaf_close(allocated));
}

int main(void)
{
    refusals();
    geometry();
    free_on_another_thread();
    pool();
    pool_of_one();
    pool_scores(0);
    pool_scores(3);
    return finish();
}
