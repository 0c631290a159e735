/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What people read instead of numbers: in differences between engine and model,
 * in scenes, and in the answers of the command line.
 */
#include "model/model.h"

#define COUNT(names) (sizeof(names) / sizeof((names)[0]))

/* The assertions count: a member added to an enum of moat.h without its name
 * here does not compile. The order is that of the enum. */
static const char *const statuses[] = {
	"OK",
	"BAD_ARG",
	"BAD_VM",
	"BAD_STATE",
	"BAD_IPA",
	"BAD_VCPU",
	"BUSY",
	"VCPU_IS_OFF",
	"BAD_ENTRY",
	"NO_TABLE",
	"NEEDS_SPLIT",
	"OCCUPIED",
	"NOT_MAPPED",
	"NOT_EMPTY",
	"NOT_UNIFORM",
	"BAD_PAGE",
};
_Static_assert(COUNT(statuses) == MOAT_STATUS_COUNT, "a status has no name");

static const char *const page_states[] = {
	"HOST",
	"LENT",
	"VM",
	"SHARED",
	"TABLE",
	"VCPU",
	"ENGINE",
};
_Static_assert(COUNT(page_states) == MOAT_PAGE_STATE_COUNT,
	"a page state has no name");

static const char *const lives[] = {"EMPTY", "BUILDING", "ACTIVE", "DYING"};
_Static_assert(COUNT(lives) == MOAT_VM_LIFE_COUNT, "a life has no name");

static const char *const vcpu_states[] = {"ABSENT", "OFF", "READY", "RUNNING"};
_Static_assert(COUNT(vcpu_states) == MOAT_VCPU_STATE_COUNT,
	"a vCPU state has no name");

static const char *const actions[] = {
	"HOST_RESUME",
	"HOST_RETRY",
	"HOST_INJECT",
	"GUEST_ENTER",
	"GUEST_RESUME",
	"HOST_RETURN",
};
_Static_assert(COUNT(actions) == MOAT_ACTION_COUNT, "an action has no name");

static const char *const exits[] = {
	"no exit",
	"IRQ",
	"WFI",
	"FAULT",
	"MMIO",
	"HOST_CALL",
	"PSCI",
	"SHARE",
	"UNSHARE",
	"RELINQUISH",
	"SERROR",
	"OTHER",
};
_Static_assert(COUNT(exits) == MOAT_EXIT_END, "an exit has no name");

static const char *const traps[] = {
	"no trap",
	"IRQ",
	"WFI",
	"CALL",
	"ABORT",
	"SERROR",
	"OTHER",
};
_Static_assert(COUNT(traps) == MOAT_TRAP_END, "a trap has no name");

/* Numbers come from traces, so anything may be asked for. */
static const char *name_at(
	const char *const *names, size_t count, uint64_t index)
{
	return index < count ? names[index] : "unknown";
}

const char *model_status_name(uint64_t status)
{
	return name_at(statuses, COUNT(statuses), status);
}

const char *model_page_state_name(uint64_t state)
{
	return name_at(page_states, COUNT(page_states), state);
}

const char *model_vm_life_name(uint64_t life)
{
	return name_at(lives, COUNT(lives), life);
}

const char *model_vcpu_state_name(uint64_t state)
{
	return name_at(vcpu_states, COUNT(vcpu_states), state);
}

const char *model_action_name(uint64_t action)
{
	return name_at(actions, COUNT(actions), action);
}

const char *model_exit_name(uint64_t reason)
{
	return name_at(exits, COUNT(exits), reason);
}

const char *model_trap_name(uint64_t kind)
{
	return name_at(traps, COUNT(traps), kind);
}

#define MODEL_CALL(constant, name, number, arguments) \
	case MOAT_FUNCTION(number): \
		return #name;

/* The names are those of the list in the manual; the low 32 bits select, as in
 * a call itself. */
const char *model_host_call_name(uint64_t function)
{
	switch ((uint32_t)function) {
		MOAT_HOST_CALLS(MODEL_CALL)
	default:
		return "unknown";
	}
}

/* PSCI and SMCCC have their own numbers; an SMC64 form has the name of the
 * SMC32 form. */
static const struct {
	uint32_t function;
	const char *name;
} psci_calls[] = {
	{MOAT_PSCI_VERSION, "psci_version"},
	{MOAT_PSCI_CPU_SUSPEND, "psci_cpu_suspend"},
	{MOAT_PSCI_CPU_SUSPEND + MOAT_PSCI_64, "psci_cpu_suspend"},
	{MOAT_PSCI_CPU_OFF, "psci_cpu_off"},
	{MOAT_PSCI_CPU_ON, "psci_cpu_on"},
	{MOAT_PSCI_CPU_ON + MOAT_PSCI_64, "psci_cpu_on"},
	{MOAT_PSCI_AFFINITY_INFO, "psci_affinity_info"},
	{MOAT_PSCI_AFFINITY_INFO + MOAT_PSCI_64, "psci_affinity_info"},
	{MOAT_PSCI_MIGRATE_INFO_TYPE, "psci_migrate_info_type"},
	{MOAT_PSCI_SYSTEM_OFF, "psci_system_off"},
	{MOAT_PSCI_SYSTEM_RESET, "psci_system_reset"},
	{MOAT_PSCI_FEATURES, "psci_features"},
	{MOAT_SMCCC_VERSION, "smccc_version"},
	{MOAT_SMCCC_ARCH_FEATURES, "smccc_arch_features"},
};

static const char *psci_call_name(uint32_t function)
{
	for (size_t i = 0; i < COUNT(psci_calls); i++) {
		if (psci_calls[i].function == function) {
			return psci_calls[i].name;
		}
	}
	return "unknown";
}

const char *model_guest_call_name(uint64_t function)
{
	switch ((uint32_t)function) {
		MOAT_GUEST_CALLS(MODEL_CALL)
	default:
		return psci_call_name((uint32_t)function);
	}
}
