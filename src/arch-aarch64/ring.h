/* SPDX-License-Identifier: BSD-2-Clause */
/* The trace in memory, until it goes out on the console as text. */
#ifndef MOAT_ARCH_AARCH64_RING_H
#define MOAT_ARCH_AARCH64_RING_H

#include <stddef.h>
#include <stdint.h>

#include "moat/trace.h"

/* Keep events in @size bytes at @memory. */
void ring_init(void *memory, size_t size);

/**
 * Lend the memory of the next event, all zero, and take it back written. A full
 * ring first goes out on the console, so that none is ever lost.
 *
 * Locks: the ring's, from the one to the other.
 */
struct moat_event *ring_lend(void);
void ring_take(void);

/* Print what is left, and let no CPU add another: the machine is about to end.
 * Returns how many events there were since boot. */
uint64_t ring_close(void);

#endif
