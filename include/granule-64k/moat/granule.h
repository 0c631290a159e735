/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The granule: pages of 64 KiB. This list is all that Moat knows of a granule
 * (Arm ARM, D8.2); the rest follows from it:
 *
 *     entry of level      0        1        2        3
 *     translates          -        4 TiB    512 MiB  64 KiB
 *
 * To be put before the folder `include` in the include path: see its granule.h.
 */
#ifndef MOAT_GRANULE_H
#define MOAT_GRANULE_H

enum {
	MOAT_PAGE_BITS = 16,
	MOAT_PAGE_SIZE = 65536, /* bytes: 2^MOAT_PAGE_BITS */
	MOAT_TABLE_BITS = 13,
	MOAT_TABLE_ENTRIES = 8192, /* of 8 bytes: one page */
	MOAT_BLOCK_LEVEL_MIN = 2, /* there are blocks from here to level 2 */
	MOAT_ROOT_PAGES_MAX = 16 /* concatenated tables, at any start level */
};

#endif
