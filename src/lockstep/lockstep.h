/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Engine and model side by side: every operation is done by both, and after it
 * their answers, their abstract states and their invariants are compared.
 *
 * After each operation this checks that
 * - both give the same outcome (and the one a scene states), and it is one that
 *   the manual lists (coverage_table.c);
 * - the abstraction of the engine's state is the model's state;
 * - a refused call left the engine's memory and RAM as they were [CALL-1];
 * - no lock is held, and no CPU has a translation cached that the tables do
 *   not say any more [TLB-1];
 * - the engine took one step for each event it told its port;
 * - the invariants of both hold, unless those are put off.
 *
 * Before each call every CPU translates ahead the addresses among its
 * arguments, so that what a call forgets to invalidate is there to be seen.
 */
#ifndef MOAT_LOCKSTEP_LOCKSTEP_H
#define MOAT_LOCKSTEP_LOCKSTEP_H

#include <stdio.h>

#include "lockstep/coverage.h"

#ifdef __cplusplus
extern "C" {
#endif

struct lockstep;
struct model;

enum { LOCKSTEP_TEXT = 2048 };

/* Returns NULL if @config is none that moat.h allows, or memory runs out. */
struct lockstep *lockstep_create(const struct moat_config *config, FILE *trace);
void lockstep_destroy(struct lockstep *lockstep);

/* Begin again, at a tenth of the cost. A trace, if there was one, ends. */
void lockstep_restart(struct lockstep *lockstep);

/* Whether to check all of memory and all tables after every step: slow. */
void lockstep_set_thorough(struct lockstep *lockstep, bool is_thorough);

/* To check the invariants, half of what a step costs, only after every @steps
 * of those that change pages; 1 to begin with. */
void lockstep_set_invariants_every(struct lockstep *lockstep, uint32_t steps);

/**
 * Do @op on both sides. @expectation and @outcome may be NULL.
 *
 * Returns false at a difference, about which lockstep_difference tells; the
 * pair is not to be stepped further.
 */
bool lockstep_step(struct lockstep *lockstep, const struct op *op,
	const struct expectation *expectation, struct outcome *outcome);

/* Check what invariants steps put off (lockstep_set_invariants_every). */
bool lockstep_settle(struct lockstep *lockstep);

/* Compare everything, also what no step of late may have changed. */
bool lockstep_finish(struct lockstep *lockstep);

const char *lockstep_difference(const struct lockstep *lockstep);
const struct model *lockstep_model(const struct lockstep *lockstep);
const struct coverage *lockstep_coverage(const struct lockstep *lockstep);

#ifdef __cplusplus
}
#endif

#endif
