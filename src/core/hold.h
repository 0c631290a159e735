/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Locks of the engine: one for each VM, and a fixed number for host regions,
 * which share them by hash. Rank: the VM's, then region locks in ascending
 * number; a step holds at most one VM's, and two regions' or all of them. With
 * ranks that only ascend, no CPUs can wait for each other in a circle.
 *
 * Holding is a parameter, and is made here alone. The debug build also checks
 * ranks at every lock (debug/witness.h) and that whoever names a shared field
 * holds its protector (debug/access.h). @site names who locks: HERE.
 */
#ifndef MOAT_CORE_HOLD_H
#define MOAT_CORE_HOLD_H

#include "core/state.h"
#include "witness.h"

CORE struct vm_locked vm_lock(
	struct moat *m, uint32_t cpu, uint32_t vm, const char *site);
CORE void vm_unlock(struct moat *m, struct vm_locked locked);

/* Lock the regions @first and @second, which may be equal or NONE. */
CORE struct regions_locked regions_lock(struct moat *m, uint32_t cpu,
	uint32_t first, uint32_t second, const char *site);

/* Lock every region. */
struct regions_locked regions_lock_all(
	struct moat *m, uint32_t cpu, const char *site);

CORE void regions_unlock(struct moat *m, struct regions_locked locked);

/* No region is locked, as regions_lock says it. */
static inline struct regions_locked regions_none(void)
{
	const struct regions_locked locked = {NONE, NONE, NONE, false};

	return locked;
}

/* Whether @locked protects @region. */
CORE bool regions_cover(struct regions_locked locked, uint32_t region);

#endif
