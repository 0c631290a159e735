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

/*@ requires \valid_read(call);
    assigns \nothing; exits \false; */
void trace_call(const struct call *call);

/*@ requires \valid_read(regs->x + (0 .. MOAT_RESULT_COUNT));
    assigns \nothing; exits \false; */
void trace_constant(
	uint32_t cpu, const struct moat_regs *regs, uint64_t x0, uint64_t x1);

/*@ assigns \nothing; exits \false; */
void trace_abort(uint32_t cpu, enum moat_action action, uint64_t ipa);

#endif
