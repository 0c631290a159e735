/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What no engine can beat on this machine, measured in the same run: dividing
 * by these rows is how figures of two machines compare.
 */
#include "rows.h"

#include "base.h"

#define MEASURED __attribute__((noinline)) static

/* A record and two descriptors for each page: what a donate must write. */
struct arrays {
	volatile uint64_t *record;
	volatile uint64_t *host_entry;
	volatile uint64_t *vm_entry;
};

static struct arrays arrays;
static unsigned char page[MOAT_PAGE_SIZE];

static uint64_t *array_make(uint64_t count)
{
	uint64_t *array = base_memory(count * sizeof(*array));

	/* Written once, so that the row does not pay for page faults. */
	for (uint64_t i = 0; i < count; i++) {
		array[i] = 1;
	}
	return array;
}

/* Made by the first row that wants them, and kept. */
static void arrays_make(struct world *world)
{
	if (arrays.record != NULL) {
		return;
	}
	arrays.record = array_make(world->page_count);
	arrays.host_entry = array_make(world->page_count);
	arrays.vm_entry = array_make(world->page_count);
}

static void nothing(struct world *world)
{
	(void)world;
}

MEASURED void measure_write(struct world *world)
{
	for (uint64_t i = 0; i < world->page_count; i++) {
		arrays.record[i] = i;
		arrays.host_entry[i] = 0;
		arrays.vm_entry[i] = i * MOAT_PAGE_SIZE + 1;
	}
}

MEASURED void measure_read(struct world *world)
{
	for (uint64_t i = 0; i < world->page_count; i++) {
		(void)arrays.record[i];
		(void)arrays.vm_entry[i];
	}
}

/* Every page once: from memory, not from a cache. */
MEASURED void measure_zero_all(struct world *world)
{
	for (uint64_t i = 0; i < world->page_count; i++) {
		base_zero(world->window + i * MOAT_PAGE_SIZE, MOAT_PAGE_SIZE);
	}
}

MEASURED void measure_zero_shuffled(struct world *world)
{
	for (uint64_t i = 0; i < world->page_count; i++) {
		base_zero(world->window + world->order[i] * MOAT_PAGE_SIZE,
			MOAT_PAGE_SIZE);
	}
}

/* The same of the arrays, in the order of the shuffled rows. */
MEASURED void measure_write_shuffled(struct world *world)
{
	for (uint64_t i = 0; i < world->page_count; i++) {
		uint32_t at = world->order[i];

		arrays.record[at] = i;
		arrays.host_entry[at] = 0;
		arrays.vm_entry[at] = i * MOAT_PAGE_SIZE + 1;
	}
}

/* One page again and again: it stays in the first cache. */
MEASURED void measure_zero(struct world *world)
{
	for (uint64_t i = 0; i < world->page_count; i++) {
		base_zero(page, sizeof(page));
		__asm__ volatile("" : : "r"(page) : "memory");
	}
}

const struct row rows_floor[] = {
	{"floor-write", 1, 1, arrays_make, measure_write, nothing},
	{"floor-write-shuffled", 1, 1, arrays_make, measure_write_shuffled,
		nothing},
	{"floor-read", 1, 1, arrays_make, measure_read, nothing},
	{"floor-zero", 1, 1, nothing, measure_zero, nothing},
	{"floor-zero-all", 1, 1, nothing, measure_zero_all, nothing},
	{"floor-zero-shuffled", 1, 1, nothing, measure_zero_shuffled, nothing},
	{0},
};
