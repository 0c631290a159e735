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
#define OP_ARGUMENTS_VCPU_CREATE OP_VM, OP_VCPU, OP_PA, OP_PC, OP_VALUE
#define OP_ARGUMENTS_VCPU_DESTROY OP_VM, OP_VCPU
#define OP_ARGUMENTS_VCPU_RUN \
	OP_VM, OP_VCPU, OP_ZERO, OP_VALUE, OP_VALUE, OP_VALUE, OP_VALUE, \
		OP_VALUE, OP_VALUE
#define OP_ARGUMENTS_TABLE_CREATE OP_VM, OP_IPA, OP_LEVEL, OP_PA
#define OP_ARGUMENTS_TABLE_DESTROY OP_VM, OP_IPA, OP_LEVEL
#define OP_ARGUMENTS_PAGE_LOAD OP_VM, OP_IPA, OP_PA, OP_COUNT
#define OP_ARGUMENTS_PAGE_DONATE OP_VM, OP_IPA, OP_PA, OP_COUNT
#define OP_ARGUMENTS_PAGE_RECLAIM OP_VM, OP_IPA, OP_COUNT
#define OP_ARGUMENTS_PAGE_INFO OP_PA
	MOAT_HOST_CALLS(HOST_CALL)};

static const struct op_call guest_calls[] = {
#define GUEST_CALL(constant, name, number, arguments) \
	{#name, MOAT_FUNCTION(number), arguments, {OP_GUEST_##constant}},
#define OP_GUEST_VERSION OP_NONE
#define OP_GUEST_HOST_CALL \
	OP_COUNT, OP_VALUE, OP_VALUE, OP_VALUE, OP_VALUE, OP_VALUE, OP_VALUE
	MOAT_GUEST_CALLS(GUEST_CALL)};

static const struct {
	const char *name;
	uint32_t word_count;
} kinds[OP_KIND_COUNT] = {
	[OP_CALL] = {"call", OP_WORDS},
	[OP_HOST_READ] = {"host_read", 1},
	[OP_HOST_WRITE] = {"host_write", 2},
	[OP_GUEST_READ] = {"guest_read", 1},
	[OP_GUEST_WRITE] = {"guest_write", 2},
	[OP_GUEST_CALL] = {"guest_call", OP_WORDS},
	[OP_GUEST_TRAP] = {"guest_trap", 1},
	[OP_GUEST_SET] = {"guest_set", 2},
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

bool op_is_of_host(enum op_kind kind)
{
	return kind == OP_CALL || kind == OP_HOST_READ || kind == OP_HOST_WRITE;
}

static bool is_plain_argument(enum op_argument argument)
{
	return argument == OP_COUNT || argument == OP_VALUE ||
	       argument == OP_PC || argument == OP_VCPUS;
}

bool op_is_plain(const struct op *op, uint32_t word)
{
	const struct op_call *call;

	if (op->kind != OP_CALL && op->kind != OP_GUEST_CALL) {
		return word == 1;
	}
	call = op_call_of(op);
	if (word == 0) {
		return false;
	}
	return !call || word > call->argument_count ||
	       is_plain_argument(call->argument[word - 1]);
}
