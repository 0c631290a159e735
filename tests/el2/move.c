/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vCPUs that move from one CPU to another, and what changes beneath one while
 * it runs on the other CPU.
 */
#include "host.h"

#define SECRET 0x5ec2e75ec2e70000u
#define WORDS 0x1234567812340000u
#define PENDING 0x4000000000000000u
#define ACTIVE 0x8000000000000000u
#define INTERRUPT 0x10a0000000000028u /* 40, group 1, priority a0 */

enum {
	SLOT = 1,
	OTHER = 2,
	POOL_USED = 48,
	SECOND = 1, /* the CPU, and the vCPU */
	FOLDS = 8,
	LOOKS = 20, /* of the watching vCPU, between two folds */
	SOON = 2000
};

/* What the first and the second vCPU use together. */
struct pair {
	struct vm vm;
	struct vm second; /* on the second CPU */
	uint64_t lent; /* at the start of the shared half */
};

/* ---- One vCPU, two CPUs -------------------------------------------------- */

static void keeps_registers(struct vm *vm, struct vm *other)
{
	vm_ask(vm, GUEST_KEEP, 0, SECRET);
	vm->cpu = SECOND;
	other->cpu = SECOND;
	check_equal(vm_ask(other, GUEST_SHOW, 0, SECRET), 0,
		"another VM finds nothing on the CPU it comes to");
	check_equal(vm_ask(vm, GUEST_SHOW, 0, SECRET), GUEST_REGISTERS,
		"a vCPU that moves brings its registers");
	check_equal(vm_ask(other, GUEST_SHOW, 0, SECRET), 0,
		"and leaves none of them behind");
	vm_ask(vm, GUEST_KEEP, 0, ~SECRET);
	vm->cpu = 0;
	other->cpu = 0;
	check_equal(vm_ask(other, GUEST_SHOW, 0, SECRET), 0,
		"not where it was either");
	check_equal(vm_ask(vm, GUEST_SHOW, 0, ~SECRET), GUEST_REGISTERS,
		"and comes back with what it had there");
}

static void keeps_interrupts(struct vm *vm)
{
	struct moat_regs entry = vm_request(vm);
	struct moat_regs exit;

	vm_order(vm, GUEST_GIC_ON, 0, 0);
	entry.x[4] = GUEST_ACKNOWLEDGE;
	entry.x[10] = PENDING + INTERRUPT;
	exit = call(entry);
	check(exit_reports(exit, INTERRUPT % 256) &&
			exit.x[10] == ACTIVE + INTERRUPT,
		"a vCPU takes an interrupt");
	entry.x[4] = GUEST_END;
	entry.x[5] = INTERRUPT % 256;
	entry.x[10] = exit.x[10];
	exit = call_on(SECOND, entry);
	check(exit_is_report(exit) && exit.x[10] / PENDING == 0,
		"and ends it on another CPU");
	vm_ask(vm, GUEST_TIMER_IN, SOON, 0);
	vm->cpu = SECOND;
	while (vm_ask(vm, GUEST_COUNTER, 0, 0) <
		vm_order(vm, GUEST_TIMER_STATE, 0, 0).x[6]) {
	}
	check_equal(vm_ask(vm, GUEST_ACKNOWLEDGE, 0, 0), INTERRUPT_TIMER,
		"its timer fires where it has moved to");
	vm_ask(vm, GUEST_TIMER, 0, 0);
	vm_ask(vm, GUEST_END, INTERRUPT_TIMER, 0);
	vm->cpu = 0;
}

/* What the first CPU knows of the VM's translations must go with the page. */
static void leaves_no_translation(struct vm *vm, uint64_t page)
{
	struct moat_regs exit;

	check_done(vm_donate(vm, GUEST_SPARE, page, 1), "it gets a page");
	vm_ask(vm, GUEST_WRITE, GUEST_SPARE, SECRET);
	vm->cpu = SECOND;
	check_equal(vm_ask(vm, GUEST_READ, GUEST_SPARE, 0), SECRET,
		"which it finds on either CPU");
	vm_call(vm, MOAT_FUNCTION(MOAT_GUEST_RELINQUISH), GUEST_SPARE, 1, 0);
	vm_run(vm);
	vm->cpu = 0;
	exit = vm_order(vm, GUEST_READ, GUEST_SPARE, 0);
	check(exit_is_fault(exit, GUEST_SPARE, MOAT_ACCESS_READ),
		"given back on one it is gone on both");
	check(vm_takes_abort(vm, GUEST_SPARE, MOAT_ACCESS_READ), "for good");
}

