/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the port functions and the CPUs of a machine do, told to its monitor
 * and, as text, to whoever wants it. Who acts is the CPU whose step runs. A
 * broken rule is noted in the machine, not panicked about, so that a test can
 * say which operation broke it.
 */
#ifndef MOAT_ARCH_HOST_WATCH_H
#define MOAT_ARCH_HOST_WATCH_H

#include "arch-host/machine.h"
#include "moat/port.h"
#include "monitor/event.h"

/* The monitor of a new machine, before its engine is made. */
bool watch_create(struct host_machine *machine);
void watch_destroy(struct host_machine *machine);

/* The text begins, if there is to be one. */
void watch_begin(struct host_machine *machine);

/* What moat_init did stands, nothing has run: to be returned to. */
bool watch_keep(struct host_machine *machine);
void watch_restart(struct host_machine *machine);

/* An event without words: a barrier, unlock, step. */
void watch_plain(struct host_machine *machine, enum watch_kind kind);

/* The entry at @pa is about to be @descriptor. */
void watch_write(
	struct host_machine *machine, uint64_t pa, uint64_t descriptor);

/* Pages are overwritten (WATCH_ZERO) or read (WATCH_CLEAN). */
void watch_pages(struct host_machine *machine, enum watch_kind kind,
	uint64_t pa, uint64_t size);

/* All that moat_port_invalidate stands for. */
void watch_invalidate(
	struct host_machine *machine, const struct moat_invalidation *what);

/* @cpu comes to EL2; it goes to EL1, with @stage2. */
void watch_leave(struct host_machine *machine, uint32_t cpu);
void watch_enter(struct host_machine *machine, uint32_t cpu,
	const struct moat_stage2 *stage2);

#endif
