/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The machine that the rows run on: one engine, one CPU, RAM that is mapped
 * lazily, so that only what the engine touches costs host memory.
 */
#ifndef MOAT_BENCH_WORLD_H
#define MOAT_BENCH_WORLD_H

#include <stdint.h>

#include "base.h"
#include "moat/moat.h"

enum {
	VM_MAIN = 0,
	VM_SPARE = 1,
	IPA_BITS = 32, /* start level 2, so root and leaf tables are all */
	ROOT_PAGES = 4, /* that 32 bits need */
	SPARE_IPA_BITS = 35 /* one root page */
};

/* A level-3 table translates as much as a region holds: 2 MiB. */
#define REGION_SIZE ((uint64_t)512 * MOAT_PAGE_SIZE)

struct world {
	struct moat *engine;
	unsigned char *window; /* where RAM is, from data on */
	uint64_t data; /* PA of the first of page_count pages to give away */
	uint64_t page_count; /* whole regions */
	uint64_t tables; /* PA of the pages that become VM_MAIN's tables */
	uint64_t spare_root; /* PA of the root of VM_SPARE, in their region */
	uint64_t memory_size; /* of the engine, for ... */
	uint64_t ram_size; /* ... so much RAM, both in bytes */
	uint32_t *order; /* data pages, shuffled */
	struct moat_regs regs; /* of a host that makes one call after another */
	uint64_t contexts; /* PA of two regions that are the host's alone */
};

/* One engine over enough RAM for @page_count data pages. */
void world_make(struct world *world, uint64_t page_count);

/*
 * Make a call; a refusal ends the program with the number of the call. Inline,
 * so that a row pays for the call and not for copies of its registers.
 */
static inline void world_call(struct world *world, struct moat_regs regs)
{
	uint64_t function = regs.x[0];

	moat_host_call(world->engine, 0, &regs);
	if (regs.x[0] != MOAT_OK) {
		base_fail("a call is refused", function);
	}
}

/*
 * The same of the registers in @world, of which the caller has set those that
 * the call reads. So does a host, whose registers are not in memory before they
 * are the engine's.
 */
static inline void world_ask(struct world *world)
{
	uint64_t function = world->regs.x[0];

	moat_host_call(world->engine, 0, &world->regs);
	if (world->regs.x[0] != MOAT_OK) {
		base_fail("a call is refused", function);
	}
}

/* The page for the leaf table of data region @index. */
struct moat_pa world_table(const struct world *world, uint64_t index);

/* VM_MAIN, BUILDING, with leaf tables for the data pages; and the end of it,
 * once it is DYING and holds no data page. */
void world_vm_make(struct world *world);
void world_vm_end(struct world *world);

/* VM_MAIN without leaf tables; its root is of level 2. */
void world_vm_make_bare(struct world *world);

/* Leaf tables for as many addresses from @ipa on as there are data pages; and
 * the end of them. */
void world_tables_make(struct world *world, uint64_t ipa);
void world_tables_end(struct world *world, uint64_t ipa);

/* Zero what the leaf tables are made of: a fold gives a table back full, since
 * this port scrubs nothing. */
void world_tables_clear(struct world *world);

/* All data pages to VM_MAIN; and back, once it is DYING. */
void world_donate_all(struct world *world);
void world_reclaim_all(struct world *world);

#endif
