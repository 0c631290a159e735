/* SPDX-License-Identifier: BSD-2-Clause */
/* One event for each step, given to the port inside the critical section. */
#ifndef MOAT_CORE_TRACE_H
#define MOAT_CORE_TRACE_H

#include "core/call.h"
#include "moat/trace.h"

/* The configuration, as the first events of an engine. */
void trace_config(const struct moat *m);

void trace_call(const struct call *call);
void trace_abort(uint32_t cpu, enum moat_action action, uint64_t ipa);

/* A trap, before the step changes the guest's registers, and after. */
struct moat_event trace_exit_begin(uint32_t cpu, const struct moat_trap *trap,
	const struct moat_context *context);
void trace_exit_end(struct moat_event *event, enum moat_action action,
	const struct moat_context *context, const struct moat_regs *regs);

#endif
