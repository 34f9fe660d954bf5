/*
 * Pictures: planar frames in memory, counted by reference.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */

#ifndef VMAF_PICTURE_H
#define VMAF_PICTURE_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Chroma subsampling of a picture. All formats are planar. */
enum VmafPixelFormat {
    VMAF_PIX_FMT_UNKNOWN,
    VMAF_PIX_FMT_YUV420P,
    VMAF_PIX_FMT_YUV422P,
    VMAF_PIX_FMT_YUV444P,
    /** Luma alone. */
    VMAF_PIX_FMT_YUV400P,
};

/** Number of holders of a picture. */
typedef struct VmafRef VmafRef;

/** Planes of one frame. vmaf_picture_alloc() fills in everything except the samples. */
typedef struct VmafPicture {
    enum VmafPixelFormat pix_fmt;
    /** Bits per sample, 8 to 16. */
    unsigned bpc;
    /** Width and height of each plane, in samples. Half of an odd size is rounded down. */
    unsigned w[3], h[3];
    /** Distance between rows, in bytes. */
    ptrdiff_t stride[3];
    /** Planes: uint8_t samples for 8 bits, otherwise uint16_t in the low bits, native byte order. */
    void *data[3];
    /** For the library only. */
    VmafRef *ref;
    /** For the library only. */
    void *priv;
} VmafPicture;

/**
 * Allocates a picture whose samples are 0.
 *
 * @param pic     Receives the picture. Its former content is ignored, and never freed.
 * @param pix_fmt Format. Not VMAF_PIX_FMT_UNKNOWN.
 * @param bpc     Bits per sample, 8 to 16.
 * @param w       Width of luma.
 * @param h       Height of luma.
 *
 * @return 0, or a negative errno code.
 */
int vmaf_picture_alloc(VmafPicture *pic, enum VmafPixelFormat pix_fmt, unsigned bpc, unsigned w,
                       unsigned h);

/**
 * Gives up a picture and clears `*pic`. The planes are freed once nothing else uses them.
 *
 * Any thread may call this. Pictures that vmaf_read_pictures() accepted are already cleared.
 *
 * @return 0, or -EINVAL if `pic` is NULL or holds no picture.
 */
int vmaf_picture_unref(VmafPicture *pic);

#ifdef __cplusplus
}
#endif

#endif
