/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Instructions that calls cost at EL2, counted by the cycle counter: exact
 * under icount, meaningless otherwise. No interrupt is taken meanwhile, so that
 * the largest of them, printed last, is the longest time they are held off.
 */
#include "host.h"

enum { SLOT = 6, POOL_USED = 48, REGION = 0x200000, RANGE = 512 };

/* Of all calls measured, the one that held interrupts off longest. */
static uint64_t longest;

static uint64_t bench_call(struct moat_regs request)
{
	uint64_t start;
	uint64_t count;

	start = machine_counter();
	host_hvc(&request);
	count = machine_counter() - start;
	if (count > longest) {
		longest = count;
	}
	return count;
}

static void bench_print(const char *name, uint64_t instructions)
{
	console_text("bench ");
	console_text(name);
	console_text(" ");
	console_number(instructions);
	console_text("\n");
}

static uint64_t bench_floor(void)
{
	uint64_t start = machine_counter();

	return machine_counter() - start;
}

/* Two pages of a region of their own: the first to go splits the block of the
 * host's identity map, and the last to return joins it. */
static void bench_pages(const struct vm *vm)
{
	struct moat_ipa first = {GUEST_SPARE};
	struct moat_ipa second = {GUEST_SPARE + PAGE};
	struct moat_pa one = {POOL_BASE + REGION};
	struct moat_pa two = {POOL_BASE + REGION + PAGE};

	bench_print("donate_and_split",
		bench_call(moat_page_donate(vm->id, first, one, 1)));
	bench_print(
		"donate", bench_call(moat_page_donate(vm->id, second, two, 1)));
	bench_print("page_info", bench_call(moat_page_info(two)));
	call(moat_vm_kill(vm->id));
	bench_print(
		"reclaim", bench_call(moat_page_reclaim(vm->id, second, 1)));
	bench_print("reclaim_and_join",
		bench_call(moat_page_reclaim(vm->id, first, 1)));
}

/* A VM with a leaf table for one block's worth of pages. */
static void bench_vm(struct vm *vm, struct pool *pool, uint64_t slot)
{
	struct moat_ipa ipa = {GUEST_BLOCK};

	check(vm_open(vm, pool, slot, 39) == MOAT_OK &&
			status(moat_table_create(vm->id, ipa, 3,
				(struct moat_pa){pool_take(pool, 1)})) ==
				MOAT_OK,
		"the bench makes a VM for ranges");
}

/* What is left of a leaf table, its first @done pages being loaded. */
static void load_rest(struct moat_vm_id vm, struct moat_ipa ipa,
	struct moat_pa pa, uint64_t done)
{
	while (done < RANGE) {
		const struct moat_ipa to = {ipa.value + done * PAGE};
		const struct moat_pa from = {pa.value + done * PAGE};
		struct moat_regs regs =
			moat_page_load(vm, to, from, RANGE - done);

		host_hvc(&regs);
		check(regs.x[0] == MOAT_OK, "the bench loads pages");
		done += regs.x[0] == MOAT_OK ? regs.x[1] : RANGE;
	}
}

/* The most that one call does: with contents kept and measured; and zeroed, by
 * the page and by the block. */
static void bench_ranges(struct pool *pool)
{
	struct moat_ipa ipa = {GUEST_BLOCK};
	struct moat_pa pa = {POOL_BLOCKS};
	struct vm vm;

	bench_vm(&vm, pool, SLOT + 1);
	bench_print("load", bench_call(moat_page_load(vm.id, ipa, pa, RANGE)));
	load_rest(vm.id, ipa, pa, MOAT_LOAD_PAGES_MAX);
	bench_print("fold", bench_call(moat_table_fold(vm.id, ipa, 3)));
	bench_print("split", bench_call(moat_table_split(vm.id, ipa, 3,
				     (struct moat_pa){pool_take(pool, 1)})));
	pa.value += BLOCK;
	ipa.value += BLOCK;
	bench_print(
		"block_donate", bench_call(moat_block_donate(vm.id, ipa, pa)));
	call(moat_vm_kill(vm.id));
	bench_print("block_reclaim",
		bench_call(moat_page_reclaim(vm.id, ipa, RANGE)));
	ipa.value -= BLOCK;
	bench_print("reclaim_512",
		bench_call(moat_page_reclaim(vm.id, ipa, RANGE)));
}

static void bench_donate_range(struct pool *pool)
{
	struct moat_ipa ipa = {GUEST_BLOCK};
	struct moat_pa pa = {POOL_BLOCKS};
	struct vm vm;

	bench_vm(&vm, pool, SLOT + 2);
	bench_print("donate_512",
		bench_call(moat_page_donate(vm.id, ipa, pa, RANGE)));
	call(moat_vm_kill(vm.id));
	check_done(moat_page_reclaim(vm.id, ipa, RANGE), "and takes it back");
}

void bench_run(void)
{
	struct pool pool = {0, 1};
	struct vm vm;
	uint64_t status;

	machine_counter_start();
	bench_print("floor", bench_floor());
	bench_print("version", bench_call(moat_version()));
	bench_print("unknown", bench_call(moat_call_make(0x1ff, 0, 0, 0, 0)));
	status = vm_build(&vm, &pool, SLOT, 39, 1);
	vm_run(&vm);
	bench_print("run",
		bench_call(moat_vcpu_run(vm.id, (struct moat_vcpu_id){0})));
	bench_pages(&vm);
	bench_ranges(&pool);
	bench_donate_range(&pool);
	bench_print("longest", longest);
	vm_sweep(POOL_USED);
	check(status == MOAT_OK && pool_is_host(POOL_USED),
		"the bench cleans up");
}
