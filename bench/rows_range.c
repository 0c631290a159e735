/* SPDX-License-Identifier: BSD-2-Clause */
/* What a page costs by the number of pages that one call is about. */
#include "rows.h"

#define MEASURED __attribute__((noinline)) static

static const struct moat_vm_id vm = {VM_MAIN};

static void donate(struct world *world, uint64_t length)
{
	for (uint64_t done = 0; done < world->page_count; done += length) {
		struct moat_ipa ipa = {done * MOAT_PAGE_SIZE};
		struct moat_pa pa = {world->data + ipa.value};

		world_call(world, moat_page_donate(vm, ipa, pa, length));
	}
}

static void reclaim(struct world *world, uint64_t length)
{
	for (uint64_t done = 0; done < world->page_count; done += length) {
		struct moat_ipa ipa = {done * MOAT_PAGE_SIZE};

		world_call(world, moat_page_reclaim(vm, ipa, length));
	}
}

static void make_dying(struct world *world)
{
	world_vm_make(world);
	world_donate_all(world);
	world_call(world, moat_vm_kill(vm));
}

static void give_back(struct world *world)
{
	world_call(world, moat_vm_kill(vm));
	world_reclaim_all(world);
	world_vm_end(world);
}

/* Powers of two, so that every call stays within one leaf table. */
#define LENGTHS(X) X(1) X(2) X(4) X(8) X(16) X(32) X(64) X(128) X(256) X(512)

#define MEASURE(length) \
	MEASURED void measure_donate_##length(struct world *world) \
	{ \
		donate(world, length); \
	} \
	MEASURED void measure_reclaim_##length(struct world *world) \
	{ \
		reclaim(world, length); \
	}
#define ROWS(length) \
	{"donate-" #length, 1, 1, world_vm_make, measure_donate_##length, \
		give_back}, \
		{"reclaim-" #length, 1, 1, make_dying, \
			measure_reclaim_##length, world_vm_end},

LENGTHS(MEASURE)

const struct row rows_range[] = {LENGTHS(ROWS){0}};
