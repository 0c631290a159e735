/* SPDX-License-Identifier: BSD-2-Clause */
/* The trace in memory, until it goes out on the console as text. */
#ifndef MOAT_ARCH_AARCH64_RING_H
#define MOAT_ARCH_AARCH64_RING_H

#include <stddef.h>
#include <stdint.h>

#include "moat/trace.h"

/* Keep events in @size bytes at @memory. */
void ring_init(void *memory, size_t size);

/* Number an event and keep it; a full ring first goes out on the console, so
 * that none is ever lost. */
void ring_add(const struct moat_event *event);

/* Print what is left, and let no CPU add another: the machine is about to end.
 * Returns how many events there were since boot. */
uint64_t ring_end(void);

#endif
