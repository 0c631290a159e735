/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who protects what. Each function returns its index, having checked that the
 * step which runs here holds the protector; host tables are looser, since a
 * level-2 table holds the entries of many regions: one region's lock will do.
 */
#ifndef MOAT_CORE_DEBUG_PROTECT_H
#define MOAT_CORE_DEBUG_PROTECT_H

#include <stdint.h>

#include "witness.h"

struct moat;

/*
 * The check behind each, within a step only. Outside of one a test names every
 * entry of every table, so that is decided here, before any call.
 */
void protect_check_page(const struct moat *m, uint64_t page);
void protect_check_page_to_set(const struct moat *m, uint64_t page);
void protect_check_page_above(uint64_t page);
void protect_check_host_table(const struct moat *m, uint64_t table);
void protect_check_region(uint64_t region);
void protect_check_vm(uint64_t vm);
void protect_check_cpu(uint64_t cpu);

/* The region's lock; of a page that a VM owns, the VM's will do, too. */
static inline uint64_t protect_page(const struct moat *m, uint64_t page)
{
	if (witness_is_in_step()) {
		protect_check_page(m, page);
	}
	return page;
}

/* The region's lock, and that of a VM: the owner's, if the page has one. */
static inline uint64_t protect_page_to_set(const struct moat *m, uint64_t page)
{
	if (witness_is_in_step()) {
		protect_check_page_to_set(m, page);
	}
	return page;
}

/* The same of @count pages from @first on. */
static inline uint64_t protect_pages_to_set(
	const struct moat *m, uint64_t first, uint64_t count)
{
	for (uint64_t i = 0; i < count; i++) {
		(void)protect_page_to_set(m, first + i);
	}
	return first;
}

/* A table, or what was one until the page below was freed: any lock at all. */
static inline uint64_t protect_page_above(uint64_t page)
{
	if (witness_is_in_step()) {
		protect_check_page_above(page);
	}
	return page;
}

static inline uint64_t protect_host_table(const struct moat *m, uint64_t table)
{
	if (witness_is_in_step()) {
		protect_check_host_table(m, table);
	}
	return table;
}

static inline uint64_t protect_region(uint64_t region)
{
	if (witness_is_in_step()) {
		protect_check_region(region);
	}
	return region;
}

static inline uint64_t protect_vm(uint64_t vm)
{
	if (witness_is_in_step()) {
		protect_check_vm(vm);
	}
	return vm;
}

/* Nobody but the CPU itself. */
static inline uint64_t protect_cpu(uint64_t cpu)
{
	if (witness_is_in_step()) {
		protect_check_cpu(cpu);
	}
	return cpu;
}

#endif
