/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ranges of the calls that end or change mappings, which do a prefix: up to the
 * end of the leaf table, 512 pages, a hole, a page in another state, in however
 * many regions; and runs of pages in different states, which are one range to
 * those that take both. Whether what a call gave and took is zero, kept,
 * reachable.
 */
#include <criterion/criterion.h>

#include "inside.h"
#include "pte.h"
#include "scene.h"
#include "table.h"
#include "watch.h"

#define OK MOAT_OK
#define LEAF IPA_EMPTY_LEAF
#define WORD(i) (UINT64_C(0x776f726400) + (i))

static const struct moat_vm_id vm_0 = {0};

enum move { RECLAIM, RECALL, SHARE, UNSHARE, RELINQUISH };

static const char *const move_names[] = {
	"reclaim", "recall", "share", "unshare", "relinquish"};

/* What a span of pages is: V a VM's, S SHARED, L LENT. */
struct span {
	uint64_t slot, pa, count;
	char is;
};

/* { it stops at; the call, from slot, count; the answer, pages done; what there
 * is } */
static const struct move_row {
	const char *name;
	enum move move;
	uint64_t slot, count;
	uint64_t answer, done;
	struct span spans[5];
} rows[] = {
	/* Both states go the same way. */
	{"the count, VM and SHARED", RECLAIM, 0, 9, OK, 9,
		{{0, BED_C, 3, 'V'}, {3, BED_C + 3 * BED_PAGE, 3, 'S'},
			{6, BED_C + 6 * BED_PAGE, 3, 'V'}}},
	{"the count, SHARED first", RECLAIM, 0, 6, OK, 6,
		{{0, BED_C, 3, 'S'}, {3, BED_C + 3 * BED_PAGE, 3, 'V'}}},
	{"the count, SHARED alone", RECLAIM, 0, BED_ENTRIES, OK, BED_ENTRIES,
		{{0, BED_C, BED_ENTRIES, 'S'}}},
	{"the count, VM and SHARED", RELINQUISH, 0, 9, OK, 9,
		{{0, BED_C, 3, 'V'}, {3, BED_C + 3 * BED_PAGE, 3, 'S'},
			{6, BED_C + 6 * BED_PAGE, 3, 'V'}}},
	{"the count, in turn", RELINQUISH, 1, 4, OK, 4,
		{{0, BED_C, 1, 'V'}, {1, BED_C + BED_PAGE, 1, 'S'},
			{2, BED_C + 2 * BED_PAGE, 1, 'V'},
			{3, BED_C + 3 * BED_PAGE, 1, 'S'},
			{4, BED_C + 4 * BED_PAGE, 1, 'V'}}},
	{"a leaf", RELINQUISH, 0, 2 * BED_ENTRIES, OK, BED_ENTRIES,
		{{0, BED_C, BED_ENTRIES, 'V'}}},
	{"a hole", RELINQUISH, 0, 9, OK, 3,
		{{0, BED_C, 3, 'V'}, {4, BED_D, 3, 'V'}}},
	{"the end of the leaf", RELINQUISH, BED_ENTRIES - 2, 9, OK, 2,
		{{BED_ENTRIES - 12, BED_C, 12, 'V'}}},
	{"a hole, three regions", RELINQUISH, 0, 9, OK, 6,
		{{0, BED_B, 2, 'V'}, {2, BED_D, 2, 'S'}, {4, BED_C, 2, 'V'}}},

	/* One state only: a page in the other ends the range. */
	{"the count, 1", SHARE, 0, 1, OK, 1, {{0, BED_C, 5, 'V'}}},
	{"a leaf", SHARE, 0, BED_ENTRIES + 1, OK, BED_ENTRIES,
		{{0, BED_C, BED_ENTRIES, 'V'}}},
	{"a SHARED page", SHARE, 0, 9, OK, 3,
		{{0, BED_C, 3, 'V'}, {3, BED_C + 3 * BED_PAGE, 1, 'S'},
			{4, BED_C + 4 * BED_PAGE, 3, 'V'}}},
	{"a SHARED first page", SHARE, 0, 9, AT(MOAT_BAD_PAGE, 1), 0,
		{{0, BED_C, 1, 'S'}, {1, BED_C + BED_PAGE, 3, 'V'}}},
	{"a hole", SHARE, 0, 9, OK, 2,
		{{0, BED_C, 2, 'V'}, {3, BED_D, 3, 'V'}}},
	{"the end of the leaf", SHARE, BED_ENTRIES - 1, BED_ENTRIES, OK, 1,
		{{BED_ENTRIES - 12, BED_C, 12, 'V'}}},
	{"a hole, three regions", SHARE, 0, 9, OK, 4,
		{{0, BED_B, 1, 'V'}, {1, BED_C, 2, 'V'}, {3, BED_D, 1, 'V'}}},
	{"the count, two regions", SHARE, 0, 4, OK, 4,
		{{0, BED_C - 2 * BED_PAGE, 4, 'V'}}},
	{"the count, two regions, descending", SHARE, 0, 2, OK, 2,
		{{0, BED_C, 1, 'V'}, {1, BED_B, 1, 'V'}}},
	{"the count, descending", SHARE, 0, 3, OK, 3,
		{{0, BED_C + 2 * BED_PAGE, 1, 'V'},
			{1, BED_C + BED_PAGE, 1, 'V'}, {2, BED_C, 1, 'V'}}},
	/* The page behind the first, by address, is not in the range. */
	{"the count, descending below another", SHARE, 0, 2, OK, 2,
		{{0, BED_C + BED_PAGE, 1, 'V'}, {1, BED_C, 1, 'V'},
			{2, BED_C + 2 * BED_PAGE, 1, 'V'}}},
	{"the count, descending below another", UNSHARE, 0, 2, OK, 2,
		{{0, BED_C + BED_PAGE, 1, 'S'}, {1, BED_C, 1, 'S'},
			{2, BED_C + 2 * BED_PAGE, 1, 'S'}}},
	{"the count, descending below another", RELINQUISH, 0, 2, OK, 2,
		{{0, BED_C + BED_PAGE, 1, 'V'}, {1, BED_C, 1, 'V'},
			{2, BED_C + 2 * BED_PAGE, 1, 'V'}}},
	{"the count, 1", UNSHARE, 0, 1, OK, 1, {{0, BED_C, 5, 'S'}}},
	{"a leaf", UNSHARE, 0, BED_ENTRIES + 1, OK, BED_ENTRIES,
		{{0, BED_C, BED_ENTRIES, 'S'}}},
	{"a VM page", UNSHARE, 0, 9, OK, 3,
		{{0, BED_C, 3, 'S'}, {3, BED_C + 3 * BED_PAGE, 1, 'V'},
			{4, BED_C + 4 * BED_PAGE, 3, 'S'}}},
	{"a VM first page", UNSHARE, 0, 9, AT(MOAT_BAD_PAGE, 1), 0,
		{{0, BED_C, 1, 'V'}, {1, BED_C + BED_PAGE, 3, 'S'}}},
	{"a hole", UNSHARE, 0, 9, OK, 2,
		{{0, BED_C, 2, 'S'}, {3, BED_D, 3, 'S'}}},
	{"a hole, three regions", UNSHARE, 0, 9, OK, 4,
		{{0, BED_B, 1, 'S'}, {1, BED_C, 2, 'S'}, {3, BED_D, 1, 'S'}}},
	{"the count, across ranges", UNSHARE, 0, 2, OK, 2,
		{{0, BED_C_LAST, 1, 'S'}, {1, BED_D, 1, 'S'}}},

	{"the count, 1", RECALL, 0, 1, OK, 1, {{0, BED_C, 5, 'L'}}},
	{"a leaf", RECALL, 0, BED_ENTRIES + 1, OK, BED_ENTRIES,
		{{0, BED_C, BED_ENTRIES, 'L'}}},
	{"a hole", RECALL, 0, 9, OK, 2,
		{{0, BED_C, 2, 'L'}, {3, BED_D, 3, 'L'}}},
	{"an empty first slot", RECALL, 2, 9, AT(MOAT_NOT_MAPPED, 2), 0,
		{{0, BED_C, 2, 'L'}, {3, BED_D, 3, 'L'}}},
	{"the end of the leaf", RECALL, BED_ENTRIES - 2, 9, OK, 2,
		{{BED_ENTRIES - 12, BED_C, 12, 'L'}}},
	{"a hole, three regions", RECALL, 0, 9, OK, 6,
		{{0, BED_B, 2, 'L'}, {2, BED_D, 2, 'L'}, {4, BED_C, 2, 'L'}}},
	{"the count, across ranges", RECALL, 0, 2, OK, 2,
		{{0, BED_C_LAST, 1, 'L'}, {1, BED_D, 1, 'L'}}},
};

