/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An agent that caches all that it is allowed to, for as long as it is allowed:
 * translations, and the tables that it walked through (Arm ARM, D8.13).
 */
#include "small_agent.h"

#include <string.h>

#include "pte.h"
#include "small.h"

enum { CACHED_MAX = 2048, LEVELS = 4, ENTRIES = 512 };

/* A descriptor that was walked, and what it translates. */
struct cached {
	uint64_t vmid;
	uint64_t base;
	uint64_t size;
	uint64_t descriptor;
	uint32_t level;
};

static struct cached cached[CACHED_MAX];
static uint32_t cached_count;

void small_forget(void)
{
	cached_count = 0;
}

static uint64_t entry_bytes(uint32_t level)
{
	static const uint64_t bytes[LEVELS] = {UINT64_C(0x8000000000),
		UINT64_C(0x40000000), UINT64_C(0x200000), UINT64_C(0x1000)};

	return bytes[level];
}

static bool is_for(const struct cached *entry, uint64_t vmid, uint64_t ipa)
{
	return entry->vmid == vmid && ipa - entry->base < entry->size;
}

/* The deepest cached descriptor for @ipa: a leaf above all. */
static const struct cached *find(uint64_t vmid, uint64_t ipa)
{
	const struct cached *best = NULL;

	for (uint32_t i = 0; i < cached_count; i++) {
		if (is_for(&cached[i], vmid, ipa) &&
			(!best || cached[i].level > best->level)) {
			best = &cached[i];
		}
	}
	return best;
}

static void keep(struct cached entry)
{
	if (cached_count == CACHED_MAX) {
		moat_port_panic("the agent's cache is full");
	}
	cached[cached_count] = entry;
	cached_count++;
}

/* The table to read for @ipa, and its level: by the cache, or the root. */
static uint64_t start_of(
	const struct moat_stage2 *stage2, uint64_t ipa, uint32_t *level)
{
	const struct cached *entry = find(stage2->vmid, ipa);
	uint64_t root_bytes = entry_bytes(stage2->start_level) * ENTRIES;

	*level = stage2->start_level;
	if (entry) {
		*level = entry->level + 1;
		return pte_pa(entry->descriptor);
	}
	/* Concatenated roots lie one behind the other. */
	return stage2->root.value + ipa / root_bytes * MOAT_PAGE_SIZE;
}

static bool answer(
	const struct cached *leaf, struct moat_ipa ipa, struct moat_pa *pa)
{
	pa->value = pte_pa(leaf->descriptor) + (ipa.value - leaf->base);
	return true;
}

bool small_translate(const struct moat_stage2 *stage2, struct moat_ipa ipa,
	struct moat_pa *pa)
{
	const struct cached *hit = find(stage2->vmid, ipa.value);
	uint32_t level;
	uint64_t table;

	if (hit && pte_is_leaf(hit->descriptor, hit->level)) {
		return answer(hit, ipa, pa);
	}
	table = start_of(stage2, ipa.value, &level);
	for (; level < LEVELS; level++) {
		uint64_t size = entry_bytes(level);
		uint64_t slot = ipa.value / size % ENTRIES;
		struct cached entry = {.vmid = stage2->vmid,
			.base = ipa.value / size * size,
			.size = size,
			.level = level};

		memcpy(&entry.descriptor, small_ram(table) + slot * 8, 8);
		if (!pte_is_valid(entry.descriptor)) {
			return false;
		}
		keep(entry);
		if (pte_is_leaf(entry.descriptor, level)) {
			return answer(&entry, ipa, pa);
		}
		table = pte_pa(entry.descriptor);
	}
	return false;
}

/* ---- Invalidation ------------------------------------------------------- */

/* What is to be forgotten, as the planted fault understands it. */
static struct moat_invalidation as_planted(struct moat_invalidation what)
{
	if (small_fault == SMALL_INVALIDATES_FIRST_PAGE) {
		what.page_count = what.page_count > 0 ? 1 : 0;
	} else if (small_fault == SMALL_INVALIDATES_SHIFTED) {
		what.ipa.value += MOAT_PAGE_SIZE;
	} else if (small_fault == SMALL_KEEPS_WALKS) {
		what.is_table = 0;
	} else if (small_fault == SMALL_VMID_CUT) {
		what.stage2.vmid %= 128;
	}
	return what;
}

static bool goes(
	const struct cached *entry, const struct moat_invalidation *what)
{
	uint64_t end = what->ipa.value + what->page_count * MOAT_PAGE_SIZE;
	bool overlaps = entry->base < end &&
			what->ipa.value < entry->base + entry->size;

	if (entry->vmid != what->stage2.vmid) {
		return false;
	}
	if (what->page_count == 0) {
		return small_fault != SMALL_IGNORES_COUNT_0;
	}
	return overlaps &&
	       (what->is_table || pte_is_leaf(entry->descriptor, entry->level));
}

void small_agent_invalidate(const struct moat_invalidation *what)
{
	const struct moat_invalidation planted = as_planted(*what);
	uint32_t kept = 0;

	if (small_fault == SMALL_NO_INVALIDATION) {
		return;
	}
	for (uint32_t i = 0; i < cached_count; i++) {
		if (!goes(&cached[i], &planted)) {
			cached[kept] = cached[i];
			kept++;
		}
	}
	cached_count = kept;
}
