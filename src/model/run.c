/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vcpu_run: the entry. It answers the vCPU's last exit, and may write what that
 * exit permits and nothing else:
 *
 *     exit              x3 of the entry   what it writes
 *     HOST_CALL         no ABORT          x0, x1 zero; x2.. as declared
 *     MMIO read         no ABORT          the one register; the PC
 *     MMIO write        no ABORT          the PC
 *     MMIO, FAULT       ABORT             the PC, to where an abort leads
 *     all others        no ABORT          nothing
 *
 * and, whatever the exit was, the virtual interrupts (interrupt.c).
 */
#include "model/state.h"

/* ---- Refusals ---------------------------------------------------------- */

/* An abort can be given only to an access that waits for its end. */
static uint64_t entry_refusal(const struct model_vcpu *vcpu, uint64_t flags)
{
	if (vcpu->state == MOAT_VCPU_RUNNING) {
		return model_x0(MOAT_BUSY, 0);
	}
	if (vcpu->state == MOAT_VCPU_OFF) {
		return model_x0(MOAT_VCPU_IS_OFF, 2);
	}
	if ((flags & MOAT_ENTRY_ABORT) != 0 && vcpu->exit != MOAT_EXIT_FAULT &&
		vcpu->exit != MOAT_EXIT_MMIO) {
		return model_x0(MOAT_BAD_ENTRY, 3);
	}
	return MOAT_OK;
}

/* Flags that do not exist are refused: if old engines ignored them, hosts would
 * leave anything there. */
static uint64_t run_refusal(const struct model *m, const uint64_t *x)
{
	uint64_t x0;

	if (x[3] >= MOAT_ENTRY_FLAGS_END) {
		return model_x0(MOAT_BAD_ARG, 3);
	}
	x0 = model_vm_refusal(m, x[1], MODEL_ACTIVE);
	if (x0 == MOAT_OK) {
		x0 = model_vcpu_refusal(m, x);
	}
	if (x0 == MOAT_OK) {
		x0 = entry_refusal(&m->vms[x[1]].vcpus[x[2]], x[3]);
	}
	return x0;
}

/* ---- What the entry writes --------------------------------------------- */

/* As many answers as the guest declared registers; what the guest did not
 * offer, the host cannot write. */
static void host_call_finish(struct model_vcpu *vcpu, const uint64_t *x)
{
	vcpu->x[0] = MOAT_OK;
	vcpu->x[1] = 0;
	for (uint32_t i = 0; i < vcpu->host_call_count; i++) {
		vcpu->x[2 + i] = x[4 + i];
	}
}

/* What a load of @mmio puts into its register if the device answers @value: cut
 * to the size, extended to the register, and a W register clears the upper half
 * of its X (Arm ARM, B1.2.1). */
static uint64_t load_result(const struct model_mmio *mmio, uint64_t value)
{
	uint64_t bits = 8 * (uint64_t)mmio->size;
	uint64_t sign;

	if (mmio->size < MODEL_WORD_SIZE) {
		sign = (uint64_t)1 << (bits - 1);
		value %= 2 * sign;
		if (mmio->is_signed && value >= sign) {
			value -= 2 * sign;
		}
	}
	return mmio->is_wide ? value : (uint32_t)value;
}

/* The access is over: a load has its value, a store had its effect. The zero
 * register is none. */
static void mmio_finish(struct model_vcpu *vcpu, uint64_t value)
{
	const struct model_mmio *mmio = &vcpu->mmio;

	if (mmio->access == MOAT_ACCESS_READ && mmio->register_index < 31) {
		vcpu->x[mmio->register_index] = load_result(mmio, value);
	}
	model_vcpu_step(vcpu);
}

/* The guest goes on in the handler of its aborts, and the access was none: no
 * general register changes (Arm ARM, D1.3). Where the handler is, its VBAR_EL1
 * says. */
static void abort_inject(struct model_vcpu *vcpu)
{
	vcpu->pc_is_known = 0;
	vcpu->pc = 0;
}

/* Once: what was answered is not pending any more. */
static void entry_apply(struct model_vcpu *vcpu, const uint64_t *x)
{
	struct model_mmio none = {0};

	if ((x[3] & MOAT_ENTRY_ABORT) != 0) {
		abort_inject(vcpu);
	} else if (vcpu->exit == MOAT_EXIT_HOST_CALL) {
		host_call_finish(vcpu, x);
	} else if (vcpu->exit == MOAT_EXIT_MMIO) {
		mmio_finish(vcpu, x[4]);
	}
	vcpu->exit = 0;
	vcpu->host_call_count = 0;
	vcpu->mmio = none;
	vcpu->hardware.wants_maintenance = (x[3] & MOAT_ENTRY_UNDERFLOW) != 0;
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
		model_interrupts_enter(m, vcpu, x + MODEL_LIST_REGISTER);
		vcpu->state = MOAT_VCPU_RUNNING;
		vcpu->cpu = request->cpu;
		cpu->is_guest = 1;
		cpu->vm = (uint32_t)x[1];
		cpu->vcpu = (uint32_t)x[2];
		answer.action = MOAT_GUEST_ENTER;
	}
	return answer;
}
