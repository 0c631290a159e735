/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vCPUs:
 *
 *     ABSENT  -> READY     vcpu_create: a HOST page becomes the context
 *     ABSENT  -> OFF       the same, to be turned on by its VM
 *     any     -> ABSENT    vcpu_destroy: the page returns, zero
 *     OFF     -> READY     CPU_ON, by another vCPU (psci.c)
 *     READY   -> RUNNING   vcpu_run: what the pending exit permits is written
 *     RUNNING -> READY     an exit (run.c), which is then the pending one
 *     RUNNING -> OFF       CPU_OFF, SYSTEM_OFF, SYSTEM_RESET; nothing pending
 *
 * The registers are numbers of the model and not contents of the context page:
 * how they are laid out there is the engine's business, and no agent sees it.
 */
#include "model/state.h"

#include <string.h>

uint64_t model_vcpu_refusal(const struct model *m, const uint64_t *x)
{
	const struct model_vm *vm = &m->vms[x[1]];

	if (x[2] >= vm->vcpu_count ||
		vm->vcpus[x[2]].state == MOAT_VCPU_ABSENT) {
		return model_x0(MOAT_BAD_VCPU, 2);
	}
	return MOAT_OK;
}

/* Nothing of an earlier life stays: neither a register, nor an exit that would
 * still be answered. What PSTATE and the system registers are is the
 * architecture's, and out of the model's sight; its timers are not armed. */
void model_vcpu_restart(struct model_vcpu *vcpu, uint64_t pc, uint64_t argument)
{
	struct model_vcpu fresh = {.state = vcpu->state,
		.context = vcpu->context,
		.pc_is_known = 1,
		.pc = pc,
		.x = {argument},
		.hardware = {.deadline = ~(uint64_t)0}};

	*vcpu = fresh;
}

/* All instructions that can trap are of one size (A64). */
void model_vcpu_step(struct model_vcpu *vcpu)
{
	if (vcpu->pc_is_known) {
		vcpu->pc += MODEL_INSTRUCTION_SIZE;
	}
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
	if (!model_is_aligned(x[4], MODEL_INSTRUCTION_SIZE)) {
		return model_x0(MOAT_BAD_ARG, 4);
	}
	if (x[6] > 1) {
		return model_x0(MOAT_BAD_ARG, 6);
	}
	x0 = model_vm_refusal(m, x[1], MODEL_BUILDING);
	if (x0 != MOAT_OK) {
		return x0;
	}
	return create_place_refusal(m, x);
}

/* How a vCPU starts is as much a part of the VM as what it executes, so it is
 * measured as well; one that is off starts as its VM wants, but that it is off
 * counts. */
static void vcpu_make(struct model *m, const uint64_t *x)
{
	struct model_page page = {.state = MOAT_PAGE_VCPU,
		.vm = (uint32_t)x[1],
		.vcpu = (uint32_t)x[2]};
	struct model_vm *vm = &m->vms[page.vm];
	struct model_vcpu *vcpu = &vm->vcpus[page.vcpu];
	uint64_t word[] = {2, x[2], x[4], x[5], x[6]};

	model_page_set(m, x[3], &page);
	model_page_scrub(m, x[3]);
	vcpu->state = x[6] == 1 ? MOAT_VCPU_OFF : MOAT_VCPU_READY;
	vcpu->context = x[3];
	model_vcpu_restart(vcpu, x[4], x[5]);
	model_measure(vm, word, sizeof(word) / sizeof(word[0]), NULL);
}

struct model_answer model_vcpu_create(
	struct model *m, const struct model_request *request)
{
	uint64_t x0 = create_refusal(m, request->x);

	if (x0 == MOAT_OK) {
		vcpu_make(m, request->x);
	}
	return model_answer_make(x0);
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
		x0 = model_vcpu_refusal(m, x);
	}
	if (x0 == MOAT_OK) {
		vcpu = &m->vms[x[1]].vcpus[x[2]];
		model_page_return(m, vcpu->context);
		memset(vcpu, 0, sizeof(*vcpu));
	}
	return model_answer_make(x0);
}