/* ---- Preparing --------------------------------------------------------- */

static uint64_t leaf_of(enum move move)
{
	return move == RECALL ? IPA_UPPER + LEAF : LEAF;
}

/* The vCPU on CPU 1 makes the call, and runs on if it was left. */
static struct bed_answer ask(
	struct bed *bed, uint32_t number, uint64_t ipa, uint64_t count)
{
	struct moat_regs regs = scene_guest_call(number, ipa, count);
	struct bed_answer answer = bed_ask(bed, 1, &regs);

	if (answer.action == MOAT_HOST_RETURN) {
		scene_run(bed, 0, 0, 1);
	}
	return answer;
}

static void fill_span(struct bed *bed, uint64_t leaf, const struct span *span)
{
	struct moat_ipa ipa = {leaf + span->slot * BED_PAGE};
	struct moat_pa pa = {span->pa};

	if (span->is == 'L') {
		bed_do(bed, moat_page_lend(vm_0, ipa, pa, span->count, 3));
	} else {
		bed_do(bed, moat_page_donate(vm_0, ipa, pa, span->count));
	}
	if (span->is == 'S') {
		expect_equal("a share",
			ask(bed, MOAT_GUEST_SHARE, ipa.value, span->count).x[1],
			span->count);
	}
	/* The VM writes each page, and so may hold its translation. */
	for (uint64_t i = 0; i < span->count; i++) {
		expect(bed_write(bed, 1, ipa.value + i * BED_PAGE,
			       WORD(span->slot + i)),
			"the VM writes");
	}
}

