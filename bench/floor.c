/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What no engine can beat on this machine, measured in the same run: dividing
 * by these rows is how figures of two machines compare.
 */
#include "rows.h"

#include <stdlib.h>
#include <string.h>

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
	uint64_t *array = malloc(count * sizeof(*array));

	if (array == NULL) {
		abort();
	}
	/* Written once, so that the row does not pay for page faults. */
	memset(array, 1, count * sizeof(*array));
	return array;
}

static void arrays_make(struct world *world)
{
	arrays.record = array_make(world->page_count);
	arrays.host_entry = array_make(world->page_count);
	arrays.vm_entry = array_make(world->page_count);
}

static void arrays_free(struct world *world)
{
	(void)world;
	free((void *)(uintptr_t)arrays.record);
	free((void *)(uintptr_t)arrays.host_entry);
	free((void *)(uintptr_t)arrays.vm_entry);
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

/* One page again and again: it stays in the first cache. */
MEASURED void measure_zero(struct world *world)
{
	for (uint64_t i = 0; i < world->page_count; i++) {
		memset(page, 0, sizeof(page));
		__asm__ volatile("" : : "r"(page) : "memory");
	}
}

static void nothing(struct world *world)
{
	(void)world;
}

const struct row rows_floor[] = {
	{"floor-write", 1, 1, arrays_make, measure_write, arrays_free},
	{"floor-read", 1, 1, arrays_make, measure_read, arrays_free},
	{"floor-zero", 1, 1, nothing, measure_zero, nothing},
	{0},
};
