/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fault injection: what a CPU does between any two things that the engine does
 * on another one.
 *
 * A port event is a call of a function of port.h: a descriptor written, an
 * invalidation, a scrub, a lock released, and so on. A strike comes before the
 * n-th of them, in the midst of whatever step that is part of. There another
 * CPU may access memory and fault, abort, call, or its VM trap: real steps of
 * the same engine, on a stack of their own. Where the strike waits for a lock
 * that the interrupted step holds, that step goes on until it releases one, and
 * then the strike.
 *
 * So a test runs its step with n = 1, 2, .. until host_machine_struck says that
 * no such event came: then the strike has been everywhere.
 *
 *     for (uint64_t n = 1; was_struck; n++) {
 *             struct host_strike strike = {n, touch_the_page, &page};
 *
 *             host_machine_restart(machine);
 *             prepare(machine);
 *             host_machine_strike(machine, &strike);
 *             step(machine);
 *             was_struck = host_machine_struck(machine) != NULL;
 *     }
 *
 * Between moat_port_event_begin and moat_port_event_end nothing comes: the
 * engine only writes down there what it has done.
 */
#ifndef MOAT_ARCH_HOST_INJECT_H
#define MOAT_ARCH_HOST_INJECT_H

#include "arch-host/machine.h"

#ifdef __cplusplus
extern "C" {
#endif

struct host_strike {
	uint64_t at; /* the port event before which it comes, from 1; 0: none */
	/* What happens, on other CPUs than the one that is in a step. */
	void (*act)(struct host_machine *machine, void *argument);
	void *argument;
};

/*
 * Count port events of @machine from here, and strike once. There is one strike
 * at a time: this one replaces the last, and host_machine_restart ends it.
 */
void host_machine_strike(
	struct host_machine *machine, const struct host_strike *strike);

/* The port event before which the strike came, such as "scrub", or NULL. */
const char *host_machine_struck(const struct host_machine *machine);

/* Port events since host_machine_strike, those of the strike not counted. */
uint64_t host_machine_port_events(const struct host_machine *machine);

#ifdef __cplusplus
}
#endif

#endif