static void fill(struct bed *bed, const struct move_row *row)
{
	scene_vm(bed, 0, MOAT_VM_ACTIVE);
	scene_run(bed, 0, 0, 1);
	for (uint32_t i = 0; i < 5 && row->spans[i].count != 0; i++) {
		fill_span(bed, leaf_of(row->move), &row->spans[i]);
	}
	if (row->move == RECLAIM) {
		scene_stop(bed, 1);
		bed_do(bed, moat_vm_kill(vm_0));
	}
}

/* ---- What became of each page ------------------------------------------ */

static uint32_t state_after(const struct move_row *row, char is, bool is_done)
{
	if (!is_done) {
		return is == 'V'   ? MOAT_PAGE_VM
		       : is == 'S' ? MOAT_PAGE_SHARED
				   : MOAT_PAGE_LENT;
	}
	return row->move == SHARE     ? MOAT_PAGE_SHARED
	       : row->move == UNSHARE ? MOAT_PAGE_VM
				      : MOAT_PAGE_HOST;
}

static bool scrubs(enum move move)
{
	return move == RECLAIM || move == RELINQUISH;
}

static void expect_page(struct bed *bed, const struct move_row *row, char is,
	uint64_t slot, uint64_t pa)
{
	bool is_done = slot >= row->slot && slot < row->slot + row->done;
	uint32_t state = state_after(row, is, is_done);
	uint64_t value;

	expect_equal("the state", inside_page_state(bed, pa), state);
	expect_equal("the host's reach", bed_read(bed, 0, pa, &value),
		state != MOAT_PAGE_VM);
	expect_equal("the contents", bed_word(bed, pa),
		is_done && scrubs(row->move) ? 0 : WORD(slot));
	if (row->move != RECLAIM) {
		expect_equal("the VM's reach",
			bed_read(bed, 1, leaf_of(row->move) + slot * BED_PAGE,
				&value),
			state != MOAT_PAGE_HOST);
	}
}

