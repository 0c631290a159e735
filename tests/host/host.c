/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * moat/host.h against the engine: what it maps, is mapped; where it stops, the
 * range says so; and after a tear-down nothing is left.
 */
#include "moat/host.h"

#include <stdio.h>
#include <string.h>

#include "moat/port.h"
#include "small.h"

enum {
	BLOCK_PAGES = 512,
	POOL_MAX = 12,
	POOL_FIRST = 100, /* page of RAM; those of the pool follow */
	DATA_FIRST = BLOCK_PAGES /* pages to give, from the second block on */
};

#define PAGE_COUNT (SMALL_RAM_SIZE / MOAT_PAGE_SIZE)
#define GIB UINT64_C(0x40000000)

static struct moat *engine;
static uint64_t calls;
static int failed;

void moat_host_hvc(struct moat_regs *regs)
{
	calls++;
	moat_host_call(engine, 0, regs);
}

/* ---- What a test starts with, and what it asks -------------------------- */

static struct moat_pa page_at(uint64_t number)
{
	struct moat_pa pa = {SMALL_RAM_BASE + number * MOAT_PAGE_SIZE};

	return pa;
}

static const struct moat_vm_id vm = {1};
static struct moat_pa pool_pages[POOL_MAX];
static struct moat_host_pool pool;

static void expect(bool holds, const char *what)
{
	if (!holds) {
		printf("FAILED: %s\n", what);
		failed++;
	}
}

/* A new engine with one VM that is being built, and a pool of @tables. */
static void start(uint32_t ipa_bits, uint32_t tables)
{
	engine = small_engine(1, 2);
	pool.page = pool_pages;
	pool.capacity = POOL_MAX;
	pool.count = tables;
	for (uint32_t i = 0; i < POOL_MAX; i++) {
		pool_pages[i] = page_at(POOL_FIRST + i);
	}
	expect(moat_host_ask(moat_vm_create(vm, page_at(0), ipa_bits, 2)) ==
			MOAT_OK,
		"the VM is created");
}

static struct moat_host_range range_at(
	uint64_t ipa, uint64_t page, uint64_t count)
{
	struct moat_host_range range = {vm, {ipa}, page_at(page), count, 0};

	return range;
}

/* What page_info says of a page: the state, and the IPA where it is mapped. */
static bool page_is(uint64_t number, enum moat_page_state state, uint64_t ipa)
{
	struct moat_regs regs = moat_page_info(page_at(number));

	moat_host_hvc(&regs);
	return regs.x[0] == MOAT_OK && regs.x[1] == (uint64_t)state &&
	       regs.x[3] == ipa;
}

static bool pages_are(uint64_t first, uint64_t count,
	enum moat_page_state state, uint64_t ipa)
{
	bool holds = true;

	for (uint64_t i = 0; i < count; i++) {
		holds = holds &&
			page_is(first + i, state, ipa + i * MOAT_PAGE_SIZE);
	}
	return holds;
}

/* All of RAM is the host's again, and the engine's state is sound. */
static bool nothing_is_left(void)
{
	bool holds = moat_invariant_check(engine) == NULL;

	for (uint64_t i = 0; i < PAGE_COUNT; i++) {
		holds = holds && page_is(i, MOAT_PAGE_HOST, 0);
	}
	return holds;
}

static uint64_t code_of(uint64_t status)
{
	return moat_status_code(status);
}

/* ---- Giving ------------------------------------------------------------- */

/* 700 pages from the middle of one leaf table to the third one. */
static void range_crosses_leaf_tables(void)
{
	uint64_t ipa = GIB - 100 * MOAT_PAGE_SIZE;
	struct moat_host_range range = range_at(ipa, DATA_FIRST, 700);

	start(36, POOL_MAX);
	expect(moat_host_load(&range, &pool) == MOAT_OK, "700 pages load");
	expect(range.count == 0, "the range is done");
	/* Two of level 2, three of level 3. */
	expect(pool.count == POOL_MAX - 5, "five tables were taken");
	expect(pages_are(DATA_FIRST, 700, MOAT_PAGE_VM, ipa), "all are mapped");
	expect(moat_host_teardown(vm, &pool) == MOAT_OK, "it is torn down");
	expect(pool.count == POOL_MAX, "the tables are back");
	expect(nothing_is_left(), "nothing is left");
}

