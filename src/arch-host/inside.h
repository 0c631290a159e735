/* SPDX-License-Identifier: BSD-2-Clause */
/* Who is in a step, and where others may come in between; for src/arch-host. */
#ifndef MOAT_ARCH_HOST_INSIDE_H
#define MOAT_ARCH_HOST_INSIDE_H

#include "arch-host/inject.h"

/* @cpu enters the engine, or leaves it. It is in one step at a time. */
void inside_enter(struct host_machine *machine, uint32_t cpu);
void inside_leave(struct host_machine *machine, uint32_t cpu);

/* A port event is about to happen: @name is the function, less moat_port_. */
void inside_event(struct host_machine *machine, const char *name);

/* A lock was released: a strike that waits goes on. */
void inside_wake(struct host_machine *machine);

/* Let another one go on, or return at once if a lock was released meanwhile.
 * Returns false if nobody is left who could release one. */
bool inside_wait(struct host_machine *machine);

/* @machine begins anew, or ends. */
void inside_forget(const struct host_machine *machine);

#endif
