/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The checks behind the accessors of the debug build. They look at the state
 * itself, not through accessors, which would check again.
 */
#include "core/page.h"
#include "witness.h"

/* ---- What is held ------------------------------------------------------ */

static bool holds_region_of(uint64_t page)
{
	uint32_t lock = region_lock_of((uint32_t)page / ENTRY_COUNT);

	return witness_holds(WITNESS_REGION + lock);
}

static bool holds_some_region(void)
{
	return witness_holds_some(WITNESS_REGION, WITNESS_RANKS);
}

static bool holds_some_vm(void)
{
	return witness_holds_some(WITNESS_VM, WITNESS_REGION);
}

static bool has_owner(struct page record)
{
	return record.state != MOAT_PAGE_HOST &&
	       record.state != MOAT_PAGE_ENGINE;
}

/* The VM at the top of what @page, which has an owner, hangs at. */
static uint32_t owner_vm(const struct moat *m, uint64_t page)
{
	struct page at = m->page[page];

	if (at.state == MOAT_PAGE_VCPU) {
		return at.parent;
	}
	for (uint32_t i = 0; i <= LEAF_LEVEL && at.slot < SLOT_ROOT; i++) {
		at = m->page[at.parent];
	}
	return at.parent;
}

static bool holds_owner(const struct moat *m, uint64_t page)
{
	return holds_some_vm() && has_owner(m->page[page]) &&
	       witness_holds(WITNESS_VM + owner_vm(m, page));
}

/* ---- Pages ------------------------------------------------------------- */

void protect_check_page(const struct moat *m, uint64_t page)
{
	if (!holds_region_of(page) && !holds_owner(m, page)) {
		witness_fail("no right to name page", page);
	}
}

void protect_check_page_to_set(const struct moat *m, uint64_t page)
{
	if (!holds_region_of(page) || !holds_some_vm() ||
		(has_owner(m->page[page]) && !holds_owner(m, page))) {
		witness_fail("no right to change page", page);
	}
}

void protect_check_page_above(uint64_t page)
{
	if (!holds_some_region() && !holds_some_vm()) {
		witness_fail("no right to name table", page);
	}
}

/* ---- The rest ---------------------------------------------------------- */

void protect_check_host_table(const struct moat *m, uint64_t table)
{
	bool is_leaf = table >= m->leaf_first &&
		       table - m->leaf_first < m->region_count;
	uint64_t region = table - m->leaf_first;

	if (is_leaf ? !holds_region_of(region * ENTRY_COUNT)
		    : !holds_some_region()) {
		witness_fail("no right to name host table", table);
	}
}

void protect_check_region(uint64_t region)
{
	if (!holds_region_of(region * ENTRY_COUNT)) {
		witness_fail("no right to name region", region);
	}
}

void protect_check_vm(uint64_t vm)
{
	if (!witness_holds(WITNESS_VM + (uint32_t)vm)) {
		witness_fail("no right to name VM", vm);
	}
}

void protect_check_cpu(uint64_t cpu)
{
	if (cpu != witness_cpu) {
		witness_fail("no right to name CPU", cpu);
	}
}
