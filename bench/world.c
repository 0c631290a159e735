/* SPDX-License-Identifier: BSD-2-Clause */
#include "world.h"

#include "base.h"

enum { RAM_BASE = 0x40000000, CONTEXT_REGIONS = 2 };

/* Root pages, one leaf table a region, and the spare root: whole regions. */
static uint64_t table_bytes(uint64_t page_count)
{
	uint64_t count = ROOT_PAGES + page_count / 512 + 1;

	return (count + 511) / 512 * REGION_SIZE;
}

/* The data pages in one fixed order without a pattern (Fisher and Yates), by a
 * generator of pseudo-random numbers (Marsaglia's xorshift64). */
static void shuffle(struct world *world)
{
	uint64_t random = 1;

	world->order = base_memory(world->page_count * sizeof(*world->order));
	for (uint32_t i = 0; i < world->page_count; i++) {
		uint32_t j;

		random ^= random << 13;
		random ^= random >> 7;
		random ^= random << 17;
		j = (uint32_t)(random % (i + 1));
		world->order[i] = world->order[j];
		world->order[j] = i;
	}
}

void world_make(struct world *world, uint64_t page_count)
{
	struct moat_config config = {
		.cpu_count = 1,
		.vm_count = 2,
		.ipa_bits = SPARE_IPA_BITS,
		.host_ipa_bits = 36,
		.ram_count = 1,
	};
	uint64_t data_size = page_count * MOAT_PAGE_SIZE;
	size_t memory_size;

	world->page_count = page_count;
	world->data = RAM_BASE;
	world->tables = world->data + data_size;
	world->contexts = world->tables + table_bytes(page_count);
	world->spare_root = world->contexts - MOAT_PAGE_SIZE;
	config.ram[0].base = RAM_BASE;
	config.ram[0].size =
		world->contexts + CONTEXT_REGIONS * REGION_SIZE - RAM_BASE;
	world->window = base_memory(config.ram[0].size);
	config.ram_window = world->window;
	/* The engine's own memory lies outside the RAM that it guards. */
	config.memory_pa.value = (RAM_BASE + config.ram[0].size) * 2;
	memory_size = moat_size(&config);
	if (memory_size == 0) {
		base_fail("moat_size refuses the machine", page_count);
	}
	world->memory_size = memory_size;
	world->ram_size = config.ram[0].size;
	world->engine = moat_init(&config, base_memory(memory_size));
	shuffle(world);
}

struct moat_pa world_table(const struct world *world, uint64_t index)
{
	uint64_t page = ROOT_PAGES + index;

	return (struct moat_pa){world->tables + page * MOAT_PAGE_SIZE};
}

void world_tables_clear(struct world *world)
{
	uint64_t *word =
		(void *)(world->window + (world->tables - world->data));

	for (uint64_t i = 0; i < table_bytes(world->page_count) / 8; i++) {
		word[i] = 0;
	}
}

void world_vm_make_bare(struct world *world)
{
	struct moat_vm_id vm = {VM_MAIN};
	struct moat_pa pa = {world->tables};

	world_call(world, moat_vm_create(vm, pa, IPA_BITS, 1));
}

void world_tables_make(struct world *world, uint64_t ipa)
{
	struct moat_vm_id vm = {VM_MAIN};

	for (uint64_t i = 0; i < world->page_count / 512; i++) {
		struct moat_ipa at = {ipa + i * REGION_SIZE};

		world_call(world,
			moat_table_create(vm, at, 3, world_table(world, i)));
	}
}

void world_tables_end(struct world *world, uint64_t ipa)
{
	struct moat_vm_id vm = {VM_MAIN};

	for (uint64_t i = 0; i < world->page_count / 512; i++) {
		struct moat_ipa at = {ipa + i * REGION_SIZE};

		world_call(world, moat_table_destroy(vm, at, 3));
	}
}

void world_vm_make(struct world *world)
{
	world_vm_make_bare(world);
	world_tables_make(world, 0);
}

void world_vm_end(struct world *world)
{
	struct moat_vm_id vm = {VM_MAIN};

	world_tables_end(world, 0);
	world_call(world, moat_vm_free(vm));
}

void world_donate_all(struct world *world)
{
	struct moat_vm_id vm = {VM_MAIN};

	for (uint64_t done = 0; done < world->page_count; done += 512) {
		struct moat_ipa ipa = {done * MOAT_PAGE_SIZE};
		struct moat_pa pa = {world->data + ipa.value};

		world_call(world, moat_page_donate(vm, ipa, pa, 512));
	}
}

void world_reclaim_all(struct world *world)
{
	struct moat_vm_id vm = {VM_MAIN};

	for (uint64_t done = 0; done < world->page_count; done += 512) {
		struct moat_ipa ipa = {done * MOAT_PAGE_SIZE};

		world_call(world, moat_page_reclaim(vm, ipa, 512));
	}
}
