/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A VM's stage-2 tree: the walk, and the one writer of its descriptors.
 */
#ifndef MOAT_CORE_S2_H
#define MOAT_CORE_S2_H

#include "core/page.h"
#include "pte.h"

/* Entries that a search of a whole table takes at once; ENTRY_COUNT is a
 * multiple of it. */
enum { SLOT_STEP = 16 };

/* A slot of a table page. */
struct place {
	uint32_t table; /* NONE: there is no such table */
	uint32_t slot;
};

/* Bytes that one entry of a table of @level translates: a page at level 3. */
static inline uint64_t s2_entry_bytes(uint32_t level)
{
	static const uint64_t bytes[LEAF_LEVEL + 1] = {
		LEVEL_1_BYTES * ENTRY_COUNT, LEVEL_1_BYTES, REGION_BYTES,
		PAGE_BYTES};

	return bytes[level];
}

/* Bytes that a whole table of @level translates. */
static inline uint64_t s2_table_bytes(uint32_t level)
{
	return s2_entry_bytes(level) * ENTRY_COUNT;
}

/*
 * Walk to the entry for @ipa in the table of @level, through valid table
 * descriptors. @level is not above the VM's start level, @ipa is inside its IPA
 * space. Cost: one load a level.
 */
CORE struct place s2_walk(const struct moat *m, struct vm_locked locked,
	uint64_t ipa, uint32_t level);

/*
 * Walk @ipa as far as tables lead: to the entry of its page, of its block, or
 * the empty one where a table is missing. Its table's level is s2_level.
 */
CORE struct place s2_walk_leaf(
	const struct moat *m, struct vm_locked locked, uint64_t ipa);
CORE uint32_t s2_level(const struct moat *m, struct place place);

CORE uint64_t s2_entry(const struct moat *m, struct place place);

/* The page that the valid descriptor at @place leads to. */
CORE uint32_t s2_page(const struct moat *m, struct place place);

/* The one writer of a VM's descriptors. */
CORE void s2_set(struct moat *m, struct place place, uint64_t descriptor);

/* How many entries from @place on, at most @limit, are empty. */
CORE uint32_t s2_count_empty(
	const struct moat *m, struct place place, uint32_t limit);

/* Whether @count tables from page @table on hold no valid descriptor. */
bool s2_is_empty(const struct moat *m, uint32_t table, uint32_t count);

/* 2^@bits, for MOAT_IPA_BITS_MIN to 63. */
uint64_t s2_space_bytes(uint32_t bits);

/*
 * The root that an IPA space of @ipa_bits has if no start level may be below
 * @deepest. For VMs, see moat_vm_create, that is the level of blocks, which a
 * root at level 3 would rule out.
 */
struct s2_root {
	uint32_t start_level;
	uint32_t page_count;
};
struct s2_root s2_root_for(uint32_t ipa_bits, uint32_t deepest);

/* The translation of @vm, which is not EMPTY. */
struct moat_stage2 s2_of(const struct moat *m, uint32_t vm);

/* What a VM may do with a page that has this record. */
enum pte_kind s2_kind(struct page record);

/* The descriptor for page @page, as its record wants it. */
uint64_t s2_leaf(const struct moat *m, uint32_t page, struct page record);

/*
 * Forget @count pages at @ipa of the VM's translations, which were leaves of
 * @level; @count 0, everything.
 */
CORE void s2_invalidate(struct moat *m, struct vm_locked locked, uint64_t ipa,
	uint32_t count, uint32_t level);

/* The same of level 3, where a table went as well: of it there may be copies
 * in walk caches, and no level that a port may hint at. */
void s2_invalidate_table(
	struct moat *m, struct vm_locked locked, uint64_t ipa, uint32_t count);

#endif
