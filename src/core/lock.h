/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Locks: one for each VM, and a fixed number for host regions, which share
 * them by hash. Rank: the VM's, then region locks in ascending number. A call
 * holds at most one VM's and two regions'.
 */
#ifndef MOAT_CORE_LOCK_H
#define MOAT_CORE_LOCK_H

#include "core/state.h"

/**
 * Take a ticket and wait for it: first come, first served. The load that sees
 * the ticket served is an acquire.
 */
void lock_acquire(struct lock *lock);

/**
 * Serve the next ticket: a store-release, so that what the holder wrote is
 * seen by the next one. A lock nobody holds is a panic.
 */
void lock_release(struct lock *lock);

struct vm_locked vm_lock(struct moat *m, uint32_t vm);
void vm_unlock(struct moat *m, struct vm_locked locked);

/* Lock the regions @first and @second, which may be equal or NONE. */
struct regions_locked regions_lock(
	struct moat *m, uint32_t first, uint32_t second);
void regions_unlock(struct moat *m, struct regions_locked locked);

/* Whether @locked protects @region. */
bool regions_cover(struct regions_locked locked, uint32_t region);

#endif
