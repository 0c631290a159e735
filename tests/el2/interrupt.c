/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Virtual interrupts: list registers (ICH_LR<n>_EL2, Arm GIC 12.4.6) that the
 * host gives with an entry and finds in the exit record.
 */
#include "host.h"

#define SECRET 0x5ec2e75ec2e70000u
#define PENDING 0x4000000000000000u
#define ACTIVE 0x8000000000000000u
#define STATES 0xc000000000000000u
#define HARDWARE 0x2000000000000000u
#define GROUP_1 0x1000000000000000u
#define PRIORITY(n) ((uint64_t)(n) << 48)
#define END_MAINTENANCE 0x20000000000u

enum {
	SLOT = 10,
	OTHER = 11,
	POOL_USED = 32,
	SPI = 40,
	PPI = 20,
	SGI = 3,
	MISR_END = 1, /* ICH_MISR_EL2.EOI */
	MISR_UNDERFLOW = 2 /* ICH_MISR_EL2.U */
};

static uint64_t pending(uint64_t number)
{
	return PENDING + GROUP_1 + PRIORITY(0xa0) + number;
}

/* An order, with list registers. */
struct injection {
	enum guest_order order;
	uint64_t address;
	uint64_t list[MOAT_LIST_REGISTER_MAX];
	uint64_t flags;
};

static struct moat_regs inject(const struct vm *vm, struct injection injection)
{
	struct moat_regs entry = vm_request(vm);

	entry.x[3] = injection.flags;
	entry.x[4] = injection.order;
	entry.x[5] = injection.address;
	for (size_t i = 0; i < MOAT_LIST_REGISTER_MAX && i < 3; i++) {
		entry.x[10 + i] = injection.list[i];
	}
	return call(entry);
}

static struct moat_regs acknowledge(
	const struct vm *vm, uint64_t first, uint64_t second)
{
	return inject(vm,
		(struct injection){GUEST_ACKNOWLEDGE, 0, {first, second}, 0});
}

/* Give what the last exit showed, and end the interrupt. */
static struct moat_regs end(
	const struct vm *vm, struct moat_regs exit, uint64_t number)
{
	return inject(vm, (struct injection){GUEST_END, number,
				  {exit.x[10], exit.x[11], exit.x[12]}, 0});
}

/* Through all its states: pending, active, none. */
static void lives(const struct vm *vm, uint64_t number, const char *name)
{
	uint64_t given = pending(number);
	struct moat_regs exit = inject(
		vm, (struct injection){GUEST_NOTHING, 0, {given, 0, 0}, 0});
	bool is_right = exit.x[10] == given;

	exit = acknowledge(vm, given, 0);
	is_right = is_right && exit_reports(exit, number) &&
		   exit.x[10] == given - PENDING + ACTIVE;
	exit = end(vm, exit, number);
	is_right =
		is_right && exit_is_report(exit) && (exit.x[10] & STATES) == 0;
	check(is_right, name);
}

static void arrives(const struct vm *vm)
{
	struct moat_regs exit;

	check_equal(vm_ask(vm, GUEST_ACKNOWLEDGE, 0, 0), INTERRUPT_NONE,
		"a VM without an interrupt finds none");
	lives(vm, SPI, "a shared interrupt arrives, and the host sees it go");
	lives(vm, PPI, "and a private one");
	lives(vm, SGI, "and one of software");
	exit = acknowledge(vm, pending(SPI),
		pending(PPI) - PRIORITY(0xa0) + PRIORITY(0x50));
	check(exit_reports(exit, PPI) && exit.x[10] == pending(SPI) &&
			(exit.x[11] & STATES) == ACTIVE,
		"of two the one with priority comes first");
	end(vm, exit, PPI);
	exit = inject(vm, (struct injection){GUEST_NOTHING, 0, {0}, 0});
	check(exit_is_report(exit) && exit.x[10] == 0 && exit.x[11] == 0,
		"what the host does not give again is gone");
	check_equal(vm_ask(vm, GUEST_ACKNOWLEDGE, 0, 0), INTERRUPT_NONE,
		"for the VM as well");
}

/* Through the vector: the guest takes it as a CPU takes an interrupt. */
static void taken(const struct vm *vm)
{
	struct moat_regs exit;

	inject(vm, (struct injection){
			   GUEST_UNMASK, 0, {pending(SPI + 1), 0, 0}, 0});
	exit = vm_order(vm, GUEST_INTERRUPTS, 0, 0);
	check(exit_reports(exit, 1) && exit.x[6] == SPI + 1,
		"an interrupt goes through the VM's vector");
	vm_order(vm, GUEST_MASK, 0, 0);
}

/* ---- What the host may not give ------------------------------------------ */

static const struct {
	uint64_t list;
	const char *name;
} unlawful[] = {
	{PENDING + HARDWARE + GROUP_1 + PRIORITY(0xa0) + SPI,
		"no interrupt is tied to the machine's"},
	{PENDING + HARDWARE + GROUP_1 + PRIORITY(0xa0) +
			((uint64_t)INTERRUPT_TIMER << 32) + SPI,
		"not even to the timer's"},
	{PENDING + GROUP_1 + PRIORITY(0xa0) + INTERRUPT_TIMER,
		"the timer's interrupt is the engine's to give"},
	{PENDING + GROUP_1 + PRIORITY(0xa0) + 1020,
		"identifiers from 1020 on never arrive"},
	{PENDING + GROUP_1 + PRIORITY(0xa0) + 1023, "nor the last of them"},
	{PENDING + GROUP_1 + PRIORITY(0xa0) + 8192, "nor those of an ITS"},
	{GROUP_1 + PRIORITY(0xa0) + SPI, "an empty register is empty"},
};

