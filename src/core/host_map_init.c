/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The host's map as it is made at init. RAM regions take their shape from the
 * records; the rest of the IPA space is device memory, but for what is
 * withheld. After init only RAM regions ever change.
 *
 * Device memory is mapped by the largest blocks that the granule has; what a
 * withheld range covers as a whole costs no table. The root's start level is
 * not below that of the largest blocks.
 */
#include "core/host_map.h"

#include "core/range.h"
#include "core/s2.h"
#include "moat/port.h"
#include "pte.h"

/* Where the next table comes from: host_map_table_count bounds it. */
struct build {
	struct moat *m;
	uint32_t next;
};

static bool is_withheld(
	const struct moat_config *config, uint64_t base, uint64_t size)
{
	return range_list_holds(
		config->withheld, config->withheld_count, base, size);
}

/* Whether a stretch is neither all device memory nor all withheld. */
static bool is_mixed(
	const struct moat_config *config, uint64_t base, uint64_t size)
{
	return range_list_touches(config->ram, config->ram_count, base, size) ||
	       (range_list_touches(
			config->withheld, config->withheld_count, base, size) &&
		       !is_withheld(config, base, size));
}

/* Whether an entry of @level, above that of regions, leads to a table. */
static bool needs_table(
	const struct moat_config *config, uint64_t base, uint32_t level)
{
	uint64_t size = s2_entry_bytes(level);

	return is_mixed(config, base, size) ||
	       (level < MOAT_BLOCK_LEVEL_MIN &&
		       !is_withheld(config, base, size));
}

/* How many tables the entries of @level lead to. */
static uint32_t count_below(const struct moat_config *config, uint32_t level)
{
	uint64_t end = s2_space_bytes(config->host_ipa_bits);
	uint32_t count = 0;

	/*@ loop invariant 0 <= base < end + entry_bytes(level);
	    loop invariant level == 1 ==> count * LEVEL_1_BYTES <= base;
	    loop invariant level == 0 ==>
	      count * (LEVEL_1_BYTES * ENTRY_COUNT) <= base;
	    loop assigns base, count;
	    loop variant end - base; */
	for (uint64_t base = 0; base < end; base += s2_entry_bytes(level)) {
		count += needs_table(config, base, level);
	}
	return count;
}

struct s2_root host_map_root(const struct moat_config *config)
{
	return s2_root_for(config->host_ipa_bits, MOAT_BLOCK_LEVEL_MIN);
}

uint32_t host_map_table_count(const struct moat_config *config)
{
	struct s2_root root = host_map_root(config);
	/* A withheld range cuts at most two device regions. */
	uint32_t count = root.page_count + 2 * config->withheld_count;

	/*@ loop invariant 0 <= i <= config->ram_count;
	    loop invariant 1 <= count <= MOAT_ROOT_PAGES_MAX +
	      2 * MOAT_RANGE_MAX + i * 0x8000000;
	    loop assigns i, count;
	    loop variant config->ram_count - i; */
	for (uint32_t i = 0; i < config->ram_count; i++) {
		count += (uint32_t)(config->ram[i].size / REGION_BYTES);
	}
	/*@ loop invariant root.start_level <= level;
	    loop invariant level <= REGION_LEVEL;
	    loop invariant 1 <= count <= MOAT_ROOT_PAGES_MAX +
	      2 * MOAT_RANGE_MAX + MOAT_RANGE_MAX * 0x8000000 +
	      level * 0x40000;
	    loop assigns level, count;
	    loop variant REGION_LEVEL - level; */
	for (uint32_t level = root.start_level; level < REGION_LEVEL; level++) {
		count += count_below(config, level);
	}
	return count;
}

/* ---- Filling ----------------------------------------------------------- */

/* A device region with withheld pages in it: a table of its own. */
static uint64_t device_leaf(struct build *build, uint64_t base)
{
	uint32_t table = build->next++;

	for (uint32_t slot = 0; slot < ENTRY_COUNT; slot++) {
		uint64_t pa = base + slot * PAGE_BYTES;
		bool hidden =
			is_withheld(&MOAT(build->m).config, pa, PAGE_BYTES);

		host_map_set(build->m, table, slot,
			hidden ? PTE_EMPTY : pte_page(pa, PTE_DEVICE));
	}
	return pte_table(host_map_table_pa(build->m, table));
}

