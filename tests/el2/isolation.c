/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Two VMs on the same addresses, and what the host may know of a VM.
 */
#include "host.h"

#define SECRET_A 0xaaaa5ec2e7aaaa00u
#define SECRET_B 0xbbbb5ec2e7bbbb00u

enum { SLOT_A = 1, SLOT_B = 2, ROUNDS = 8, POOL_USED = 48 };

/* All that a first report says: the registers declared, and no others. */
static void check_first_report(const struct vm *vm, const char *name)
{
	struct moat_regs exit = vm_run(vm);
	uint64_t rest = exit.x[6] | exit.x[7] | exit.x[8] | exit.x[9];

	check(exit_reports(exit, 0) && rest == 0, name);
}

static bool faults_on(const struct vm *vm, enum guest_order order,
	uint64_t address, enum moat_access access)
{
	return exit_is_fault(vm_order(vm, order, address, 0), address, access);
}

static void each_sees_its_own(const struct vm *a, const struct vm *b)
{
	uint64_t wrong = 0;

	for (uint64_t round = 0; round < ROUNDS; round++) {
		uint64_t address = GUEST_DATA + round * 8;

		wrong += vm_ask(a, GUEST_READ, address, 0) != SECRET_A;
		wrong += vm_ask(b, GUEST_READ, address, 0) != SECRET_B;
	}
	check_equal(wrong, 0, "two VMs read their own secrets at one IPA");
	vm_ask(a, GUEST_WRITE, GUEST_DATA, ~SECRET_A);
	check_equal(vm_ask(b, GUEST_READ, GUEST_DATA, 0), SECRET_B,
		"a write of one VM does not reach the other");
	check_equal(vm_ask(a, GUEST_READ, GUEST_DATA, 0), ~SECRET_A,
		"a VM reads what it wrote");
}

/* The host keeps its translation of a page in its TLB, gives the page away,
 * and looks again. */
static uint64_t donation(const struct vm *a, struct pool *pool)
{
	uint64_t page = pool_take(pool, 1);

	page_fill(page, SECRET_B);
	check(page_is_filled(page, SECRET_B), "the host uses its page");
	check_equal(call(moat_page_donate(a->id, (struct moat_ipa){GUEST_SPARE},
				 (struct moat_pa){page}, 1))
			    .x[0],
		MOAT_OK, "the host donates it");
	check(touch_always_aborts(page), "the host cannot use it any more");
	check_equal(page_state(page), MOAT_PAGE_VM, "the VM owns it");
	check_equal(vm_ask(a, GUEST_READ, GUEST_SPARE, 0), 0,
		"a donated page is zero at its start");
	check_equal(vm_ask(a, GUEST_READ, GUEST_SPARE + PAGE - 8, 0), 0,
		"a donated page is zero at its end");
	vm_ask(a, GUEST_WRITE, GUEST_SPARE, SECRET_A);
	vm_ask(a, GUEST_WRITE, GUEST_SPARE + PAGE - 8, SECRET_A);
	return page;
}

/* PAs and IPAs are different things: neither VM reaches the other's pages. */
static void guest_attacks(const struct vm *a, const struct vm *b)
{
	check(faults_on(a, GUEST_READ, b->data + 8, MOAT_ACCESS_READ),
		"a VM cannot read the other's page by its PA");
	check(faults_on(a, GUEST_READ, b->data + 8, MOAT_ACCESS_READ),
		"and not by trying again");
	check(faults_on(b, GUEST_WRITE, 0x40200000, MOAT_ACCESS_WRITE),
		"a VM cannot write the engine's memory");
	check_refused(moat_vm_kill((struct moat_vm_id){SLOT_A + 2}),
		MOAT_BAD_STATE, 0, "killing an empty slot is refused");
}

