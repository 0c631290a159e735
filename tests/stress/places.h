/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where things are: few pages and few addresses, so that threads meet. Pages of
 * the pool lie in the regions 0 to 2; the regions 3 and 4 are blocks. Roots are
 * of four pages, and of the pool, too.
 */
#ifndef STRESS_PLACES_H
#define STRESS_PLACES_H

#include "stress/machine.h"

enum {
	PAGES = 48,
	PAGES_OF_REGION = 16,
	ROOTS = PAGES / 4,
	SLOTS = 8, /* of each half of an IPA space */
	SECRET_SLOTS = 4 /* the first ones, which a guest never shares */
};

#define BLOCK_PA (RAM_BASE + 3 * REGION_SIZE)
#define SECOND_BLOCK_PA (RAM_BASE + 4 * REGION_SIZE)
#define BLOCK_IPA REGION_SIZE

static inline uint64_t place_page(uint64_t number)
{
	return RAM_BASE + number / PAGES_OF_REGION * REGION_SIZE +
	       number % PAGES_OF_REGION * MOAT_PAGE_SIZE;
}

static inline uint64_t place_root(uint64_t number)
{
	return place_page(number * 4);
}

#endif
