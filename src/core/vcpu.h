/* SPDX-License-Identifier: BSD-2-Clause */
/* vCPUs come and go: their context pages. */
#ifndef MOAT_CORE_VCPU_H
#define MOAT_CORE_VCPU_H

#include "core/call.h"

/* Whether x2 names a vCPU of the VM that exists. */
bool vcpu_exists(const struct moat *m, uint32_t vm, const struct call *call);

uint64_t vcpu_create_arguments(const struct call *call);
uint64_t vcpu_create_check(const struct moat *m, struct vm_locked locked,
	const struct call *call, struct plan *plan);
void vcpu_create_apply(struct moat *m, struct held held,
	const struct plan *plan, const struct call *call);

uint64_t vcpu_destroy_check(const struct moat *m, struct vm_locked locked,
	const struct call *call, struct plan *plan);
void vcpu_destroy_apply(struct moat *m, struct held held,
	const struct plan *plan, const struct call *call);

#endif
