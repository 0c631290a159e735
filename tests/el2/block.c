/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Blocks: given, lent, shared, split and folded.
 */
#include "host.h"

#define SECRET 0x5ec2e75ec2e70000u
#define WORDS 0x1234567812340000u
/* Two regions that nothing else uses. */
#define ONE POOL_BLOCKS
#define TWO (POOL_BLOCKS + BLOCK)
#define LAST (BLOCK - PAGE)

enum { SLOT = 5, POOL_USED = 32 };

static struct moat_regs block_donate(
	const struct vm *vm, uint64_t ipa, uint64_t page)
{
	return moat_block_donate(
		vm->id, (struct moat_ipa){ipa}, (struct moat_pa){page});
}

static struct moat_regs block_lend(
	const struct vm *vm, uint64_t ipa, uint64_t page, uint64_t permission)
{
	return moat_block_lend(vm->id, (struct moat_ipa){ipa},
		(struct moat_pa){page}, permission);
}

static struct moat_regs split(const struct vm *vm, uint64_t ipa, uint64_t table)
{
	return moat_table_split(
		vm->id, (struct moat_ipa){ipa}, 3, (struct moat_pa){table});
}

static struct moat_regs fold(const struct vm *vm, uint64_t ipa)
{
	return moat_table_fold(vm->id, (struct moat_ipa){ipa}, 3);
}

static uint64_t page_level_of(uint64_t page)
{
	return call(moat_page_info((struct moat_pa){page})).x[4];
}

/* Three of its pages hold words of their own. */
static bool guest_finds(const struct vm *vm, uint64_t ipa, uint64_t word)
{
	return vm_ask(vm, GUEST_READ, ipa, 0) == word &&
	       vm_ask(vm, GUEST_READ, ipa + BLOCK / 2, 0) == word + 1 &&
	       vm_ask(vm, GUEST_READ, ipa + LAST, 0) == word + 2;
}

static void guest_writes(const struct vm *vm, uint64_t ipa, uint64_t word)
{
	vm_ask(vm, GUEST_WRITE, ipa, word);
	vm_ask(vm, GUEST_WRITE, ipa + BLOCK / 2, word + 1);
	vm_ask(vm, GUEST_WRITE, ipa + LAST, word + 2);
}

static bool host_finds(uint64_t page, uint64_t word)
{
	return word_read(page) == word &&
	       word_read(page + BLOCK / 2) == word + 1 &&
	       word_read(page + LAST) == word + 2;
}

static void host_writes(uint64_t page, uint64_t word)
{
	word_write(page, word);
	word_write(page + BLOCK / 2, word + 1);
	word_write(page + LAST, word + 2);
}

/* A call of the guest's for all of the block or a part of it: x0. */
static uint64_t guest_moves(
	const struct vm *vm, uint32_t number, uint64_t ipa, uint64_t count)
{
	struct moat_regs exit =
		vm_call(vm, MOAT_FUNCTION(number), ipa, count, 0);

	if (exit.x[1] != MOAT_EXIT_HOST_CALL) {
		exit = vm_run(vm);
	}
	return exit_is_report(exit) ? exit.x[3] : ~(uint64_t)0xff;
}

/* ---- A block of the VM's own --------------------------------------------- */

