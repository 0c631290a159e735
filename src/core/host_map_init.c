/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The host's map as it is made at init. RAM regions take their shape from the
 * records; the rest of the IPA space is device memory, but for what is
 * withheld. After init only RAM regions ever change.
 *
 * The root is always at level 1: for 32 to 39 bits one page, of which the
 * translation uses the start, above that up to 16 concatenated ones.
 */
#include "core/host_map.h"

#include "core/range.h"
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

/* GiB that the host's IPA space has, each one entry of the root. */
static uint32_t gib_count(const struct moat_config *config)
{
	uint32_t count = 4;

	for (uint32_t bits = 32; bits < config->host_ipa_bits; bits++) {
		count *= 2;
	}
	return count;
}

uint32_t host_map_root_count(const struct moat_config *config)
{
	return (gib_count(config) + ENTRY_COUNT - 1) / ENTRY_COUNT;
}

uint32_t host_map_table_count(const struct moat_config *config)
{
	/* A withheld range cuts at most two device regions. */
	uint32_t count =
		host_map_root_count(config) + 2 * config->withheld_count;

	for (uint32_t i = 0; i < config->ram_count; i++) {
		count += (uint32_t)(config->ram[i].size / REGION_BYTES);
	}
	for (uint32_t gib = 0; gib < gib_count(config); gib++) {
		count += is_mixed(config, gib * GIB_BYTES, GIB_BYTES);
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
		bool hidden = is_withheld(&build->m->config, pa, PAGE_BYTES);

		host_map_set(build->m, table, slot,
			hidden ? PTE_EMPTY : pte_page(pa, PTE_DEVICE));
	}
	return pte_table(host_map_table_pa(build->m, table));
}

/* A region outside RAM: nothing, a table, or a block of device memory. */
static uint64_t device_region(struct build *build, uint64_t base)
{
	if (is_withheld(&build->m->config, base, REGION_BYTES)) {
		return PTE_EMPTY;
	}
	if (is_mixed(&build->m->config, base, REGION_BYTES)) {
		return device_leaf(build, base);
	}
	return pte_block(base, PTE_DEVICE);
}

/* One entry at level 2. Of a RAM region, remember where it is. */
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

/* One entry of the root: nothing, a device block, or a level-2 table. */
static uint64_t fill_gib(struct build *build, uint64_t base)
{
	uint32_t table;

	if (is_withheld(&build->m->config, base, GIB_BYTES) &&
		!is_mixed(&build->m->config, base, GIB_BYTES)) {
		return PTE_EMPTY;
	}
	if (!is_mixed(&build->m->config, base, GIB_BYTES)) {
		return pte_block(base, PTE_DEVICE);
	}
	table = build->next++;
	for (uint32_t slot = 0; slot < ENTRY_COUNT; slot++) {
		fill_region(build, table, slot, base + slot * REGION_BYTES);
	}
	return pte_table(host_map_table_pa(build->m, table));
}

void host_map_init(struct moat *m)
{
	uint32_t root_count = host_map_root_count(&m->config);
	uint32_t gibs = gib_count(&m->config);
	struct build build = {m, root_count + REGION_COUNT(m)};

	m->leaf_first = root_count;
	for (uint32_t gib = 0; gib < root_count * ENTRY_COUNT; gib++) {
		uint64_t entry = PTE_EMPTY;

		if (gib < gibs) {
			entry = fill_gib(&build, gib * GIB_BYTES);
		}
		host_map_set(m, gib / ENTRY_COUNT, gib % ENTRY_COUNT, entry);
	}
	moat_port_publish();
}
