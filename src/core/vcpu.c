/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/vcpu.h"

#include "core/owner.h"
#include "moat/port.h"

/* Whether x2 names a vCPU of the VM that exists. */
static bool vcpu_exists(
	const struct moat *m, uint32_t vm, const struct call *call)
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
	plan_take(m, call, 3, 1, plan);
	return MOAT_OK;
}

void vcpu_create_apply(struct moat *m, struct held held,
	const struct plan *plan, const struct call *call)
{
	uint32_t vcpu = (uint32_t)call->x[2];
	const struct page record = {.state = MOAT_PAGE_VCPU,
		.slot = (uint16_t)vcpu,
		.parent = held.vm.vm};
	const struct vcpu ready = {
		.page = plan->run.first, .cpu = NONE, .state = MOAT_VCPU_READY};

	owner_take(m, held.regions, plan->run);
	page_set(m, plan->run.first, record);
	moat_port_context_reset(
		&CONTEXT(m, plan->run.first), call->x[4], call->x[5]);
	VCPU(m, held.vm.vm, vcpu) = ready;
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

/* ---- Run, stop --------------------------------------------------------- */

uint64_t vcpu_run_check(
	const struct moat *m, struct vm_locked locked, const struct call *call)
{
	if (VM(m, locked.vm).life != MOAT_VM_ACTIVE) {
		return MOAT_BAD_STATE;
	}
	if (!vcpu_exists(m, locked.vm, call)) {
		return status_at(MOAT_BAD_VCPU, 2);
	}
	if (VCPU(m, locked.vm, call->x[2]).state == MOAT_VCPU_RUNNING) {
		return MOAT_BUSY;
	}
	return MOAT_OK;
}

/* The host's answer to a pending HOST_CALL: what it declared, no more. */
static void answer_host_call(
	struct moat *m, struct vcpu vcpu, const struct call *call)
{
	CONTEXT(m, vcpu.page).x[0] = MOAT_OK;
	CONTEXT(m, vcpu.page).x[1] = 0;
	for (uint32_t i = 0; i < vcpu.pending_count; i++) {
		CONTEXT(m, vcpu.page).x[2 + i] = call->x[4 + i];
	}
}

void vcpu_run_apply(struct moat *m, struct held held, struct call *call)
{
	uint32_t index = (uint32_t)call->x[2];
	struct vcpu vcpu = VCPU(m, held.vm.vm, index);
	const struct vcpu running = {.page = vcpu.page,
		.cpu = call->cpu,
		.state = MOAT_VCPU_RUNNING};

	if (vcpu.pending == MOAT_EXIT_HOST_CALL) {
		answer_host_call(m, vcpu, call);
	}
	VCPU(m, held.vm.vm, index) = running;
	CPU(m, call->cpu).vm = held.vm.vm;
	CPU(m, call->cpu).vcpu = index;
	call->action = MOAT_GUEST_ENTER;
}

/*
 * The vCPU and the CPU change together, under the VM's lock [VCPU-1]. What is
 * pending is all that the next entry may answer.
 */
void vcpu_stop(struct moat *m, struct vm_locked locked, uint32_t cpu,
	enum moat_exit_reason reason, uint32_t count)
{
	uint32_t index = CPU(m, cpu).vcpu;
	const struct vcpu ready = {.page = VCPU(m, locked.vm, index).page,
		.cpu = NONE,
		.state = MOAT_VCPU_READY,
		.pending = (uint8_t)reason,
		.pending_count = (uint8_t)count};

	VCPU(m, locked.vm, index) = ready;
	CPU(m, cpu).vm = NONE;
	CPU(m, cpu).vcpu = NONE;
}
