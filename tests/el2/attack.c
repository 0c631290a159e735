/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a hostile host tries against memory that is not its own.
 */
#include "host.h"

#define SECRET 0x5ec2e75ec2e75ec0u
/* QEMU's fw_cfg: its DMA does not pass through stage 2. */
#define DMA_DEVICE 0x09020010u

enum { SLOT = 3, OTHER = 4, POOL_USED = 32 };

/* Its own translation table in a page it gave away: the walk must fail. */
static void walk_attack(const struct vm *vm, struct pool *pool)
{
	uint64_t page = pool_take(pool, 1);
	uint64_t window = machine_map_through(page);

	probe_read(window);
	check_equal(
		call(moat_page_donate(vm->id, (struct moat_ipa){GUEST_SPARE},
			     (struct moat_pa){page}, 1))
			.x[0],
		MOAT_OK, "the host donates a table of its own stage 1");
	check(touch_aborts(TOUCH_READ, window),
		"its walk through that page is aborted");
}

/* Between root and leaf there may be none, with large pages. */
static bool tables_out_of_reach(const struct vm *vm)
{
	for (size_t i = 0; i < VM_TABLES_MAX; i++) {
		if (vm->table[i] != 0 && !touch_always_aborts(vm->table[i])) {
			return false;
		}
	}
	return vm->table[VM_TABLES_MAX - 1] != 0;
}

void test_memory_attacks(uint64_t engine)
{
	struct pool pool = {0, 1};
	struct vm vm;

	check(touch_always_aborts(engine), "the engine is out of reach");
	check(touch_always_aborts(engine + 8), "at every address");
	check(touch_aborts(TOUCH_READ, DMA_DEVICE),
		"a device that does DMA is out of reach");
	check_equal(vm_build(&vm, &pool, SLOT, 39, SECRET), MOAT_OK,
		"a VM to attack is built");
	check(touch_always_aborts(vm.code), "its code is out of reach");
	check(touch_always_aborts(vm.data + 64), "its data is out of reach");
	check(touch_always_aborts(vm.root), "its root is out of reach");
	check(tables_out_of_reach(&vm), "its tables are out of reach");
	check(touch_always_aborts(vm.context),
		"its registers are out of reach");
	check(!touch_aborts(TOUCH_READ, vm.context + PAGE),
		"the page behind them is not");
	walk_attack(&vm, &pool);
	vm_sweep(POOL_USED);
	check(pool_is_host(POOL_USED) && page_is_filled(vm.data, 0),
		"the VM is taken apart");
}

/* ---- Aliases ------------------------------------------------------------- */

static void alias_attacks(
	const struct vm *vm, const struct vm *other, struct pool *pool)
{
	uint64_t free = pool_take(pool, 1);

	check_refused(vm_donate(vm, GUEST_SPARE, vm->data, 1), MOAT_BAD_PAGE, 3,
		"a VM's page is not donated to it again");
	check_refused(vm_donate(other, GUEST_SPARE, vm->data, 1), MOAT_BAD_PAGE,
		3, "nor to another VM");
	check_refused(vm_donate(vm, GUEST_SPARE, vm->table[2], 1),
		MOAT_BAD_PAGE, 3, "a table is not data");
	check_refused(vm_donate(vm, GUEST_SPARE, vm->root, 1), MOAT_BAD_PAGE, 3,
		"a root is not data");
	check_refused(vm_donate(vm, GUEST_SPARE, vm->context, 1), MOAT_BAD_PAGE,
		3, "a vCPU is not data");
	check_refused(vm_donate(vm, GUEST_DATA, free, 1), MOAT_OCCUPIED, 2,
		"a page does not replace another");
	check_refused(
		moat_table_create(vm->id, (struct moat_ipa){GUEST_CODE + BLOCK},
			3, (struct moat_pa){vm->data}),
		MOAT_BAD_PAGE, 4, "data is not a table");
	check_refused(moat_vm_create((struct moat_vm_id){SLOT + 2},
			      (struct moat_pa){vm->root}, 39, 1),
		MOAT_BAD_PAGE, 2, "a root has one VM");
	check_refused(moat_vm_create(vm->id, (struct moat_pa){free}, 36, 1),
		MOAT_BAD_STATE, 0, "a slot has one VM");
}

