/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The rows of the benchmark. Only @measure is timed; @prepare and @finish leave
 * the engine as they found it: no VM, every page the host's.
 */
#ifndef MOAT_BENCH_ROWS_H
#define MOAT_BENCH_ROWS_H

#include "world.h"

struct row {
	const char *name;
	uint64_t rounds; /* operations for each of these pages: */
	uint64_t pages; /* that one round is about */
	void (*prepare)(struct world *world);
	void (*measure)(struct world *world);
	void (*finish)(struct world *world);
};

/* Each ends with a row without a name. */
extern const struct row rows_engine[];
extern const struct row rows_block[];
extern const struct row rows_share[];
extern const struct row rows_owner[];
extern const struct row rows_floor[];
extern const struct row rows_range[];

/* Operations of one repetition. */
static inline uint64_t row_operations(
	const struct row *row, const struct world *world)
{
	return world->page_count / row->pages * row->rounds;
}

#endif
