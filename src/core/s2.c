/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Walks read what only the engine wrote [TABLE-2], and still no index from a
 * table is used before it is known to be a page of RAM.
 */
#include "core/s2.h"

#include "core/require.h"
#include "core/store.h"
#include "pte.h"

_Static_assert(ENTRY_COUNT % SLOT_STEP == 0, "a search ends with its table");

#define SPACE_BYTES_MIN UINT64_C(0x100000000)
_Static_assert(MOAT_IPA_BITS_MIN == 32, "2^32 is the smallest space");

CORE PART uint64_t s2_entry(const struct moat *m, struct place place)
{
	return TABLE(m, place.table).entry[place.slot];
}

CORE PART uint32_t s2_page(const struct moat *m, struct place place)
{
	uint32_t page = page_find(m, pte_pa(s2_entry(m, place)));

	REQUIRE(page != NONE);
	return page;
}

/* Where the walk of @ipa starts: one of the concatenated root pages. */
static PART struct place root_place(
	const struct moat *m, uint32_t vm, uint64_t ipa)
{
	uint64_t index = ipa / s2_entry_bytes(VM(m, vm).start_level);
	/*@ assert index < VM(m, vm).root_count * ENTRY_COUNT; */
	struct place place = {VM(m, vm).root + (uint32_t)(index / ENTRY_COUNT),
		(uint32_t)(index % ENTRY_COUNT)};

	return place;
}

/* One level down from @place, which is in a table of @level: the entry for
 * @ipa in the table that the entry at @place leads to, or no table. */
static PART struct place descend(
	const struct moat *m, struct place place, uint64_t ipa, uint32_t level)
{
	struct place next = {NONE, 0};

	if (pte_is_table(s2_entry(m, place), level)) {
		next.table = s2_page(m, place);
		next.slot = (uint32_t)(ipa / s2_entry_bytes(level + 1) %
				       ENTRY_COUNT);
	}
	return next;
}

/*
 * At most three steps, each from a level that it knows: what it computes with
 * that level's sizes is constant.
 */
CORE PART struct place s2_walk(const struct moat *m, struct vm_locked locked,
	uint64_t ipa, uint32_t level)
{
	struct place place = root_place(m, locked.vm, ipa);
	uint32_t start = VM(m, locked.vm).start_level;

	if (start == 0 && level > 0) {
		place = descend(m, place, ipa, 0);
	}
	if (start <= 1 && level > 1 && place.table != NONE) {
		place = descend(m, place, ipa, 1);
	}
	if (level > 2 && place.table != NONE) {
		place = descend(m, place, ipa, 2);
	}
	return place;
}

CORE PART uint32_t s2_level(const struct moat *m, struct place place)
{
	return page_level(PAGE(m, place.table));
}

/* One level further down if @place leads to a table, else stay. */
static PART struct place descend_if(
	const struct moat *m, struct place place, uint64_t ipa, uint32_t level)
{
	return pte_is_table(s2_entry(m, place), level)
		       ? descend(m, place, ipa, level)
		       : place;
}

/* What is not a table at one level is none at the next: there the walk ends. */
CORE PART struct place s2_walk_leaf(
	const struct moat *m, struct vm_locked locked, uint64_t ipa)
{
	struct place place = root_place(m, locked.vm, ipa);
	uint32_t start = VM(m, locked.vm).start_level;

	if (start == 0) {
		place = descend_if(m, place, ipa, 0);
	}
	if (start <= 1) {
		place = descend_if(m, place, ipa, 1);
	}
	return descend_if(m, place, ipa, 2);
}

CORE PART void s2_set(struct moat *m, struct place place, uint64_t descriptor)
{
	store_descriptor(m, place.table, place.slot, descriptor);
}

CORE PART uint32_t s2_count_empty(
	const struct moat *m, struct place place, uint32_t limit)
{
	uint32_t count = 0;

	/*@ loop invariant count <= limit && place.slot + count <= ENTRY_COUNT;
	    loop invariant \forall integer i;
	      place.slot <= i < place.slot + count ==>
	        !is_valid(TABLE(m, place.table).entry[i]);
	    loop assigns count;
	    loop variant limit - count; */
	while (count < limit && place.slot + count < ENTRY_COUNT &&
		!pte_is_valid(
			TABLE(m, place.table).entry[place.slot + count])) {
		count++;
	}
	return count;
}

/* Whether the entries of a step are empty: read all, and judged once. */
static PART bool step_is_empty(
	const struct moat *m, uint32_t table, uint32_t first)
{
	bool is_used = false;

	/*@ loop invariant 0 <= i <= SLOT_STEP;
	    loop invariant !is_used <==> \forall integer j;
	      first <= j < first + i ==> !is_valid(TABLE(m, table).entry[j]);
	    loop assigns i, is_used;
	    loop variant SLOT_STEP - i; */
	for (uint32_t i = 0; i < SLOT_STEP; i++) {
		uint64_t entry = TABLE(m, table).entry[first + i];

		is_used = pte_is_valid(entry) || is_used;
	}
	return !is_used;
}