static void donated(const struct vm *vm)
{
	struct moat_regs answer;

	host_writes(ONE, WORDS);
	check_refused(block_donate(vm, GUEST_BLOCK, ONE + PAGE), MOAT_BAD_ARG,
		3, "a block begins where blocks do");
	check_refused(block_donate(vm, GUEST_BLOCK + PAGE, ONE), MOAT_BAD_ARG,
		2, "on both sides");
	check_refused(block_donate(vm, GUEST_CODE, ONE), MOAT_OCCUPIED, 2,
		"a block does not replace a table");
	check_refused(block_donate(vm, vm_shared(vm), ONE), MOAT_BAD_IPA, 2,
		"nor goes to the shared half");
	answer = call(block_donate(vm, GUEST_BLOCK, ONE));
	check(answer.x[0] == MOAT_OK && answer.x[1] == BLOCK_PAGES,
		"the host donates a block");
	check(touch_always_aborts(ONE) && touch_always_aborts(ONE + LAST),
		"from one end to the other it is out of reach");
	check_equal(page_level_of(ONE + LAST), 2, "page_info calls it a block");
	check(vm_ask(vm, GUEST_READ, GUEST_BLOCK, 0) == 0 &&
			vm_ask(vm, GUEST_READ, GUEST_BLOCK + LAST, 0) == 0,
		"the VM finds it zeroed");
	guest_writes(vm, GUEST_BLOCK, SECRET);
	check_refused(block_donate(vm, GUEST_BLOCK + BLOCK, ONE), MOAT_BAD_PAGE,
		3, "it is not given twice");
	check_refused(vm_donate(vm, GUEST_BLOCK + PAGE, TWO, 1), MOAT_OCCUPIED,
		2, "no page replaces a part of it");
}

/* Whoever means a part of a block has to split it first. */
static void not_taken_apart(const struct vm *vm)
{
	struct moat_ipa ipa = {GUEST_BLOCK};

	check_equal(guest_moves(vm, MOAT_GUEST_SHARE, GUEST_BLOCK, 1),
		MOAT_NEEDS_SPLIT + 0x100, "the VM does not share a part of it");
	check_equal(guest_moves(vm, MOAT_GUEST_RELINQUISH, GUEST_BLOCK + PAGE,
			    BLOCK_PAGES),
		MOAT_NEEDS_SPLIT + 0x100, "or give back all but the first");
	check_refused(moat_table_destroy(vm->id, ipa, 3), MOAT_NEEDS_SPLIT, 2,
		"it is not destroyed like a table");
	check_refused(moat_table_create(vm->id, ipa, 3, (struct moat_pa){TWO}),
		MOAT_OCCUPIED, 2, "nor replaced by one");
	check_refused(fold(vm, GUEST_BLOCK), MOAT_NEEDS_SPLIT, 2, "nor folded");
}

static void split_and_folded(const struct vm *vm, uint64_t table)
{
	struct moat_regs answer;

	check_done(split(vm, GUEST_BLOCK, table), "the host splits the block");
	check(page_state(table) == MOAT_PAGE_TABLE &&
			touch_always_aborts(table),
		"with a page that is a table now");
	check_equal(page_level_of(ONE + LAST), 3, "page_info calls them pages");
	check(guest_finds(vm, GUEST_BLOCK, SECRET),
		"the VM finds what it wrote");
	check(touch_always_aborts(ONE + PAGE), "the host does not");
	check_refused(split(vm, GUEST_BLOCK, TWO), MOAT_OCCUPIED, 2,
		"a table is not split");
	answer = call(fold(vm, GUEST_BLOCK));
	check(answer.x[0] == MOAT_OK && answer.x[1] == table,
		"the host folds the table");
	check(page_state(table) == MOAT_PAGE_HOST && page_is_filled(table, 0),
		"and gets its page back, scrubbed");
	check(guest_finds(vm, GUEST_BLOCK, SECRET),
		"the VM still finds what it wrote");
	check(touch_always_aborts(ONE + PAGE), "and still the host does not");
}

