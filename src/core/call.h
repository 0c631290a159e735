/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What every call of the host that names a VM goes through: arguments, lock
 * the VM, check, lock the regions, pages, apply, event, unlock.
 *
 * A check reads, returns a status (as x0 will show it) and, if that is MOAT_OK,
 * fills a plan. An apply carries the plan out and cannot refuse. Between them
 * the pages that the plan takes are checked, under their regions' locks.
 */
#ifndef MOAT_CORE_CALL_H
#define MOAT_CORE_CALL_H

#include "core/hold.h"
#include "core/s2.h"
#include "core/status.h"

enum { CALL_WORDS = 14 }; /* x0..x13 */

/* A call and its answer. */
struct call {
	uint32_t cpu;
	uint32_t number; /* enum moat_host_call_number */
	enum moat_action action;
	/* Of a call that asks for one page, where its frame is made for that: a
	 * constant in each frame, so that every loop over pages there has one
	 * turn, and what is about many is gone. */
	uint32_t is_single;
	const uint64_t *x; /* x0..x13 as called; the answer is not there yet */
	uint64_t result[MOAT_RESULT_COUNT + 1]; /* x0.. as answered */
};

struct plan {
	struct place place; /* where the pages hang, or will hang */
	struct page_run run; /* the pages; of scattered ones the count */
	uint32_t region[2]; /* their regions, or NONE */
	uint32_t table; /* the table that goes, or NONE */
	uint32_t operand; /* register whose pages must be HOST, or 0 */
	bool is_whole; /* all of them, not a prefix */
	bool is_scattered; /* the pages are not those from run.first on */
	bool is_spread; /* over more regions than @region names */
	bool is_block; /* one entry maps them all */
};

/* A plan about nothing: what a check starts from. */
static inline struct plan plan_none(void)
{
	const struct plan plan = {.place = {NONE, 0},
		.run = {NONE, 0},
		.region = {NONE, NONE},
		.table = NONE};

	return plan;
}

/* The locks a call holds while it applies. Aligned, so that a copy is of words:
 * where unaligned accesses are not allowed it would be a call otherwise. */
struct held {
	_Alignas(8) struct vm_locked vm;
	struct regions_locked regions;
};

/*
 * The number of the function in W0 (SMCCC 1.2, section 2.5: the upper half of
 * x0 is not part of the identifier), or NONE if it is not in our range.
 */
static inline uint32_t call_number(uint64_t x0)
{
	uint32_t function = (uint32_t)(x0 % UINT64_C(0x100000000));

	return function >= MOAT_FUNCTION(0) ? function - MOAT_FUNCTION(0)
					    : NONE;
}

/* The pages that a call asks for in register @operand, a constant if one. */
static inline uint64_t call_count(const struct call *call, uint32_t operand)
{
	return call->is_single ? 1 : call->x[operand];
}

/* Plan on the pages of @run. */
static inline void plan_run(struct plan *plan, struct page_run run)
{
	plan->run = run;
	plan->region[0] = page_region(run.first);
	if (run.count > 1) {
		plan->region[1] = page_region(run.first + run.count - 1);
	}
}

/*
 * Plan on taking up to @count pages, which register @operand names. That there
 * is none can be said at once: it is the last that a call checks.
 */
static inline uint64_t plan_take(const struct moat *m, const struct call *call,
	uint32_t operand, uint32_t count, struct plan *plan)
{
	const struct page_run run = page_run_at(m, call->x[operand], count);

	if (run.first == NONE) {
		return status_at(MOAT_BAD_PAGE, operand);
	}
	plan_run(plan, run);
	plan->operand = operand;
	return MOAT_OK;
}

/* Lock the regions of a plan. */
static inline struct regions_locked plan_lock(
	struct moat *m, uint32_t cpu, const struct plan *plan, const char *site)
{
	return plan->is_spread ? regions_lock_all(m, cpu, site)
			       : regions_lock(m, cpu, plan->region[0],
					 plan->region[1], site);
}

#endif
