/* SPDX-License-Identifier: BSD-2-Clause */
#include "world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { RAM_BASE = 0x40000000, CONTEXT_REGIONS = 2, ALIGNMENT = 65536 };

static void *memory_map(uint64_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (memory == MAP_FAILED) {
		perror("moat-bench: mmap");
		exit(1);
	}
	return memory;
}

/* Root pages, one leaf table a region, and the spare root: whole regions. */
static uint64_t table_bytes(uint64_t page_count)
{
	uint64_t count = ROOT_PAGES + page_count / 512 + 1;

	return (count + 511) / 512 * REGION_SIZE;
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
	world->window = memory_map(config.ram[0].size);
	config.ram_window = world->window;
	/* The engine's own memory lies outside the RAM that it guards. */
	config.memory_pa.value = (RAM_BASE + config.ram[0].size) * 2;
	memory_size = moat_size(&config);
	if (memory_size == 0) {
		fprintf(stderr, "moat-bench: moat_size refuses the machine\n");
		exit(1);
	}
	world->engine = moat_init(&config,
		aligned_alloc(ALIGNMENT,
			(memory_size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT));
}

struct moat_regs world_call(struct world *world, struct moat_regs regs)
{
	uint64_t function = regs.x[0];

	moat_host_call(world->engine, 0, &regs);
	if (regs.x[0] != MOAT_OK) {
		fprintf(stderr, "moat-bench: call %llx answers %llx\n",
			(unsigned long long)function,
			(unsigned long long)regs.x[0]);
		exit(1);
	}
	return regs;
}

struct moat_pa world_table(const struct world *world, uint64_t index)
{
	uint64_t page = ROOT_PAGES + index;

	return (struct moat_pa){world->tables + page * MOAT_PAGE_SIZE};
}

void world_tables_clear(struct world *world)
{
	memset(world->window + (world->tables - world->data), 0,
		table_bytes(world->page_count));
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
