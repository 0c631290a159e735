/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The host's side of the calls as moat/host.h has it: ranges of any length, the
 * tables they need, and the end of a VM, without a list of what it has.
 */
#include "moat/host.h"

#include "host.h"

#define SECRET 0x5ec2e75ec2e70000u
#define OWN POOL_BLOCKS
#define LENT (POOL_BLOCKS + 2 * BLOCK)

enum {
	SLOT = 4,
	TABLES = 8,
	OWN_PAGES = BLOCK_PAGES + 3, /* a block, and pages that need a table */
	LENT_PAGES = BLOCK_PAGES + 2,
	POOL_USED = 16
};

void moat_host_hvc(struct moat_regs *regs)
{
	*regs = call(*regs);
}

static void tables_take(
	struct moat_host_pool *tables, struct pool *pool, uint64_t count)
{
	for (uint64_t i = 0; i < count; i++) {
		moat_host_pool_put(tables, pool_take(pool, 1));
	}
}

/* Through the whole of what it was given, by one word each. */
static uint64_t guest_walks(const struct vm *vm, uint64_t ipa, uint64_t pages)
{
	uint64_t wrong = 0;

	for (uint64_t at = ipa; at < ipa + pages * PAGE; at += 64 * PAGE) {
		wrong += !exit_is_report(vm_order(vm, GUEST_WRITE, at, at));
	}
	for (uint64_t at = ipa; at < ipa + pages * PAGE; at += 64 * PAGE) {
		wrong += vm_ask(vm, GUEST_READ, at, 0) != at;
	}
	return wrong;
}

static void give(const struct vm *vm, struct moat_host_pool *tables)
{
	struct moat_host_range own = {
		vm->id, {GUEST_BLOCK}, {OWN}, OWN_PAGES, 0};
	struct moat_host_range lent = {vm->id, {vm_shared(vm)}, {LENT},
		LENT_PAGES, MOAT_READ + MOAT_WRITE};

	check_equal(moat_host_donate(&own, tables), MOAT_OK,
		"a host donates a long range");
	check_equal(
		moat_host_lend(&lent, tables), MOAT_OK, "and lends another");
	check(own.count == 0 && lent.count == 0 && tables->count < TABLES - 1,
		"all of them, with tables of its pool");
	check_equal(guest_walks(vm, GUEST_BLOCK, OWN_PAGES), 0,
		"the VM has the one");
	check_equal(
		guest_walks(vm, vm_shared(vm), LENT_PAGES), 0, "and the other");
	check_equal(word_read(LENT + 64 * PAGE), vm_shared(vm) + 64 * PAGE,
		"which the host reads");
}

void test_host_header(void)
{
	struct moat_pa pages[TABLES + 2];
	struct moat_host_pool tables = {pages, 0, TABLES + 2};
	struct pool pool = {0, 1};
	struct vm vm;

	check_equal(vm_build(&vm, &pool, SLOT, VM_SMALL_BITS, SECRET), MOAT_OK,
		"a VM for long ranges is built");
	tables_take(&tables, &pool, TABLES);
	vm_run(&vm);
	give(&vm, &tables);
	check_equal(moat_host_teardown(vm.id, &tables), MOAT_OK,
		"a host ends a VM without knowing what it has");
	check_equal(tables.count, TABLES + 1, "and has every table");
	check(page_is_filled(OWN, 0) &&
			page_is_filled(OWN + (OWN_PAGES - 1) * PAGE, 0),
		"what was the VM's is scrubbed");
	check(pool_is_host(POOL_USED) &&
			page_state(OWN + BLOCK) == MOAT_PAGE_HOST &&
			page_state(LENT + BLOCK) == MOAT_PAGE_HOST,
		"and everything the host's");
}
