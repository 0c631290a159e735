/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The start and the end of a run [VCPU-1]: the entry record, which may write
 * only what the pending exit permits, and the exit record, which is all that a
 * host learns.
 */
#ifndef MOAT_CORE_RUN_H
#define MOAT_CORE_RUN_H

#include "core/call.h"
#include "moat/trace.h"

uint64_t run_arguments(const struct call *call);
uint64_t run_check(
	const struct moat *m, struct vm_locked locked, const struct call *call);
void run_apply(struct moat *m, struct vm_locked locked, struct call *call);

/* The low @size bytes of @value: 1, 2, 4, otherwise all. */
uint64_t run_cut(uint64_t value, uint32_t size);

enum { LEAVING_TOLD = 5 }; /* words */

/* Why a run ends, and what the exit record tells beside the reason. */
struct leaving {
	uint32_t cpu;
	uint32_t context; /* page of the vCPU's registers */
	enum moat_exit_reason reason; /* 0: the guest goes on */
	enum moat_vcpu_state state; /* what the vCPU is afterwards */
	uint32_t count; /* registers that a HOST_CALL declares */
	uint64_t told[LEAVING_TOLD]; /* x2.. of the exit record */
	struct regions_locked regions; /* held until the event is out */
};

/* The run on leaving->cpu ends: write the exit record and the vCPU. */
void run_end(struct moat *m, struct vm_locked locked,
	const struct leaving *leaving, const struct moat_trap *trap,
	struct moat_regs *regs);

#endif
