/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Pages that two sides use: those the host lends, and those a VM shares.
 */
#include "host.h"

#define SECRET 0x5ec2e75ec2e70000u
#define WORDS 0x1234567812340000u /* what the host writes */
#define REPLY 0x8765432187650000u /* what a guest writes */

enum { SLOT = 3, OTHER = 4, POOL_USED = 48 };

static void open_two_halves(struct vm *vm, struct pool *pool)
{
	check_equal(
		vm_build(vm, pool, SLOT, 39, SECRET), MOAT_OK, "a VM is built");
	check_equal(vm_add_tables(vm, pool, vm_shared(vm)), MOAT_OK,
		"and gets tables for its shared half");
	vm_run(vm);
}

/* ---- Lending ------------------------------------------------------------- */

static void lent_to_read(const struct vm *vm, uint64_t page)
{
	uint64_t ipa = vm_shared(vm);
	struct moat_regs info;

	page_fill(page, WORDS);
	check_done(vm_lend(vm, ipa, page, 1, MOAT_READ),
		"the host lends a page for reading");
	info = call(moat_page_info((struct moat_pa){page}));
	check(info.x[1] == MOAT_PAGE_LENT && info.x[2] == SLOT &&
			info.x[3] == ipa && info.x[4] == 3 &&
			info.x[5] == MOAT_READ,
		"page_info says to whom, where, and for what");
	check_equal(vm_ask(vm, GUEST_READ, ipa + PAGE - 8, 0), WORDS,
		"the VM reads what the host wrote");
	word_write(page, WORDS + 1);
	check_equal(vm_ask(vm, GUEST_READ, ipa, 0), WORDS + 1,
		"and what the host writes now");
	vm_ask(vm, GUEST_KEEP, 0, REPLY);
	check(exit_is_fault(vm_order(vm, GUEST_WRITE, ipa + 16, REPLY),
		      ipa + 16, MOAT_ACCESS_WRITE),
		"a write of the VM is a fault");
	check(vm_takes_abort(vm, ipa + 16, MOAT_ACCESS_WRITE),
		"which the host makes an abort for the VM");
	/* Its FAR_EL1 and ELR_EL1 are the abort's; the engine's own look for
	 * the address has left no trace in PAR_EL1. */
	check_equal(vm_ask(vm, GUEST_SHOW, 0, REPLY), GUEST_REGISTERS - 2,
		"and nothing but the abort changes its registers");
	check(exit_is_fault(vm_order(vm, GUEST_JUMP, ipa + 8, 0), ipa + 8,
		      MOAT_ACCESS_FETCH),
		"a fetch is a fault");
	check(vm_takes_abort(vm, ipa + 8, MOAT_ACCESS_FETCH),
		"and an abort as well");
	check_equal(word_read(page + 16), WORDS, "nothing was written");
}

static void lent_to_write(const struct vm *vm, uint64_t page)
{
	uint64_t ipa = vm_shared(vm) + PAGE;

	page_fill(page, WORDS);
	check_done(vm_lend(vm, ipa, page, 1, MOAT_READ + MOAT_WRITE),
		"the host lends a page for writing");
	check(exit_is_report(vm_order(vm, GUEST_WRITE, ipa, REPLY)),
		"the VM writes");
	check_equal(word_read(page), REPLY, "the host reads it");
	check(exit_is_fault(
		      vm_order(vm, GUEST_JUMP, ipa, 0), ipa, MOAT_ACCESS_FETCH),
		"but the VM does not execute it");
	check(vm_takes_abort(vm, ipa, MOAT_ACCESS_FETCH), "and goes on");
}

static void lent_to_execute(const struct vm *vm, uint64_t page)
{
	uint64_t ipa = vm_shared(vm) + 2 * PAGE;

	/* movz x20, #0x33; ret */
	word_write(page, 0xd65f03c0d2800674u);
	machine_code_written(page);
	check_done(vm_lend(vm, ipa, page, 1, MOAT_READ + MOAT_EXECUTE),
		"the host lends a page for execution");
	check_equal(vm_ask(vm, GUEST_JUMP, ipa, 0), 0x33, "the VM executes it");
	check(exit_is_fault(vm_order(vm, GUEST_WRITE, ipa, REPLY), ipa,
		      MOAT_ACCESS_WRITE),
		"but does not write it");
	check(vm_takes_abort(vm, ipa, MOAT_ACCESS_WRITE), "and goes on");
}

