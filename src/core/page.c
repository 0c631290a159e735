/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/page.h"

/*
 * The range that holds @pa, or ram_count. At most MOAT_RANGE_MAX ranges, and
 * one on most machines: a search of them costs less than any structure over
 * them would.
 */
static PART uint32_t range_of(const struct moat *m, uint64_t pa)
{
	uint32_t i = 0;

	/* Compared before subtracted: nothing wraps. */
	/*@ loop invariant 0 <= i <= MOAT(m).config.ram_count;
	    loop invariant \forall integer j; 0 <= j < i ==>
	      !has_address(j, pa);
	    loop assigns i;
	    loop variant MOAT(m).config.ram_count - i; */
	while (i < MOAT(m).config.ram_count &&
		(pa < MOAT(m).config.ram[i].base ||
			pa - MOAT(m).config.ram[i].base >=
				MOAT(m).config.ram[i].size)) {
		i++;
	}
	return i;
}

/* Page of @pa, which lies in range @i. */
static PART uint32_t page_in_range(
	const struct moat *m, uint32_t i, uint64_t pa)
{
	uint64_t offset = (pa - MOAT(m).config.ram[i].base) / PAGE_BYTES;

	/*@ assert has_page(i, MOAT(m).range_page[i] + offset); */
	/*@ assert i == range_at(MOAT(m).range_page[i] + offset); */
	return MOAT(m).range_page[i] + (uint32_t)offset;
}

PART uint32_t page_find(const struct moat *m, uint64_t pa)
{
	uint32_t i = range_of(m, pa);

	return i == MOAT(m).config.ram_count ? NONE : page_in_range(m, i, pa);
}

/* Pages of range @i from @pa on, which lies in it. */
static PART uint64_t pages_left(const struct moat *m, uint32_t i, uint64_t pa)
{
	return MOAT(m).config.ram[i].size / PAGE_BYTES -
	       (pa - MOAT(m).config.ram[i].base) / PAGE_BYTES;
}

/* Of one page nothing is left to ask. */
PART struct page_run page_run_at(
	const struct moat *m, uint64_t pa, uint32_t limit)
{
	uint32_t i = range_of(m, pa);
	struct page_run run = {NONE, 0};

	if (i < MOAT(m).config.ram_count) {
		run.first = page_in_range(m, i, pa);
		run.count = limit;
		if (limit > 1 && pages_left(m, i, pa) < limit) {
			run.count = (uint32_t)pages_left(m, i, pa);
		}
	}
	return run;
}

/* The last range that starts at or before @page holds it. */
PART uint64_t page_pa(const struct moat *m, uint32_t page)
{
	uint32_t i = MOAT(m).config.ram_count - 1;

	/*@ loop invariant 0 <= i < MOAT(m).config.ram_count;
	    loop invariant \forall integer j;
	      i < j < MOAT(m).config.ram_count ==>
	        page < MOAT(m).range_page[j];
	    loop assigns i;
	    loop variant i; */
	while (page < MOAT(m).range_page[i]) {
		i--;
	}
	/*@ assert has_page(i, page) && i == range_at(page); */
	return MOAT(m).config.ram[i].base +
	       (page - MOAT(m).range_page[i]) * PAGE_BYTES;
}

/* Eight bytes, written at once; who may do so is said at struct page. */
PART void page_set(struct moat *m, uint64_t page, struct page record)
{
	PAGE_TO_SET(m, page) = record;
}

PART uint32_t page_count_host(const struct moat *m, struct page_run run)
{
	uint64_t end = (uint64_t)run.first + run.count;
	uint64_t page = run.first;

	/*@ loop invariant run.first <= page <= end;
	    loop invariant \forall integer p; run.first <= p < page ==>
	      PAGE(m, p).state == MOAT_PAGE_HOST;
	    loop assigns page;
	    loop variant end - page; */
	while (page < end && PAGE(m, page).state == MOAT_PAGE_HOST) {
		page++;
	}
	return (uint32_t)(page - run.first);
}
