/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Instructions that calls cost, in the host and in the engine, counted by the
 * cycle counter: exact under icount, meaningless otherwise.
 */
#include "host.h"

enum { SLOT = 6, POOL_USED = 32, REGION = 0x200000 };

static uint64_t bench_call(struct moat_regs request)
{
	uint64_t start;
	uint64_t end;

	start = machine_counter();
	host_hvc(&request);
	end = machine_counter();
	return end - start;
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
	vm_sweep(POOL_USED);
	check(status == MOAT_OK && pool_is_host(POOL_USED),
		"the bench cleans up");
}
