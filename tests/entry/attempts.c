/* SPDX-License-Identifier: BSD-2-Clause */
/* What a guest may not do, and what it is told instead. */
#include "entry.h"
#include "vm.h"

enum {
	ATTEMPT_SIZE = 32, /* guest.S */
	FIRST_VM = 4,
	VM_VCPUS = 8,
};

#define UNDEFINED 0x02000000u /* ESR_EL1: class 0, a 32-bit instruction */

extern char guest_attempts[];
extern char guest_user[];
extern char guest_user_attempt[];
extern char guest_smc[];

/* { what, how vcpu_run ends, x2.. of the exit record }, in the order of
 * guest_attempts. An undefined one calls with four registers. */
static const struct {
	const char *what;
	enum moat_exit_reason reason;
	uint64_t count;
	uint64_t value;
} attempts[] = {
	{"no physical timer", MOAT_EXIT_HOST_CALL, 4, UNDEFINED},
	{"nor its deadline", MOAT_EXIT_HOST_CALL, 4, UNDEFINED},
	{"no PMU control", MOAT_EXIT_HOST_CALL, 4, UNDEFINED},
	{"no cycle counter", MOAT_EXIT_HOST_CALL, 4, UNDEFINED},
	{"nor for its users", MOAT_EXIT_HOST_CALL, 4, UNDEFINED},
	{"no interrupt to others", MOAT_EXIT_HOST_CALL, 4, UNDEFINED},
	{"no error record", MOAT_EXIT_HOST_CALL, 4, UNDEFINED},
	{"no PAuth", MOAT_EXIT_HOST_CALL, 4, UNDEFINED},
	{"no EL2", MOAT_EXIT_HOST_CALL, 4, UNDEFINED},
	{"an empty ACTLR_EL1", MOAT_EXIT_HOST_CALL, 1, 0},
	{"an empty debug ROM", MOAT_EXIT_HOST_CALL, 1, 0},
	{"an empty breakpoint", MOAT_EXIT_HOST_CALL, 1, 0},
	{"an open OS lock", MOAT_EXIT_HOST_CALL, 1, 8},
	{"a reserved ID register", MOAT_EXIT_HOST_CALL, 1, 0},
	{"nothing of AArch32", MOAT_EXIT_HOST_CALL, 1, 0},
	{"no call by HVC #1", MOAT_EXIT_OTHER, 0, 0},
	{"a wait, and the host knows", MOAT_EXIT_WFI, ~UINT64_C(0), 0},
};
enum { ATTEMPT_COUNT = sizeof(attempts) / sizeof(attempts[0]) };

static struct moat_vm_id vm_of(uint32_t i)
{
	return (struct moat_vm_id){FIRST_VM + i / VM_VCPUS};
}

static const char *place_of(uint32_t i)
{
	return &guest_attempts[i * ATTEMPT_SIZE];
}

static uint64_t build(void)
{
	uint64_t wrong = 0;

	for (uint32_t i = 0; i < ATTEMPT_COUNT; i++) {
		if (i % VM_VCPUS == 0) {
			wrong += vm_build(vm_of(i));
		}
		wrong += vm_add(vm_of(i), i % VM_VCPUS, vm_pc(place_of(i)), 0);
		if (i % VM_VCPUS == VM_VCPUS - 1 || i == ATTEMPT_COUNT - 1) {
			wrong += hvc(moat_vm_seal(vm_of(i))).x[0];
		}
	}
	return wrong;
}

/* By the vector at @offset, from @place, where PSTATE was @pstate. */
static void check_undefined(const struct moat_regs *exit, const char *place,
	uint64_t pstate, uint64_t offset)
{
	check_equal(exit->x[3], UNDEFINED, "it is undefined to the guest");
	check_equal(exit->x[4], vm_pc(place), "where it was tried");
	check_equal(exit->x[5], pstate, "and PSTATE as it was");
	check_equal(exit->x[6], offset, "by the right vector");
}

static void check_attempt(uint32_t i)
{
	struct moat_regs exit = vm_run(vm_of(i), i % VM_VCPUS);

	check_equal(exit.x[1], attempts[i].reason, attempts[i].what);
	check_equal(exit.x[2], attempts[i].count, "is what a guest has");
	if (attempts[i].count == 4) {
		check_undefined(&exit, place_of(i), 0x3c5, 0x200);
	} else {
		check_equal(exit.x[3], attempts[i].value, "and it is told so");
	}
}

/* EL0 of the guest is no way around. */
static void check_user(void)
{
	struct moat_vm_id vm = {2 + FIRST_VM + ATTEMPT_COUNT / VM_VCPUS};
	struct moat_regs exit;

	check_equal(vm_start(vm, guest_user), 0, "a VM is built");
	exit = vm_run(vm, 0);
	check_equal(exit.x[2], 4, "its user has no physical timer");
	check_undefined(&exit, guest_user_attempt, 0xa0000000, 0x400);
}

/* The PC was at the SMC: it ran once. */
static void check_smc(void)
{
	struct moat_vm_id vm = {3 + FIRST_VM + ATTEMPT_COUNT / VM_VCPUS};

	check_equal(vm_start(vm, guest_smc), 0, "a VM is built");
	check_equal(vm_run(vm, 0).x[3], 0x10001, "a guest calls by SMC");
}

void attempts_check(void)
{
	check_equal(build(), 0, "VMs are built to try what they may not");
	for (uint32_t i = 0; i < ATTEMPT_COUNT; i++) {
		check_attempt(i);
	}
	check_user();
	check_smc();
}