static void expect_pages(struct bed *bed, const struct move_row *row)
{
	for (uint32_t i = 0; i < 5; i++) {
		const struct span *span = &row->spans[i];

		for (uint64_t k = 0; k < span->count; k++) {
			expect_page(bed, row, span->is, span->slot + k,
				span->pa + k * BED_PAGE);
		}
	}
}

/* ---- The runner -------------------------------------------------------- */

static void run_by_host(struct bed *bed, const struct move_row *row)
{
	struct moat_ipa ipa = {leaf_of(row->move) + row->slot * BED_PAGE};
	struct moat_regs regs =
		row->move == RECALL ? moat_page_recall(vm_0, ipa, row->count)
				    : moat_page_reclaim(vm_0, ipa, row->count);

	expect_equal("the answer", bed_call(bed, 0, &regs), row->answer);
	expect_equal("the count", regs.x[1], row->done);
}

static void run_by_vm(struct bed *bed, const struct move_row *row)
{
	static const uint32_t numbers[] = {[SHARE] = MOAT_GUEST_SHARE,
		[UNSHARE] = MOAT_GUEST_UNSHARE,
		[RELINQUISH] = MOAT_GUEST_RELINQUISH};
	uint64_t ipa = LEAF + row->slot * BED_PAGE;
	struct bed_answer answer =
		ask(bed, numbers[row->move], ipa, row->count);

	expect_equal("the answer", answer.x[0], row->answer);
	expect_equal("the count", answer.x[1], row->done);
	if (row->answer == OK) {
		expect_equal(
			"what the host learns, where", answer.host.x[2], ipa);
		expect_equal("and how many", answer.host.x[3], row->done);
	}
}

Test(range_move, each_call_does_a_prefix_of_its_range)
{
	for (size_t i = 0; i < LENGTH(rows); i++) {
		const struct move_row *row = &rows[i];
		struct bed bed = bed_make();

		bed_about("a %s up to: %s", move_names[row->move], row->name);
		fill(&bed, row);
		if (row->move == RECLAIM || row->move == RECALL) {
			run_by_host(&bed, row);
		} else {
			run_by_vm(&bed, row);
		}
		expect_pages(&bed, row);
		bed_end(&bed);
	}
}

/* ---- Where a table ends ------------------------------------------------ */

/*
 * The page behind the leaf table is the host's, which writes there what would
 * be the entries that follow, of pages that could go along.
 */
static void forge_behind(struct bed *bed, uint64_t table)
{
	uint64_t last = bed_word(bed, table + BED_PAGE - 8);

	for (uint64_t i = 0; i < 3; i++) {
		expect(bed_write(bed, 0, table + BED_PAGE + 8 * i,
			       pte_forward(last, (i + 1) * BED_PAGE)),
			"the host writes behind the table");
	}
}

Test(range_move, what_lies_behind_a_table_is_none_of_its_entries)
{
	struct moat_ipa first = {IPA_UPPER + IPA_NO_LEAF};
	struct moat_ipa end = {first.value + BED_REGION - 2 * BED_PAGE};
	struct moat_pa pages = {BED_C};
	struct moat_pa more = {BED_C + 2 * BED_PAGE};
	struct moat_pa table = {BED_E};
	struct bed bed = bed_make();
	struct moat_regs regs;

	bed_about("a recall up to the end of a table");
	scene_vm(&bed, 0, MOAT_VM_ACTIVE);
	bed_do(&bed, moat_table_create(vm_0, first, 3, table));
	bed_do(&bed, moat_page_lend(vm_0, end, pages, 2, 3));
	bed_do(&bed, moat_page_lend(vm_0, first, more, 3, 3));
	forge_behind(&bed, table.value);
	regs = moat_page_recall(vm_0, end, 5);
	expect_equal("the answer", bed_call(&bed, 0, &regs), OK);
	expect_equal("the count", regs.x[1], 2);
	bed_end(&bed);
}