static PART bool table_is_empty(const struct moat *m, uint32_t table)
{
	uint32_t slot = 0;

	/*@ loop invariant 0 <= slot <= ENTRY_COUNT && slot % SLOT_STEP == 0;
	    loop invariant \forall integer j; 0 <= j < slot ==>
	      !is_valid(TABLE(m, table).entry[j]);
	    loop assigns slot;
	    loop variant ENTRY_COUNT - slot; */
	while (slot < ENTRY_COUNT && step_is_empty(m, table, slot)) {
		slot += SLOT_STEP;
	}
	return slot == ENTRY_COUNT;
}

bool s2_is_empty(const struct moat *m, uint32_t table, uint32_t count)
{
	uint32_t i = 0;

	/*@ loop invariant 0 <= i <= count;
	    loop invariant \forall integer t, j;
	      table <= t < table + i && 0 <= j < ENTRY_COUNT ==>
	        !is_valid(TABLE(m, t).entry[j]);
	    loop assigns i;
	    loop variant count - i; */
	while (i < count && table_is_empty(m, table + i)) {
		i++;
	}
	return i == count;
}

uint64_t s2_space_bytes(uint32_t bits)
{
	uint64_t bytes = SPACE_BYTES_MIN;

	/*@ loop invariant MOAT_IPA_BITS_MIN <= i <= bits;
	    loop invariant bytes == power_of_two(i);
	    loop assigns i, bytes;
	    loop variant bits - i; */
	for (uint32_t i = MOAT_IPA_BITS_MIN; i < bits; i++) {
		bytes *= 2;
	}
	return bytes;
}

/* 2^(@bits - @base), at least 1 and at most 16. */
static uint32_t power_above(uint32_t bits, uint32_t base)
{
	uint32_t power = 1;

	/*@ loop invariant base <= i <= base + 4;
	    loop invariant i == base || i <= bits;
	    loop invariant power == power_of_two(i - base);
	    loop assigns i, power;
	    loop variant base + 4 - i; */
	for (uint32_t i = base; i < bits && i < base + 4; i++) {
		power *= 2;
	}
	return power;
}

/*
 * The fewest levels that the concatenation of at most MOAT_ROOT_PAGES_MAX, 2^4,
 * tables allows (Arm ARM, D8.2.2), the first of them not below @deepest.
 */
struct s2_root s2_root_for(uint32_t ipa_bits, uint32_t deepest)
{
	struct s2_root root = {deepest, 1};
	/* That one table of the start level translates. */
	uint32_t bits = MOAT_PAGE_BITS + MOAT_TABLE_BITS * (4 - deepest);

	/*@ loop invariant root.start_level <= deepest;
	    loop invariant bits == MOAT_PAGE_BITS +
	      MOAT_TABLE_BITS * (4 - root.start_level);
	    loop invariant root.start_level == deepest ||
	      ipa_bits > bits - MOAT_TABLE_BITS + 4;
	    loop assigns root.start_level, bits;
	    loop variant root.start_level; */
	while (root.start_level > 0 && ipa_bits > bits + 4) {
		root.start_level--;
		bits += MOAT_TABLE_BITS;
	}
	root.page_count = power_above(ipa_bits, bits);
	return root;
}

PART struct moat_stage2 s2_of(const struct moat *m, uint32_t vm)
{
	struct moat_stage2 stage2 = {.root = {page_pa(m, VM(m, vm).root)},
		.ipa_bits = VM(m, vm).ipa_bits,
		.start_level = VM(m, vm).start_level,
		.vmid = vm + 1};

	return stage2;
}

/* What a VM owns it may use in every way; a loan is what the host said. */
enum pte_kind s2_kind(struct page record)
{
	if (record.state != MOAT_PAGE_LENT) {
		return PTE_NORMAL;
	}
	switch (page_permission(record)) {
	case MOAT_READ:
		return PTE_READ;
	case MOAT_READ + MOAT_WRITE:
		return PTE_READ_WRITE;
	case MOAT_READ + MOAT_EXECUTE:
		return PTE_READ_EXECUTE;
	default:
		return PTE_NORMAL;
	}
}

uint64_t s2_leaf(const struct moat *m, uint32_t page, struct page record)
{
	return pte_leaf(page_pa(m, page), page_level(record), s2_kind(record));
}

CORE PART void s2_invalidate(struct moat *m, struct vm_locked locked,
	uint64_t ipa, uint32_t count, uint32_t level)
{
	struct moat_invalidation what = {.stage2 = s2_of(m, locked.vm),
		.ipa = {ipa},
		.page_count = count,
		.level = level};

	moat_port_invalidate(&what);
}

void s2_invalidate_table(
	struct moat *m, struct vm_locked locked, uint64_t ipa, uint32_t count)
{
	struct moat_invalidation what = {.stage2 = s2_of(m, locked.vm),
		.ipa = {ipa},
		.page_count = count,
		.level = LEAF_LEVEL,
		.is_table = 1};

	moat_port_invalidate(&what);
}
