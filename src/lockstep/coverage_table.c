/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The list: for every call of call.h and guest.h, and of PSCI, all that its
 * manual says it answers; for every exit reason all of its kinds. The lists of
 * calls are those of the headers, so a call without a row does not compile.
 * Every answer here can be reached, and the tests reach it.
 */
#include "lockstep/coverage.h"

#define COUNT_OF(rows) (sizeof(rows) / sizeof((rows)[0]))

/* x0, with the argument register that is at fault. */
#define OK MOAT_OK
#define AT(status, operand) (MOAT_##status + 256 * (operand))
#define BAD_VM AT(BAD_VM, 1)
#define END COVERAGE_END
#define EXIT(reason) COVERAGE_EXITED(MOAT_EXIT_##reason)

/* ---- Calls of the host ------------------------------------------------- */

#define ANSWERS_VERSION OK
#define ANSWERS_FEATURES OK
#define ANSWERS_VM_CREATE \
	OK, AT(BAD_ARG, 3), AT(BAD_ARG, 4), AT(BAD_ARG, 2), BAD_VM, \
		MOAT_BAD_STATE, AT(BAD_PAGE, 2)
#define ANSWERS_VM_SEAL OK, BAD_VM, MOAT_BAD_STATE
#define ANSWERS_VM_KILL OK, BAD_VM, MOAT_BAD_STATE, MOAT_BUSY
#define ANSWERS_VM_FREE OK, BAD_VM, MOAT_BAD_STATE, MOAT_NOT_EMPTY
#define ANSWERS_VM_INFO OK, BAD_VM
#define ANSWERS_VCPU_CREATE \
	OK, AT(BAD_ARG, 3), AT(BAD_ARG, 4), AT(BAD_ARG, 6), BAD_VM, \
		MOAT_BAD_STATE, AT(BAD_VCPU, 2), AT(OCCUPIED, 2), \
		AT(BAD_PAGE, 3)
#define ANSWERS_VCPU_DESTROY OK, BAD_VM, MOAT_BAD_STATE, AT(BAD_VCPU, 2)
#define ANSWERS_VCPU_RUN \
	OK, AT(BAD_ARG, 3), BAD_VM, MOAT_BAD_STATE, AT(BAD_VCPU, 2), \
		MOAT_BUSY, AT(VCPU_IS_OFF, 2), AT(BAD_ENTRY, 3)
#define ANSWERS_TABLE_CREATE \
	OK, AT(BAD_ARG, 3), AT(BAD_ARG, 2), AT(BAD_ARG, 4), BAD_VM, \
		MOAT_BAD_STATE, AT(BAD_IPA, 2), AT(BAD_IPA, 3), \
		AT(NO_TABLE, 2), AT(OCCUPIED, 2), AT(BAD_PAGE, 4)
#define ANSWERS_TABLE_DESTROY \
	OK, AT(BAD_ARG, 3), AT(BAD_ARG, 2), BAD_VM, MOAT_BAD_STATE, \
		AT(BAD_IPA, 2), AT(BAD_IPA, 3), AT(NO_TABLE, 2), \
		AT(NEEDS_SPLIT, 2), AT(NOT_EMPTY, 2)
/* Level 3, the only one, is below every start level: BAD_IPA names x2. */
#define ANSWERS_TABLE_FOLD \
	OK, AT(BAD_ARG, 3), AT(BAD_ARG, 2), BAD_VM, MOAT_BAD_STATE, \
		AT(BAD_IPA, 2), AT(NO_TABLE, 2), AT(NEEDS_SPLIT, 2), \
		AT(NOT_UNIFORM, 2)
#define ANSWERS_TABLE_SPLIT \
	OK, AT(BAD_ARG, 3), AT(BAD_ARG, 2), AT(BAD_ARG, 4), BAD_VM, \
		MOAT_BAD_STATE, AT(BAD_IPA, 2), AT(NO_TABLE, 2), \
		AT(OCCUPIED, 2), AT(NOT_MAPPED, 2), AT(BAD_PAGE, 4)
#define ANSWERS_PAGE_DONATE \
	OK, AT(BAD_ARG, 2), AT(BAD_ARG, 3), AT(BAD_ARG, 4), BAD_VM, \
		MOAT_BAD_STATE, AT(BAD_IPA, 2), AT(BAD_IPA, 4), \
		AT(NO_TABLE, 2), AT(OCCUPIED, 2), AT(BAD_PAGE, 3)
