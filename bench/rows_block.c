/* SPDX-License-Identifier: BSD-2-Clause */
/* Blocks of 2 MiB: what one call does for 512 pages. */
#include "port.h"
#include "rows.h"

#define MEASURED __attribute__((noinline)) static

static const struct moat_vm_id vm = {VM_MAIN};

static struct moat_ipa ipa_of(uint64_t block)
{
	return (struct moat_ipa){block * REGION_SIZE};
}

static uint64_t block_count(const struct world *world)
{
	return world->page_count / 512;
}

static void donate_blocks(struct world *world)
{
	for (uint64_t i = 0; i < block_count(world); i++) {
		struct moat_pa pa = {world->data + i * REGION_SIZE};

		world_call(world, moat_block_donate(vm, ipa_of(i), pa));
	}
}

MEASURED void measure_block_donate(struct world *world)
{
	donate_blocks(world);
}

MEASURED void measure_block_reclaim(struct world *world)
{
	world_reclaim_all(world);
}

MEASURED void measure_split(struct world *world)
{
	for (uint64_t i = 0; i < block_count(world); i++) {
		world_call(world, moat_table_split(vm, ipa_of(i), 3,
					  world_table(world, i)));
	}
}

MEASURED void measure_fold(struct world *world)
{
	for (uint64_t i = 0; i < block_count(world); i++) {
		world_call(world, moat_table_fold(vm, ipa_of(i), 3));
	}
}

static void make_blocks(struct world *world)
{
	world_vm_make_bare(world);
	donate_blocks(world);
}

static void make_dying(struct world *world)
{
	make_blocks(world);
	world_call(world, moat_vm_kill(vm));
}

static void make_pages(struct world *world)
{
	world_vm_make(world);
	world_donate_all(world);
}

static void end_bare(struct world *world)
{
	world_call(world, moat_vm_free(vm));
}

static void end_blocks(struct world *world)
{
	world_call(world, moat_vm_kill(vm));
	world_reclaim_all(world);
	end_bare(world);
}

static void end_folded(struct world *world)
{
	end_blocks(world);
	world_tables_clear(world);
}

static void end_pages(struct world *world)
{
	world_call(world, moat_vm_kill(vm));
	world_reclaim_all(world);
	world_vm_end(world);
}

static void make_zeroing(struct world *world)
{
	world_vm_make_bare(world);
	port_zeroing(true);
}

static void end_zeroed(struct world *world)
{
	port_zeroing(false);
	end_blocks(world);
}

const struct row rows_block[] = {
	{"block-donate", 1, 512, world_vm_make_bare, measure_block_donate,
		end_blocks},
	{"block-donate-zeroed", 1, 512, make_zeroing, measure_block_donate,
		end_zeroed},
	{"block-reclaim", 1, 512, make_dying, measure_block_reclaim, end_bare},
	{"split", 1, 512, make_blocks, measure_split, end_pages},
	{"fold", 1, 512, make_pages, measure_fold, end_folded},
	{0},
};