/* The host's other CPU has the page in its TLB when the VM takes it back. */
static void unshared_everywhere(const struct vm *vm, uint64_t page)
{
	check_done(vm_donate(vm, GUEST_SPARE, page, 1), "it gets it again");
	vm_call(vm, MOAT_FUNCTION(MOAT_GUEST_SHARE), GUEST_SPARE, 1, 0);
	check(!cpu_read_aborts(SECOND, page) && !cpu_read_aborts(0, page),
		"shared it is within reach of every CPU");
	vm_run(vm);
	vm_call(vm, MOAT_FUNCTION(MOAT_GUEST_UNSHARE), GUEST_SPARE, 1, 0);
	check(cpu_read_aborts(SECOND, page) && cpu_read_aborts(0, page),
		"unshared of none");
	vm_run(vm);
}

/* ---- Two vCPUs, two CPUs ------------------------------------------------- */

/* The second vCPU reads the word at @address, over and over. */
static void watch(const struct pair *pair, uint64_t address, uint64_t expected)
{
	struct moat_regs entry = vm_request(&pair->second);

	word_write(pair->lent, 0);
	word_write(pair->lent + 8, 0);
	entry.x[4] = GUEST_WATCH;
	entry.x[5] = address;
	entry.x[6] = expected;
	entry.x[7] = vm_shared(&pair->vm);
	cpu_post(SECOND, entry);
}

/* Wait until it has read some more; false if it does not read any more. */
static bool watches(const struct pair *pair)
{
	uint64_t enough = word_read(pair->lent + 8) + LOOKS;

	while (word_read(pair->lent + 8) < enough) {
		if (cpu_is_done(SECOND)) {
			return false;
		}
		machine_yield();
	}
	return true;
}

static struct moat_regs watched(const struct pair *pair)
{
	word_write(pair->lent, 1);
	return cpu_collect(SECOND);
}

static void turns_on_elsewhere(struct pair *pair)
{
	struct moat_regs exit;

	check_exit(vm_call(&pair->vm, PSCI_CPU_ON, SECOND, GUEST_CODE,
			   GUEST_ARGUMENT),
		MOAT_EXIT_PSCI, "a VM turns its second vCPU on");
	vm_run(&pair->vm);
	check(exit_reports(vm_run(&pair->second), 0),
		"which starts on another CPU");
	watch(pair, GUEST_DATA, SECRET);
	check(watches(pair), "both run");
	check_equal(vm_call_status(&pair->vm, PSCI_AFFINITY_INFO, SECOND, 0, 0),
		PSCI_IS_ON, "and know of each other");
	check_equal(
		vm_call_status(&pair->vm, PSCI_CPU_ON, SECOND, GUEST_CODE, 0),
		MOAT_PSCI_ALREADY_ON, "what runs is on");
	check_refused(
		vm_request(&pair->second), MOAT_BUSY, 0, "and runs on one CPU");
	check_refused(
		moat_vm_kill(pair->vm.id), MOAT_BUSY, 0, "and is not killed");
	vm_ask(&pair->vm, GUEST_WRITE, GUEST_DATA, WORDS);
	watches(pair);
	exit = watched(pair);
	check(exit_is_report(exit) && exit.x[3] != 0,
		"one sees what the other writes");
	vm_ask(&pair->vm, GUEST_WRITE, GUEST_DATA, SECRET);
}

/* The fold breaks the entry before it makes the block, and so does the split;
 * the vCPU that reads meanwhile must not be seen to notice. */