/* ---- What it costs ----------------------------------------------------- */

/* { the call about 512 pages in a row, all of region C; invalidations of the
 * VM's translations and of the host's } */
static const struct cost_row {
	enum move move;
	char is;
	uint32_t of_vm, of_host;
} cost_rows[] = {
	{RECLAIM, 'V', 1, 0},
	{RECLAIM, 'S', 1, 0},
	{RECALL, 'L', 1, 0},
	{SHARE, 'V', 0, 0},
	{UNSHARE, 'S', 0, 1},
	{RELINQUISH, 'V', 1, 0},
	{RELINQUISH, 'S', 1, 0},
};

Test(range_move, pages_in_a_row_cost_one_invalidation)
{
	for (size_t i = 0; i < LENGTH(cost_rows); i++) {
		const struct cost_row *row = &cost_rows[i];
		const struct move_row all = {"", row->move, 0, BED_ENTRIES, OK,
			BED_ENTRIES, {{0, BED_C, BED_ENTRIES, row->is}}};
		struct bed bed = bed_make();

		bed_about("a %s of a leaf", move_names[row->move]);
		fill(&bed, &all);
		watch_count_from_zero();
		if (row->move == RECLAIM || row->move == RECALL) {
			run_by_host(&bed, &all);
		} else {
			run_by_vm(&bed, &all);
		}
		expect_equal("of the VM", watch_invalidations(1), row->of_vm);
		expect_equal(
			"of the host", watch_invalidations(0), row->of_host);
		bed_end(&bed);
	}
}

/* More would be as safe, and none means all of the VM's (port.h). */
Test(range_move, one_page_costs_an_invalidation_of_one_page)
{
	const struct move_row one = {
		"", RECLAIM, 0, 1, OK, 1, {{0, BED_C, 1, 'V'}}};
	struct bed bed = bed_make();

	bed_about("a reclaim of one page");
	fill(&bed, &one);
	watch_count_from_zero();
	run_by_host(&bed, &one);
	expect_equal("of the VM", watch_invalidations(1), 1);
	expect_equal("of pages", watch_page_count(1), 1);
	bed_end(&bed);
}

/* ---- Blocks are 512 pages or none -------------------------------------- */

/* { the count that a VM asks for from the first IPA of a block, what it gets }
 */
static const struct block_row {
	uint64_t count, answer, done;
} block_rows[] = {
	{1, AT(MOAT_NEEDS_SPLIT, 1), 0},
	{BED_ENTRIES - 1, AT(MOAT_NEEDS_SPLIT, 1), 0},
	{BED_ENTRIES, OK, BED_ENTRIES},
	{BED_ENTRIES + 1, OK, BED_ENTRIES},
	{2 * BED_ENTRIES, OK, BED_ENTRIES},
	{0x1000000, OK, BED_ENTRIES},
};

Test(range_move, a_range_covers_a_block_or_needs_a_split)
{
	static const uint32_t numbers[] = {
		MOAT_GUEST_SHARE, MOAT_GUEST_UNSHARE, MOAT_GUEST_RELINQUISH};

	for (size_t i = 0; i < LENGTH(block_rows) * 3; i++) {
		const struct block_row *row = &block_rows[i / 3];
		uint32_t number = numbers[i % 3];
		uint64_t ipa = number == MOAT_GUEST_UNSHARE ? IPA_SHARED_BLOCK
							    : IPA_VM_BLOCK;
		struct bed bed = bed_make();
		struct bed_answer answer;

		bed_about("call 0x%x of %llu pages", (unsigned)number,
			(unsigned long long)row->count);
		scene_full(&bed, 0);
		scene_run(&bed, 0, 0, 1);
		answer = ask(&bed, number, ipa, row->count);
		expect_equal("the answer", answer.x[0], row->answer);
		expect_equal("the count", answer.x[1], row->done);
		bed_end(&bed);
	}
}

