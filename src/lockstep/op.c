/* SPDX-License-Identifier: BSD-2-Clause */
#include "lockstep/op.h"

static const struct op_call host_calls[] = {
#define HOST_CALL(constant, name, number, arguments) \
	{#name, MOAT_FUNCTION(number), arguments, {OP_ARGUMENTS_##constant}},
#define OP_ARGUMENTS_VERSION OP_NONE
#define OP_ARGUMENTS_FEATURES OP_NONE
#define OP_ARGUMENTS_VM_CREATE OP_VM, OP_PA, OP_BITS, OP_VCPUS
#define OP_ARGUMENTS_VM_SEAL OP_VM
#define OP_ARGUMENTS_VM_KILL OP_VM
#define OP_ARGUMENTS_VM_FREE OP_VM
#define OP_ARGUMENTS_VM_INFO OP_VM
#define OP_ARGUMENTS_VCPU_CREATE \
	OP_VM, OP_VCPU, OP_PA, OP_PC, OP_VALUE, OP_BOOLEAN
#define OP_ARGUMENTS_VCPU_DESTROY OP_VM, OP_VCPU
#define OP_ARGUMENTS_VCPU_RUN \
	OP_VM, OP_VCPU, OP_ENTRY, OP_VALUE, OP_VALUE, OP_VALUE, OP_VALUE, \
		OP_VALUE, OP_VALUE, OP_LIST, OP_LIST, OP_LIST, OP_LIST
#define OP_ARGUMENTS_TABLE_CREATE OP_VM, OP_IPA, OP_LEVEL, OP_PA
#define OP_ARGUMENTS_TABLE_DESTROY OP_VM, OP_IPA, OP_LEVEL
#define OP_ARGUMENTS_TABLE_FOLD OP_VM, OP_IPA, OP_LEVEL
#define OP_ARGUMENTS_TABLE_SPLIT OP_VM, OP_IPA, OP_LEVEL, OP_PA
#define OP_ARGUMENTS_PAGE_LOAD OP_VM, OP_IPA, OP_PA, OP_COUNT
#define OP_ARGUMENTS_PAGE_DONATE OP_VM, OP_IPA, OP_PA, OP_COUNT
#define OP_ARGUMENTS_PAGE_RECLAIM OP_VM, OP_IPA, OP_COUNT
#define OP_ARGUMENTS_PAGE_INFO OP_PA
#define OP_ARGUMENTS_PAGE_LEND OP_VM, OP_IPA, OP_PA, OP_COUNT, OP_PERMISSION
#define OP_ARGUMENTS_PAGE_RECALL OP_VM, OP_IPA, OP_COUNT
#define OP_ARGUMENTS_BLOCK_DONATE OP_VM, OP_IPA, OP_PA
#define OP_ARGUMENTS_BLOCK_LEND OP_VM, OP_IPA, OP_PA, OP_PERMISSION
	MOAT_HOST_CALLS(HOST_CALL)};

static const struct op_call guest_calls[] = {
#define GUEST_CALL(constant, name, number, arguments) \
	{#name, MOAT_FUNCTION(number), arguments, {OP_GUEST_##constant}},
#define OP_GUEST_VERSION OP_NONE
#define OP_GUEST_HOST_CALL \
	OP_COUNT, OP_VALUE, OP_VALUE, OP_VALUE, OP_VALUE, OP_VALUE, OP_VALUE
#define OP_GUEST_FEATURES OP_NONE
#define OP_GUEST_SHARE OP_IPA, OP_COUNT
#define OP_GUEST_UNSHARE OP_IPA, OP_COUNT
#define OP_GUEST_RELINQUISH OP_IPA, OP_COUNT
#define OP_GUEST_MEASUREMENT OP_NONE
	MOAT_GUEST_CALLS(GUEST_CALL)
#define POWER_CALL(constant, name, function, arguments) \
	{#name, function, arguments, {OP_GUEST_##constant}},
#define OP_GUEST_PSCI_VERSION OP_NONE
#define OP_GUEST_PSCI_CPU_SUSPEND OP_VALUE, OP_PC, OP_VALUE
#define OP_GUEST_PSCI_CPU_SUSPEND_64 OP_VALUE, OP_PC, OP_VALUE
#define OP_GUEST_PSCI_CPU_OFF OP_NONE
#define OP_GUEST_PSCI_CPU_ON OP_VCPU, OP_PC, OP_VALUE
#define OP_GUEST_PSCI_CPU_ON_64 OP_VCPU, OP_PC, OP_VALUE
#define OP_GUEST_PSCI_AFFINITY_INFO OP_VCPU, OP_ZERO
#define OP_GUEST_PSCI_AFFINITY_INFO_64 OP_VCPU, OP_ZERO
#define OP_GUEST_PSCI_MIGRATE_INFO_TYPE OP_NONE
#define OP_GUEST_PSCI_SYSTEM_OFF OP_NONE
#define OP_GUEST_PSCI_SYSTEM_RESET OP_NONE
#define OP_GUEST_PSCI_FEATURES OP_FUNCTION
#define OP_GUEST_SMCCC_VERSION OP_NONE
#define OP_GUEST_SMCCC_ARCH_FEATURES OP_FUNCTION
		OP_POWER_CALLS(POWER_CALL)};

static const struct {
	const char *name;
	uint32_t word_count;
} kinds[OP_KIND_COUNT] = {
	[OP_CALL] = {"call", OP_WORDS},
	[OP_HOST_READ] = {"host_read", 1},
	[OP_HOST_WRITE] = {"host_write", 2},
	[OP_HOST_ABORT] = {"host_abort", 1},
	[OP_GUEST_READ] = {"guest_read", 4},
	[OP_GUEST_WRITE] = {"guest_write", 4},
	[OP_GUEST_FETCH] = {"guest_fetch", 1},
	[OP_GUEST_CALL] = {"guest_call", OP_GUEST_WORDS},
	[OP_GUEST_TRAP] = {"guest_trap", OP_TRAP_WORDS},
	[OP_GUEST_SET] = {"guest_set", 2},
	[OP_GUEST_GET] = {"guest_get", 1},
};

size_t op_host_call_count(void)
{
	return sizeof(host_calls) / sizeof(host_calls[0]);
}

const struct op_call *op_host_call(size_t index)
{
	return &host_calls[index];
}

size_t op_guest_call_count(void)
{
	return sizeof(guest_calls) / sizeof(guest_calls[0]);
}

const struct op_call *op_guest_call(size_t index)
{
	return &guest_calls[index];
}

const struct op_call *op_call_of(const struct op *op)
{
	const struct op_call *calls =
		op->kind == OP_CALL ? host_calls : guest_calls;
	size_t count = op->kind == OP_CALL ? op_host_call_count()
					   : op_guest_call_count();

	for (size_t i = 0; i < count; i++) {
		if (calls[i].function == op->word[0]) {
			return &calls[i];
		}
	}
	return NULL;
}

uint32_t op_word_count(enum op_kind kind)
{
	return kinds[kind].word_count;
}

const char *op_kind_name(enum op_kind kind)
{
	return kinds[kind].name;
}

static bool is_plain_argument(enum op_argument argument)
{
	return argument == OP_COUNT || argument == OP_VALUE ||
	       argument == OP_PC || argument == OP_VCPUS ||
	       argument == OP_BOOLEAN || argument == OP_LIST;
}

bool op_is_plain(const struct op *op, uint32_t word)
{
	const struct op_call *call;

	if (op->kind == OP_HOST_WRITE || op->kind == OP_GUEST_WRITE ||
		op->kind == OP_GUEST_SET) {
		return word == 1;
	}
	if (op->kind != OP_CALL && op->kind != OP_GUEST_CALL) {
		return false;
	}
	call = op_call_of(op);
	if (word == 0) {
		return false;
	}
	return !call || word > call->argument_count ||
	       is_plain_argument(call->argument[word - 1]);
}