/* What is left after the guests' death: zeroes, and the host's pages. */
static void tear_down(const struct vm *a, const struct vm *b, uint64_t page)
{
	check_refused(
		moat_page_reclaim(a->id, (struct moat_ipa){GUEST_SPARE}, 1),
		MOAT_BAD_STATE, 0, "no page leaves a living VM");
	check_equal(call(moat_vm_kill(a->id)).x[0], MOAT_OK, "a VM is killed");
	check_refused(moat_vcpu_run(a->id, (struct moat_vcpu_id){0}),
		MOAT_BAD_STATE, 0, "a dead VM does not run");
	check(touch_always_aborts(page), "its pages are still out of reach");
	check_refused(moat_vm_free(a->id), MOAT_NOT_EMPTY, 0,
		"its slot is not free yet");
	check_equal(call(moat_page_reclaim(
				 a->id, (struct moat_ipa){GUEST_SPARE}, 1))
			    .x[0],
		MOAT_OK, "the host reclaims a page");
	check(page_is_filled(page, 0), "and finds it scrubbed");
	vm_sweep(POOL_USED);
	check(page_is_filled(a->data, 0) && page_is_filled(b->data, 0),
		"the secrets are scrubbed");
	check(page_is_filled(a->root, 0) && page_is_filled(b->root, 0) &&
			page_is_filled(a->table[2], 0),
		"the tables are scrubbed");
	check(page_is_filled(a->context, 0) && page_is_filled(b->context, 0),
		"the registers are scrubbed");
	check_equal(
		call(moat_vm_info(a->id)).x[1] + call(moat_vm_info(b->id)).x[1],
		MOAT_VM_EMPTY, "both slots are empty");
	check(pool_is_host(POOL_USED), "every page is the host's again");
}

void test_two_vms(void)
{
	struct pool pool = {0, 1};
	struct vm a;
	struct vm b;
	uint64_t page;

	check_equal(vm_build(&a, &pool, SLOT_A, 32, SECRET_A), MOAT_OK,
		"VM A is built");
	check_equal(vm_build(&b, &pool, SLOT_B, 40, SECRET_B), MOAT_OK,
		"VM B is built");
	check_first_report(&a, "VM A reports");
	check_first_report(&b, "VM B reports");
	each_sees_its_own(&a, &b);
	page = donation(&a, &pool);
	guest_attacks(&a, &b);
	tear_down(&a, &b, page);
}

/* ---- Registers ----------------------------------------------------------- */

#define VERSION MOAT_FUNCTION(MOAT_GUEST_VERSION)
#define FEATURES MOAT_FUNCTION(MOAT_GUEST_FEATURES)
#define HOST_CALL MOAT_FUNCTION(MOAT_GUEST_HOST_CALL)

/* x1..x4 of an answer: x1..x3 in the report, x4 by itself. */
static bool guest_finds(const struct vm *a, struct moat_regs exit, uint64_t x1,
	uint64_t x2, uint64_t x3)
{
	return exit_reports(exit, MOAT_OK) && exit.x[6] == x1 &&
	       exit.x[7] == x2 && exit.x[8] == x3 &&
	       vm_ask(a, GUEST_LAST, 0, 0) == (x3 == 0 ? 0 : 6);
}

static void guest_calls(const struct vm *a)
{
	struct moat_regs entry = vm_request(a);

	check(guest_finds(
		      a, vm_call(a, VERSION, 1, 2, 3), MOAT_ABI_VERSION, 0, 0),
		"a VM asks for the version");
	entry.x[4] = GUEST_CALL_SMC;
	entry.x[5] = VERSION;
	check(guest_finds(a, call(entry), MOAT_ABI_VERSION, 0, 0),
		"and by SMC");
	check(guest_finds(a, vm_call(a, FEATURES, 1, 2, 3), PAGE, a->ipa_bits,
		      MOAT_RANGE_PAGES_MAX),
		"it learns what there is");
	check_equal(vm_ask(a, GUEST_UNKNOWN, 0, SECRET_A), MOAT_NOT_SUPPORTED,
		"an unknown call of a VM is not supported");
	check_equal(vm_call_status(a, MOAT_FUNCTION(MOAT_VM_KILL), 1, 0, 0),
		MOAT_NOT_SUPPORTED, "nor is one of the host's");
	check_equal(vm_call_status(a, HOST_CALL, 7, 1, 1), MOAT_BAD_ARG + 0x100,
		"a VM cannot declare seven registers");
	check_equal(vm_call_status(a, HOST_CALL, ~(uint64_t)0, 1, 1),
		MOAT_BAD_ARG + 0x100, "or any number that wraps");
	vm_call(a, HOST_CALL, 0, SECRET_A, 0);
	check(exit_reports(vm_order(a, GUEST_READ, 0, 0), MOAT_OK),
		"or none, and then it is answered none");
}

