/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/s2.h"

#include "core/require.h"
#include "moat/port.h"
#include "pte.h"

uint64_t s2_entry(const struct moat *m, struct place place)
{
	return TABLE(m, place.table).entry[place.slot];
}

uint32_t s2_page(const struct moat *m, struct place place)
{
	uint32_t page = page_find(m, pte_pa(s2_entry(m, place)));

	REQUIRE(page != NONE);
	return page;
}

/* Where the walk of @ipa starts: one of the concatenated root pages. */
static struct place root_place(const struct moat *m, uint32_t vm, uint64_t ipa)
{
	uint64_t index = ipa / s2_entry_bytes(VM(m, vm).start_level);
	struct place place = {VM(m, vm).root + (uint32_t)(index / ENTRY_COUNT),
		(uint32_t)(index % ENTRY_COUNT)};

	return place;
}

/* One level down from @place, which is in a table of @level. */
static struct place descend(
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

/* A loop of at most three steps: from the start level to @level. */
struct place s2_walk(const struct moat *m, struct vm_locked locked,
	uint64_t ipa, uint32_t level)
{
	struct place place = root_place(m, locked.vm, ipa);
	uint32_t at = VM(m, locked.vm).start_level;

	while (at < level && place.table != NONE) {
		place = descend(m, place, ipa, at);
		at++;
	}
	return place;
}

void s2_set(struct moat *m, struct place place, uint64_t descriptor)
{
	moat_port_descriptor_write(
		&TABLE(m, place.table).entry[place.slot], descriptor);
}

uint32_t s2_count_empty(
	const struct moat *m, struct place place, uint32_t limit)
{
	uint32_t count = 0;

	while (count < limit && place.slot + count < ENTRY_COUNT &&
		!pte_is_valid(
			TABLE(m, place.table).entry[place.slot + count])) {
		count++;
	}
	return count;
}

bool s2_is_empty(const struct moat *m, uint32_t table, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		struct place place = {table + i, 0};

		if (s2_count_empty(m, place, ENTRY_COUNT) < ENTRY_COUNT) {
			return false;
		}
	}
	return true;
}

/* 2^(@bits - @base), at least 1. */
static uint32_t power_above(uint32_t bits, uint32_t base)
{
	uint32_t power = 1;

	for (uint32_t i = base; i < bits && i < base + 4; i++) {
		power *= 2;
	}
	return power;
}

/*
 * The fewest levels that at most 16 concatenated tables allow (Arm ARM,
 * D8.2.2): a level of one table translates 9 bits, 16 tables 4 bits more.
 */
struct s2_root s2_root_for(uint32_t ipa_bits)
{
	struct s2_root root = {0, 1};

	if (ipa_bits <= 34) {
		root.start_level = 2;
		root.page_count = power_above(ipa_bits, 30);
	} else if (ipa_bits <= 43) {
		root.start_level = 1;
		root.page_count = power_above(ipa_bits, 39);
	}
	return root;
}

struct moat_stage2 s2_of(const struct moat *m, uint32_t vm)
{
	struct moat_stage2 stage2 = {.root = {page_pa(m, VM(m, vm).root)},
		.ipa_bits = VM(m, vm).ipa_bits,
		.start_level = VM(m, vm).start_level,
		.vmid = vm + 1};

	return stage2;
}

void s2_invalidate(struct moat *m, struct vm_locked locked, uint64_t ipa,
	uint32_t count, bool is_table)
{
	struct moat_invalidation what = {.stage2 = s2_of(m, locked.vm),
		.ipa = {ipa},
		.page_count = count,
		.level = LEAF_LEVEL,
		.is_table = is_table};

	moat_port_invalidate(&what);
}
