/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/page.h"

/*
 * At most MOAT_RANGE_MAX ranges, and one on most machines: a search of them
 * costs less than any structure over them would.
 */
struct page_run page_run_at(const struct moat *m, uint64_t pa, uint32_t limit)
{
	struct page_run run = {NONE, 0};

	for (uint32_t i = 0; i < m->config.ram_count; i++) {
		uint64_t base = m->config.ram[i].base;
		uint64_t size = m->config.ram[i].size;

		/* Compared before subtracted: nothing wraps. */
		if (pa >= base && pa - base < size) {
			uint64_t skip = (pa - base) / PAGE_BYTES;
			uint64_t left = size / PAGE_BYTES - skip;

			run.first = m->range_page[i] + (uint32_t)skip;
			run.count = left < limit ? (uint32_t)left : limit;
		}
	}
	return run;
}

uint32_t page_find(const struct moat *m, uint64_t pa)
{
	return page_run_at(m, pa, 1).first;
}

/* The last range that starts at or before @page holds it. */
uint64_t page_pa(const struct moat *m, uint32_t page)
{
	uint32_t i = 0;

	while (i + 1 < m->config.ram_count && page >= m->range_page[i + 1]) {
		i++;
	}
	return m->config.ram[i].base + (page - m->range_page[i]) * PAGE_BYTES;
}

/* Eight bytes, written at once; who may do so is said at struct page. */
void page_set(struct moat *m, uint32_t page, struct page record)
{
	PAGE(m, page) = record;
}

uint32_t page_count_host(const struct moat *m, struct page_run run)
{
	uint32_t count = 0;

	while (count < run.count &&
		PAGE(m, run.first + count).state == MOAT_PAGE_HOST) {
		count++;
	}
	return count;
}
