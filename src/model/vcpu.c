/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vCPUs:
 *
 *     ABSENT  -> READY     vcpu_create: a HOST page becomes the context
 *     READY   -> ABSENT    vcpu_destroy: the page returns, zero
 *     READY   -> RUNNING   vcpu_run: what the pending exit permits is written
 *     RUNNING -> READY     an exit (guest.c), which is then the pending one
 *
 * The registers are numbers of the model and not contents of the context page:
 * how they are laid out there is the engine's business, and no agent sees it.
 */
#include "model/state.h"

#include <string.h>

/* BAD_VCPU unless vCPU x2 of VM x1, which exists, has been created. */
static uint64_t absent_refusal(const struct model *m, const uint64_t *x)
{
	const struct model_vm *vm = &m->vms[x[1]];

	if (x[2] >= vm->vcpu_count ||
		vm->vcpus[x[2]].state == MOAT_VCPU_ABSENT) {
		return model_x0(MOAT_BAD_VCPU, 2);
	}
	return MOAT_OK;
}

/* ---- vcpu_create ------------------------------------------------------- */

/* OCCUPIED names the number of the vCPU: it is that which is taken. */
static uint64_t create_place_refusal(const struct model *m, const uint64_t *x)
{
	const struct model_vm *vm = &m->vms[x[1]];

	if (x[2] >= vm->vcpu_count) {
		return model_x0(MOAT_BAD_VCPU, 2);
	}
	if (vm->vcpus[x[2]].state != MOAT_VCPU_ABSENT) {
		return model_x0(MOAT_OCCUPIED, 2);
	}
	if (!model_page_is_host(m, x[3])) {
		return model_x0(MOAT_BAD_PAGE, 3);
	}
	return MOAT_OK;
}

/* Only while BUILDING: who is in a VM is settled when it is sealed, and the PC
 * and the argument are contents that the host chose. */
static uint64_t create_refusal(const struct model *m, const uint64_t *x)
{
	uint64_t x0;

	if (!model_is_aligned(x[3], MOAT_PAGE_SIZE)) {
		return model_x0(MOAT_BAD_ARG, 3);
	}
	if (!model_is_aligned(x[4], 4)) {
		return model_x0(MOAT_BAD_ARG, 4);
	}
	x0 = model_vm_refusal(m, x[1], MODEL_BUILDING);
	if (x0 != MOAT_OK) {
		return x0;
	}
	return create_place_refusal(m, x);
}

/* An ABSENT vCPU is all zero [VCPU-1], so every register not named here is
 * zero. What PSTATE and the system registers are is the architecture's, and out
 * of the model's sight. */
struct model_answer model_vcpu_create(
	struct model *m, const struct model_request *request)
{
	const uint64_t *x = request->x;
	struct model_answer answer = model_answer_make(create_refusal(m, x));
	struct model_page page = {.state = MOAT_PAGE_VCPU};
	struct model_vcpu *vcpu;

	if (answer.x[0] == MOAT_OK) {
		page.vm = (uint32_t)x[1];
		page.vcpu = (uint32_t)x[2];
		model_page_take(m, x[3], &page);
		model_page_scrub(m, x[3]);
		vcpu = &m->vms[page.vm].vcpus[page.vcpu];
		vcpu->state = MOAT_VCPU_READY;
		vcpu->context = x[3];
		vcpu->pc = x[4];
		vcpu->x[0] = x[5];
	}
	return answer;
}

/* ---- vcpu_destroy ------------------------------------------------------ */

/* Not while ACTIVE: a VM keeps the vCPUs that it was sealed with. In the lives
 * that are left none can be RUNNING, so there is no BUSY. */
struct model_answer model_vcpu_destroy(
	struct model *m, const struct model_request *request)
{
	const uint64_t *x = request->x;
	uint64_t x0 = model_vm_refusal(m, x[1], MODEL_BUILDING | MODEL_DYING);
	struct model_vcpu *vcpu;

	if (x0 == MOAT_OK) {
		x0 = absent_refusal(m, x);
	}
	if (x0 == MOAT_OK) {
		vcpu = &m->vms[x[1]].vcpus[x[2]];
		model_page_return(m, vcpu->context);
		memset(vcpu, 0, sizeof(*vcpu));
	}
	return model_answer_make(x0);
}

/* ---- vcpu_run ---------------------------------------------------------- */

/* x3 is kept for the virtual interrupts to come. If old engines ignored it,
 * hosts would leave anything there. */
static uint64_t run_refusal(const struct model *m, const uint64_t *x)
{
	uint64_t x0;

	if (x[3] != 0) {
		return model_x0(MOAT_BAD_ARG, 3);
	}
	x0 = model_vm_refusal(m, x[1], MODEL_ACTIVE);
	if (x0 == MOAT_OK) {
		x0 = absent_refusal(m, x);
	}
	if (x0 == MOAT_OK &&
		m->vms[x[1]].vcpus[x[2]].state == MOAT_VCPU_RUNNING) {
		x0 = model_x0(MOAT_BUSY, 0);
	}
	return x0;
}

/* The host's answers to a pending host_call: as many as the guest declared
 * registers; what the guest did not offer, the host cannot write. */
static void entry_apply(struct model_vcpu *vcpu, const uint64_t *x)
{
	if (vcpu->exit == MOAT_EXIT_HOST_CALL) {
		vcpu->x[0] = MOAT_OK;
		vcpu->x[1] = 0;
		for (uint32_t i = 0; i < vcpu->host_call_count; i++) {
			vcpu->x[2 + i] = x[4 + i];
		}
	}
	vcpu->exit = 0;
	vcpu->host_call_count = 0;
}

/* The host's registers are left alone: they are written when the run ends, by
 * model_guest_exit, as the answer to this call. */
struct model_answer model_vcpu_run(
	struct model *m, const struct model_request *request)
{
	const uint64_t *x = request->x;
	struct model_answer answer = model_answer_make(run_refusal(m, x));
	struct model_vcpu *vcpu;
	struct model_cpu *cpu = &m->cpus[request->cpu];

	if (answer.x[0] == MOAT_OK) {
		vcpu = &m->vms[x[1]].vcpus[x[2]];
		entry_apply(vcpu, x);
		vcpu->state = MOAT_VCPU_RUNNING;
		vcpu->cpu = request->cpu;
		cpu->is_guest = 1;
		cpu->vm = (uint32_t)x[1];
		cpu->vcpu = (uint32_t)x[2];
		answer.action = MOAT_GUEST_ENTER;
	}
	return answer;
}