/* A hole in the table, then a page that is not the right one. */
static void not_uniform(const struct vm *vm, uint64_t table)
{
	uint64_t hole = GUEST_BLOCK + 7 * PAGE;

	call(split(vm, GUEST_BLOCK, table));
	check_equal(guest_moves(vm, MOAT_GUEST_RELINQUISH, hole, 1), MOAT_OK,
		"the VM gives back one page of many");
	check(page_is_filled(ONE + 7 * PAGE, 0), "scrubbed");
	check_refused(fold(vm, GUEST_BLOCK), MOAT_NOT_UNIFORM, 2,
		"a table with a hole is not folded");
	check_done(vm_donate(vm, hole, TWO, 1), "another page goes there");
	check_refused(fold(vm, GUEST_BLOCK), MOAT_NOT_UNIFORM, 2,
		"it is not the next one");
	guest_moves(vm, MOAT_GUEST_RELINQUISH, hole, 1);
	check_done(vm_donate(vm, hole, ONE + 7 * PAGE, 1), "the old one does");
	check_equal(guest_moves(vm, MOAT_GUEST_SHARE, hole, 1), MOAT_OK,
		"and is shared");
	check_refused(fold(vm, GUEST_BLOCK), MOAT_NOT_UNIFORM, 2,
		"one shared page is unlike the others");
	check_equal(guest_moves(vm, MOAT_GUEST_UNSHARE, hole, 1), MOAT_OK,
		"it is unshared");
	check_done(fold(vm, GUEST_BLOCK), "and the table folded");
	check(guest_finds(vm, GUEST_BLOCK, SECRET), "nothing else has changed");
}

/* A shared block stays shared when it is split, and when it is folded. */
static void shared_as_a_whole(const struct vm *vm, uint64_t table)
{
	check_equal(guest_moves(vm, MOAT_GUEST_SHARE, GUEST_BLOCK, BLOCK_PAGES),
		MOAT_OK, "the VM shares the block");
	check(host_finds(ONE, SECRET), "the host reads it");
	check_done(split(vm, GUEST_BLOCK, table), "splits it");
	host_writes(ONE, WORDS);
	check(guest_finds(vm, GUEST_BLOCK, WORDS), "and goes on writing it");
	check_equal(page_state(ONE + PAGE), MOAT_PAGE_SHARED, "page by page");
	check_done(fold(vm, GUEST_BLOCK), "folds it");
	check(host_finds(ONE, WORDS), "and goes on reading it");
	check_equal(
		guest_moves(vm, MOAT_GUEST_UNSHARE, GUEST_BLOCK, BLOCK_PAGES),
		MOAT_OK, "the VM ends it");
	check(touch_always_aborts(ONE) && touch_always_aborts(ONE + LAST),
		"and the host reaches nothing of it");
	check_equal(guest_moves(vm, MOAT_GUEST_RELINQUISH, GUEST_BLOCK,
			    BLOCK_PAGES),
		MOAT_OK, "the VM gives the block back");
	check(page_is_filled(ONE, 0) && page_is_filled(ONE + BLOCK / 2, 0) &&
			page_is_filled(ONE + LAST, 0),
		"scrubbed from one end to the other");
}

/* ---- A block of the host's ----------------------------------------------- */

static void lent(const struct vm *vm, uint64_t table)
{
	uint64_t ipa = vm_shared(vm) + BLOCK;

	host_writes(TWO, WORDS);
	check_refused(block_lend(vm, ipa, TWO, MOAT_WRITE), MOAT_BAD_ARG, 4,
		"a lent block can be read");
	check_done(block_lend(vm, ipa, TWO, MOAT_READ), "the host lends one");
	check(guest_finds(vm, ipa, WORDS), "the VM reads it");
	check(exit_is_fault(vm_order(vm, GUEST_WRITE, ipa + LAST, 1),
		      ipa + LAST, MOAT_ACCESS_WRITE),
		"and does not write it");
	check(vm_takes_abort(vm, ipa + LAST, MOAT_ACCESS_WRITE), "as told");
	check_refused(vm_recall(vm, ipa, 1), MOAT_NEEDS_SPLIT, 2,
		"a part of it is not recalled");
	check_done(split(vm, ipa, table), "the host splits it");
	check(exit_is_fault(vm_order(vm, GUEST_WRITE, ipa + PAGE, 1),
		      ipa + PAGE, MOAT_ACCESS_WRITE),
		"the VM does not write its pages either");
	check(vm_takes_abort(vm, ipa + PAGE, MOAT_ACCESS_WRITE), "as before");
	check_equal(call(moat_page_info((struct moat_pa){TWO + PAGE})).x[5],
		MOAT_READ, "page_info gives their permission");
	check_done(fold(vm, ipa), "the host folds them");
	check(exit_is_fault(vm_order(vm, GUEST_WRITE, ipa, 1), ipa,
		      MOAT_ACCESS_WRITE),
		"and still the VM does not write");
	check(vm_takes_abort(vm, ipa, MOAT_ACCESS_WRITE), "to the end");
	check(host_finds(TWO, WORDS), "the host does, all the time");
	check_equal(call(vm_recall(vm, ipa, BLOCK_PAGES)).x[1], BLOCK_PAGES,
		"it recalls the block");
	check_exit(vm_order(vm, GUEST_READ, ipa + LAST, 0), MOAT_EXIT_MMIO,
		"which the VM finds no more");
	vm_run(vm);
}

