/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A VM's IPA space, without tables: which tables exist is a set, and what is
 * mapped is a map. The geometry is that of the granule (Arm ARM, D8.2), and up
 * to 16 tables may be joined at the root.
 *
 * Tables matter all the same, since the host gives and takes them by name: a
 * page can be mapped only where there is a leaf table, and a table be taken
 * only when it is empty. That much of them is here, and no more: no entries, no
 * walk, no order in which anything would have to be written. A block is the
 * pages of a leaf table without the table.
 */
#include "model/state.h"

/* IPAs have at most 44 bits, so a level fits above them. */
static const uint64_t KEY_LEVEL = (uint64_t)1 << 48;

/*
 * The start level is the lowest of those above 3 at which at most 16 tables
 * cover the space. By page size: bits that one root page of level 2 translates,
 * and one of level 1, and one of level 0.
 *
 * A single one may translate more than the space has, as between 35 and 38 bits
 * with 4 KiB: what is above the space stays empty, since no call accepts an
 * address there.
 */
static const struct {
	uint32_t page_size, level_2, level_1, level_0;
} geometry[] = {
	{4096, 30, 39, 48},
	{16384, 36, 47, 48},
	{65536, 42, 48, 48},
};

/* The bits that one root page of a space of @ipa_bits translates; the start
 * level. A page size that is not listed is none. */
static uint32_t root_bits(uint32_t ipa_bits, uint32_t *level)
{
	uint32_t i = 0;

	while (geometry[i].page_size != MOAT_PAGE_SIZE) {
		i++;
	}
	*level = 2;
	if (ipa_bits <= geometry[i].level_2 + 4) {
		return geometry[i].level_2;
	}
	*level = 1;
	if (ipa_bits <= geometry[i].level_1 + 4) {
		return geometry[i].level_1;
	}
	*level = 0;
	return geometry[i].level_0;
}

uint32_t model_s2_start_level(uint32_t ipa_bits)
{
	uint32_t level;

	(void)root_bits(ipa_bits, &level);
	return level;
}

uint32_t model_s2_root_pages(uint32_t ipa_bits)
{
	uint32_t level;
	uint32_t bits = root_bits(ipa_bits, &level);

	return ipa_bits <= bits ? 1 : 1u << (ipa_bits - bits);
}

/* The pages of a leaf table (level 3), and as many times more for each level
 * above it as a table has entries: with 4 KiB 2 MiB, 1 GiB, 512 GiB, 256 TiB.
 */
uint64_t model_s2_span(uint32_t level)
{
	uint64_t span = (uint64_t)MOAT_PAGE_SIZE * MODEL_BLOCK_PAGES;

	for (uint32_t i = level; i < MODEL_LEAF_LEVEL; i++) {
		span *= MODEL_BLOCK_PAGES;
	}
	return span;
}

/* The address is rounded down to what the table translates, so any address asks
 * for the table that translates it. */
uint64_t model_s2_key(uint32_t level, uint64_t ipa)
{
	return level * KEY_LEVEL + (ipa - ipa % model_s2_span(level));
}

/* A walk would go from table to table. Here a table exists or it does not;
 * that its parents exist too is [TABLE-1], kept by table_create and
 * table_destroy. */
const uint64_t *model_s2_table(
	const struct model_vm *vm, uint32_t level, uint64_t ipa)
{
	return model_map_find(&vm->tables, model_s2_key(level, ipa));
}

/* Nothing is mapped outside the IPA space, so no address needs to be
 * checked. */
const uint64_t *model_s2_page(const struct model_vm *vm, uint64_t ipa)
{
	return model_map_find(&vm->mappings, model_page_base(ipa));
}

/* A page needs a table to be mapped by: if it is not a leaf table, it is one of
 * level 2, whose entry is then a block. */
bool model_s2_is_block(const struct model_vm *vm, uint64_t ipa)
{
	return model_s2_page(vm, ipa) != NULL &&
	       model_s2_table(vm, MODEL_LEAF_LEVEL, ipa) == NULL;
}

/* The entry of a leaf table can hold a page only; one above it could hold a
 * table, be that empty or not. */
bool model_s2_is_free(const struct model_vm *vm, uint32_t level, uint64_t ipa)
{
	if (level < MODEL_LEAF_LEVEL &&
		model_s2_table(vm, level + 1, ipa) != NULL) {
		return false;
	}
	return model_s2_page(vm, ipa) == NULL;
}

/* What hangs below a table is in its range of addresses: pages, which it or a
 * table below maps, and the tables one level down. */
bool model_s2_is_empty(const struct model_vm *vm, uint32_t level, uint64_t ipa)
{
	uint64_t end = ipa + model_s2_span(level);
	uint64_t below = (level + 1) * KEY_LEVEL;

	return model_map_range_count(&vm->mappings, ipa, end) == 0 &&
	       model_map_range_count(&vm->tables, below + ipa, below + end) ==
		       0;
}

/* A VM may do anything with its own pages. */
static uint64_t permission_of(const struct model_page *page)
{
	return page->state == MOAT_PAGE_LENT
		       ? page->permission
		       : MOAT_READ | MOAT_WRITE | MOAT_EXECUTE;
}

/* An access that is none of these three is never permitted. */
bool model_s2_permits(const struct model *m, uint32_t vm, uint64_t ipa,
	enum moat_access access)
{
	const uint64_t *pa = model_s2_page(model_vm_slot(m, vm), ipa);
	uint64_t permission;

	if (pa == NULL) {
		return false;
	}
	permission = permission_of(model_page_record(m, *pa));
	switch (access) {
	case MOAT_ACCESS_READ:
		return (permission & MOAT_READ) != 0;
	case MOAT_ACCESS_WRITE:
		return (permission & MOAT_WRITE) != 0;
	case MOAT_ACCESS_FETCH:
		return (permission & MOAT_EXECUTE) != 0;
	case MOAT_ACCESS_END:
	default:
		return false;
	}
}

/* What stage 2 does to an address of the VM, whatever its halves. */
bool model_translate(const struct model *m, uint32_t vm, struct moat_ipa ipa,
	struct moat_pa *pa)
{
	const uint64_t *page = model_s2_page(model_vm_slot(m, vm), ipa.value);

	if (page == NULL) {
		return false;
	}
	pa->value = *page + ipa.value % MOAT_PAGE_SIZE;
	return true;
}

size_t model_table_count(const struct model *m, uint32_t vm)
{
	return model_vm_slot(m, vm)->tables.count;
}

struct model_table model_table_at(
	const struct model *m, uint32_t vm, size_t index)
{
	const struct model_map *map = &model_vm_slot(m, vm)->tables;
	struct model_table table;

	table.level = (uint32_t)(model_map_key(map, index) / KEY_LEVEL);
	table.ipa.value = model_map_key(map, index) % KEY_LEVEL;
	table.pa.value = *(const uint64_t *)model_map_value(map, index);
	return table;
}
