/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A context page is the engine's: the host gives it and cannot read it, and
 * gets it back scrubbed. Only while the VM is BUILDING can the host choose what
 * a vCPU starts with, and all of that is measured.
 */
#include "core/vcpu.h"

#include "core/owner.h"
#include "core/store.h"
#include "core/vm.h"

bool vcpu_exists(const struct moat *m, uint32_t vm, const struct call *call)
{
	return call->x[2] < VM(m, vm).vcpu_count &&
	       VCPU(m, vm, call->x[2]).state != MOAT_VCPU_ABSENT;
}

/* ---- Create, destroy --------------------------------------------------- */

uint64_t vcpu_create_arguments(const struct call *call)
{
	if (call->x[3] % PAGE_BYTES != 0) {
		return status_at(MOAT_BAD_ARG, 3);
	}
	if (call->x[4] % 4 != 0) {
		return status_at(MOAT_BAD_ARG, 4);
	}
	if (call->x[6] > 1) {
		return status_at(MOAT_BAD_ARG, 6);
	}
	return MOAT_OK;
}

uint64_t vcpu_create_check(const struct moat *m, struct vm_locked locked,
	const struct call *call, struct plan *plan)
{
	if (VM(m, locked.vm).life != MOAT_VM_BUILDING) {
		return MOAT_BAD_STATE;
	}
	if (call->x[2] >= VM(m, locked.vm).vcpu_count) {
		return status_at(MOAT_BAD_VCPU, 2);
	}
	if (vcpu_exists(m, locked.vm, call)) {
		return status_at(MOAT_OCCUPIED, 2);
	}
	return plan_take(m, call, 3, 1, plan);
}

static void measure_vcpu(
	struct moat *m, struct vm_locked locked, const struct call *call)
{
	const uint64_t words[5] = {
		MEASURE_VCPU, call->x[2], call->x[4], call->x[5], call->x[6]};

	store_measure(m, locked.vm, words, 5);
}

void vcpu_create_apply(struct moat *m, struct held held,
	const struct plan *plan, const struct call *call)
{
	uint32_t vcpu = (uint32_t)call->x[2];
	const struct page record = {.state = MOAT_PAGE_VCPU,
		.slot = (uint16_t)vcpu,
		.parent = held.vm.vm};
	const struct vcpu born = {.page = plan->run.first,
		.cpu = NONE,
		.state = call->x[6] == 1 ? MOAT_VCPU_OFF : MOAT_VCPU_READY};

	owner_take(m, held.regions, plan->run);
	page_set(m, plan->run.first, record);
	store_context_reset(m, born.page, vcpu, call->x[4], call->x[5]);
	measure_vcpu(m, held.vm, call);
	VCPU(m, held.vm.vm, vcpu) = born;
}

/* Nothing runs in either life, so the vCPU is not RUNNING. */
uint64_t vcpu_destroy_check(const struct moat *m, struct vm_locked locked,
	const struct call *call, struct plan *plan)
{
	struct page_run context = {NONE, 1};

	if (VM(m, locked.vm).life != MOAT_VM_BUILDING &&
		VM(m, locked.vm).life != MOAT_VM_DYING) {
		return MOAT_BAD_STATE;
	}
	if (!vcpu_exists(m, locked.vm, call)) {
		return status_at(MOAT_BAD_VCPU, 2);
	}
	context.first = VCPU(m, locked.vm, call->x[2]).page;
	plan_run(plan, context);
	return MOAT_OK;
}

void vcpu_destroy_apply(struct moat *m, struct held held,
	const struct plan *plan, const struct call *call)
{
	const struct vcpu absent = {.state = MOAT_VCPU_ABSENT};

	VCPU(m, held.vm.vm, call->x[2]) = absent;
	owner_return(m, held.regions, plan->run);
}
