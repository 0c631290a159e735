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

/* How far into what its parent translates slot @slot begins. */
static uint64_t slot_offset(uint32_t slot, uint64_t bytes)
{
	return slot % SLOT_ROOT * bytes;
}

/* Each step up is to a table whose slot stands for all that its slots do. */
struct owner owner_of(const struct moat *m, uint32_t page)
{
	struct page at = PAGE(m, page);
	uint64_t bytes = slot_bytes(at);
	struct owner owner = {NONE, 0};

	if (page_is_mapped(at.state)) {
		owner.ipa = page * PAGE_BYTES % bytes;
	}
	/* A root's level is at least 0, and every step goes up one level. */
	/*@ loop invariant 0 <= i <= LEAF_LEVEL + 1;
	    loop invariant owner.ipa <= i * 0x200000000000000 + 0x1000000000000;
	    loop invariant level_in(at.mapping) <= LEAF_LEVEL;
	    loop invariant bytes ==
	      bytes_of_slot(at.state, level_in(at.mapping));
	    loop invariant is_power_of_table(bytes);
	    loop invariant i > 0 ==> at.state == MOAT_PAGE_TABLE &&
	      level_in(at.mapping) + i <= LEAF_LEVEL + 1;
	    loop invariant at.slot < SLOT_ROOT ==>
	      at.parent < PAGE_COUNT(m) && at.slot < ENTRY_COUNT &&
	      is_table_page(at.parent) &&
	      level_of(at.parent) + i <= LEAF_LEVEL &&
	      level_of(at.parent) <= level_in(at.mapping) &&
	      bytes * ENTRY_COUNT ==
	        bytes_of_slot(MOAT_PAGE_TABLE, level_of(at.parent));
	    loop invariant at.slot >= SLOT_ROOT ==> at.parent < VM_COUNT(m) &&
	      is_live(at.parent);
	    loop assigns i, at, bytes, owner;
	    loop variant LEAF_LEVEL + 1 - i; */
	for (uint32_t i = 0; i <= LEAF_LEVEL && at.slot < SLOT_ROOT; i++) {
		owner.ipa += slot_offset(at.slot, bytes);
		bytes *= ENTRY_COUNT;
		at = PAGE_ABOVE(m, at.parent);
	}
	owner.ipa += slot_offset(at.slot, bytes);
	owner.vm = at.parent;
	return owner;
}

CORE PART void owner_take(
	struct moat *m, struct regions_locked locked, struct page_run run)
{
	host_map_close(m, locked, run);
	store_scrub(m, run);
}

CORE PART void owner_take_contents(
	struct moat *m, struct regions_locked locked, struct page_run run)
{
	host_map_close(m, locked, run);
	store_clean(m, run);
}

CORE PART void owner_set(
	struct moat *m, struct page_run run, struct page record)
{
	if (run.count == 1) {
		page_set(m, run.first, record);
	} else {
		store_records(m, run, record);
	}
}

CORE PART void owner_return(
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
