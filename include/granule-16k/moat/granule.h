/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The granule: pages of 16 KiB. This list is all that Moat knows of a granule
 * (Arm ARM, D8.2); the rest follows from it:
 *
 *     entry of level      0        1        2        3
 *     translates          128 TiB  64 GiB   32 MiB   16 KiB
 *
 * To be put before the folder `include` in the include path: see its granule.h.
 */
#ifndef MOAT_GRANULE_H
#define MOAT_GRANULE_H

enum {
	MOAT_PAGE_BITS = 14,
	MOAT_PAGE_SIZE = 16384, /* bytes: 2^MOAT_PAGE_BITS */
	MOAT_TABLE_BITS = 11,
	MOAT_TABLE_ENTRIES = 2048, /* of 8 bytes: one page */
	MOAT_BLOCK_LEVEL_MIN = 2, /* there are blocks from here to level 2 */
	MOAT_ROOT_PAGES_MAX = 16 /* concatenated tables, at any start level */
};

#endif
