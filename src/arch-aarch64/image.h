/* SPDX-License-Identifier: BSD-2-Clause */
/* Names that image.ld defines: their addresses bound the parts of the image. */
#ifndef MOAT_ARCH_AARCH64_IMAGE_H
#define MOAT_ARCH_AARCH64_IMAGE_H

extern char image_start[];
extern char image_rodata[];
extern char image_data[];
extern char image_stacks[];
extern char image_end[];

#endif