#define ANSWERS_PAGE_LOAD ANSWERS_PAGE_DONATE
#define ANSWERS_PAGE_LEND ANSWERS_PAGE_DONATE, AT(BAD_ARG, 5)
#define ANSWERS_PAGE_RECLAIM \
	OK, AT(BAD_ARG, 2), AT(BAD_ARG, 3), BAD_VM, MOAT_BAD_STATE, \
		AT(BAD_IPA, 2), AT(BAD_IPA, 3), AT(NO_TABLE, 2), \
		AT(NEEDS_SPLIT, 2), AT(NOT_MAPPED, 2)
#define ANSWERS_PAGE_RECALL ANSWERS_PAGE_RECLAIM
#define ANSWERS_PAGE_INFO OK, AT(BAD_ARG, 1), AT(BAD_PAGE, 1)
#define ANSWERS_BLOCK_DONATE \
	OK, AT(BAD_ARG, 2), AT(BAD_ARG, 3), BAD_VM, MOAT_BAD_STATE, \
		AT(BAD_IPA, 2), AT(NO_TABLE, 2), AT(OCCUPIED, 2), \
		AT(BAD_PAGE, 3)
#define ANSWERS_BLOCK_LEND ANSWERS_BLOCK_DONATE, AT(BAD_ARG, 4)