static void quiet_registers(const struct vm *a)
{
	struct moat_regs exit = vm_order(a, GUEST_QUIET, 0, SECRET_A);
	uint64_t rest = 0;

	for (size_t i = 4; i <= MOAT_RESULT_COUNT; i++) {
		rest |= exit.x[i];
	}
	check(exit.x[1] == MOAT_EXIT_HOST_CALL && exit.x[2] == 1 &&
			exit.x[3] == 0x77,
		"a VM declares one register");
	check_equal(rest, 0, "the others do not arrive");
	/* The one answer is x2 = 0x55; x5 and x6 must not be applied. */
	check_equal(vm_ask(a, (enum guest_order)0x55, 0x66, 0x77), 0x55,
		"only the declared register is answered");
}

static void kept_registers(const struct vm *a, const struct vm *b)
{
	uint64_t mine = (uint64_t)host_cpu_self();

	host_fp_write(mine);
	vm_ask(a, GUEST_KEEP, 0, SECRET_A);
	check_equal((uint64_t)host_cpu_self(), mine,
		"a VM does not write the host's registers");
	check_equal(host_fp_read(), mine, "nor those of floating point");
	check_equal(vm_ask(b, GUEST_SHOW, 0, SECRET_A), 0,
		"a VM's registers are hidden from the other");
	check_equal(vm_ask(b, GUEST_SHOW, 0, mine), 0, "and so are the host's");
	vm_ask(b, GUEST_KEEP, 0, SECRET_B);
	check_equal(vm_ask(a, GUEST_SHOW, 0, SECRET_A), GUEST_REGISTERS,
		"a VM keeps its own");
}

/* The host's interrupt ends a guest's run, and the guest goes on after it. */
static void interrupted(const struct vm *a)
{
	machine_interrupts_start();
	machine_interrupt_raise();
	check_exit(vm_order(a, GUEST_SPIN, 0, 1000), MOAT_EXIT_IRQ,
		"the host's interrupt ends a run");
	check_equal(machine_interrupt_take(), INTERRUPT_SELF,
		"the host takes its interrupt");
	check_equal(vm_ask(a, 0, 0, 0), 0x22, "the guest goes on");
	check_exit(vm_order(a, GUEST_WAIT, 0, 0), MOAT_EXIT_WFI,
		"a VM that waits comes back");
}

void test_guest_registers(void)
{
	struct pool pool = {0, 1};
	uint64_t widest = call(moat_features()).x[4];
	struct vm a;
	struct vm b;

	check_equal(vm_build(&a, &pool, SLOT_A, widest, SECRET_A) +
			    vm_build(&b, &pool, SLOT_B, 36, SECRET_B),
		MOAT_OK, "two more VMs are built");
	vm_run(&a);
	vm_run(&b);
	guest_calls(&a);
	quiet_registers(&a);
	kept_registers(&a, &b);
	interrupted(&a);
	check(faults_on(&b, GUEST_JUMP, GUEST_SPARE, MOAT_ACCESS_FETCH),
		"a VM cannot fetch where nothing is");
	vm_sweep(POOL_USED);
	check(pool_is_host(POOL_USED), "and taken apart");
}
