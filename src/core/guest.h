/* SPDX-License-Identifier: BSD-2-Clause */
/* What a trapped vCPU may ask of the engine. */
#ifndef MOAT_CORE_GUEST_H
#define MOAT_CORE_GUEST_H

#include "core/run.h"

/* Answer a call of the guest: @status in x0, zero in x1..x4. */
void guest_answer(struct moat *m, uint32_t context, uint64_t status);

/* share, unshare, relinquish (pages.c). Locks the pages' regions. */
void guest_pages(struct moat *m, struct vm_locked locked, uint32_t number,
	struct leaving *leaving);

/* A call as PSCI sees it. */
struct psci {
	uint32_t function; /* the SMC32 form */
	uint64_t x[4];
};

/* PSCI and SMCCC (psci.c). */
void guest_psci(
	struct moat *m, struct vm_locked locked, struct leaving *leaving);

/* End the run: the vCPU waits for an interrupt. */
void guest_tell_wfi(const struct moat *m, struct leaving *leaving);

#endif