#define HOST_ROW(constant, name, number, arguments) \
	{#name, {ANSWERS_##constant, END}},
static const struct coverage_row call_rows[] = {
	MOAT_HOST_CALLS(HOST_ROW){"(unknown)", {MOAT_NOT_SUPPORTED, END}}};

/* ---- Calls of a guest -------------------------------------------------- */

#define GUEST_VERSION OK
#define GUEST_FEATURES OK
#define GUEST_MEASUREMENT OK
#define GUEST_HOST_CALL EXIT(HOST_CALL), AT(BAD_ARG, 1)
#define GUEST_PAGES \
	AT(BAD_ARG, 1), AT(BAD_ARG, 2), AT(BAD_IPA, 1), AT(BAD_IPA, 2), \
		AT(NO_TABLE, 1), AT(NEEDS_SPLIT, 1), AT(NOT_MAPPED, 1)
#define GUEST_SHARE EXIT(SHARE), GUEST_PAGES, AT(BAD_PAGE, 1)
#define GUEST_UNSHARE EXIT(UNSHARE), GUEST_PAGES, AT(BAD_PAGE, 1)
/* Whatever is mapped in the protected half may be given back. */
#define GUEST_RELINQUISH EXIT(RELINQUISH), GUEST_PAGES

#define GUEST_PSCI_VERSION MOAT_PSCI_ABI_VERSION
#define GUEST_PSCI_CPU_SUSPEND EXIT(WFI)
#define GUEST_PSCI_CPU_SUSPEND_64 EXIT(WFI)
#define GUEST_PSCI_CPU_OFF EXIT(PSCI)
#define GUEST_PSCI_CPU_ON \
	EXIT(PSCI), MOAT_PSCI_INVALID_PARAMETERS, MOAT_PSCI_INVALID_ADDRESS, \
		MOAT_PSCI_ALREADY_ON
#define GUEST_PSCI_CPU_ON_64 GUEST_PSCI_CPU_ON
#define GUEST_PSCI_AFFINITY_INFO 0, 1, MOAT_PSCI_INVALID_PARAMETERS
#define GUEST_PSCI_AFFINITY_INFO_64 GUEST_PSCI_AFFINITY_INFO
#define GUEST_PSCI_MIGRATE_INFO_TYPE 2
#define GUEST_PSCI_SYSTEM_OFF EXIT(PSCI)
#define GUEST_PSCI_SYSTEM_RESET EXIT(PSCI)
#define GUEST_PSCI_FEATURES MOAT_PSCI_SUCCESS, MOAT_PSCI_NOT_SUPPORTED
#define GUEST_SMCCC_VERSION MOAT_SMCCC_ABI_VERSION
#define GUEST_SMCCC_ARCH_FEATURES MOAT_PSCI_SUCCESS, MOAT_PSCI_NOT_SUPPORTED

#define GUEST_ROW(constant, name, number, arguments) \
	{#name, {GUEST_##constant, END}},
static const struct coverage_row guest_call_rows[] = {
	MOAT_GUEST_CALLS(GUEST_ROW) OP_POWER_CALLS(GUEST_ROW){
		"(unknown)", {MOAT_NOT_SUPPORTED, END}}};

/* ---- Exits and entries ------------------------------------------------- */

#define MMIO(access, size) COVERAGE_MMIO(MOAT_ACCESS_##access, size)

static const struct coverage_row exit_rows[MOAT_EXIT_END] = {
	{"(none)", {END}},
	[MOAT_EXIT_IRQ] = {"irq", {0, END}},
	[MOAT_EXIT_WFI] = {"wfi", {0, END}},
	[MOAT_EXIT_FAULT] = {"fault",
		{MOAT_ACCESS_READ, MOAT_ACCESS_WRITE, MOAT_ACCESS_FETCH, END}},
	[MOAT_EXIT_MMIO] = {"mmio",
		{MMIO(READ, 1), MMIO(READ, 2), MMIO(READ, 4), MMIO(READ, 8),
			MMIO(WRITE, 1), MMIO(WRITE, 2), MMIO(WRITE, 4),
			MMIO(WRITE, 8), END}},
	[MOAT_EXIT_HOST_CALL] = {"host_call", {0, 1, 2, 3, 4, 5, 6, END}},
	[MOAT_EXIT_PSCI] = {"psci",
		{MOAT_PSCI_CPU_OFF, MOAT_PSCI_CPU_ON, MOAT_PSCI_SYSTEM_OFF,
			MOAT_PSCI_SYSTEM_RESET, END}},
	[MOAT_EXIT_SHARE] = {"share", {0, END}},
	[MOAT_EXIT_UNSHARE] = {"unshare", {0, END}},
	[MOAT_EXIT_RELINQUISH] = {"relinquish", {0, END}},
	[MOAT_EXIT_SERROR] = {"serror", {0, END}},
	[MOAT_EXIT_OTHER] = {"other", {0, END}},
};

#define LOADS(size) \
	COVERAGE_LOAD + (size), COVERAGE_LOAD + (size) + 16, \
		COVERAGE_LOAD + (size) + 32, COVERAGE_LOAD + (size) + 48

static const struct coverage_row entry_rows[MOAT_EXIT_END] = {
	{"nothing", {COVERAGE_PLAIN, END}},
	[MOAT_EXIT_IRQ] = {"irq", {COVERAGE_PLAIN, END}},
	[MOAT_EXIT_WFI] = {"wfi", {COVERAGE_PLAIN, END}},
	[MOAT_EXIT_FAULT] = {"fault", {COVERAGE_PLAIN, COVERAGE_INJECT, END}},
	[MOAT_EXIT_MMIO] = {"mmio",
		{COVERAGE_INJECT, COVERAGE_STORE, COVERAGE_ZERO_REGISTER,
			LOADS(1), LOADS(2), LOADS(4), LOADS(8), END}},
	[MOAT_EXIT_HOST_CALL] = {"host_call", {COVERAGE_PLAIN, END}},
	[MOAT_EXIT_PSCI] = {"psci", {COVERAGE_PLAIN, END}},
	[MOAT_EXIT_SHARE] = {"share", {COVERAGE_PLAIN, END}},
	[MOAT_EXIT_UNSHARE] = {"unshare", {COVERAGE_PLAIN, END}},
	[MOAT_EXIT_RELINQUISH] = {"relinquish", {COVERAGE_PLAIN, END}},
	[MOAT_EXIT_SERROR] = {"serror", {COVERAGE_PLAIN, END}},
	[MOAT_EXIT_OTHER] = {"other", {COVERAGE_PLAIN, END}},
};

static const struct coverage_row abort_rows[] = {
	[COVERAGE_OF_HOST] = {"host",
		{COVERAGE_RETRIED, COVERAGE_REFUSED, END}},
	[COVERAGE_OF_GUEST] = {"guest",
		{COVERAGE_RETRIED, COVERAGE_REFUSED, END}},
};

/* ---- Ranges ------------------------------------------------------------ */

#define RANGE_VERSION END
#define RANGE_FEATURES END
#define RANGE_VM_CREATE END
#define RANGE_VM_SEAL END
#define RANGE_VM_KILL END
#define RANGE_VM_FREE END
#define RANGE_VM_INFO END
#define RANGE_VCPU_CREATE END
#define RANGE_VCPU_DESTROY END
#define RANGE_VCPU_RUN END
#define RANGE_TABLE_CREATE END
#define RANGE_TABLE_DESTROY END
#define RANGE_TABLE_FOLD END
#define RANGE_TABLE_SPLIT END
#define RANGE_PAGE_LOAD COVERAGE_ALL, COVERAGE_PART
#define RANGE_PAGE_DONATE COVERAGE_ALL, COVERAGE_PART
#define RANGE_PAGE_RECLAIM COVERAGE_ALL, COVERAGE_PART, COVERAGE_BLOCK
#define RANGE_PAGE_INFO END
#define RANGE_PAGE_LEND COVERAGE_ALL, COVERAGE_PART
#define RANGE_PAGE_RECALL COVERAGE_ALL, COVERAGE_PART, COVERAGE_BLOCK
#define RANGE_BLOCK_DONATE COVERAGE_BLOCK
#define RANGE_BLOCK_LEND COVERAGE_BLOCK

#define RANGE_GUEST_VERSION END
#define RANGE_GUEST_HOST_CALL END
#define RANGE_GUEST_FEATURES END
#define RANGE_GUEST_SHARE COVERAGE_ALL, COVERAGE_PART, COVERAGE_BLOCK
#define RANGE_GUEST_UNSHARE COVERAGE_ALL, COVERAGE_PART, COVERAGE_BLOCK
#define RANGE_GUEST_RELINQUISH COVERAGE_ALL, COVERAGE_PART, COVERAGE_BLOCK
#define RANGE_GUEST_MEASUREMENT END

/* Rows of the host's calls, then of the guest's. */
#define HOST_RANGE(constant, name, number, arguments) \
	{#name, {RANGE_##constant, END}},
#define GUEST_RANGE(constant, name, number, arguments) \
	{"guest " #name, {RANGE_GUEST_##constant, END}},
static const struct coverage_row range_rows[] = {
	MOAT_HOST_CALLS(HOST_RANGE) MOAT_GUEST_CALLS(GUEST_RANGE)};

/* ---- What the host may know -------------------------------------------- */

/* page_info: x1, by the level of a data page; vm_info: x1. */
static const struct coverage_row seen_rows[] = {
	{"page of level 0 or none",
		{MOAT_PAGE_HOST, MOAT_PAGE_TABLE, MOAT_PAGE_VCPU,
			MOAT_PAGE_ENGINE, END}},
	{"page of level 1", {MOAT_PAGE_TABLE, END}},
	{"page of level 2", {MOAT_PAGE_LENT, MOAT_PAGE_VM, MOAT_PAGE_SHARED,
				    MOAT_PAGE_TABLE, END}},
	{"page of level 3", {MOAT_PAGE_LENT, MOAT_PAGE_VM, MOAT_PAGE_SHARED,
				    MOAT_PAGE_TABLE, END}},
	{"vm", {MOAT_VM_EMPTY, MOAT_VM_BUILDING, MOAT_VM_ACTIVE, MOAT_VM_DYING,
		       END}},
};

/* ---- All --------------------------------------------------------------- */

static const struct {
	const struct coverage_row *row;
	size_t count;
} groups[COVERAGE_GROUPS] = {
	[COVERAGE_CALL] = {call_rows, COUNT_OF(call_rows)},
	[COVERAGE_GUEST_CALL] = {guest_call_rows, COUNT_OF(guest_call_rows)},
	[COVERAGE_EXIT] = {exit_rows, COUNT_OF(exit_rows)},
	[COVERAGE_ENTRY] = {entry_rows, COUNT_OF(entry_rows)},
	[COVERAGE_ABORT] = {abort_rows, COUNT_OF(abort_rows)},
	[COVERAGE_RANGE] = {range_rows, COUNT_OF(range_rows)},
	[COVERAGE_SEEN] = {seen_rows, COUNT_OF(seen_rows)},
};

_Static_assert(COUNT_OF(range_rows) <= COVERAGE_ROWS, "more rows");

const struct coverage_row *coverage_rows(
	enum coverage_group group, size_t *count)
{
	*count = groups[group].count;
	return groups[group].row;
}