static void refused(const struct vm *vm)
{
	struct moat_regs exit;

	for (size_t i = 0; i < sizeof(unlawful) / sizeof(*unlawful); i++) {
		exit = acknowledge(vm, unlawful[i].list, 0);
		check(exit_reports(exit, INTERRUPT_NONE) && exit.x[10] == 0,
			unlawful[i].name);
	}
	exit = acknowledge(vm, pending(SPI), pending(SPI) + PRIORITY(0x10));
	check(exit_reports(exit, SPI) && exit.x[11] == 0,
		"an interrupt that is given twice arrives once");
	exit = end(vm, exit, SPI);
	check_equal(vm_ask(vm, GUEST_ACKNOWLEDGE, 0, 0), INTERRUPT_NONE,
		"and not a second time");
	exit = acknowledge(vm, pending(SPI) + 0xd0f00000000u, 0);
	check(exit_reports(exit, SPI) &&
			exit.x[10] == pending(SPI) - PENDING + ACTIVE,
		"bits without a meaning are dropped");
	end(vm, exit, SPI);
}

/* The host has as many as features says; x10 + that is no list register. */
static void counted(const struct vm *vm)
{
	uint64_t count = call(moat_features()).x[9] / 256;
	struct moat_regs entry = vm_request(vm);
	struct moat_regs exit;

	check(count >= 1 && count < MOAT_LIST_REGISTER_MAX,
		"the host has all list registers but the engine's");
	entry.x[4] = GUEST_ACKNOWLEDGE;
	for (uint64_t i = count; i < MOAT_LIST_REGISTER_MAX; i++) {
		entry.x[10 + i] = pending(SPI + i);
	}
	exit = call(entry);
	check(exit_reports(exit, INTERRUPT_NONE) && exit.x[10] == 0 &&
			exit.x[13] == 0,
		"and no more");
	entry.x[10 + count - 1] = pending(SPI);
	exit = call(entry);
	check(exit_reports(exit, SPI), "and the last of them works");
	end(vm, exit, SPI);
}

/* ---- Maintenance --------------------------------------------------------- */

/* Two are pending; when one of them has ended, the host wants to know. */
static void maintained(const struct vm *vm)
{
	struct moat_regs exit;

	exit = inject(vm,
		(struct injection){GUEST_ACKNOWLEDGE, 0,
			{pending(SPI), pending(PPI), 0}, MOAT_ENTRY_UNDERFLOW});
	check(exit_reports(exit, SPI) && exit.x[14] == 0,
		"two interrupts are no underflow");
	machine_interrupt_allow(INTERRUPT_MAINTENANCE, true);
	exit = inject(
		vm, (struct injection){GUEST_END, SPI,
			    {exit.x[10], exit.x[11], 0}, MOAT_ENTRY_UNDERFLOW});
	check_exit(exit, MOAT_EXIT_IRQ, "one of them left is");
	check_equal(exit.x[14] & MISR_UNDERFLOW, MISR_UNDERFLOW,
		"and the exit says so");
	check_equal(exit.x[11], pending(PPI), "with the one that is left");
	check(machine_interrupt_is_allowed(INTERRUPT_MAINTENANCE),
		"the host's own setting of that interrupt is as it was");
	machine_interrupt_allow(INTERRUPT_MAINTENANCE, false);
	check(exit_is_report(vm_run(vm)), "without the flag the VM goes on");
	exit = acknowledge(vm, pending(SPI) + END_MAINTENANCE, 0);
	exit = end(vm, exit, SPI);
	check(exit_is_report(exit) && exit.x[14] % 2 == MISR_END &&
			(exit.x[10] & STATES) == 0,
		"the end of an interrupt shows if the host asked for it");
	check_equal(vm_run(vm).x[14], 0, "once");
}

/* ---- Of two VMs ---------------------------------------------------------- */

/* One has its interrupts on, the other has not; each keeps that. */
static void apart(const struct vm *vm, const struct vm *other)
{
	vm_ask(vm, GUEST_PRIORITY_MASK, 0xf0, 0);
	check_equal(vm_ask(other, GUEST_PRIORITY_MASK, 0x80, 0), 0x80,
		"another VM masks priorities");
	check(exit_reports(acknowledge(other, pending(SPI), 0), INTERRUPT_NONE),
		"and gets no interrupt");
	check(exit_reports(acknowledge(vm, pending(SPI), 0), SPI),
		"the first one still gets its own");
	vm_ask(vm, GUEST_END, SPI, 0);
	check_equal(vm_ask(vm, GUEST_SRE, 0, 0) % 2, 1,
		"a VM's interrupts go by system registers");
}

void test_interrupts(void)
{
	struct pool pool = {0, 1};
	struct vm vm;
	struct vm other;

	check_equal(vm_build(&vm, &pool, SLOT, 39, SECRET) +
			    vm_build(&other, &pool, OTHER, 39, SECRET),
		MOAT_OK, "two VMs for interrupts are built");
	machine_interrupts_start();
	vm_run(&vm);
	vm_run(&other);
	vm_order(&vm, GUEST_GIC_ON, 0, 0);
	arrives(&vm);
	taken(&vm);
	refused(&vm);
	counted(&vm);
	maintained(&vm);
	apart(&vm, &other);
	vm_sweep(POOL_USED);
	check(pool_is_host(POOL_USED), "and taken apart");
}
