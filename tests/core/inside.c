/* SPDX-License-Identifier: BSD-2-Clause */
#include "inside.h"

#include <criterion/criterion.h>
#include <string.h>

#include "core/lock.h"
#include "core/s2.h"
#include "core/state.h"

/* Where in the copy the engine's object at @object is. */
static void clear(const struct bed *bed, unsigned char *copy,
	const void *object, size_t size)
{
	const unsigned char *memory =
		host_machine_memory(bed->machine, BED_MEMORY);

	memset(copy + ((const unsigned char *)object - memory), 0, size);
}

void inside_copy(const struct bed *bed, unsigned char *copy)
{
	const struct moat *m = bed->engine;

	memcpy(copy, bed->machine->memory, bed->machine->memory_size);
	for (uint32_t v = 0; v < VM_COUNT(m); v++) {
		clear(bed, copy, &VM_LOCK(m, v).lock, sizeof(struct lock));
	}
	for (uint32_t l = 0; l < REGION_LOCK_COUNT; l++) {
		clear(bed, copy, &REGION_LOCK(m, l).lock, sizeof(struct lock));
	}
}

static bool is_free(const struct mutex *mutex)
{
	return mutex->lock.next == mutex->lock.serving &&
	       mutex->owner == LOCK_NOBODY;
}

bool inside_locks_are_free(const struct bed *bed)
{
	const struct moat *m = bed->engine;
	bool are_free = true;

	for (uint32_t v = 0; v < VM_COUNT(m); v++) {
		are_free &= is_free(&VM_LOCK(m, v));
	}
	for (uint32_t l = 0; l < REGION_LOCK_COUNT; l++) {
		are_free &= is_free(&REGION_LOCK(m, l));
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

struct moat_context *inside_context(
	const struct bed *bed, uint32_t vm, uint32_t vcpu)
{
	cr_assert(VCPU(bed->engine, vm, vcpu).state != MOAT_VCPU_ABSENT,
		"no such vCPU");
	return &CONTEXT(bed->engine, VCPU(bed->engine, vm, vcpu).page);
}

struct moat_stage2 inside_stage2(const struct bed *bed, uint32_t vm)
{
	return s2_of(bed->engine, vm);
}
