/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is trusted of the trace, in the place of core/trace.h: it writes memory
 * that the port lends, which is no part of an engine.
 */
#ifndef MOAT_PROOF_TRUSTED_TRACE_H
#define MOAT_PROOF_TRUSTED_TRACE_H
#define MOAT_CORE_TRACE_H

#include "core/call.h"
#include "moat/port.h"
#include "moat/trace.h"

/*@ requires \valid_read(call);
    assigns \nothing; exits \false; */
void trace_call(const struct call *call);

/*@ requires \valid_read(regs->x + (0 .. MOAT_RESULT_COUNT));
    assigns \nothing; exits \false; */
void trace_constant(
	uint32_t cpu, const struct moat_regs *regs, uint64_t x0, uint64_t x1);

/*@ assigns \nothing; exits \false; */
void trace_abort(uint32_t cpu, enum moat_action action, uint64_t ipa);

/* As trace.h has them. */
struct trace_before {
	uint64_t x[MOAT_RESULT_COUNT + 1];
};
struct trace_step {
	uint32_t cpu;
	enum moat_action action;
	const struct moat_regs *regs;
	struct trace_before before;
};

/*@ requires \valid(exit) && \valid_read(trap);
    assigns exit->before; exits \false; */
void trace_exit_before(struct trace_step *exit, const struct moat_trap *trap,
	const struct moat_context *context);

/*@ requires \valid_read(exit) && \valid_read(trap);
    assigns \nothing; exits \false; */
void trace_exit(const struct trace_step *exit, const struct moat_trap *trap,
	const struct moat_context *context);

#endif
