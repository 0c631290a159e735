/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * PSCI 1.1 and SMCCC discovery for guests (Arm DEN 0022, DEN 0028). Power is
 * the VM's own affair: the host learns of it and schedules, nothing more.
 */
#include "core/guest.h"

#include "core/store.h"

#define WORD UINT64_C(0x100000000) /* 2^32 */

#define AFFINITY_IS_ON 0
#define AFFINITY_IS_OFF 1
#define MIGRATE_NOT_PRESENT 2 /* no trusted OS that would have to move */

/* W or X registers, as the form of the function says (SMCCC 1.2, 2.9). */
static struct psci psci_decode(const struct moat *m, uint32_t context)
{
	uint32_t function = (uint32_t)(CONTEXT(m, context).x[0] % WORD);
	bool is_wide = function / MOAT_PSCI_64 % 2 == 1;
	struct psci psci = {function - is_wide * MOAT_PSCI_64, {0}};

	/*@ loop invariant 1 <= i <= 4;
	    loop invariant \forall integer j; 1 <= j < i ==>
	      psci.x[j] == (is_wide ? CONTEXT(m, context).x[j]
	                            : CONTEXT(m, context).x[j] % WORD);
	    loop assigns i, psci.x[1 .. 3];
	    loop variant 4 - i; */
	for (uint32_t i = 1; i <= 3; i++) {
		uint64_t x = CONTEXT(m, context).x[i];

		psci.x[i] = is_wide ? x : x % WORD;
	}
	/* Only these three have an SMC64 form. */
	if (is_wide && psci.function != MOAT_PSCI_CPU_SUSPEND &&
		psci.function != MOAT_PSCI_CPU_ON &&
		psci.function != MOAT_PSCI_AFFINITY_INFO) {
		psci.function = 0;
	}
	return psci;
}

/* Whether affinity @target is a vCPU of the VM that exists. */
static bool is_target(
	const struct moat *m, struct vm_locked locked, uint64_t target)
{
	return target < VM(m, locked.vm).vcpu_count &&
	       VCPU(m, locked.vm, target).state != MOAT_VCPU_ABSENT;
}

/* ---- CPU_ON ------------------------------------------------------------ */

/*
 * The precedence of the manual: a target that is not there, an entry that
 * cannot be one, and only then whether the target is on. A vCPU that turns
 * itself on is on: ALREADY_ON, and nothing changes.
 */
static uint64_t cpu_on_check(
	const struct moat *m, struct vm_locked locked, const struct psci *psci)
{
	if (!is_target(m, locked, psci->x[1])) {
		return MOAT_PSCI_INVALID_PARAMETERS;
	}
	if (psci->x[2] % 4 != 0 || psci->x[2] >= VM(m, locked.vm).half) {
		return MOAT_PSCI_INVALID_ADDRESS;
	}
	if (VCPU(m, locked.vm, psci->x[1]).state != MOAT_VCPU_OFF) {
		return MOAT_PSCI_ALREADY_ON;
	}
	return MOAT_PSCI_SUCCESS;
}

/* Registers, PC and system registers as after a reset (DEN 0022, 6.4). */
static void cpu_on_apply(
	struct moat *m, struct vm_locked locked, const struct psci *psci)
{
	uint32_t index = (uint32_t)psci->x[1];
	const struct vcpu ready = {.page = VCPU(m, locked.vm, index).page,
		.cpu = NONE,
		.state = MOAT_VCPU_READY};

	/*@ assert vcpu_ok(locked.vm, index); */
	store_context_reset(m, ready.page, index, psci->x[2], psci->x[3]);
	VCPU(m, locked.vm, index) = ready;
}