/* Pages lent one by one make a block if their permissions are one. */
static void lent_pages(const struct vm *vm, uint64_t table)
{
	uint64_t ipa = vm_shared(vm) + BLOCK;

	check_done(moat_table_create(vm->id, (struct moat_ipa){ipa}, 3,
			   (struct moat_pa){table}),
		"a table for pages");
	call(vm_lend(vm, ipa, TWO, BLOCK_PAGES - 1, MOAT_READ + MOAT_WRITE));
	call(vm_lend(vm, ipa + LAST, TWO + LAST, 1, MOAT_READ));
	check_refused(fold(vm, ipa), MOAT_NOT_UNIFORM, 2,
		"one page with less permission is unlike the others");
	call(vm_recall(vm, ipa + LAST, 1));
	call(vm_lend(vm, ipa + LAST, TWO + LAST, 1, MOAT_READ + MOAT_WRITE));
	check_equal(call(fold(vm, ipa)).x[1], table, "alike they are folded");
	guest_writes(vm, ipa, SECRET);
	check(host_finds(TWO, SECRET), "and written by the VM");
	check_done(moat_vm_kill(vm->id), "the VM is killed");
	check_refused(split(vm, ipa, table), MOAT_BAD_STATE, 0,
		"a dead VM's block is not split");
	check_equal(call(vm_recall(vm, ipa, BLOCK_PAGES)).x[1], BLOCK_PAGES,
		"but recalled");
}

static void reclaimed(const struct vm *vm)
{
	check_refused(vm_reclaim(vm, GUEST_BLOCK, 1), MOAT_NEEDS_SPLIT, 2,
		"a part of a dead VM's block is not reclaimed");
	check_equal(call(vm_reclaim(vm, GUEST_BLOCK, BLOCK_PAGES)).x[1],
		BLOCK_PAGES, "but the block is");
	check(page_is_filled(ONE, 0) && page_is_filled(ONE + LAST, 0),
		"scrubbed");
}

void test_blocks(void)
{
	struct pool pool = {0, 1};
	struct vm vm;
	uint64_t table;

	check_equal(vm_build(&vm, &pool, SLOT, VM_SMALL_BITS, SECRET) +
			    vm_add_tables(&vm, &pool, vm_shared(&vm)),
		MOAT_OK, "a VM for blocks is built");
	table = pool_take(&pool, 1);
	vm_run(&vm);
	check_refused(split(&vm, GUEST_BLOCK, table), MOAT_NOT_MAPPED, 2,
		"where nothing is nothing is split");
	check_refused(fold(&vm, GUEST_BLOCK), MOAT_NO_TABLE, 2, "nor folded");
	donated(&vm);
	not_taken_apart(&vm);
	split_and_folded(&vm, table);
	not_uniform(&vm, table);
	shared_as_a_whole(&vm, table);
	lent(&vm, table);
	call(block_donate(&vm, GUEST_BLOCK, ONE));
	guest_writes(&vm, GUEST_BLOCK, SECRET);
	lent_pages(&vm, table);
	reclaimed(&vm);
	vm_sweep(POOL_USED);
	check(pool_is_host(POOL_USED) && page_state(ONE) == MOAT_PAGE_HOST &&
			page_state(TWO) == MOAT_PAGE_HOST,
		"the blocks are the host's again");
}
