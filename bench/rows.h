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
	uint64_t per_page; /* operations for each of page_count rounds */
	void (*prepare)(struct world *world);
	void (*measure)(struct world *world);
	void (*finish)(struct world *world);
};

/* Both end with a row without a name. */
extern const struct row rows_engine[];
extern const struct row rows_floor[];

#endif
