/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * At most MOAT_RANGE_MAX ranges of RAM, and one on most machines: the first is
 * asked where a page is asked for, and a search of them all, apart, costs less
 * than any structure over them would.
 */
#include "core/page.h"

/* Whether @pa is in range @i. Compared before subtracted: nothing wraps. */
static PART bool range_has(const struct moat *m, uint32_t i, uint64_t pa)
{
	return pa >= MOAT(m).config.ram[i].base &&
	       pa - MOAT(m).config.ram[i].base < MOAT(m).config.ram[i].size;
}

/* The range that holds @pa, or ram_count. */
static APART uint32_t range_of(const struct moat *m, uint64_t pa)
{
	uint32_t i = 0;

	/*@ loop invariant 0 <= i <= MOAT(m).config.ram_count;
	    loop invariant \forall integer j; 0 <= j < i ==>
	      !has_address(j, pa);
	    loop assigns i;
	    loop variant MOAT(m).config.ram_count - i; */
	while (i < MOAT(m).config.ram_count && !range_has(m, i, pa)) {
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

/* The same of any range. */
static APART uint32_t page_search(const struct moat *m, uint64_t pa)
{
	uint32_t i = range_of(m, pa);

	return i == MOAT(m).config.ram_count ? NONE : page_in_range(m, i, pa);
}

/* Page of @pa, which lies in the first range: pages are counted from there. */
static PART uint32_t page_in_first(const struct moat *m, uint64_t pa)
{
	uint64_t offset = (pa - MOAT(m).config.ram[0].base) / PAGE_BYTES;

	/*@ assert has_page(0, offset) && range_at(offset) == 0; */
	return (uint32_t)offset;
}

CORE PART uint32_t page_find(const struct moat *m, uint64_t pa)
{
	return range_has(m, 0, pa) ? page_in_first(m, pa) : page_search(m, pa);
}

/* Pages of range @i from @pa on, which lies in it. */
static uint64_t pages_left(const struct moat *m, uint32_t i, uint64_t pa)
{
	return MOAT(m).config.ram[i].size / PAGE_BYTES -
	       (pa - MOAT(m).config.ram[i].base) / PAGE_BYTES;
}

/* @limit, or what is left from @pa on of the range that has it. */
static APART uint32_t pages_up_to(
	const struct moat *m, uint64_t pa, uint32_t limit)
{
	uint64_t left = pages_left(m, range_of(m, pa), pa);

	return left < limit ? (uint32_t)left : limit;
}

/* Of one page nothing is left to ask. */
CORE PART struct page_run page_run_at(
	const struct moat *m, uint64_t pa, uint32_t limit)
{
	struct page_run run = {page_find(m, pa), 0};

	if (run.first != NONE) {
		run.count = limit > 1 ? pages_up_to(m, pa, limit) : limit;
	}
	return run;
}

/* The last range that starts at or before @page holds it. */
static APART uint64_t page_pa_search(const struct moat *m, uint32_t page)
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

PART uint64_t page_pa(const struct moat *m, uint32_t page)
{
	return MOAT(m).config.ram_count == 1
		       ? MOAT(m).config.ram[0].base + page * PAGE_BYTES
		       : page_pa_search(m, page);
}

/* Eight bytes, written at once; who may do so is said at struct page. */
CORE PART void page_set(struct moat *m, uint64_t page, struct page record)
{
	PAGE_TO_SET(m, page) = record;
}

CORE APART void page_fill(
	struct page *first, uint32_t count, struct page record)
{
	/*@ loop invariant 0 <= i <= count;
	    loop invariant \forall integer j; 0 <= j < i ==>
	      first[j] == record;
	    loop assigns i, first[0 .. count - 1];
	    loop variant count - i; */
	for (uint32_t i = 0; i < count; i++) {
		first[i] = record;
	}
}

/* Whether the pages of a step are HOST. */
static PART bool step_is_host(const struct moat *m, uint64_t first)
{
	bool is_host = true;

	/*@ loop invariant 0 <= i <= PAGE_STEP;
	    loop invariant is_host <==> \forall integer p;
	      first <= p < first + i ==> PAGE(m, p).state == MOAT_PAGE_HOST;
	    loop assigns i, is_host;
	    loop variant PAGE_STEP - i; */
	for (uint32_t i = 0; i < PAGE_STEP; i++) {
		is_host = PAGE(m, first + i).state == MOAT_PAGE_HOST && is_host;
	}
	return is_host;
}

CORE PART uint32_t page_count_host(const struct moat *m, struct page_run run)
{
	uint64_t end = (uint64_t)run.first + run.count;
	uint64_t page = run.first;

	/*@ loop invariant run.first <= page <= end;
	    loop invariant \forall integer p; run.first <= p < page ==>
	      PAGE(m, p).state == MOAT_PAGE_HOST;
	    loop assigns page;
	    loop variant end - page; */
	while (end - page >= PAGE_STEP && step_is_host(m, page)) {
		page += PAGE_STEP;
	}
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