/* A range of pages ends where a block begins: that is another leaf table. */
Test(range_move, a_range_of_pages_does_not_run_into_a_block)
{
	struct bed bed = bed_make();
	struct bed_answer answer;

	bed_about("pages below a block");
	scene_vm(&bed, 0, MOAT_VM_ACTIVE);
	bed_do(&bed, moat_page_donate(vm_0,
			     (struct moat_ipa){LEAF + BED_REGION - BED_PAGE},
			     (struct moat_pa){BED_E}, 1));
	bed_do(&bed,
		moat_block_donate(vm_0, (struct moat_ipa){LEAF + BED_REGION},
			(struct moat_pa){BED_F}));
	scene_run(&bed, 0, 0, 1);
	answer = ask(&bed, MOAT_GUEST_SHARE, LEAF + BED_REGION - BED_PAGE,
		BED_ENTRIES + 1);
	expect_equal("the answer", answer.x[0], OK);
	expect_equal("the count", answer.x[1], 1);
	expect_equal("the block", inside_page_state(&bed, BED_F), MOAT_PAGE_VM);
	bed_end(&bed);
}

/* The page behind the leaf table is the host's, which forges an entry there:
 * the one that a page of the VM has in slot 0. */
Test(range_move, what_lies_behind_a_leaf_table_is_no_entry_of_it)
{
	const struct moat_ipa first = {IPA_NO_LEAF};
	const struct moat_ipa last = {IPA_NO_LEAF + BED_REGION - BED_PAGE};
	struct bed bed = bed_make();
	struct bed_answer answer;

	bed_about("a forged entry");
	scene_vm(&bed, 0, MOAT_VM_ACTIVE);
	bed_do(&bed,
		moat_table_create(vm_0, first, 3, (struct moat_pa){BED_C}));
	bed_do(&bed, moat_page_donate(vm_0, first, (struct moat_pa){BED_D}, 1));
	bed_do(&bed, moat_page_donate(vm_0, last,
			     (struct moat_pa){BED_D + BED_PAGE}, 1));
	expect(bed_write(
		       &bed, 0, BED_C + BED_PAGE, pte_page(BED_D, PTE_NORMAL)),
		"the host writes");
	scene_run(&bed, 0, 0, 1);
	answer = ask(&bed, MOAT_GUEST_SHARE, last.value, 2);
	expect_equal("x0", answer.x[0], OK);
	expect_equal("its count", answer.x[1], 1);
	expect_equal(
		"the other page", inside_page_state(&bed, BED_D), MOAT_PAGE_VM);
	bed_end(&bed);
}

/* One page is reclaimed by a function of its own, which no other register than
 * that of the count may lead to. */
Test(range_move, a_reclaim_looks_at_no_register_behind_its_own)
{
	const struct moat_ipa ipa = {LEAF};
	struct moat_regs regs = moat_page_reclaim(vm_0, ipa, 3);
	struct bed bed = bed_make();

	bed_about("registers behind the last argument");
	scene_vm(&bed, 0, MOAT_VM_BUILDING);
	bed_do(&bed, moat_page_donate(vm_0, ipa, (struct moat_pa){BED_C}, 3));
	bed_do(&bed, moat_vm_kill(vm_0));
	for (uint32_t i = 4; i < 10; i++) {
		regs.x[i] = 1;
	}
	expect_equal("x0", bed_call(&bed, 0, &regs), OK);
	expect_equal("its count", regs.x[1], 3);
	bed_end(&bed);
}
