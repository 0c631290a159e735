/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A VM's virtual timer: its deadline is told when it waits, its interrupt is
 * the engine's to give.
 */
#include "host.h"

#define SECRET 0x5ec2e75ec2e70000u
#define NEVER (~(uint64_t)0)
#define LATE 6000000000u /* ticks of the counter: longer than any run */

enum {
	SLOT = 12,
	OTHER = 13,
	POOL_USED = 32,
	SOON = 500, /* ticks of the counter */
	ROUNDS = 2000000, /* of the guest, more than enough for SOON */
	TIMER_ON = 1, /* CNTV_CTL_EL0.ENABLE */
	TIMER_ON_MASKED = 3, /* and IMASK */
	TIMER_FIRED = 5 /* ENABLE and ISTATUS */
};

static void sleep_until(uint64_t deadline)
{
	while (machine_time() < deadline) {
		machine_yield();
	}
}

/* No order may be taken for the answer of an interrupted one. */
static uint64_t ask(const struct vm *vm, enum guest_order order,
	uint64_t address, uint64_t value)
{
	struct moat_regs exit =
		vm_finish(vm, vm_order(vm, order, address, value));

	return exit_is_report(exit) ? exit.x[3] : NEVER;
}

static void deadlines(const struct vm *vm)
{
	uint64_t at = machine_time() + LATE;
	struct moat_regs exit = vm_order(vm, GUEST_WAIT, 0, 0);

	check(exit.x[1] == MOAT_EXIT_WFI && exit.x[2] == NEVER,
		"a VM without a timer waits for ever");
	vm_run(vm);
	vm_ask(vm, GUEST_TIMER, at, TIMER_ON);
	exit = vm_order(vm, GUEST_WAIT, 0, 0);
	check(exit.x[1] == MOAT_EXIT_WFI && exit.x[2] == at,
		"with one until its deadline");
	vm_run(vm);
	vm_ask(vm, GUEST_TIMER, at, TIMER_ON_MASKED);
	exit = vm_order(vm, GUEST_WAIT, 0, 0);
	check(exit.x[1] == MOAT_EXIT_WFI && exit.x[2] == NEVER,
		"and for ever if its interrupt is masked");
	vm_run(vm);
	vm_ask(vm, GUEST_TIMER, at, 0);
}

/* The VM waits, the host comes back when it is time. Under threads it may be
 * time before the VM has waited. */
static void waits(const struct vm *vm)
{
	uint64_t at;
	struct moat_regs exit;

	ask(vm, GUEST_TIMER_IN, LATE, 0);
	check_equal(ask(vm, GUEST_ACKNOWLEDGE, 0, 0), INTERRUPT_NONE,
		"before its deadline a timer is silent");
	at = ask(vm, GUEST_TIMER_IN, SOON, 0);
	exit = vm_finish(vm, vm_order(vm, GUEST_WAIT, 0, 0));
	check(exit.x[1] == MOAT_EXIT_HOST_CALL || exit.x[2] == at,
		"the host learns when to come back");
	sleep_until(at);
	if (exit.x[1] == MOAT_EXIT_WFI) {
		vm_finish(vm, vm_run(vm));
	}
	exit = vm_finish(vm, vm_order(vm, GUEST_ACKNOWLEDGE, 0, 0));
	check(exit_reports(exit, INTERRUPT_TIMER),
		"and after it the VM has its interrupt");
	check(exit.x[10] == 0 && exit.x[11] == 0 && exit.x[12] == 0,
		"which is in no list register of the host's");
	check_equal(ask(vm, GUEST_TIMER_STATE, 0, 0), TIMER_FIRED,
		"its timer has fired");
	ask(vm, GUEST_TIMER, 0, 0);
	ask(vm, GUEST_END, INTERRUPT_TIMER, 0);
	check_equal(ask(vm, GUEST_ACKNOWLEDGE, 0, 0), INTERRUPT_NONE,
		"silenced and ended it is gone");
}

/* Fired, but not taken: what is silenced now was never there. */
static void silenced(const struct vm *vm)
{
	sleep_until(ask(vm, GUEST_TIMER_IN, SOON, 0));
	check_equal(ask(vm, GUEST_HIGHEST, 0, 0), INTERRUPT_TIMER,
		"a timer fires, and nobody takes its interrupt");
	ask(vm, GUEST_TIMER, 0, 0);
	check_equal(ask(vm, GUEST_ACKNOWLEDGE, 0, 0), INTERRUPT_NONE,
		"silenced it is gone as well");
}

