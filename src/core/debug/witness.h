/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The witness of the debug build: it knows which step runs on this thread, and
 * which locks that step holds, taken by whom. Two rules:
 *
 * - A lock is taken only if its rank is above all that are held: a VM's, by
 *   number, then those of regions, by number.
 * - A step that ends holds nothing.
 *
 * What breaks one is a panic that names both functions that took a lock.
 */
#ifndef MOAT_CORE_WITNESS_H
#define MOAT_CORE_WITNESS_H

#include <stdbool.h>
#include <stdint.h>

/* Who takes a lock. */
#define HERE __func__

/* Ranks: WITNESS_VM + VM number, WITNESS_REGION + number of the lock. */
enum { WITNESS_VM = 0, WITNESS_REGION = 1000, WITNESS_RANKS = 2000 };

/* No step runs. */
#define WITNESS_NO_CPU UINT32_MAX

/* The CPU whose step runs on this thread. One that switches between CPUs by
 * itself sets it at every switch. */
extern _Thread_local uint32_t witness_cpu;

void witness_enter(uint32_t cpu);
void witness_leave(void);

/* No step runs anywhere: whoever breaks steps off says so. */
void witness_forget(void);

/* About to take a lock; it was released. */
void witness_take(uint32_t rank, const char *site);
void witness_drop(uint32_t rank);

/* Whether a step runs here; whether it holds that lock, or one of at least
 * @first and below @end. */
static inline bool witness_is_in_step(void)
{
	return witness_cpu != WITNESS_NO_CPU;
}
bool witness_holds(uint32_t rank);
bool witness_holds_some(uint32_t first, uint32_t end);

/* Panic: "@what", and all that is held. */
void witness_fail(const char *what, uint64_t number);

#endif
