/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A watch on what the engine asks of the port: the linker leads its calls by
 * here (--wrap). Stores to tables become visible to the walks of other CPUs in
 * an order only where the engine publishes (port.h); one thread cannot see
 * that, so it is counted:
 *
 *     every descriptor is published, by moat_port_publish or by an invalidation
 *     behind it, before the step ends;
 *     a table whose own descriptors are not is never linked.
 */
#ifndef MOAT_TESTS_CORE_WATCH_H
#define MOAT_TESTS_CORE_WATCH_H

#include <stdint.h>

/* What was wrong since this was asked last, or NULL. At the end of a step. */
const char *watch_end(void);

/* Forget all: a new engine. */
void watch_start(void);

/* Invalidations of a VMID that the engine asked for since it was asked to. */
void watch_count_from_zero(void);
uint32_t watch_invalidations(uint32_t vmid);

/* The pages that the last one was of, 0 being all. */
uint64_t watch_page_count(uint32_t vmid);

#endif
