/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * table_fold and table_split: 512 uniform entries become a block and a block
 * becomes 512 entries, nothing else changes, and whatever is not uniform is
 * refused.
 */
#include <criterion/criterion.h>

#include "arch-host/walk.h"
#include "inside.h"
#include "scene.h"
#include "table.h"

#define OK MOAT_OK
#define NOT_UNIFORM AT(MOAT_NOT_UNIFORM, 2)
#define LEAF IPA_EMPTY_LEAF /* of the VM's own, and with IPA_UPPER of loans */
#define LEAF_PAGE (BED_A + 18 * BED_PAGE) /* the page of that table in VM 0 */
#define UPPER_LEAF_PAGE (BED_A + 27 * BED_PAGE)
#define WORD(i) (UINT64_C(0x776f726400) + (i)) /* what a page begins with */

static const struct moat_vm_id vm_0 = {0};

/* ---- What there may be ------------------------------------------------- */

/*
 * A leaf table of pages of region C, as calls put them there: page 0 at slot 0
 * and so on. { its pages are: state; permission of a loan, else 0 }
 */
static const struct uniform_row {
	const char *name;
	uint32_t state;
	uint64_t permission;
} uniform_rows[] = {
	{"VM", MOAT_PAGE_VM, 0},
	{"SHARED", MOAT_PAGE_SHARED, 0},
	{"LENT to be read", MOAT_PAGE_LENT, 1},
	{"LENT to be read and written", MOAT_PAGE_LENT, 3},
	{"LENT to be read and executed", MOAT_PAGE_LENT, 5},
	{"LENT for everything", MOAT_PAGE_LENT, 7},
};

static struct moat_ipa leaf_of(const struct uniform_row *row)
{
	return (struct moat_ipa){
		row->permission != 0 ? IPA_UPPER + LEAF : LEAF};
}

/* The vCPU on CPU 1 shares, and runs on. */
static void share(struct bed *bed, uint64_t ipa, uint64_t count)
{
	struct moat_regs call = scene_guest_call(MOAT_GUEST_SHARE, ipa, count);

	expect_equal("a share", bed_ask(bed, 1, &call).x[1], count);
	scene_run(bed, 0, 0, 1);
}

static void give(struct bed *bed, const struct uniform_row *row, uint64_t slot,
	uint64_t count)
{
	struct moat_ipa ipa = {leaf_of(row).value + slot * BED_PAGE};
	struct moat_pa pa = {BED_C + slot * BED_PAGE};

	if (row->permission != 0) {
		bed_do(bed,
			moat_page_lend(vm_0, ipa, pa, count, row->permission));
	} else {
		bed_do(bed, moat_page_donate(vm_0, ipa, pa, count));
	}
}

/* VM 0 is ACTIVE, its vCPU 0 runs on CPU 1. */
static struct bed running(void)
{
	struct bed bed = bed_make();

	scene_vm(&bed, 0, MOAT_VM_ACTIVE);
	scene_run(&bed, 0, 0, 1);
	return bed;
}

static struct bed uniform(const struct uniform_row *row)
{
	struct bed bed = running();

	give(&bed, row, 0, BED_ENTRIES);
	if (row->state == MOAT_PAGE_SHARED) {
		share(&bed, LEAF, BED_ENTRIES);
	}
	return bed;
}

/* ---- Nothing else changes ---------------------------------------------- */

static void write_words(struct bed *bed)
{
	for (uint64_t i = 0; i < BED_ENTRIES; i++) {
		unsigned char *page =
			host_machine_memory(bed->machine, BED_C + i * BED_PAGE);

		*(uint64_t *)(void *)page = WORD(i);
	}
}

