/* SPDX-License-Identifier: BSD-2-Clause */
/* Page records, and the names of pages: physical address and page index. */
#ifndef MOAT_CORE_PAGE_H
#define MOAT_CORE_PAGE_H

#include "core/state.h"

/* Pages that a search for one that is not HOST takes at once. */
enum { PAGE_STEP = 8 };

/* Pages that follow each other within one RAM range. */
struct page_run {
	uint32_t first; /* NONE if there is no such page */
	uint32_t count;
};

/* The page at @pa (any offset), or NONE if that is not RAM. */
CORE uint32_t page_find(const struct moat *m, uint64_t pa);

/* The pages of RAM from @pa on, at most @limit. */
CORE struct page_run page_run_at(
	const struct moat *m, uint64_t pa, uint32_t limit);

/* The physical address of page @page. */
uint64_t page_pa(const struct moat *m, uint32_t page);

static inline uint32_t page_region(uint32_t page)
{
	return page / ENTRY_COUNT;
}

/* Whether a page in this state is the host's to access [PAGE-3]. */
static inline bool page_is_open(uint8_t state)
{
	return state == MOAT_PAGE_HOST || state == MOAT_PAGE_LENT ||
	       state == MOAT_PAGE_SHARED;
}

static inline uint32_t page_level(struct page record)
{
	return record.mapping % 8;
}

/* enum moat_permission of a LENT page; 0 of any other. */
static inline uint32_t page_permission(struct page record)
{
	return record.mapping / 8;
}

/* Whether pages in this state hang at a slot of a leaf's table. */
static inline bool page_is_mapped(uint8_t state)
{
	return state == MOAT_PAGE_LENT || state == MOAT_PAGE_VM ||
	       state == MOAT_PAGE_SHARED;
}

/* The writers of page records: of one, */
CORE void page_set(struct moat *m, uint64_t page, struct page record);

/* The same of @count records from @first on, whose place is known: a store says
 * nothing then of where the next record is. */
CORE void page_fill(struct page *first, uint32_t count, struct page record);

/* How many pages at the start of @run are HOST. */
CORE uint32_t page_count_host(const struct moat *m, struct page_run run);

#endif
