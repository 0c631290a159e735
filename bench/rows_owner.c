/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ownership between two parties, and nothing else: the engine's own functions
 * find the page of an address, lock the VM and the page's region, check whose
 * the page is and write its record. No call leads here and no table says what
 * the record says, so that this is not a thing that a host could ask for; it is
 * what a record costs, beside other engines' ownership without their tables.
 *
 * The archive hides these functions. They are compiled here as it is, in one
 * file, and of a machine that the archive made.
 */
#include "rows.h"

#include "core/hold.c"
#include "core/lock.c"
#include "core/page.c"

#define MEASURED __attribute__((noinline)) static

enum { CPU_0 = 0, TABLE_0 = 0 };

static const struct page host = {.state = MOAT_PAGE_HOST};
static const struct page of_vm = {.state = MOAT_PAGE_VM,
	.mapping = LEAF_LEVEL,
	.slot = 1,
	.parent = TABLE_0};

/* The page at @pa from one owner to another, if it is that one's. */
static inline bool page_pass(
	struct moat *m, uint64_t pa, struct page from, struct page to)
{
	struct vm_locked vm = vm_lock(m, CPU_0, VM_MAIN, HERE);
	uint32_t page = page_find(m, pa);
	bool is_found = page != NONE;

	if (is_found) {
		struct regions_locked regions =
			regions_lock(m, CPU_0, page_region(page), NONE, HERE);

		is_found = PAGE(m, page).state == from.state &&
			   PAGE(m, page).parent == from.parent;
		if (is_found) {
			page_set(m, page, to);
		}
		regions_unlock(m, regions);
	}
	vm_unlock(m, vm);
	return is_found;
}

static void page_passes(
	struct moat *m, uint64_t pa, struct page from, struct page to)
{
	if (!page_pass(m, pa, from, to)) {
		base_fail("a page is not whose it should be", pa);
	}
}

MEASURED void measure_owner(struct world *world)
{
	for (uint64_t i = 0; i < world->page_count; i++) {
		uint64_t pa = world->data + i * MOAT_PAGE_SIZE;

		page_passes(world->engine, pa, host, of_vm);
		page_passes(world->engine, pa, of_vm, host);
	}
}

static void end_vm(struct world *world)
{
	world_call(world, moat_vm_kill((struct moat_vm_id){VM_MAIN}));
	world_vm_end(world);
}

const struct row rows_owner[] = {
	{"owner", 2, 1, world_vm_make, measure_owner, end_vm},
	{0},
};
