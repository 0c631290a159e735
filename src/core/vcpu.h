/* SPDX-License-Identifier: BSD-2-Clause */
/* vCPUs: their context pages, and the start and end of a run [VCPU-1]. */
#ifndef MOAT_CORE_VCPU_H
#define MOAT_CORE_VCPU_H

#include "core/call.h"

uint64_t vcpu_create_arguments(const struct call *call);
uint64_t vcpu_create_check(const struct moat *m, struct vm_locked locked,
	const struct call *call, struct plan *plan);
void vcpu_create_apply(struct moat *m, struct held held,
	const struct plan *plan, const struct call *call);

uint64_t vcpu_destroy_check(const struct moat *m, struct vm_locked locked,
	const struct call *call, struct plan *plan);
void vcpu_destroy_apply(struct moat *m, struct held held,
	const struct plan *plan, const struct call *call);

uint64_t vcpu_run_check(
	const struct moat *m, struct vm_locked locked, const struct call *call);
void vcpu_run_apply(struct moat *m, struct held held, struct call *call);

/* The vCPU that runs on @cpu stops there; the host owes it @reason. */
void vcpu_stop(struct moat *m, struct vm_locked locked, uint32_t cpu,
	enum moat_exit_reason reason, uint32_t count);

#endif
