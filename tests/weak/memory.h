/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory as C11 has it for relaxed, acquire and release (RC11 without load
 * buffering): each atomic word is a list of messages in modification order.
 * Every thread has a view, how far in each list it has come; a load may read
 * any message from there on, stale ones included, and a store may go anywhere
 * behind it. A release store sends the thread's view along, an acquire load
 * joins it; a read-modify-write reads the message just before its own and
 * passes its view on (a release sequence).
 *
 * What this leaves out: a load that reads a store which depends on it in no way
 * and comes later in its own thread (load buffering), consume, and sequential
 * consistency, which the locks do not use.
 *
 * Plain words are no steps; an access that races is a failure of the run.
 */
#ifndef WEAK_MEMORY_H
#define WEAK_MEMORY_H

#include <stddef.h>
#include <stdint.h>

#include "weak/explore.h"

enum { ORDER_RELAXED = 0, ORDER_ACQUIRE = 1, ORDER_RELEASE = 2 };

/* A place in the source that accesses memory, and the order it asks for. */
struct site {
	const char *function;
	int line;
	uint32_t order;
};

/* Forget all, before a run; then make @count words from @first on known. */
void memory_reset(void);
void memory_atomic(uint32_t *first, size_t count);
void memory_plain(uint32_t *first, size_t count);

uint32_t memory_load(const uint32_t *at, struct site site);
void memory_store(uint32_t *at, uint32_t value, struct site site);
uint32_t memory_add(uint32_t *at, uint32_t value, struct site site);

/* The value that is last in modification order: what memory ends with. */
uint32_t memory_last(const uint32_t *at);

uint32_t memory_read(const uint32_t *at);
void memory_write(uint32_t *at, uint32_t value);

/* ---- Weakening --------------------------------------------------------- */

/*
 * The sites met so far that ask for more than relaxed; and take @part of what
 * one asks for away from now on. Site NULL: from none.
 */
void memory_forget_sites(void);
size_t memory_site_count(void);
const struct site *memory_site(size_t index);
void memory_weaken(const struct site *site, uint32_t part);

/* ---- For the explorer -------------------------------------------------- */

/* Mix all of memory into the state. */
void memory_mix(void);

/* The thread waits; whether it may go on, because there is something newer to
 * read than what it read last, or an event; it goes on. */
void memory_wait(uint32_t thread, enum wait wait);
bool memory_may_wake(uint32_t thread, enum wait wait);
void memory_woken(uint32_t thread, enum wait wait);

/* The thread sends all others an event. */
void memory_wake(uint32_t thread);

#endif