static void range_goes_on_when_the_pool_is_filled(void)
{
	struct moat_host_range range = range_at(0x1ff000, DATA_FIRST, 2);

	start(32, 1);
	expect(moat_host_donate(&range, &pool) == MOAT_NO_TABLE,
		"the second table is missing");
	expect(range.count == 1 && range.ipa.value == 0x200000 &&
			range.pa.value == page_at(DATA_FIRST + 1).value,
		"the range begins with what is missing");
	pool_pages[0] = page_at(POOL_FIRST + 1);
	pool.count = 1;
	expect(moat_host_donate(&range, &pool) == MOAT_OK, "it goes on");
	expect(pages_are(DATA_FIRST, 2, MOAT_PAGE_VM, 0x1ff000), "both are in");
}

static void range_stops_at_what_is_refused(void)
{
	struct moat_host_range first = range_at(0x5000, DATA_FIRST + 3, 1);
	struct moat_host_range range = range_at(0x8000, DATA_FIRST, 5);

	start(32, POOL_MAX);
	expect(moat_host_donate(&first, &pool) == MOAT_OK, "one is given");
	expect(code_of(moat_host_donate(&range, &pool)) == MOAT_BAD_PAGE,
		"a page that is not the host's stops it");
	expect(range.count == 2 && range.ipa.value == 0xb000,
		"the range begins with that page");
	expect(pages_are(DATA_FIRST, 3, MOAT_PAGE_VM, 0x8000),
		"those before it are in");
}

/* A block in the middle, pages at both ends. */
static void donation_takes_blocks_where_they_fit(void)
{
	uint64_t ipa = 0x200000 - 0x3000;
	struct moat_host_range range =
		range_at(ipa, DATA_FIRST * 2 - 3, BLOCK_PAGES + 5);
	struct moat_regs info = moat_page_info(page_at(DATA_FIRST * 2));

	start(36, POOL_MAX);
	calls = 0;
	expect(moat_host_donate(&range, &pool) == MOAT_OK, "it is donated");
	/* Level 2, and level 3 before and behind the block. */
	expect(pool.count == POOL_MAX - 3, "three tables were taken");
	expect(calls < 16, "few calls do");
	moat_host_hvc(&info);
	expect(info.x[4] == 2, "the middle is a block");
	expect(moat_host_teardown(vm, &pool) == MOAT_OK, "it is torn down");
	expect(pool.count == POOL_MAX && nothing_is_left(), "nothing is left");
}

/* A leaf table is there already: its slots take the pages one by one. */
static void donation_falls_back_to_pages(void)
{
	struct moat_host_range first = range_at(0x201000, 50, 1);
	struct moat_host_range range = range_at(0x200000, BLOCK_PAGES, 1);

	start(32, POOL_MAX);
	expect(moat_host_donate(&first, &pool) == MOAT_OK, "one page");
	range.count = BLOCK_PAGES;
	expect(code_of(moat_host_donate(&range, &pool)) == MOAT_OCCUPIED,
		"the second slot is taken");
	expect(range.count == BLOCK_PAGES - 1, "the first was not");
	expect(page_is(BLOCK_PAGES, MOAT_PAGE_VM, 0x200000), "and is in");
}

/* One page of what would be a block is not the host's: the others are given. */
static void donation_gives_the_pages_of_a_broken_block(void)
{
	struct moat_host_range first =
		range_at(0x400000, 2 * BLOCK_PAGES + 7, 1);
	struct moat_host_range range = range_at(0x200000, 2 * BLOCK_PAGES, 1);

	start(36, POOL_MAX);
	expect(moat_host_donate(&first, &pool) == MOAT_OK, "one page");
	range.count = BLOCK_PAGES;
	expect(code_of(moat_host_donate(&range, &pool)) == MOAT_BAD_PAGE,
		"it stops at that page");
	expect(range.count == BLOCK_PAGES - 7, "seven were given");
}

