/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The granule: pages of 4 KiB. This list is all that Moat knows of a granule
 * (Arm ARM, D8.2); the rest follows from it:
 *
 *     entry of level      0        1        2        3
 *     translates          512 GiB  1 GiB    2 MiB    4 KiB
 *
 * A build has one granule, and its users must see the same. This one is what
 * they get who choose nothing. Folders beside this one, granule-16k and
 * granule-64k, hold this header for the others: put theirs before this one in
 * the include path. What is installed has the granule it was built with.
 */
#ifndef MOAT_GRANULE_H
#define MOAT_GRANULE_H

enum {
	MOAT_PAGE_BITS = 12,
	MOAT_PAGE_SIZE = 4096, /* bytes: 2^MOAT_PAGE_BITS */
	MOAT_TABLE_BITS = 9,
	MOAT_TABLE_ENTRIES = 512, /* of 8 bytes: one page */
	MOAT_BLOCK_LEVEL_MIN = 1, /* there are blocks from here to level 2 */
	MOAT_ROOT_PAGES_MAX = 16 /* concatenated tables, at any start level */
};

#endif