/* Page @i is what it was, and translated by an entry of @level. */
static void expect_page(struct bed *bed, const struct uniform_row *row,
	uint64_t i, uint64_t level)
{
	const uint64_t ipa = leaf_of(row).value + i * BED_PAGE;
	const uint64_t info[10] = {
		OK, row->state, 0, ipa, level, row->permission};
	struct moat_regs regs = bed_do(
		bed, moat_page_info((struct moat_pa){BED_C + i * BED_PAGE}));
	uint64_t value = 0;

	for (uint32_t k = 0; k < 10; k++) {
		expect_equal("a word of page_info", regs.x[k], info[k]);
	}
	expect(bed_read(bed, 1, ipa, &value), "the VM reads");
	expect_equal("what it reads", value, WORD(i));
	expect_equal("the VM's right to write",
		bed_write(bed, 1, ipa + 8, value),
		row->permission == 0 || (row->permission & 2) != 0);
	expect_equal("the VM's right to execute", bed_fetch(bed, 1, ipa),
		row->permission == 0 || (row->permission & 4) != 0);
	expect_equal("the host's reach",
		bed_read(bed, 0, BED_C + i * BED_PAGE, &value),
		row->state != MOAT_PAGE_VM);
}

static void expect_pages(
	struct bed *bed, const struct uniform_row *row, uint64_t level)
{
	static const uint64_t some[] = {0, 1, BED_ENTRIES / 2 - 1,
		BED_ENTRIES / 2, BED_ENTRIES - 2, BED_ENTRIES - 1};

	for (size_t i = 0; i < LENGTH(some); i++) {
		expect_page(bed, row, some[i], level);
	}
	bed_check(bed);
}

/* The leaf that translates @ipa, in the level that it is. */
static void expect_leaf(
	struct bed *bed, uint64_t ipa, uint64_t pa, uint32_t level)
{
	struct moat_stage2 stage2 = inside_stage2(bed, 0);
	struct host_walk walk = {bed->machine, &stage2, NULL, ipa, 3};
	struct host_translation leaf = {0};

	expect(host_walk_from(&walk, &leaf), "it is mapped");
	expect_equal("the level", leaf.level, level);
	expect_equal("the page", leaf.pa + (ipa - leaf.ipa), pa);
}

static void expect_returned(struct bed *bed, uint64_t pa)
{
	uint64_t value;

	expect_equal(
		"the table page", inside_page_state(bed, pa), MOAT_PAGE_HOST);
	expect(bed_read(bed, 0, pa, &value), "the host reads it");
	expect(bed_is_zero(bed, pa), "it is zero [PAGE-4]");
}

static void fold(struct bed *bed, const struct uniform_row *row)
{
	struct moat_regs regs = moat_table_fold(vm_0, leaf_of(row), 3);
	uint64_t table = row->permission != 0 ? UPPER_LEAF_PAGE : LEAF_PAGE;

	expect_equal("a fold", bed_call(bed, 0, &regs), OK);
	expect_equal("the table's address", regs.x[1], table);
	for (uint32_t i = 2; i < 10; i++) {
		expect_equal("a result that there is not", regs.x[i], 0);
	}
	expect_returned(bed, table);
	expect_leaf(bed, leaf_of(row).value + 5 * BED_PAGE,
		BED_C + 5 * BED_PAGE, 2);
}

static void split(struct bed *bed, const struct uniform_row *row, uint64_t pa)
{
	struct moat_regs regs =
		moat_table_split(vm_0, leaf_of(row), 3, (struct moat_pa){pa});

	expect_equal("a split", bed_call(bed, 0, &regs), OK);
	for (uint32_t i = 1; i < 10; i++) {
		expect_equal("a result that there is not", regs.x[i], 0);
	}
	expect_equal(
		"the table page", inside_page_state(bed, pa), MOAT_PAGE_TABLE);
	expect_leaf(bed, leaf_of(row).value + 5 * BED_PAGE,
		BED_C + 5 * BED_PAGE, 3);
}