/* Aligned in the VM, but not in RAM: no block can be there. */
static void donation_makes_no_block_of_what_is_shifted(void)
{
	struct moat_host_range range =
		range_at(0x200000, BLOCK_PAGES + 1, BLOCK_PAGES);

	start(36, POOL_MAX);
	expect(moat_host_donate(&range, &pool) == MOAT_OK, "as pages");
	expect(pages_are(BLOCK_PAGES + 1, BLOCK_PAGES, MOAT_PAGE_VM, 0x200000),
		"all are in");
}

static void loans_go_to_the_shared_half_and_back(void)
{
	uint64_t half = UINT64_C(1) << 35;
	struct moat_host_range range = range_at(half, BLOCK_PAGES, 600);
	struct moat_host_range back;

	start(36, POOL_MAX);
	range.permission = MOAT_READ + MOAT_WRITE;
	back = range;
	expect(moat_host_lend(&range, &pool) == MOAT_OK, "600 pages are lent");
	/* page_info tells the IPA of a page in a block as that of the page. */
	expect(page_is(BLOCK_PAGES + 599, MOAT_PAGE_LENT,
		       half + 599 * MOAT_PAGE_SIZE),
		"the last one is");
	expect(moat_host_recall(&back) == MOAT_OK, "they are recalled");
	expect(back.count == 0 && moat_host_teardown(vm, &pool) == MOAT_OK,
		"and the VM is gone");
	expect(nothing_is_left(), "nothing is left");
}

/* ---- Tear-down ---------------------------------------------------------- */

/* Pages far apart, holes between them, loans, vCPUs, in each shape of root. */
static void teardown_takes_everything_back(uint32_t ipa_bits)
{
	uint64_t half = UINT64_C(1) << (ipa_bits - 1);
	struct moat_host_range low = range_at(0, 600, 1);
	struct moat_host_range odd = range_at(0x7000, 602, 2);
	struct moat_host_range far = range_at(half - 0x1000, 610, 1);
	struct moat_host_range loan = range_at(half + 0x5000, 620, 3);
	const struct moat_vcpu_id last = {1};

	start(ipa_bits, POOL_MAX);
	loan.permission = MOAT_READ;
	expect(moat_host_load(&low, &pool) == MOAT_OK, "low");
	expect(moat_host_load(&odd, &pool) == MOAT_OK, "odd");
	expect(moat_host_donate(&far, &pool) == MOAT_OK, "far");
	expect(moat_host_lend(&loan, &pool) == MOAT_OK, "loan");
	expect(moat_host_ask(moat_vcpu_create(vm, last, page_at(40), 0, 0)) ==
			MOAT_OK,
		"the second vCPU alone");
	calls = 0;
	expect(moat_host_teardown(vm, &pool) == MOAT_OK, "torn down");
	/* Not one for each leaf table that there could be: 2^23 at 44 bits. */
	expect(calls < 12000, "what has no table is left out");
	expect(pool.count == POOL_MAX, "every table is back");
	expect(nothing_is_left(), "nothing is left");
}

/* Some pages and loans at the start of each half: some calls. */
static void teardown_within_asks_about_no_more(void)
{
	struct moat_host_range low = range_at(0, 600, 5);
	struct moat_host_range loan = range_at(2 * GIB, 620, 3);

	start(32, POOL_MAX);
	loan.permission = MOAT_READ;
	expect(moat_host_load(&low, &pool) == MOAT_OK, "low");
	expect(moat_host_lend(&loan, &pool) == MOAT_OK, "loan");
	calls = 0;
	expect(moat_host_teardown_within(vm, 0x200000, &pool) == MOAT_OK,
		"torn down");
	expect(calls < 32, "few calls do");
	expect(pool.count == POOL_MAX && nothing_is_left(), "nothing is left");
}

/* The upper tables of what was asked about come back as well. */
static void teardown_within_too_little_goes_on(void)
{
	struct moat_host_range low = range_at(0, 600, 1);
	struct moat_host_range far = range_at(GIB, 610, 1);

	start(36, POOL_MAX);
	expect(moat_host_load(&low, &pool) == MOAT_OK, "low");
	expect(moat_host_load(&far, &pool) == MOAT_OK, "far");
	expect(moat_host_teardown_within(vm, 0x1000, &pool) == MOAT_NOT_EMPTY,
		"something is beyond");
	expect(pool.count == POOL_MAX - 2, "two tables are back");
	expect(moat_host_teardown_within(vm, GIB + 0x1000, &pool) == MOAT_OK,
		"asked for more it is torn down");
	expect(pool.count == POOL_MAX && nothing_is_left(), "nothing is left");
}