/*
 * The case that hangs a guest: the timer fires again while its interrupt is
 * still active, and nobody would give it a second time when that has ended.
 */
static void fires_while_active(const struct vm *vm)
{
	sleep_until(ask(vm, GUEST_TIMER_IN, SOON, 0));
	check_equal(ask(vm, GUEST_ACKNOWLEDGE, 0, 0), INTERRUPT_TIMER,
		"a timer fires");
	sleep_until(ask(vm, GUEST_TIMER_IN, SOON, 0));
	check_equal(ask(vm, GUEST_HIGHEST, 0, 0), INTERRUPT_NONE,
		"and again, while its interrupt is active");
	ask(vm, GUEST_END, INTERRUPT_TIMER, 0);
	check_equal(ask(vm, GUEST_ACKNOWLEDGE, 0, 0), INTERRUPT_TIMER,
		"when that has ended the second one is there");
	ask(vm, GUEST_TIMER, 0, 0);
	ask(vm, GUEST_END, INTERRUPT_TIMER, 0);
	/* The same without an exit between the end and what follows. */
	sleep_until(ask(vm, GUEST_TIMER_IN, SOON, 0));
	check_equal(ask(vm, GUEST_ACKNOWLEDGE, 0, 0), INTERRUPT_TIMER,
		"a third time it fires");
	sleep_until(ask(vm, GUEST_TIMER_IN, SOON, 0));
	check_equal(ask(vm, GUEST_END_AND_SPIN, INTERRUPT_TIMER, ROUNDS), 1,
		"and its next interrupt comes as soon as that has ended");
}

/* The VM does not wait at all. */
static void interrupts_a_loop(const struct vm *vm)
{
	struct moat_regs exit;

	ask(vm, GUEST_TIMER_IN, SOON, 0);
	exit = vm_finish(vm, vm_order(vm, GUEST_SPIN_FOR_INTERRUPT, 0, ROUNDS));
	check(exit_reports(exit, 1) && exit.x[6] == INTERRUPT_TIMER,
		"a timer interrupts a VM that runs");
	exit = vm_finish(vm, vm_order(vm, GUEST_SPIN_FOR_INTERRUPT, 0, 1000));
	check(exit_reports(exit, 0), "once");
}

/* The timer of one VM is not seen by another, nor by the host. */
static void apart(const struct vm *vm, const struct vm *other)
{
	uint64_t at = machine_time() + LATE;

	vm_ask(vm, GUEST_TIMER, at, TIMER_ON);
	check_equal(vm_ask(other, GUEST_TIMER_STATE, 0, 0), 0,
		"another VM's timer is off");
	vm_ask(other, GUEST_TIMER, at + 1, TIMER_ON_MASKED);
	check(vm_ask(vm, GUEST_TIMER_STATE, 0, 0) == TIMER_ON &&
			vm_order(vm, GUEST_WAIT, 0, 0).x[2] == at,
		"each has its own");
	vm_run(vm);
	ask(vm, GUEST_TIMER, 0, 0);
	sleep_until(ask(other, GUEST_TIMER_IN, SOON, 0));
	check_equal(ask(vm, GUEST_ACKNOWLEDGE, 0, 0), INTERRUPT_NONE,
		"and its own interrupts");
	check(vm_ask(vm, GUEST_COUNTER, 0, 0) <= machine_time(),
		"all have one time");
}

void test_timer(void)
{
	struct pool pool = {0, 1};
	struct vm vm;
	struct vm other;

	check_equal(vm_build(&vm, &pool, SLOT, 39, SECRET) +
			    vm_build(&other, &pool, OTHER, 39, SECRET),
		MOAT_OK, "two VMs with timers are built");
	vm_run(&vm);
	vm_run(&other);
	vm_order(&vm, GUEST_GIC_ON, 0, 0);
	deadlines(&vm);
	waits(&vm);
	silenced(&vm);
	fires_while_active(&vm);
	interrupts_a_loop(&vm);
	apart(&vm, &other);
	vm_sweep(POOL_USED);
	check(pool_is_host(POOL_USED), "and taken apart");
}