/* There and back, twice; the VM keeps what it translated before each step. */
Test(fold, a_uniform_table_becomes_a_block_and_a_table_again)
{
	for (size_t i = 0; i < LENGTH(uniform_rows); i++) {
		const struct uniform_row *row = &uniform_rows[i];
		struct bed bed = uniform(row);

		write_words(&bed);
		bed_about("pages that are %s", row->name);
		expect_pages(&bed, row, 3);
		fold(&bed, row);
		expect_pages(&bed, row, 2);
		split(&bed, row, BED_D);
		expect_pages(&bed, row, 3);
		bed_do(&bed, moat_table_fold(vm_0, leaf_of(row), 3));
		expect_returned(&bed, BED_D);
		expect_pages(&bed, row, 2);
		bed_end(&bed);
	}
}

/* What was folded is a block like one that came as a block, and the reverse. */
Test(fold, pages_and_blocks_end_alike)
{
	struct bed bed = uniform(&uniform_rows[0]);
	const struct moat_ipa block = {IPA_VM_BLOCK};
	struct moat_regs regs;

	bed_about("a folded block, and a block that was split");
	bed_do(&bed, moat_table_fold(vm_0, (struct moat_ipa){LEAF}, 3));
	bed_do(&bed, moat_block_donate(vm_0, block, (struct moat_pa){BED_E}));
	bed_do(&bed, moat_table_split(vm_0, block, 3, (struct moat_pa){BED_D}));
	scene_stop(&bed, 1);
	bed_do(&bed, moat_vm_kill(vm_0));
	regs = moat_page_reclaim(vm_0, (struct moat_ipa){LEAF}, 1);
	expect_equal("a page of the folded block", bed_call(&bed, 0, &regs),
		AT(MOAT_NEEDS_SPLIT, 2));
	regs = moat_page_reclaim(vm_0, (struct moat_ipa){LEAF}, BED_ENTRIES);
	expect_equal("the folded block", bed_call(&bed, 0, &regs), OK);
	expect_equal("its pages", regs.x[1], BED_ENTRIES);
	regs = moat_page_reclaim(vm_0, block, 1);
	expect_equal("a page of the split block", bed_call(&bed, 0, &regs), OK);
	expect_equal("its pages", regs.x[1], 1);
	bed_end(&bed);
}

/* ---- What is not uniform ----------------------------------------------- */

enum fault {
	HOLE,
	OTHER_STATE, /* SHARED among VM pages */
	OTHER_PERMISSION,
	WRONG_PAGE /* of another region, the others as they should be */
};

/* { the fault, at this slot } */
static const struct fault_row {
	const char *name;
	enum fault fault;
	uint64_t slot;
} fault_rows[] = {
	{"a hole at the start", HOLE, 0},
	{"a hole", HOLE, 100},
	{"a hole at the end", HOLE, BED_ENTRIES - 1},
	{"another state at the start", OTHER_STATE, 0},
	{"another state", OTHER_STATE, BED_ENTRIES / 2},
	{"another state at the end", OTHER_STATE, BED_ENTRIES - 1},
	{"another permission at the start", OTHER_PERMISSION, 0},
	{"another permission", OTHER_PERMISSION, 1},
	{"another permission at the end", OTHER_PERMISSION, BED_ENTRIES - 1},
	{"another page at the start", WRONG_PAGE, 0},
	{"another page", WRONG_PAGE, 300},
	{"another page at the end", WRONG_PAGE, BED_ENTRIES - 1},
};

static const struct uniform_row *kind_of(enum fault fault)
{
	return &uniform_rows[fault == OTHER_PERMISSION ? 3 : 0];
}

/* All slots but the one. */
static void give_others(
	struct bed *bed, const struct uniform_row *kind, uint64_t slot)
{
	if (slot > 0) {
		give(bed, kind, 0, slot);
	}
	if (slot < BED_ENTRIES - 1) {
		give(bed, kind, slot + 1, BED_ENTRIES - 1 - slot);
	}
}