static void teardown_of_a_running_vm_is_busy(void)
{
	const struct moat_trap trap = {.kind = MOAT_TRAP_IRQ};
	const struct moat_vcpu_id vcpu = {0};
	struct moat_regs regs;
	struct moat_regs kill = moat_vm_kill(vm);

	start(32, POOL_MAX);
	moat_host_ask(moat_vcpu_create(vm, vcpu, page_at(40), 0, 0));
	moat_host_ask(moat_vm_seal(vm));
	engine = small_engine(2, 2);
	moat_host_ask(moat_vm_create(vm, page_at(0), 32, 2));
	moat_host_ask(moat_vcpu_create(vm, vcpu, page_at(40), 0, 0));
	moat_host_ask(moat_vm_seal(vm));
	regs = moat_vcpu_run(vm, vcpu);
	moat_host_call(engine, 1, &regs);
	expect(moat_host_teardown(vm, &pool) == MOAT_BUSY, "it runs on CPU 1");
	moat_guest_exit(engine, 1, &trap, &regs);
	moat_host_hvc(&kill);
	expect(moat_host_teardown(vm, &pool) == MOAT_OK, "killed before, too");
	expect(nothing_is_left(), "nothing is left");
}

static void teardown_of_no_vm_is_refused(void)
{
	const struct moat_vm_id none = {0}, beyond = {2};

	start(32, 0);
	expect(moat_host_teardown(none, &pool) == MOAT_BAD_STATE, "empty slot");
	expect(code_of(moat_host_teardown(beyond, &pool)) == MOAT_BAD_VM,
		"no slot");
}

/* A pool that is full: the tables are the host's, the pool stays whole. */
static void teardown_does_not_overfill_the_pool(void)
{
	struct moat_host_range range = range_at(0, 600, 1);

	start(36, POOL_MAX);
	expect(moat_host_donate(&range, &pool) == MOAT_OK, "one page");
	pool.capacity = pool.count + 1;
	expect(moat_host_teardown(vm, &pool) == MOAT_OK, "torn down");
	expect(pool.count == pool.capacity && nothing_is_left(), "one came in");
}

static void reclaim_takes_a_range_of_the_dying(void)
{
	struct moat_host_range range = range_at(0, BLOCK_PAGES, 600);
	struct moat_host_range back = range;

	start(32, POOL_MAX);
	expect(moat_host_donate(&range, &pool) == MOAT_OK, "600 pages");
	expect(moat_host_reclaim(&back) == MOAT_BAD_STATE && back.count == 600,
		"a living VM keeps them");
	moat_host_ask(moat_vm_kill(vm));
	expect(moat_host_reclaim(&back) == MOAT_OK && back.count == 0,
		"a dying one does not");
}

int main(void)
{
	static const uint32_t widths[] = {32, 34, 35, 39, 40, 43, 44};

	range_crosses_leaf_tables();
	range_goes_on_when_the_pool_is_filled();
	range_stops_at_what_is_refused();
	donation_takes_blocks_where_they_fit();
	donation_falls_back_to_pages();
	donation_gives_the_pages_of_a_broken_block();
	donation_makes_no_block_of_what_is_shifted();
	loans_go_to_the_shared_half_and_back();
	for (unsigned int i = 0; i < sizeof(widths) / sizeof(widths[0]); i++) {
		teardown_takes_everything_back(widths[i]);
	}
	teardown_within_asks_about_no_more();
	teardown_within_too_little_goes_on();
	teardown_of_a_running_vm_is_busy();
	teardown_of_no_vm_is_refused();
	teardown_does_not_overfill_the_pool();
	reclaim_takes_a_range_of_the_dying();
	printf("%d failures\n", failed);
	return failed == 0 ? 0 : 1;
}
