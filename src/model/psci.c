/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * PSCI 1.1 (Arm DEN 0022) and what SMCCC 1.2 (Arm DEN 0028) asks of whoever
 * has it. The engine answers by itself, for how many vCPUs there are and which
 * are on is the VM's; the host is told of what changes whom it can run.
 *
 *     function             answer                   the host is told
 *     PSCI_VERSION         1.1                      -
 *     CPU_SUSPEND          SUCCESS                  exit WFI
 *     CPU_OFF              does not return          exit PSCI
 *     CPU_ON               an error                 -
 *     CPU_ON               SUCCESS                  exit PSCI, the target
 *     AFFINITY_INFO        on, off, or an error     -
 *     MIGRATE_INFO_TYPE    nothing to migrate       -
 *     SYSTEM_OFF, _RESET   does not return          exit PSCI
 *     PSCI_FEATURES        whether it is here       -
 *     SMCCC_VERSION        1.2                      -
 *     SMCCC_ARCH_FEATURES  whether it is here       -
 *     anything else        NOT_SUPPORTED            -
 *
 * Only x0 changes (of these functions none has a second result).
 */
#include "model/state.h"

enum {
	AFFINITY_ON = 0, /* AFFINITY_INFO, DEN 0022, 5.1.5 */
	AFFINITY_OFF = 1,
	NO_TRUSTED_OS = 2 /* MIGRATE_INFO_TYPE, DEN 0022, 5.1.7 */
};

/* One call: who makes it, and its arguments, w1..w3 of the SMC32 form. */
struct psci_call {
	struct model_vm *vm;
	struct model_vcpu *vcpu;
	uint32_t function;
	uint64_t argument[3];
};

/* A bit of the function says how wide the arguments are (SMCCC 1.2, 2.5). */
static struct psci_call call_of(struct model *m, uint32_t cpu)
{
	struct model_vcpu *vcpu = model_vcpu_current(m, cpu);
	struct psci_call call = {.vm = model_vm_current(m, cpu),
		.vcpu = vcpu,
		.function = (uint32_t)vcpu->x[0]};
	bool is_64 = (call.function & MOAT_PSCI_64) != 0;

	for (uint32_t i = 0; i < 3; i++) {
		call.argument[i] =
			is_64 ? vcpu->x[1 + i] : (uint32_t)vcpu->x[1 + i];
	}
	return call;
}

/* The guest goes on with @x0. */
static struct model_answer answered(const struct psci_call *call, uint64_t x0)
{
	call->vcpu->x[0] = x0;
	return model_resume();
}

/* ---- What is there ----------------------------------------------------- */

/* The SMC64 forms are those of the functions that pass addresses or affinities
 * (DEN 0022, 5.1). */
static bool psci_has(uint64_t function)
{
	switch (function) {
	case MOAT_PSCI_VERSION:
	case MOAT_PSCI_CPU_SUSPEND:
	case MOAT_PSCI_CPU_SUSPEND + MOAT_PSCI_64:
	case MOAT_PSCI_CPU_OFF:
	case MOAT_PSCI_CPU_ON:
	case MOAT_PSCI_CPU_ON + MOAT_PSCI_64:
	case MOAT_PSCI_AFFINITY_INFO:
	case MOAT_PSCI_AFFINITY_INFO + MOAT_PSCI_64:
	case MOAT_PSCI_MIGRATE_INFO_TYPE:
	case MOAT_PSCI_SYSTEM_OFF:
	case MOAT_PSCI_SYSTEM_RESET:
	case MOAT_PSCI_FEATURES:
		return true;
	default:
		return false;
	}
}

/* SMCCC_VERSION is asked for here, too: so a guest learns that it may ask SMCCC
 * at all (SMCCC 1.2, 7.2). None of the functions has a feature to tell: a zero
 * of CPU_SUSPEND is the original form of its argument. */
static uint64_t psci_features(const struct psci_call *call)
{
	uint64_t function = call->argument[0];

	if (psci_has(function) || function == MOAT_SMCCC_VERSION) {
		return MOAT_PSCI_SUCCESS;
	}
	return MOAT_PSCI_NOT_SUPPORTED;
}

/* No function of the Arm architecture calls but the two that are mandatory. */
static uint64_t arch_features(const struct psci_call *call)
{
	uint64_t function = call->argument[0];

	if (function == MOAT_SMCCC_VERSION ||
		function == MOAT_SMCCC_ARCH_FEATURES) {
		return MOAT_PSCI_SUCCESS;
	}
	return MOAT_PSCI_NOT_SUPPORTED;
}

/* ---- Power ------------------------------------------------------------- */

/* The vCPU with the affinity of the first argument, or NULL: vCPU i has i in
 * Aff0 and zero in all other bits. One that was not created is none. */
static struct model_vcpu *target_of(const struct psci_call *call)
{
	uint64_t affinity = call->argument[0];

