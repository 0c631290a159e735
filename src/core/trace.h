/* SPDX-License-Identifier: BSD-2-Clause */
/* One event for each step, given to the port inside the critical section. */
#ifndef MOAT_CORE_TRACE_H
#define MOAT_CORE_TRACE_H

#include "core/call.h"
#include "moat/port.h"
#include "moat/trace.h"

/* The configuration, as the first events of an engine. */
void trace_config(const struct moat *m);

/* Fill the event of a call, and hand it over. */
__attribute__((noinline)) void trace_call_event(
	const struct call *call, struct moat_event *event);

/* The same of a call whose answer is these two words; @regs has the call. */
__attribute__((noinline)) void trace_constant_event(struct moat_event *event,
	uint32_t cpu, const struct moat_regs *regs, uint64_t x0, uint64_t x1);

/* Inline: where no trace is wanted, all that a call pays is to ask. */
static inline void trace_call(const struct call *call)
{
	struct moat_event *event = moat_port_event_begin();

	if (event != NULL) {
		/* Only a trace needs a call in memory: of the copy an address
		 * is taken, and the call itself may stay in registers. */
		const struct call copy = *call;

		trace_call_event(&copy, event);
	}
}

static inline void trace_constant(
	uint32_t cpu, const struct moat_regs *regs, uint64_t x0, uint64_t x1)
{
	struct moat_event *event = moat_port_event_begin();

	if (event != NULL) {
		trace_constant_event(event, cpu, regs, x0, x1);
	}
}

void trace_abort(uint32_t cpu, enum moat_action action, uint64_t ipa);

/* What a step changes of what its event shows: the registers of a guest's
 * call. Of any other trap nothing is in here. */
struct trace_before {
	uint64_t x[MOAT_RESULT_COUNT + 1];
};

/* A step about a trap, as far as its trap and its context do not say it. */
struct trace_step {
	uint32_t cpu;
	enum moat_action action;
	const struct moat_regs *regs; /* of the host, on MOAT_HOST_RETURN */
	struct trace_before before;
};

static inline void trace_exit_before(struct trace_step *exit,
	const struct moat_trap *trap, const struct moat_context *context)
{
	if (trap->kind == MOAT_TRAP_CALL) {
		for (uint32_t i = 0; i <= MOAT_RESULT_COUNT; i++) {
			exit->before.x[i] = context->x[i];
		}
	}
}

__attribute__((noinline)) void trace_exit_event(struct moat_event *event,
	const struct trace_step *exit, const struct moat_trap *trap,
	const struct moat_context *context);

static inline void trace_exit(const struct trace_step *exit,
	const struct moat_trap *trap, const struct moat_context *context)
{
	struct moat_event *event = moat_port_event_begin();

	if (event != NULL) {
		trace_exit_event(event, exit, trap, context);
	}
}

#endif
