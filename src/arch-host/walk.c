/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch-host/walk.h"

#include "pte.h"
#include "arch-host/cpu.h"

enum {
	LAST_LEVEL = 3,
	ENTRY_BITS = MOAT_TABLE_BITS,
	PAGE_BITS = MOAT_PAGE_BITS
};

/* Bytes that one entry of @level translates. */
static uint64_t entry_size(uint32_t level)
{
	return UINT64_C(1) << (PAGE_BITS + ENTRY_BITS * (LAST_LEVEL - level));
}

/* Bytes that the table of @level on the way to any address translates. */
static uint64_t table_size(const struct moat_stage2 *stage2, uint32_t level)
{
	if (level == stage2->start_level) {
		return UINT64_C(1) << stage2->ipa_bits;
	}
	return entry_size(level) << ENTRY_BITS;
}

static uint64_t entry_pa(
	const struct host_walk *walk, uint32_t level, uint64_t table)
{
	uint64_t offset = walk->ipa & (table_size(walk->stage2, level) - 1);

	return table + offset / entry_size(level) * sizeof(uint64_t);
}

/*
 * The entry of @level for @ipa in the table at @table. Concatenated tables of
 * the start level are contiguous (D8.2.2), so they are one longer table.
 */
static const uint64_t *entry_at(
	const struct host_walk *walk, uint32_t level, uint64_t table)
{
	const unsigned char *bytes = host_machine_memory(
		walk->machine, entry_pa(walk, level, table));

	if (!bytes) {
		host_machine_violate(walk->machine, "a table outside memory");
	}
	return (const uint64_t *)(const void *)bytes;
}

/* Whether @descriptor, all of its bits, is the leaf that pte.h makes. */
static bool is_leaf(
	uint64_t descriptor, uint32_t level, uint64_t pa, enum pte_kind kind)
{
	return descriptor == pte_leaf(pa, level, kind);
}

/* A leaf of its level, with its output aligned to what it translates. */
static bool leaf_decode(uint64_t descriptor, struct host_translation *entry)
{
	uint32_t level = entry->level;
	uint64_t pa = entry->pa;
	bool is_known = is_leaf(descriptor, level, pa, PTE_NORMAL) ||
			is_leaf(descriptor, level, pa, PTE_READ) ||
			is_leaf(descriptor, level, pa, PTE_READ_WRITE) ||
			is_leaf(descriptor, level, pa, PTE_READ_EXECUTE);

	entry->is_device = is_leaf(descriptor, level, pa, PTE_DEVICE);
	entry->may_write = pte_may_write(descriptor);
	entry->may_execute = pte_may_execute(descriptor);
	return pte_is_leaf(descriptor, level) &&
	       (is_known || entry->is_device) && pa % entry->size == 0;
}

/*
 * Decode one entry. It must be, bit by bit, empty or one of those that pte.h
 * makes: a stray attribute is as wrong as a stray address.
 */
static bool entry_decode(const struct host_walk *walk, uint64_t descriptor,
	struct host_translation *entry)
{
	const struct host_translation found = {.is_used = true,
		.vmid = walk->stage2->vmid,
		.level = entry->level,
		.size = entry_size(entry->level),
		.ipa = walk->ipa & ~(entry_size(entry->level) - 1),
		.pa = pte_pa(descriptor)};

	*entry = found;
	entry->is_table = pte_is_table(descriptor, entry->level) &&
			  descriptor == pte_table(entry->pa);
	if (entry->is_table || leaf_decode(descriptor, entry)) {
		return true;
	}
	if (descriptor != PTE_EMPTY) {
		host_machine_violate(
			walk->machine, "a descriptor the engine never makes");
	}
	return false;
}

/* What the walk finds there: that of a CPU may be behind its time. */
static uint64_t entry_read(const struct host_walk *walk, uint32_t level,
	uint64_t table, const uint64_t *entry)
{
	return walk->cache ? host_cpu_read(walk->machine, walk->cache,
				     entry_pa(walk, level, table), *entry)
			   : *entry;
}

bool host_walk_from(
	const struct host_walk *walk, struct host_translation *entry)
{
	uint32_t level = walk->stage2->start_level;
	uint64_t table = walk->stage2->root.value;

	if (walk->ipa >> walk->stage2->ipa_bits) {
		return false;
	}
	if (entry->is_used) {
		level = entry->level + 1;
		table = entry->pa;
	}
	/* One turn for each level. */
	for (; level <= walk->last; level++) {
		const uint64_t *descriptor = entry_at(walk, level, table);

		entry->level = level;
		if (!descriptor ||
			!entry_decode(walk,
				entry_read(walk, level, table, descriptor),
				entry)) {
			return false;
		}
		if (walk->cache) {
			host_cpu_remember(walk->cache, entry);
		}
		if (!entry->is_table) {
			return true;
		}
		table = entry->pa;
	}
	return true;
}

struct host_cursor host_cursor_make(
	const struct moat_stage2 *stage2, uint64_t ipa)
{
	struct host_cursor cursor = {.stage2 = *stage2, .ipa = ipa};

	cursor.level = stage2->start_level;
	cursor.table[cursor.level] = stage2->root.value;
	return cursor;
}

/* Go on @size bytes further up, and leave the tables that end there. */
static void cursor_advance(struct host_cursor *cursor, uint64_t size)
{
	cursor->ipa += size;
	while (cursor->level > cursor->stage2.start_level &&
		cursor->ipa % table_size(&cursor->stage2, cursor->level) == 0) {
		cursor->level--;
	}
}

/* Bytes from @ipa to the first entry in this table that is not empty. */
static uint64_t cursor_skip(
	const struct host_cursor *cursor, const uint64_t *descriptor)
{
	uint64_t size = entry_size(cursor->level);
	uint64_t whole = table_size(&cursor->stage2, cursor->level);
	uint64_t left = (whole - (cursor->ipa & (whole - 1))) / size;
	uint64_t count = 0;

	while (count < left && descriptor[count] == PTE_EMPTY) {
		count++;
	}
	return count * size;
}

bool host_cursor_next(struct host_machine *machine, struct host_cursor *cursor,
	struct host_translation *entry)
{
	struct host_walk walk = {machine, &cursor->stage2, NULL, 0, 0};

	/* Every turn goes up in addresses, or down a level. */
	while (cursor->ipa >> cursor->stage2.ipa_bits == 0) {
		const uint64_t *descriptor;
		uint64_t skip;

		walk.ipa = cursor->ipa;
		descriptor = entry_at(
			&walk, cursor->level, cursor->table[cursor->level]);
		if (!descriptor) {
			return false;
		}
		skip = cursor_skip(cursor, descriptor);
		if (skip != 0) {
			cursor_advance(cursor, skip);
			continue;
		}
		entry->level = cursor->level;
		if (!entry_decode(&walk, *descriptor, entry)) {
			return false;
		}
		if (entry->is_table) {
			cursor->level++;
			cursor->table[cursor->level] = entry->pa;
		} else {
			cursor_advance(cursor, entry->size);
		}
		return true;
	}
	return false;
}
