/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Entries: what a run may write depends on the exit that it answers, once.
 */
#include "host.h"

#define SECRET 0x5ec2e75ec2e70000u
#define GARBAGE 0xbadbadbadbad0000u

enum { SLOT = 2, POOL_USED = 32, DEVICE = 0x100 };

/* Everything an entry has, garbage, but for its flags. */
static struct moat_regs vm_garbage(const struct vm *vm)
{
	struct moat_regs entry = vm_request(vm);

	for (size_t i = 4; i <= 9; i++) {
		entry.x[i] = GARBAGE + i;
	}
	return call(entry);
}

/* An interrupt is there before the guest's first instruction. */
static void interrupt_first(void)
{
	machine_interrupts_start();
	machine_interrupt_raise();
}

/* The answer goes in with the run that meets the interrupt; the next run, with
 * another answer, answers nothing. */
static void answered_once(const struct vm *vm)
{
	uint64_t device = vm_shared(vm) + DEVICE;

	check_exit(vm_order(vm, GUEST_READ, device, SECRET), MOAT_EXIT_MMIO,
		"a VM reads a device");
	interrupt_first();
	check_exit(vm_answer(vm, 0x11), MOAT_EXIT_IRQ,
		"the answer meets an interrupt");
	machine_interrupt_take();
	check(exit_reports(vm_garbage(vm), 0x11),
		"and is not given a second time");
	interrupt_first();
	check_exit(vm_order(vm, GUEST_NOTHING, 0, SECRET), MOAT_EXIT_IRQ,
		"a call's answer meets an interrupt");
	check_exit(vm_garbage(vm), MOAT_EXIT_IRQ, "as often as it is there");
	machine_interrupt_take();
	check(exit_reports(vm_garbage(vm), SECRET), "and is given once");
}

/* After exits that ask nothing, nothing is answered. */
static void not_permitted(const struct vm *vm)
{
	uint64_t device = vm_shared(vm) + DEVICE;
	struct moat_regs entry = vm_request(vm);

	vm_order(vm, GUEST_WAIT, 0, SECRET);
	entry.x[3] = MOAT_ENTRY_ABORT;
	check_refused(
		entry, MOAT_BAD_ENTRY, 3, "a wait does not end in an abort");
	check(exit_reports(vm_garbage(vm), SECRET),
		"after a wait an entry writes nothing");
	vm_order(vm, GUEST_STORE_8, device, SECRET);
	check(exit_reports(vm_garbage(vm), SECRET),
		"nor after a write to a device");
	vm_order(vm, GUEST_ODD_HVC, 0, SECRET);
	check_refused(entry, MOAT_BAD_ENTRY, 3, "nor is an oddity aborted");
	check(exit_reports(vm_garbage(vm), SECRET), "nor written to");
	check(exit_is_fault(vm_order(vm, GUEST_READ, GUEST_SPARE, SECRET),
		      GUEST_SPARE, MOAT_ACCESS_READ),
		"a VM faults");
	check(exit_is_fault(vm_garbage(vm), GUEST_SPARE, MOAT_ACCESS_READ),
		"and faults again, whatever the host says");
	check(vm_takes_abort(vm, GUEST_SPARE, MOAT_ACCESS_READ),
		"until it is aborted");
}

/* An exit without data, of an instruction that is no call. */
static void undecodable(const struct vm *vm)
{
	struct moat_regs exit = vm_order(vm, GUEST_ODD_HVC, 0, SECRET);
	uint64_t rest = 0;

	for (size_t i = 2; i <= MOAT_RUN_RESULT_COUNT; i++) {
		rest |= exit.x[i];
	}
	check(exit.x[1] == MOAT_EXIT_OTHER && rest == 0,
		"an HVC that is no call says nothing");
	vm_run(vm);
}

/* Refused, a run leaves x10.. alone; accepted, it writes them all. */
static void results(const struct vm *vm)
{
	struct moat_regs entry = vm_request(vm);
	struct moat_regs exit;
	uint64_t rest = 0;

	for (size_t i = 10; i <= 17; i++) {
		entry.x[i] = GARBAGE;
	}
	entry.x[3] = MOAT_ENTRY_ABORT;
	exit = call(entry);
	for (size_t i = 10; i <= 17; i++) {
		rest |= exit.x[i] ^ GARBAGE;
	}
	check(exit.x[0] != MOAT_OK && rest == 0,
		"a refused run keeps what is no result");
	entry.x[3] = 0;
	entry.x[10] = 0;
	entry.x[11] = 0;
	entry.x[12] = 0;
	exit = call(entry);
	rest = exit.x[10] | exit.x[11] | exit.x[12] | exit.x[13] | exit.x[14];
	for (size_t i = 15; i <= 17; i++) {
		rest |= exit.x[i] ^ GARBAGE;
	}
	check(exit_is_report(exit) && rest == 0,
		"a run writes x0 to x14 and no more");
}

void test_entries(void)
{
	struct pool pool = {0, 1};
	struct vm vm;

	check_equal(vm_build(&vm, &pool, SLOT, 39, SECRET), MOAT_OK,
		"a VM to answer is built");
	vm_run(&vm);
	answered_once(&vm);
	not_permitted(&vm);
	undecodable(&vm);
	results(&vm);
	vm_sweep(POOL_USED);
	check(pool_is_host(POOL_USED), "and taken apart");
}
