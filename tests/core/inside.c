/* SPDX-License-Identifier: BSD-2-Clause */
#include "inside.h"

#include <criterion/criterion.h>
#include <string.h>

#include "core/host_map.h"
#include "core/lock.h"
#include "core/s2.h"
#include "core/state.h"
#include "pte.h"

static void clear_locks(
	const struct bed *bed, unsigned char *copy, struct lock *lock, size_t n)
{
	const unsigned char *memory =
		host_machine_memory(bed->machine, BED_MEMORY);

	memset(copy + ((const unsigned char *)lock - memory), 0,
		n * sizeof(*lock));
}

void inside_copy(const struct bed *bed, unsigned char *copy)
{
	struct moat *m = bed->engine;

	memcpy(copy, bed->machine->memory, bed->machine->memory_size);
	clear_locks(bed, copy, m->vm_lock, VM_COUNT(m));
	clear_locks(bed, copy, m->region_lock, REGION_LOCK_COUNT);
}

bool inside_locks_are_free(const struct bed *bed)
{
	const struct moat *m = bed->engine;
	bool are_free = true;

	for (uint32_t v = 0; v < VM_COUNT(m); v++) {
		are_free &= VM_LOCK(m, v).next == VM_LOCK(m, v).serving;
	}
	for (uint32_t l = 0; l < REGION_LOCK_COUNT; l++) {
		are_free &= REGION_LOCK(m, l).next == REGION_LOCK(m, l).serving;
	}
	return are_free;
}

/* The index of the page at @pa, counted by the machine, not by the engine. */
static uint32_t page_at(const struct bed *bed, uint64_t pa)
{
	uint32_t page = host_machine_page(bed->machine, pa);

	cr_assert(page != UINT32_MAX, "not RAM");
	return page;
}

uint32_t inside_page_state(const struct bed *bed, uint64_t pa)
{
	return PAGE(bed->engine, page_at(bed, pa)).state;
}

uint32_t inside_vm_life(const struct bed *bed, uint32_t vm)
{
	return VM(bed->engine, vm).life;
}

uint32_t inside_vcpu_state(const struct bed *bed, uint32_t vm, uint32_t vcpu)
{
	return VCPU(bed->engine, vm, vcpu).state;
}

struct moat_stage2 inside_stage2(const struct bed *bed, uint32_t vm)
{
	return s2_of(bed->engine, vm);
}

static struct place leaf_place(struct bed *bed, uint32_t vm, uint64_t ipa)
{
	struct vm_locked locked = vm_lock(bed->engine, vm);
	struct place place = s2_walk(bed->engine, locked, ipa, LEAF_LEVEL);

	vm_unlock(bed->engine, locked);
	cr_assert(place.table != NONE, "no leaf table there");
	return place;
}

void inside_share(struct bed *bed, uint32_t vm, uint64_t ipa)
{
	struct place place = leaf_place(bed, vm, ipa);
	struct page_run run = {s2_page(bed->engine, place), 1};
	struct page record = PAGE(bed->engine, run.first);
	struct regions_locked locked =
		regions_lock(bed->engine, page_region(run.first), NONE);

	record.state = MOAT_PAGE_SHARED;
	page_set(bed->engine, run.first, record);
	host_map_open(bed->engine, locked, run);
	regions_unlock(bed->engine, locked);
}

void inside_lend(struct bed *bed, uint32_t vm, uint64_t ipa, uint64_t pa)
{
	struct place place = leaf_place(bed, vm, ipa);
	const struct page record = {.state = MOAT_PAGE_LENT,
		.level = LEAF_LEVEL,
		.slot = (uint16_t)place.slot,
		.parent = place.table};

	page_set(bed->engine, page_at(bed, pa), record);
	s2_set(bed->engine, place, pte_page(pa, PTE_NORMAL));
}
