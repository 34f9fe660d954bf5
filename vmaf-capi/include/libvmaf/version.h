/*
 * Version of the interface that these headers declare: that of libvmaf 3.2.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */

#ifndef VMAF_VERSION_H
#define VMAF_VERSION_H

#define VMAF_API_VERSION_MAJOR 3
#define VMAF_API_VERSION_MINOR 2
#define VMAF_API_VERSION_PATCH 0

#endif