static void give_faulty(struct bed *bed, const struct fault_row *row)
{
	const struct uniform_row *kind = kind_of(row->fault);
	struct moat_ipa ipa = {leaf_of(kind).value + row->slot * BED_PAGE};

	give_others(bed, kind, row->slot);
	switch (row->fault) {
	case OTHER_STATE:
		give(bed, kind, row->slot, 1);
		share(bed, ipa.value, 1);
		break;
	case OTHER_PERMISSION:
		give(bed, &uniform_rows[5], row->slot, 1);
		break;
	case WRONG_PAGE:
		bed_do(bed,
			moat_page_donate(vm_0, ipa,
				(struct moat_pa){BED_D + row->slot * BED_PAGE},
				1));
		break;
	case HOLE:
	default:
		break;
	}
}

Test(fold, each_fault_is_refused)
{
	for (size_t i = 0; i < LENGTH(fault_rows); i++) {
		const struct fault_row *row = &fault_rows[i];
		struct bed bed = running();
		struct moat_regs regs =
			moat_table_fold(vm_0, leaf_of(kind_of(row->fault)), 3);

		bed_about("%s", row->name);
		give_faulty(&bed, row);
		expect_equal("a fold", bed_call(&bed, 0, &regs), NOT_UNIFORM);
		bed_end(&bed);
	}
}

/* { from slot, from PA, count: what makes the 512 slots of the table } */
struct span {
	uint64_t slot, pa, count;
};

static const struct order_row {
	const char *name;
	struct span spans[3];
	uint64_t answer;
} order_rows[] = {
	{"in order", {{0, BED_C, BED_ENTRIES}}, OK},
	{"in order, given in turn",
		{{1, BED_C + BED_PAGE, BED_ENTRIES - 1}, {0, BED_C, 1}}, OK},
	{"from the second page on",
		{{0, BED_E + BED_PAGE, BED_ENTRIES - 1},
			{BED_ENTRIES - 1, BED_F, 1}},
		NOT_UNIFORM},
	{"from the middle on",
		{{0, BED_E + BED_REGION / 2, BED_ENTRIES / 2},
			{BED_ENTRIES / 2, BED_F, BED_ENTRIES / 2}},
		NOT_UNIFORM},
	{"two pages exchanged",
		{{0, BED_C + BED_PAGE, 1}, {1, BED_C, 1},
			{2, BED_C + 2 * BED_PAGE, BED_ENTRIES - 2}},
		NOT_UNIFORM},
	{"the last two exchanged",
		{{0, BED_C, BED_ENTRIES - 2},
			{BED_ENTRIES - 2, BED_C + BED_REGION - BED_PAGE, 1},
			{BED_ENTRIES - 1, BED_C + BED_REGION - 2 * BED_PAGE,
				1}},
		NOT_UNIFORM},
	{"two halves exchanged",
		{{0, BED_C + BED_REGION / 2, BED_ENTRIES / 2},
			{BED_ENTRIES / 2, BED_C, BED_ENTRIES / 2}},
		NOT_UNIFORM},
	{"the same offset, another region",
		{{0, BED_E, BED_ENTRIES / 2},
			{BED_ENTRIES / 2, BED_F + BED_REGION / 2,
				BED_ENTRIES / 2}},
		NOT_UNIFORM},
};

Test(fold, pages_follow_each_other_from_a_boundary)
{
	for (size_t i = 0; i < LENGTH(order_rows); i++) {
		const struct order_row *row = &order_rows[i];
		struct bed bed = running();
		struct moat_regs regs =
			moat_table_fold(vm_0, (struct moat_ipa){LEAF}, 3);

		bed_about("pages %s", row->name);
		for (uint32_t k = 0; k < 3 && row->spans[k].count != 0; k++) {
			const struct span *span = &row->spans[k];

			bed_do(&bed,
				moat_page_donate(vm_0,
					(struct moat_ipa){
						LEAF + span->slot * BED_PAGE},
					(struct moat_pa){span->pa},
					span->count));
		}
		expect_equal("a fold", bed_call(&bed, 0, &regs), row->answer);
		bed_end(&bed);
	}
}
