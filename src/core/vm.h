/* SPDX-License-Identifier: BSD-2-Clause */
/* The life of a VM: EMPTY -> BUILDING -> ACTIVE -> DYING -> EMPTY. */
#ifndef MOAT_CORE_VM_H
#define MOAT_CORE_VM_H

#include "core/call.h"

/* What a word list of a measurement begins with: see moat_vm_seal. */
enum { MEASURE_VM, MEASURE_PAGE, MEASURE_VCPU };

uint64_t vm_create_arguments(const struct moat *m, const struct call *call);
uint64_t vm_create_check(const struct moat *m, struct vm_locked locked,
	const struct call *call, struct plan *plan);
void vm_create_apply(struct moat *m, struct held held, const struct plan *plan,
	const struct call *call);

uint64_t vm_seal_check(const struct moat *m, struct vm_locked locked);
void vm_seal_apply(struct moat *m, struct held held, struct call *call);

uint64_t vm_kill_check(const struct moat *m, struct vm_locked locked);
void vm_kill_apply(struct moat *m, struct held held);

uint64_t vm_free_check(
	const struct moat *m, struct vm_locked locked, struct plan *plan);
void vm_free_apply(struct moat *m, struct held held, const struct plan *plan);

void vm_info_apply(const struct moat *m, struct held held, struct call *call);

/* Whether pages may come to the VM: BUILDING or ACTIVE. */
bool vm_is_growing(const struct moat *m, struct vm_locked locked);

#endif