static uint64_t cpu_on(struct moat *m, struct vm_locked locked,
	const struct psci *psci, struct leaving *leaving)
{
	uint64_t status = cpu_on_check(m, locked, psci);

	if (status == MOAT_PSCI_SUCCESS) {
		cpu_on_apply(m, locked, psci);
		leaving->reason = MOAT_EXIT_PSCI;
		leaving->told[0] = psci->function;
		leaving->told[1] = psci->x[1];
	}
	return status;
}

/* ---- The others -------------------------------------------------------- */

/* Level 0 only, as PSCI 1.0 and later permit (5.7). */
static uint64_t affinity_info(
	const struct moat *m, struct vm_locked locked, const struct psci *psci)
{
	if (psci->x[2] != 0 || !is_target(m, locked, psci->x[1])) {
		return MOAT_PSCI_INVALID_PARAMETERS;
	}
	return VCPU(m, locked.vm, psci->x[1]).state == MOAT_VCPU_OFF
		       ? AFFINITY_IS_OFF
		       : AFFINITY_IS_ON;
}

/* Functions that are there, with no feature flags (5.15.2). */
static uint64_t psci_features(uint64_t function)
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
	case MOAT_SMCCC_VERSION:
		return MOAT_PSCI_SUCCESS;
	default:
		return MOAT_PSCI_NOT_SUPPORTED;
	}
}

static uint64_t arch_features(uint64_t function)
{
	return function == MOAT_SMCCC_VERSION ||
			       function == MOAT_SMCCC_ARCH_FEATURES
		       ? MOAT_PSCI_SUCCESS
		       : MOAT_PSCI_NOT_SUPPORTED;
}

/* The calling vCPU does not come back by itself. */
static uint64_t power_down(const struct psci *psci, struct leaving *leaving)
{
	leaving->reason = MOAT_EXIT_PSCI;
	leaving->state = MOAT_VCPU_OFF;
	leaving->told[0] = psci->function;
	return MOAT_PSCI_SUCCESS;
}

/*
 * CPU_SUSPEND as standby, whichever state was asked for: a power-down request
 * may return when a wake-up event is pending (DEN 0022, 5.4.5).
 */
static uint64_t standby(const struct moat *m, struct leaving *leaving)
{
	guest_tell_wfi(m, leaving);
	return MOAT_PSCI_SUCCESS;
}

/* The functions that concern a vCPU. */
static uint64_t power_call(struct moat *m, struct vm_locked locked,
	const struct psci *psci, struct leaving *leaving)
{
	switch (psci->function) {
	case MOAT_PSCI_CPU_ON:
		return cpu_on(m, locked, psci, leaving);
	case MOAT_PSCI_CPU_SUSPEND:
		return standby(m, leaving);
	case MOAT_PSCI_CPU_OFF:
	case MOAT_PSCI_SYSTEM_OFF:
	case MOAT_PSCI_SYSTEM_RESET:
		return power_down(psci, leaving);
	case MOAT_PSCI_AFFINITY_INFO:
		return affinity_info(m, locked, psci);
	default:
		return MOAT_PSCI_NOT_SUPPORTED;
	}
}

void guest_psci(
	struct moat *m, struct vm_locked locked, struct leaving *leaving)
{
	struct psci psci = psci_decode(m, leaving->context);
	uint64_t x0;

	switch (psci.function) {
	case MOAT_PSCI_VERSION:
		x0 = MOAT_PSCI_ABI_VERSION;
		break;
	case MOAT_PSCI_FEATURES:
		x0 = psci_features(psci.x[1]);
		break;
	case MOAT_PSCI_MIGRATE_INFO_TYPE:
		x0 = MIGRATE_NOT_PRESENT;
		break;
	case MOAT_SMCCC_VERSION:
		x0 = MOAT_SMCCC_ABI_VERSION;
		break;
	case MOAT_SMCCC_ARCH_FEATURES:
		x0 = arch_features(psci.x[1]);
		break;
	default:
		x0 = power_call(m, locked, &psci, leaving);
		break;
	}
	CONTEXT(m, leaving->context).x[0] = x0;
}