static void folds_under_way(const struct pair *pair, uint64_t table)
{
	const struct vm *vm = &pair->vm;
	struct moat_ipa ipa = {GUEST_BLOCK};
	uint64_t wrong = 0;

	check_done(
		moat_block_donate(vm->id, ipa, (struct moat_pa){POOL_BLOCKS}),
		"a VM gets a block");
	vm_ask(vm, GUEST_WRITE, GUEST_BLOCK + 5 * PAGE, SECRET);
	watch(pair, GUEST_BLOCK + 5 * PAGE, SECRET);
	for (uint64_t i = 0; i < FOLDS; i++) {
		wrong += !watches(pair);
		wrong += status(moat_table_split(vm->id, ipa, 3,
				 (struct moat_pa){table})) != MOAT_OK;
		wrong += !watches(pair);
		wrong += call(moat_table_fold(vm->id, ipa, 3)).x[1] != table;
	}
	check_equal(wrong, 0, "it is split and folded while a vCPU reads it");
	check(exit_reports(watched(pair), 0), "which does not notice");
}

/* A page goes while a vCPU on another CPU uses it. */
static void recalled_under_way(const struct pair *pair, uint64_t page)
{
	uint64_t ipa = vm_shared(&pair->vm) + PAGE;
	struct moat_regs exit;

	page_fill(page, WORDS);
	check_done(vm_lend(&pair->vm, ipa, page, 1, MOAT_READ),
		"a VM borrows a page");
	watch(pair, ipa, WORDS);
	check(watches(pair), "and reads it");
	check_done(vm_recall(&pair->vm, ipa, 1), "until it is recalled");
	word_write(page, SECRET);
	if (watches(pair)) {
		word_write(pair->lent, 1);
	}
	exit = cpu_collect(SECOND);
	check(exit.x[1] == MOAT_EXIT_MMIO && exit.x[2] == ipa,
		"it does not go on reading");
	word_write(pair->lent, 1);
	exit = call_on(SECOND, vm_request(&pair->second));
	check(exit_reports(exit, 1), "nor has it read what was not its own");
}

/* ---- The script ---------------------------------------------------------- */

static uint64_t build(struct pair *pair, struct pool *pool)
{
	struct vm *vm = &pair->vm;
	uint64_t refusal = vm_open_for(vm, pool, SLOT, 39, 2);

	refusal += vm_furnish(vm, pool, SECRET);
	refusal += vm_add_vcpu(vm, pool, SECOND, 1);
	refusal += vm_add_tables(vm, pool, vm_shared(vm));
	refusal += vm_seal(vm);
	pair->lent = pool_take(pool, 1);
	refusal += status(vm_lend(
		vm, vm_shared(vm), pair->lent, 1, MOAT_READ + MOAT_WRITE));
	pair->second = *vm;
	pair->second.vcpu.value = SECOND;
	pair->second.cpu = SECOND;
	return refusal;
}

static void take_apart(const struct pair *pair)
{
	call(moat_vm_kill(pair->vm.id));
	call(vm_reclaim(&pair->vm, GUEST_BLOCK, BLOCK_PAGES));
	vm_sweep(POOL_USED);
}

void test_moving(void)
{
	struct pool pool = {0, 1};
	struct pair pair;
	struct vm other;
	uint64_t page;

	cpu_employ(SECOND);
	check_equal(
		build(&pair, &pool) + vm_build(&other, &pool, OTHER, 39, WORDS),
		MOAT_OK, "two VMs that move are built");
	page = pool_take(&pool, 1);
	vm_run(&pair.vm);
	vm_run(&other);
	keeps_registers(&pair.vm, &other);
	keeps_interrupts(&pair.vm);
	leaves_no_translation(&pair.vm, page);
	unshared_everywhere(&pair.vm, page);
	turns_on_elsewhere(&pair);
	folds_under_way(&pair, pool_take(&pool, 1));
	recalled_under_way(&pair, pool_take(&pool, 1));
	take_apart(&pair);
	cpu_dismiss(SECOND);
	check(pool_is_host(POOL_USED), "and taken apart");
}