static void lending_refusals(const struct vm *vm, uint64_t lent)
{
	uint64_t free = vm_shared(vm) + 8 * PAGE;
	struct vm other = *vm;

	other.id.value = OTHER;
	check_refused(vm_lend(vm, free, lent, 1, MOAT_READ), MOAT_BAD_PAGE, 3,
		"a lent page is not lent again");
	check_refused(vm_donate(vm, GUEST_SPARE, lent, 1), MOAT_BAD_PAGE, 3,
		"nor given away");
	check_refused(moat_vm_create(other.id, (struct moat_pa){lent}, 39, 1),
		MOAT_BAD_PAGE, 2, "nor made a root");
	check_refused(vm_lend(vm, vm_shared(vm), lent + 8 * PAGE, 1, MOAT_READ),
		MOAT_OCCUPIED, 2, "a loan does not replace another");
	check_refused(vm_lend(vm, GUEST_SPARE, lent + 8 * PAGE, 1, MOAT_READ),
		MOAT_BAD_IPA, 2, "nothing is lent into the protected half");
	check_refused(vm_lend(vm, free, vm->data, 1, MOAT_READ), MOAT_BAD_PAGE,
		3, "a VM's own page is not the host's to lend");
	check_refused(vm_lend(vm, free, lent + 8 * PAGE, 1, MOAT_WRITE),
		MOAT_BAD_ARG, 5, "a loan can always be read");
	check_refused(vm_lend(vm, free, lent + 8 * PAGE, 1, 8 + MOAT_READ),
		MOAT_BAD_ARG, 5, "and no more than written and executed");
	check_refused(vm_lend(&other, free, lent + 8 * PAGE, 1, MOAT_READ),
		MOAT_BAD_STATE, 0, "a slot without a VM borrows nothing");
	check_refused(vm_recall(vm, free, 1), MOAT_NOT_MAPPED, 2,
		"what is not lent is not recalled");
	check_refused(vm_recall(vm, GUEST_DATA, 1), MOAT_BAD_IPA, 2,
		"nor what is the VM's own");
}

/* The page is in the TLB that the VM uses, and must not stay there. */
static void recalled(const struct vm *vm, uint64_t lent)
{
	uint64_t ipa = vm_shared(vm);
	struct moat_regs answer;

	vm_ask(vm, GUEST_WRITE, ipa + PAGE + 8, REPLY + 2);
	answer = call(vm_recall(vm, ipa, 3));
	check(answer.x[0] == MOAT_OK && answer.x[1] == 3,
		"the host recalls all three at once");
	check_equal(page_state(lent) + page_state(lent + PAGE) +
			    page_state(lent + 2 * PAGE),
		3 * MOAT_PAGE_HOST, "they are the host's");
	check_equal(word_read(lent + PAGE + 8), REPLY + 2,
		"with what the VM wrote");
	check_exit(vm_order(vm, GUEST_READ, ipa + PAGE, 0), MOAT_EXIT_MMIO,
		"the VM finds no memory there any more");
	check(exit_reports(vm_answer(vm, 0x77), 0x77),
		"but what the host says");
	check_exit(vm_order(vm, GUEST_WRITE, ipa + PAGE, ~REPLY),
		MOAT_EXIT_MMIO, "nor does it write");
	vm_run(vm);
	check_equal(word_read(lent + PAGE), REPLY, "the host's page");
}

void test_lending(void)
{
	struct pool pool = {0, 1};
	struct vm vm;
	uint64_t page;

	open_two_halves(&vm, &pool);
	page = pool_take(&pool, 16);
	lent_to_read(&vm, page);
	lent_to_write(&vm, page + PAGE);
	lent_to_execute(&vm, page + 2 * PAGE);
	check(!touch_aborts(TOUCH_READ, page) &&
			!touch_aborts(TOUCH_WRITE, page + PAGE) &&
			!touch_aborts(TOUCH_EXCLUSIVE, page + 2 * PAGE),
		"the host goes on using what it lent");
	word_write(page + PAGE, REPLY);
	lending_refusals(&vm, page);
	recalled(&vm, page);
	check_done(vm_lend(&vm, vm_shared(&vm), page, 1, MOAT_READ),
		"the page is lent again");
	check_done(moat_vm_kill(vm.id), "the VM is killed");
	check_refused(
		vm_lend(&vm, vm_shared(&vm) + PAGE, page + PAGE, 1, MOAT_READ),
		MOAT_BAD_STATE, 0, "a dead VM borrows nothing");
	check_done(vm_recall(&vm, vm_shared(&vm), 1), "but gives back");
	check_equal(word_read(page + 8), WORDS, "unscrubbed, what was lent");
	vm_sweep(POOL_USED);
	check(pool_is_host(POOL_USED), "the lender has everything back");
}

