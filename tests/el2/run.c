/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Running the payload of a VM (guest.S): orders, reports, and what an exit
 * record says.
 */
#include "host.h"

enum {
	RUNS_MAX = 1000, /* of one order, interrupts between them */
	ABORT_DATA = 0x25, /* from EL1 itself: ESR_EL1.EC */
	ABORT_FETCH = 0x21,
	ABORT_EXTERNAL = 0x10, /* fault status code */
	SYNDROME_WRITE = 0x40 /* WnR */
};

#define SYNDROME_CLASS 0x4000000u /* the unit of EC */
#define SYNDROME_LENGTH 0x2000000u /* IL */

struct moat_regs vm_request(const struct vm *vm)
{
	return moat_vcpu_run(vm->id, vm->vcpu);
}

static struct moat_regs vm_enter(const struct vm *vm, struct moat_regs request)
{
	return call_on(vm->cpu, request);
}

struct moat_regs vm_run(const struct vm *vm)
{
	return vm_enter(vm, vm_request(vm));
}

struct moat_regs vm_answer(const struct vm *vm, uint64_t value)
{
	struct moat_regs entry = vm_request(vm);

	entry.x[4] = value;
	return vm_enter(vm, entry);
}

struct moat_regs vm_order(const struct vm *vm, enum guest_order order,
	uint64_t address, uint64_t value)
{
	struct moat_regs entry = vm_request(vm);

	entry.x[4] = (uint64_t)order;
	entry.x[5] = address;
	entry.x[6] = value;
	return vm_enter(vm, entry);
}

/* The argument of its creation says which guest it is. */
bool exit_is_report(struct moat_regs exit)
{
	return exit.x[0] == MOAT_OK && exit.x[1] == MOAT_EXIT_HOST_CALL &&
	       exit.x[2] == GUEST_REPORT && exit.x[4] == GUEST_ARGUMENT &&
	       exit.x[5] == 0;
}

bool exit_reports(struct moat_regs exit, uint64_t value)
{
	return exit_is_report(exit) && exit.x[3] == value;
}

uint64_t vm_ask(const struct vm *vm, enum guest_order order, uint64_t address,
	uint64_t value)
{
	struct moat_regs exit = vm_order(vm, order, address, value);

	return exit_is_report(exit) ? exit.x[3] : ~(uint64_t)0;
}

struct moat_regs vm_call(const struct vm *vm, uint64_t function, uint64_t x1,
	uint64_t x2, uint64_t x3)
{
	struct moat_regs entry = vm_request(vm);

	entry.x[4] = GUEST_CALL;
	entry.x[5] = function;
	entry.x[6] = x1;
	entry.x[7] = x2;
	entry.x[8] = x3;
	coverage_guest_call(function);
	return vm_enter(vm, entry);
}

uint64_t vm_call_status(const struct vm *vm, uint64_t function, uint64_t x1,
	uint64_t x2, uint64_t x3)
{
	struct moat_regs exit = vm_call(vm, function, x1, x2, x3);

	return exit_is_report(exit) ? exit.x[3] : ~(uint64_t)0xff;
}

struct moat_regs vm_finish(const struct vm *vm, struct moat_regs exit)
{
	for (uint64_t i = 0; i < RUNS_MAX && exit.x[0] == MOAT_OK &&
			     exit.x[1] == MOAT_EXIT_IRQ;
		i++) {
		exit = vm_run(vm);
	}
	return exit;
}

bool exit_is_fault(
	struct moat_regs exit, uint64_t address, enum moat_access access)
{
	uint64_t rest = 0;

	for (size_t i = 4; i <= MOAT_RUN_RESULT_COUNT; i++) {
		rest |= exit.x[i];
	}
	return exit.x[0] == MOAT_OK && exit.x[1] == MOAT_EXIT_FAULT &&
	       exit.x[2] == address / PAGE * PAGE && exit.x[3] == access &&
	       rest == 0;
}

/* ESR_EL1 of a synchronous external abort (Arm ARM, D19.2.37). */
static uint64_t abort_syndrome(enum moat_access access)
{
	uint64_t class = access == MOAT_ACCESS_FETCH ? ABORT_FETCH : ABORT_DATA;
	uint64_t syndrome =
		class * SYNDROME_CLASS + SYNDROME_LENGTH + ABORT_EXTERNAL;

	return access == MOAT_ACCESS_WRITE ? syndrome + SYNDROME_WRITE
					   : syndrome;
}

bool vm_takes_abort(
	const struct vm *vm, uint64_t address, enum moat_access access)
{
	struct moat_regs entry = vm_request(vm);
	struct moat_regs exit;

	entry.x[3] = MOAT_ENTRY_ABORT;
	entry.x[4] = 0xbad; /* must go nowhere */
	exit = vm_enter(vm, entry);
	if (exit.x[1] != MOAT_EXIT_HOST_CALL || exit.x[5] != 1) {
		return false;
	}
	exit = vm_order(vm, GUEST_EXCEPTION, 0, 0);
	return exit_reports(exit, abort_syndrome(access)) &&
	       exit.x[6] == address;
}