/* A region outside RAM: nothing, a table, or a block of device memory. */
static uint64_t device_region(struct build *build, uint64_t base)
{
	if (is_withheld(&MOAT(build->m).config, base, REGION_BYTES)) {
		return PTE_EMPTY;
	}
	if (is_mixed(&MOAT(build->m).config, base, REGION_BYTES)) {
		return device_leaf(build, base);
	}
	return pte_block(base, PTE_DEVICE);
}

/* One entry of level 2. Of a RAM region, remember where it is. */
static void fill_region(
	struct build *build, uint32_t table, uint32_t slot, uint64_t base)
{
	uint32_t page = page_find(build->m, base);

	if (page == NONE) {
		host_map_set(build->m, table, slot, device_region(build, base));
	} else {
		uint32_t region = page_region(page);

		REGION(build->m, region).table = table;
		REGION(build->m, region).slot = (uint16_t)slot;
		host_map_shape(build->m, region);
	}
}

/* An entry of level 0 or 1 that leads to no table: nothing, or a block. */
/*@ requires lists_good(&MOAT(m).config);
    requires \valid_read(build);
    requires base % MOAT_PAGE_SIZE == 0 && base < 0x1000000000000;
    requires level < REGION_LEVEL;
    assigns \nothing; exits \false; */
static uint64_t device_leaf_above(
	struct build *build, uint64_t base, uint32_t level)
{
	return is_withheld(&MOAT(build->m).config, base, s2_entry_bytes(level))
		       ? PTE_EMPTY
		       : pte_block(base, PTE_DEVICE);
}

/* One entry of level 1. */
static uint64_t fill_level_1(struct build *build, uint64_t base)
{
	uint32_t table;

	if (!needs_table(&MOAT(build->m).config, base, 1)) {
		return device_leaf_above(build, base, 1);
	}
	table = build->next++;
	for (uint32_t slot = 0; slot < ENTRY_COUNT; slot++) {
		fill_region(build, table, slot, base + slot * REGION_BYTES);
	}
	return pte_table(host_map_table_pa(build->m, table));
}

/* One entry of level 0. */
static uint64_t fill_level_0(struct build *build, uint64_t base)
{
	uint32_t table;

	if (!needs_table(&MOAT(build->m).config, base, 0)) {
		return device_leaf_above(build, base, 0);
	}
	table = build->next++;
	for (uint32_t slot = 0; slot < ENTRY_COUNT; slot++) {
		uint64_t entry =
			fill_level_1(build, base + slot * LEVEL_1_BYTES);

		host_map_set(build->m, table, slot, entry);
	}
	return pte_table(host_map_table_pa(build->m, table));
}

/* Entry @index of the root, which translates @base. */
static void fill_root(struct build *build, uint64_t index, uint64_t base)
{
	uint32_t table = (uint32_t)(index / ENTRY_COUNT);
	uint32_t slot = (uint32_t)(index % ENTRY_COUNT);

	if (MOAT(build->m).host_start_level == REGION_LEVEL) {
		fill_region(build, table, slot, base);
	} else if (MOAT(build->m).host_start_level == 1) {
		host_map_set(build->m, table, slot, fill_level_1(build, base));
	} else {
		host_map_set(build->m, table, slot, fill_level_0(build, base));
	}
}

/* Every entry of the root is written, those behind the space's end too: a root
 * that has such entries is one page, since sizes of spaces are powers of 2. */
void host_map_init(struct moat *m)
{
	struct s2_root root = host_map_root(&MOAT(m).config);
	uint64_t end = s2_space_bytes(MOAT(m).config.host_ipa_bits);
	struct build build = {m, root.page_count + REGION_COUNT(m)};

	MOAT(m).host_start_level = root.start_level;
	MOAT(m).leaf_first = root.page_count;
	for (uint32_t i = 0; i < root.page_count * ENTRY_COUNT; i++) {
		uint64_t base = i * s2_entry_bytes(root.start_level);

		if (base < end) {
			fill_root(&build, i, base);
		} else {
			host_map_set(m, 0, i, PTE_EMPTY);
		}
	}
	moat_port_publish();
}