/* ---- Sharing ------------------------------------------------------------- */

static bool exit_tells(struct moat_regs exit, enum moat_exit_reason reason,
	uint64_t ipa, uint64_t count)
{
	uint64_t rest = 0;

	for (size_t i = 4; i <= MOAT_RUN_RESULT_COUNT; i++) {
		rest |= exit.x[i];
	}
	return exit.x[0] == MOAT_OK && exit.x[1] == reason &&
	       exit.x[2] == ipa && exit.x[3] == count && rest == 0;
}

#define SHARE MOAT_FUNCTION(MOAT_GUEST_SHARE)
#define UNSHARE MOAT_FUNCTION(MOAT_GUEST_UNSHARE)
#define RELINQUISH MOAT_FUNCTION(MOAT_GUEST_RELINQUISH)

/* What the guest found after a call that the host was told of: x0 and x1. */
static bool guest_did(const struct vm *vm, uint64_t count)
{
	struct moat_regs exit = vm_run(vm);

	return exit_reports(exit, MOAT_OK) && exit.x[6] == count &&
	       exit.x[7] == 0 && exit.x[8] == 0;
}

static void shares(const struct vm *vm, uint64_t page)
{
	check(touch_always_aborts(page), "a VM's page is out of reach");
	check(exit_tells(vm_call(vm, SHARE, GUEST_SPARE, 1, 0), MOAT_EXIT_SHARE,
		      GUEST_SPARE, 1),
		"the VM shares it, and the host is told");
	check_equal(page_state(page), MOAT_PAGE_SHARED, "page_info says so");
	check_equal(word_read(page), REPLY, "the host reads what the VM wrote");
	word_write(page + 8, WORDS);
	check(guest_did(vm, 1), "the VM learns that it is done");
	check_equal(vm_ask(vm, GUEST_READ, GUEST_SPARE + 8, 0), WORDS,
		"and reads what the host wrote");
	check_refused(vm_donate(vm, GUEST_SPARE + 16 * PAGE, page, 1),
		MOAT_BAD_PAGE, 3, "a shared page is not the host's to give");
	check_refused(vm_reclaim(vm, GUEST_SPARE, 1), MOAT_BAD_STATE, 0,
		"nor to take");
}

/* The page is in the host's TLB. */
static void unshares(const struct vm *vm, uint64_t page)
{
	word_write(page + 16, WORDS + 5);
	check(exit_tells(vm_call(vm, UNSHARE, GUEST_SPARE, 1, 0),
		      MOAT_EXIT_UNSHARE, GUEST_SPARE, 1),
		"the VM ends the sharing, and the host is told");
	check(touch_always_aborts(page), "the host does not reach it again");
	check_equal(page_state(page), MOAT_PAGE_VM, "page_info says so too");
	check(guest_did(vm, 1), "the VM learns that that is done");
	check_equal(vm_ask(vm, GUEST_READ, GUEST_SPARE + 16, 0), WORDS + 5,
		"and keeps what the host left");
}

static void relinquishes(const struct vm *vm, uint64_t page)
{
	check(exit_tells(vm_call(vm, RELINQUISH, GUEST_SPARE, 1, 0),
		      MOAT_EXIT_RELINQUISH, GUEST_SPARE, 1),
		"the VM gives it back, and the host is told");
	check_equal(page_state(page), MOAT_PAGE_HOST, "it is the host's");
	check(page_is_filled(page, 0), "and scrubbed");
	check(guest_did(vm, 1), "the VM learns that as well");
	check(exit_is_fault(vm_order(vm, GUEST_READ, GUEST_SPARE, 0),
		      GUEST_SPARE, MOAT_ACCESS_READ),
		"and does not find it any more");
	check(vm_takes_abort(vm, GUEST_SPARE, MOAT_ACCESS_READ),
		"the host makes that an abort");
}

/* A call that is refused does not even end the run. */
static void check_guest_refused(const struct vm *vm, struct moat_regs exit,
	enum moat_status code, uint64_t operand, const char *name)
{
	uint64_t results = exit.x[6] | exit.x[7] | exit.x[8];

	results |= vm_ask(vm, GUEST_LAST, 0, 0);
	check(exit_reports(exit, (uint64_t)code + operand * 256) &&
			results == 0,
		name);
}

