/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The monitor: what the engine must do with live tables, whatever a TLB may
 * happen to hold. A broken rule is noted in the machine, not panicked about, so
 * that a test can say which operation broke it:
 *
 * - a valid entry changes only by break-before-make: it is cleared, then
 *   invalidated, then written (Arm ARM, D8.14.1);
 * - nothing is scrubbed that hangs at an entry which was cleared and not yet
 *   invalidated, that a CPU has cached a way to (but the host one to a page
 *   that a VM shared), or that is a live table;
 * - no step ends with an entry cleared and not invalidated [TLB-1].
 *
 * A table is live from the moment a descriptor links it, or a CPU installs it
 * as a root, until it was unlinked and invalidated. Others may be written
 * freely: no walk can see them.
 */
#ifndef MOAT_ARCH_HOST_MONITOR_H
#define MOAT_ARCH_HOST_MONITOR_H

#include "arch-host/machine.h"
#include "moat/port.h"

/* @stage2 may be walked from now on. */
void monitor_install(
	struct host_machine *machine, const struct moat_stage2 *stage2);

/* The entry at @pa goes from @old to @new. */
void monitor_write(
	struct host_machine *machine, uint64_t pa, uint64_t old, uint64_t new);
void monitor_invalidate(
	struct host_machine *machine, const struct moat_invalidation *what);
void monitor_scrub(struct host_machine *machine, uint64_t pa, size_t size);
void monitor_step_end(struct host_machine *machine);

#endif
