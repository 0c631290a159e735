/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The two directions, each in the one order that is safe. Away from the host:
 * entries, invalidation, contents, record. Back to it: invalidation (by the
 * caller), contents, record, entries. The contents change only while nobody but
 * the engine can reach the page.
 */
#include "core/owner.h"

#include "core/host_map.h"
#include "core/s2.h"
#include "core/store.h"

/* Bytes of IPA space that one slot of the parent of @record stands for. */
static uint64_t slot_bytes(struct page record)
{
	return record.state == MOAT_PAGE_TABLE
		       ? s2_table_bytes(page_level(record))
		       : s2_entry_bytes(page_level(record));
}

struct owner owner_of(const struct moat *m, uint32_t page)
{
	struct page at = PAGE(m, page);
	struct owner owner = {NONE, 0};

	if (page_is_mapped(at.state)) {
		owner.ipa = page * PAGE_BYTES % slot_bytes(at);
	}
	/* A root's level is at least 0, and every step goes up one level. */
	for (uint32_t i = 0; i <= LEAF_LEVEL && at.slot < SLOT_ROOT; i++) {
		owner.ipa += at.slot * slot_bytes(at);
		at = PAGE_ABOVE(m, at.parent);
	}
	owner.ipa += at.slot % SLOT_ROOT * slot_bytes(at);
	owner.vm = at.parent;
	return owner;
}

PART void owner_take(
	struct moat *m, struct regions_locked locked, struct page_run run)
{
	host_map_close(m, locked, run);
	store_scrub(m, run);
}

PART void owner_take_contents(
	struct moat *m, struct regions_locked locked, struct page_run run)
{
	host_map_close(m, locked, run);
	store_clean(m, run);
}

PART void owner_set(struct moat *m, struct page_run run, struct page record)
{
	uint64_t end = (uint64_t)run.first + run.count;

	for (uint64_t page = run.first; page < end; page++) {
		page_set(m, page, record);
	}
}

PART void owner_return(
	struct moat *m, struct regions_locked locked, struct page_run run)
{
	const struct page host = {.state = MOAT_PAGE_HOST};
	bool was_open = page_is_open(PAGE(m, run.first).state);

	store_scrub(m, run);
	owner_set(m, run, host);
	if (!was_open) {
		host_map_open(m, locked, run);
	}
}