static void sharing_refusals(const struct vm *vm)
{
	uint64_t half = vm_shared(vm);

	check_guest_refused(vm, vm_call(vm, SHARE, GUEST_SPARE + 8, 1, 0),
		MOAT_BAD_ARG, 1, "a VM cannot share half a page");
	check_guest_refused(vm, vm_call(vm, SHARE, GUEST_DATA, 0, 0),
		MOAT_BAD_ARG, 2, "or none");
	check_guest_refused(vm, vm_call(vm, SHARE, half, 1, 0), MOAT_BAD_IPA, 1,
		"or what is in the shared half");
	check_guest_refused(vm, vm_call(vm, SHARE, GUEST_DATA, half / PAGE, 0),
		MOAT_BAD_IPA, 2, "or what ends there");
	check_guest_refused(vm, vm_call(vm, SHARE, half / 2, 1, 0),
		MOAT_NO_TABLE, 1, "or where there is no table");
	check_guest_refused(vm, vm_call(vm, RELINQUISH, GUEST_SPARE, 1, 0),
		MOAT_NOT_MAPPED, 1, "or give back what it has not");
	check_guest_refused(vm, vm_call(vm, UNSHARE, GUEST_DATA, 1, 0),
		MOAT_BAD_PAGE, 1, "or unshare what it did not share");
}

/* Four pages, the third of them shared already: two, one, one. */
static void shares_a_range(
	const struct vm *vm, uint64_t page, uint64_t far_page)
{
	uint64_t at = GUEST_SPARE;

	check_done(vm_donate(vm, at, page, 3), "three pages are donated");
	check_done(vm_donate(vm, at + 3 * PAGE, far_page, 1),
		"and one from elsewhere");
	vm_call(vm, SHARE, at + 2 * PAGE, 1, 0);
	vm_run(vm);
	check(exit_tells(vm_call(vm, SHARE, at, 4, 0), MOAT_EXIT_SHARE, at, 2),
		"a range ends at a page that is shared");
	check(guest_did(vm, 2), "the VM learns where");
	check_guest_refused(vm, vm_call(vm, SHARE, at + 2 * PAGE, 2, 0),
		MOAT_BAD_PAGE, 1, "that page is not shared twice");
	check(exit_tells(
		      vm_call(vm, UNSHARE, at, 4, 0), MOAT_EXIT_UNSHARE, at, 3),
		"all three are unshared at once");
	check(guest_did(vm, 3) && touch_aborts(TOUCH_READ, page) &&
			touch_aborts(TOUCH_READ, page + 2 * PAGE),
		"and out of reach");
	vm_ask(vm, GUEST_WRITE, at + 2 * PAGE, SECRET);
	vm_call(vm, SHARE, at + 2 * PAGE, 1, 0);
	vm_run(vm);
	check(exit_tells(vm_call(vm, RELINQUISH, at, 4, 0),
		      MOAT_EXIT_RELINQUISH, at, 4),
		"shared or not, all four are given back");
	check(page_is_filled(page + 2 * PAGE, 0) &&
			page_state(far_page) == MOAT_PAGE_HOST &&
			!touch_aborts(TOUCH_READ, far_page),
		"to the host, scrubbed");
	check(guest_did(vm, 4), "the VM learns how many");
}

static void shared_until_death(const struct vm *vm, uint64_t page)
{
	check_done(vm_donate(vm, GUEST_SPARE, page, 1), "the page is donated");
	vm_ask(vm, GUEST_WRITE, GUEST_SPARE, SECRET);
	vm_call(vm, SHARE, GUEST_SPARE, 1, 0);
	check_equal(word_read(page), SECRET, "shared and seen");
	check_done(moat_vm_kill(vm->id), "its VM is killed");
	check_done(vm_reclaim(vm, GUEST_SPARE, 1), "and it is reclaimed");
	check(page_is_filled(page, 0), "scrubbed, though it was shared");
}

void test_sharing(void)
{
	struct pool pool = {0, 1};
	struct vm vm;
	uint64_t page;

	open_two_halves(&vm, &pool);
	page = pool_take(&pool, 4);
	check_done(vm_donate(&vm, GUEST_SPARE, page, 1), "it gets a page");
	vm_ask(&vm, GUEST_WRITE, GUEST_SPARE, REPLY);
	shares(&vm, page);
	unshares(&vm, page);
	relinquishes(&vm, page);
	sharing_refusals(&vm);
	shares_a_range(&vm, page, pool_take(&pool, 1));
	shared_until_death(&vm, page);
	vm_sweep(POOL_USED);
	check(pool_is_host(POOL_USED), "every page is the host's again");
}
