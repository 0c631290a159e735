/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef STRESS_REPLAY_H
#define STRESS_REPLAY_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Let the model take the steps of the log, and empty it. Every answer must be
 * the model's. All threads are outside of the engine. Prints what differs and
 * the events before it.
 */
bool replay_log(void);

/*
 * Ask the engine of every page and every VM, from @cpu, where the host runs;
 * the answers are in the log, and the invariants hold on both sides.
 */
bool replay_end(uint32_t cpu);

/* Events compared so far. */
uint64_t replay_count(void);

/* The model goes. */
void replay_forget(void);

#endif
