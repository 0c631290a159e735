/* SPDX-License-Identifier: BSD-2-Clause */
/* VMs of guest.S, and the calls of the engine. */
#ifndef MOAT_TESTS_ENTRY_VM_H
#define MOAT_TESTS_ENTRY_VM_H

#include "moat/moat.h"

/* A call by HVC with x0..x14. */
struct moat_regs hvc(struct moat_regs regs);

/* A VM with the pages of guest.S at IPA 0, and an empty page behind them; and a
 * vCPU of it. Both return the sum of all statuses. */
uint64_t vm_build(struct moat_vm_id vm);
uint64_t vm_add(
	struct moat_vm_id vm, uint64_t vcpu, uint64_t pc, uint64_t argument);

/* A VM of one vCPU that starts at a place of guest.S, sealed. */
uint64_t vm_start(struct moat_vm_id vm, const char *place);
uint64_t vm_pc(const char *place);

struct moat_regs vm_run(struct moat_vm_id vm, uint64_t vcpu);

#endif