	if (affinity >= call->vm->vcpu_count ||
		call->vm->vcpus[affinity].state == MOAT_VCPU_ABSENT) {
		return NULL;
	}
	return &call->vm->vcpus[affinity];
}

/* The VM's own choice of where its vCPU starts, so in its own half. */
static bool is_entry_point(const struct model_vm *vm, uint64_t ipa)
{
	return model_is_aligned(ipa, MODEL_INSTRUCTION_SIZE) &&
	       ipa < (uint64_t)1 << (vm->ipa_bits - 1);
}

/* A target that was turned on and has not run yet is on: whether it runs is the
 * host's to say, so ON_PENDING would be for ever. */
static uint64_t on_refusal(const struct psci_call *call)
{
	const struct model_vcpu *target = target_of(call);

	if (target == NULL) {
		return MOAT_PSCI_INVALID_PARAMETERS;
	}
	if (!is_entry_point(call->vm, call->argument[1])) {
		return MOAT_PSCI_INVALID_ADDRESS;
	}
	if (target->state != MOAT_VCPU_OFF) {
		return MOAT_PSCI_ALREADY_ON;
	}
	return MOAT_PSCI_SUCCESS;
}

/* The target is OFF, so it is not the caller: that goes on behind the call when
 * the host runs it again. The host needs the number, to run the target; which
 * form of the call the VM used is not its business. */
static struct model_answer cpu_on(const struct psci_call *call)
{
	struct model_answer answer = model_exit(MOAT_EXIT_PSCI);
	uint64_t x0 = on_refusal(call);
	struct model_vcpu *target;

	if (x0 != MOAT_PSCI_SUCCESS) {
		return answered(call, x0);
	}
	target = target_of(call);
	target->state = MOAT_VCPU_READY;
	model_vcpu_restart(target, call->argument[1], call->argument[2]);
	call->vcpu->x[0] = MOAT_PSCI_SUCCESS;
	answer.x[2] = MOAT_PSCI_CPU_ON;
	answer.x[3] = call->argument[0];
	return answer;
}

/* CPU_OFF, and all of the system, which a vCPU can only ask the host for: the
 * others run on until the host has them. It does not come back from this call,
 * but with CPU_ON at another place. */
static struct model_answer power_off(const struct psci_call *call)
{
	struct model_answer answer = model_exit(MOAT_EXIT_PSCI);

	call->vcpu->state = MOAT_VCPU_OFF;
	answer.x[2] = call->function;
	return answer;
}

/* A vCPU that waits in standby keeps all it has, whatever depth it asked for
 * (DEN 0022, 5.4): it is a WFI, from which it returns. */
static struct model_answer cpu_suspend(const struct psci_call *call)
{
	struct model_answer answer = model_exit(MOAT_EXIT_WFI);

	call->vcpu->x[0] = MOAT_PSCI_SUCCESS;
	answer.x[2] = call->vcpu->hardware.deadline;
	return answer;
}

/* Level 0 only: there are no clusters to ask about. */
static uint64_t affinity_info(const struct psci_call *call)
{
	const struct model_vcpu *target = target_of(call);

	if (target == NULL || call->argument[1] != 0) {
		return MOAT_PSCI_INVALID_PARAMETERS;
	}
	return target->state == MOAT_VCPU_OFF ? AFFINITY_OFF : AFFINITY_ON;
}

/* ---- The list ---------------------------------------------------------- */

struct model_answer model_psci(struct model *m, uint32_t cpu)
{
	struct psci_call call = call_of(m, cpu);

	switch (call.function) {
	case MOAT_PSCI_VERSION:
		return answered(&call, MOAT_PSCI_ABI_VERSION);
	case MOAT_PSCI_CPU_SUSPEND:
	case MOAT_PSCI_CPU_SUSPEND + MOAT_PSCI_64:
		return cpu_suspend(&call);
	case MOAT_PSCI_CPU_OFF:
	case MOAT_PSCI_SYSTEM_OFF:
	case MOAT_PSCI_SYSTEM_RESET:
		return power_off(&call);
	case MOAT_PSCI_CPU_ON:
	case MOAT_PSCI_CPU_ON + MOAT_PSCI_64:
		return cpu_on(&call);
	case MOAT_PSCI_AFFINITY_INFO:
	case MOAT_PSCI_AFFINITY_INFO + MOAT_PSCI_64:
		return answered(&call, affinity_info(&call));
	case MOAT_PSCI_MIGRATE_INFO_TYPE:
		return answered(&call, NO_TRUSTED_OS);
	case MOAT_PSCI_FEATURES:
		return answered(&call, psci_features(&call));
	case MOAT_SMCCC_VERSION:
		return answered(&call, MOAT_SMCCC_ABI_VERSION);
	case MOAT_SMCCC_ARCH_FEATURES:
		return answered(&call, arch_features(&call));
	default:
		return answered(&call, MOAT_NOT_SUPPORTED);
	}
}