static void range_attacks(const struct vm *vm, uint64_t engine)
{
	uint64_t end = RAM_BASE + RAM_SIZE;
	uint64_t wrap = ((uint64_t)1 << (64 - MOAT_PAGE_BITS)) + 1;

	check_refused(vm_donate(vm, GUEST_SPARE, engine, 1), MOAT_BAD_PAGE, 3,
		"the engine is not for sale");
	check_refused(vm_donate(vm, GUEST_SPARE, 0x09000000, 1), MOAT_BAD_PAGE,
		3, "a device is no page");
	check_refused(vm_donate(vm, GUEST_SPARE, end, 1), MOAT_BAD_PAGE, 3,
		"nor is what lies behind RAM");
	check_refused(vm_donate(vm, GUEST_SPARE, POOL_BASE + 8, 1),
		MOAT_BAD_ARG, 3, "half a page is none");
	check_refused(vm_donate(vm, GUEST_SPARE + 8, POOL_BASE, 1),
		MOAT_BAD_ARG, 2, "an unaligned IPA is none");
	check_refused(vm_donate(vm, GUEST_SPARE, POOL_BASE, 0), MOAT_BAD_ARG, 4,
		"no page is not a range");
	check_refused(vm_donate(vm, (uint64_t)1 << 38, POOL_BASE, 1),
		MOAT_BAD_IPA, 2, "nothing is donated into the shared half");
	check_refused(vm_donate(vm, GUEST_SPARE, POOL_BASE, wrap), MOAT_BAD_IPA,
		4, "a count that wraps is out of range");
	check_refused(vm_donate(vm, vm_shared(vm) / 2, POOL_BASE, 1),
		MOAT_NO_TABLE, 2, "a page needs a table");
}

static void vcpu_attacks(const struct vm *vm, struct pool *pool)
{
	struct moat_regs run = moat_vcpu_run(vm->id, (struct moat_vcpu_id){0});
	uint64_t free = pool_take(pool, 1);

	check_refused(moat_vcpu_create(vm->id, (struct moat_vcpu_id){0},
			      (struct moat_pa){free}, GUEST_CODE, 0),
		MOAT_BAD_STATE, 0, "a sealed VM gets no vCPU");
	check_refused(moat_vcpu_destroy(vm->id, (struct moat_vcpu_id){0}),
		MOAT_BAD_STATE, 0, "and loses none");
	check_refused(moat_vcpu_run(vm->id, (struct moat_vcpu_id){1}),
		MOAT_BAD_VCPU, 2, "a vCPU that is not there does not run");
	run.x[3] = MOAT_ENTRY_FLAGS_END;
	check_refused(run, MOAT_BAD_ARG, 3, "a flag that is none is refused");
	check_refused(moat_page_load(vm->id, (struct moat_ipa){GUEST_SPARE},
			      (struct moat_pa){free}, 1),
		MOAT_BAD_STATE, 0, "nothing is loaded into a sealed VM");
	check_refused(moat_vcpu_run((struct moat_vm_id){~(uint64_t)0},
			      (struct moat_vcpu_id){0}),
		MOAT_BAD_VM, 1, "a VM that cannot be is refused");
}

void test_page_attacks(uint64_t engine)
{
	struct pool pool = {0, 1};
	struct vm vm;
	struct vm other;

	check_equal(vm_build(&vm, &pool, SLOT, 39, SECRET) +
			    vm_build(&other, &pool, OTHER, 33, ~SECRET),
		MOAT_OK, "two VMs to confuse are built");
	alias_attacks(&vm, &other, &pool);
	range_attacks(&vm, engine);
	vcpu_attacks(&vm, &pool);
	vm_run(&vm);
	check_equal(vm_ask(&vm, GUEST_READ, GUEST_DATA, 0), SECRET,
		"the VM did not notice");
	vm_sweep(POOL_USED);
	check(pool_is_host(POOL_USED), "and is taken apart");
}
