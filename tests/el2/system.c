/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * System registers as a VM finds them: what it is told of the CPU, and what it
 * may not touch. tests/entry does every register of a world; here is what a
 * VM can see of them.
 */
#include "host.h"

#define SECRET 0x5ec2e75ec2e70000u

enum { SLOT = 1, POOL_USED = 32 };

/* ---- What a VM has not --------------------------------------------------- */

/* An instruction that is undefined for a VM: it takes that exception itself,
 * the host sees nothing (Arm ARM, ESR_EL1.EC 0, IL 1). */
static const struct {
	enum guest_order order;
	const char *name;
} forbidden[] = {
	{GUEST_NO_PMU_CONTROL, "PMCR_EL0"},
	{GUEST_NO_PMU_COUNTER, "PMCCNTR_EL0"},
	{GUEST_NO_PMU_ENABLE, "PMCNTENSET_EL0"},
	{GUEST_NO_PMU_FILTER, "PMCCFILTR_EL0"},
	{GUEST_NO_PHYSICAL_TIMER, "CNTP_CTL_EL0"},
	{GUEST_NO_PHYSICAL_DEADLINE, "CNTP_CVAL_EL0"},
	{GUEST_NO_SVE, "ZCR_EL1"},
	{GUEST_NO_ERROR_RECORD, "ERRSELR_EL1"},
	{GUEST_NO_HYPERVISOR, "HCR_EL2"},
	{GUEST_NO_HYPERVISOR_TABLE, "VTTBR_EL2"},
	{GUEST_NO_SOFTWARE_INTERRUPT, "ICC_SGI1R_EL1"},
};

#define UNDEFINED 0x2000000u

static void undefined(const struct vm *vm)
{
	console_text("host: undefined in a VM, and none of the host's:\n");
	for (size_t i = 0; i < sizeof(forbidden) / sizeof(*forbidden); i++) {
		struct moat_regs exit =
			vm_order(vm, forbidden[i].order, 0, SECRET);
		bool is_alone = exit.x[1] == MOAT_EXIT_HOST_CALL &&
				exit.x[3] == SECRET && exit.x[5] == 1;

		exit = vm_order(vm, GUEST_EXCEPTION, 0, 0);
		check_equal(
			is_alone ? exit.x[3] : 0, UNDEFINED, forbidden[i].name);
	}
}

/* What it reads after it wrote ones everywhere. */
static const struct {
	enum guest_order order;
	uint64_t reads;
	const char *name;
} ignored[] = {
	{GUEST_DEBUG_CONTROL, 0x2001, "a VM steps itself, and arms nothing"},
	{GUEST_BREAKPOINT, 0, "it has no breakpoint"},
	{GUEST_BREAKPOINT_CONTROL, 0, "and no control of one"},
	{GUEST_WATCHPOINT, 0, "and no watchpoint"},
	{GUEST_OS_LOCK, 8, "its OS lock stays open"},
	{GUEST_DEBUG_ROM, 0, "it has no debug ROM"},
	{GUEST_AUXILIARY, 0, "and nothing in ACTLR_EL1"},
};

static void without_effect(const struct vm *vm)
{
	for (size_t i = 0; i < sizeof(ignored) / sizeof(*ignored); i++) {
		check_equal(vm_ask(vm, ignored[i].order, 0, ~(uint64_t)0),
			ignored[i].reads, ignored[i].name);
	}
	vm_ask(vm, GUEST_DEBUG_CONTROL, 0, 0);
}

/* ---- What it is told ----------------------------------------------------- */

/* Fields of four bits which say that there is something that traps. */
static const struct {
	enum guest_order order;
	uint64_t fields; /* a hexadecimal digit f for each that must be 0 */
	const char *name;
} promises[] = {
	/* AMU, MPAM, SEL2, SVE, RAS */
	{GUEST_PFR0, 0x0000fffff0000000u,
		"PFR0 promises no SVE, RAS, secure EL2, MPAM or AMU"},
	/* SME, MPAM_frac, RAS_frac, MTE */
	{GUEST_PFR1, 0x000000000f0fff00u,
		"PFR1 promises no SME, tags, RAS or MPAM"},
	{GUEST_ZFR0, ~(uint64_t)0, "ZFR0 promises nothing"},
	/* TraceBuffer, TraceFilt, PMSVer, PMUVer, TraceVer */
	{GUEST_DFR0, 0x0000ff0f00000ff0u,
		"DFR0 promises no PMU, profiling or trace"},
	{GUEST_DFR1, ~(uint64_t)0, "DFR1 promises nothing"},
	{GUEST_AFR0, ~(uint64_t)0, "AFR0 promises nothing"},
	/* LO */
	{GUEST_MMFR1, 0x00000000000f0000u, "MMFR1 promises no LORegions"},
	{GUEST_RESERVED_ID, ~(uint64_t)0, "what has no name says nothing"},
};

/* ID_AA64DFR0_EL1 has at least a debug architecture, and ID_AA64PFR0_EL1 an
 * EL1 with AArch64: a filter is not a zero. */
static void told(const struct vm *vm)
{
	uint64_t mine;

	for (size_t i = 0; i < sizeof(promises) / sizeof(*promises); i++) {
		check_equal(vm_ask(vm, promises[i].order, 0, 0) &
				    promises[i].fields,
			0, promises[i].name);
	}
	check(vm_ask(vm, GUEST_PFR0, 0, 0) % 0x100 / 0x10 >= 1,
		"but PFR0 has EL1");
	check(vm_ask(vm, GUEST_DFR0, 0, 0) % 0x10 >= 6,
		"and DFR0 a debug architecture");
	check(vm_ask(vm, GUEST_MMFR0, 0, 0) % 0x10 >= 1,
		"and MMFR0 physical addresses");
	__asm__ volatile("mrs %0, midr_el1" : "=r"(mine));
	check_equal(vm_ask(vm, GUEST_MIDR, 0, 0), mine,
		"a VM knows the CPU it runs on");
	__asm__ volatile("mrs %0, ctr_el0" : "=r"(mine));
	check_equal(vm_ask(vm, GUEST_CTR, 0, 0), mine, "and its caches");
	check_equal(vm_ask(vm, GUEST_MPIDR, 0, 0), 0x80000000,
		"and its own number, not the CPU's");
}

/* PAuth keys are not switched: what a VM may not use it must not be offered. */
static void not_offered(const struct vm *vm)
{
	uint64_t authentication = vm_ask(vm, GUEST_ISAR1, 0, 0);

	check_equal(authentication / 0x10 % 0x100, 0,
		"ISAR1 offers no address authentication");
	check_equal(authentication / 0x1000000 % 0x100, 0,
		"nor generic authentication");
}

void test_system_registers(void)
{
	struct pool pool = {0, 1};
	struct vm vm;

	check_equal(vm_build(&vm, &pool, SLOT, 39, SECRET), MOAT_OK,
		"a VM to look at registers is built");
	vm_run(&vm);
	undefined(&vm);
	without_effect(&vm);
	told(&vm);
	not_offered(&vm);
	vm_sweep(POOL_USED);
	check(pool_is_host(POOL_USED), "and taken apart");
}
