/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The shape of an IPA space, for each width: the table of moat_vm_create in
 * literals, a page at the very top of the protected half, and all the way back.
 */
#include <criterion/criterion.h>

#include "inside.h"
#include "scene.h"
#include "table.h"

#define OK MOAT_OK
#define SECRET UINT64_C(0x5ec2e7)
#define TABLE_PAGES BED_C /* from here on the test takes its tables */
#define CONTEXT BED_D
#define DATA (BED_D + 0x1000)

/* { bits, start level, root pages, bytes a root page translates, last page of
 * the protected half, end of the IPA space } */
static const struct shape_row {
	uint64_t ipa_bits, start_level, root_pages, root_span;
	uint64_t top, end;
} shape_rows[] = {
	{32, 2, 4, 0x40000000, 0x7ffff000, 0x100000000},
	{33, 2, 8, 0x40000000, 0xfffff000, 0x200000000},
	{34, 2, 16, 0x40000000, 0x1fffff000, 0x400000000},
	{35, 1, 1, 0, 0x3fffff000, 0x800000000},
	{36, 1, 1, 0, 0x7fffff000, 0x1000000000},
	{37, 1, 1, 0, 0xffffff000, 0x2000000000},
	{38, 1, 1, 0, 0x1ffffff000, 0x4000000000},
	{39, 1, 1, 0, 0x3ffffff000, 0x8000000000},
	{40, 1, 2, 0x8000000000, 0x7ffffff000, 0x10000000000},
	{41, 1, 4, 0x8000000000, 0xfffffff000, 0x20000000000},
	{42, 1, 8, 0x8000000000, 0x1fffffff000, 0x40000000000},
	{43, 1, 16, 0x8000000000, 0x3fffffff000, 0x80000000000},
	{44, 0, 1, 0, 0x7fffffff000, 0x100000000000},
};

/* Bytes that a table of level 1, 2, 3 translates. */
static const uint64_t table_span[4] = {0, 0x8000000000, 0x40000000, 0x200000};

static const struct moat_vm_id vm_0 = {0};

static void about(const struct shape_row *row, const char *what)
{
	bed_about("%u bits: %s", (unsigned)row->ipa_bits, what);
}

static struct moat_regs create(const struct shape_row *row, uint64_t root)
{
	return moat_vm_create(vm_0, (struct moat_pa){root}, row->ipa_bits, 2);
}

/* ---- The root ---------------------------------------------------------- */

static void expect_root_page(
	struct bed *bed, const struct shape_row *row, uint64_t page)
{
	struct moat_regs info = bed_do(
		bed, moat_page_info((struct moat_pa){BED_A + page * 0x1000}));
	bool is_root = page < row->root_pages;

	expect_equal("the state", info.x[1],
		is_root ? MOAT_PAGE_TABLE : MOAT_PAGE_HOST);
	expect_equal("what it translates", info.x[3],
		is_root ? page * row->root_span : 0);
	expect_equal("the level", info.x[4], is_root ? row->start_level : 0);
}

Test(geometry, each_width_has_the_root_of_the_manual)
{
	for (size_t i = 0; i < LENGTH(shape_rows); i++) {
		const struct shape_row *row = &shape_rows[i];
		struct bed bed = bed_make();
		struct moat_regs regs = create(row, BED_A);

		about(row, "the root");
		expect_equal("the answer", bed_call(&bed, 0, &regs), OK);
		for (uint64_t page = 0; page <= 16; page++) {
			expect_root_page(&bed, row, page);
		}
		bed_end(&bed);
	}
}

Test(geometry, a_root_is_aligned_to_its_size)
{
	for (size_t i = 0; i < LENGTH(shape_rows); i++) {
		const struct shape_row *row = &shape_rows[i];
		struct bed bed = bed_make();

		for (uint64_t page = 1; page <= row->root_pages; page++) {
			struct moat_regs regs =
				create(row, BED_A + page * 0x1000);

			about(row, "a root that is not aligned");
			expect_equal("the answer", bed_call(&bed, 0, &regs),
				page < row->root_pages ? AT(MOAT_BAD_ARG, 2)
						       : OK);
		}
		bed_end(&bed);
	}
}

static void take(struct bed *bed, uint64_t pa)
{
	bed_do(bed, moat_vm_create((struct moat_vm_id){1}, (struct moat_pa){pa},
			    39, 1));
}

Test(geometry, a_root_is_taken_whole_or_not_at_all)
{
	for (size_t i = 0; i < LENGTH(shape_rows); i++) {
		const struct shape_row *row = &shape_rows[i];
		struct moat_regs regs = create(row, BED_A);
		struct bed bed = bed_make();

		about(row, "a root whose last page is taken");
		take(&bed, BED_A + (row->root_pages - 1) * 0x1000);
		expect_equal("the answer", bed_call(&bed, 0, &regs),
			AT(MOAT_BAD_PAGE, 2));
		bed_end(&bed);
	}
}

/* ---- Levels and ends --------------------------------------------------- */

static uint64_t table_answer(struct bed *bed, uint64_t ipa, uint64_t level)
{
	struct moat_regs regs = moat_table_create(vm_0, (struct moat_ipa){ipa},
		level, (struct moat_pa){TABLE_PAGES});

	return bed_call(bed, 0, &regs);
}

static uint64_t donate_answer(struct bed *bed, uint64_t ipa, uint64_t count)
{
	struct moat_regs regs = moat_page_donate(
		vm_0, (struct moat_ipa){ipa}, (struct moat_pa){DATA}, count);

	return bed_call(bed, 0, &regs);
}

Test(geometry, a_table_is_below_the_root_and_inside_the_space)
{
	for (size_t i = 0; i < LENGTH(shape_rows); i++) {
		const struct shape_row *row = &shape_rows[i];
		struct bed bed = bed_make();

		bed_do(&bed, create(row, BED_A));
		for (uint64_t level = 1; level <= row->start_level; level++) {
			about(row, "a table not below the root");
			expect_equal("the answer", table_answer(&bed, 0, level),
				AT(MOAT_BAD_IPA, 3));
		}
		for (uint64_t level = 1; level <= 3; level++) {
			/* Of 32..38 bits the end is not aligned to 512 GiB. */
			about(row, "a table at the end");
			expect_equal("the answer",
				table_answer(&bed, row->end, level),
				row->end % table_span[level] != 0
					? AT(MOAT_BAD_ARG, 2)
					: AT(MOAT_BAD_IPA, 2));
		}
		bed_end(&bed);
	}
}

Test(geometry, the_protected_half_ends_at_half_of_the_space)
{
	for (size_t i = 0; i < LENGTH(shape_rows); i++) {
		const struct shape_row *row = &shape_rows[i];
		struct bed bed = bed_make();

		bed_do(&bed, create(row, BED_A));
		about(row, "the last page of the half");
		expect_equal("one page", donate_answer(&bed, row->top, 1),
			AT(MOAT_NO_TABLE, 2));
		expect_equal("two pages", donate_answer(&bed, row->top, 2),
			AT(MOAT_BAD_IPA, 4));
		about(row, "the first page of the other half");
		expect_equal("one page",
			donate_answer(&bed, row->top + 0x1000, 1),
			AT(MOAT_BAD_IPA, 2));
		about(row, "the last page of the space");
		expect_equal("one page",
			donate_answer(&bed, row->end - 0x1000, 1),
			AT(MOAT_BAD_IPA, 2));
		bed_end(&bed);
	}
}

/* ---- A page at the top, there and back --------------------------------- */

static struct moat_ipa table_at(const struct shape_row *row, uint64_t level)
{
	uint64_t span = table_span[level];

	return (struct moat_ipa){row->top / span * span};
}

/* The tables on the way to the top, and a page with a secret of the host. */
static void build_top(struct bed *bed, const struct shape_row *row)
{
	struct moat_pa context = {CONTEXT};

	bed_do(bed, create(row, BED_A));
	for (uint64_t level = row->start_level + 1; level <= 3; level++) {
		bed_do(bed, moat_table_create(vm_0, table_at(row, level), level,
				    (struct moat_pa){
					    TABLE_PAGES + level * 0x1000}));
	}
	expect(bed_write(bed, 0, DATA, SECRET), "the host writes");
	bed_do(bed, moat_page_load(vm_0, (struct moat_ipa){row->top},
			    (struct moat_pa){DATA}, 1));
	bed_do(bed, moat_vcpu_create(
			    vm_0, (struct moat_vcpu_id){0}, context, 0, 0));
	bed_do(bed, moat_vm_seal(vm_0));
}

static void expect_stage2(struct bed *bed, const struct shape_row *row)
{
	struct moat_stage2 stage2 = moat_cpu_stage2(bed->engine, 1);

	expect_equal("the root", stage2.root.value, BED_A);
	expect_equal("the width", stage2.ipa_bits, row->ipa_bits);
	expect_equal("the start level", stage2.start_level, row->start_level);
	expect_equal("the VMID", stage2.vmid, 1);
}

/* The vCPU's accesses go through the machine's walker, not the engine's. */
static void visit_top(struct bed *bed, const struct shape_row *row)
{
	const struct moat_trap irq = {.kind = MOAT_TRAP_IRQ};
	struct moat_regs regs = {{0}};
	uint64_t value;

	scene_run(bed, 0, 0, 1);
	expect_stage2(bed, row);
	expect(bed_read(bed, 1, row->top, &value), "the VM reads the top");
	expect_equal("what it reads", value, SECRET);
	expect(bed_write(bed, 1, row->top + 8, 7), "the VM writes there");
	expect(!bed_read(bed, 1, row->top - 0x1000, &value), "not below");
	expect(!bed_read(bed, 1, row->top + 0x1000, &value), "not above");
	expect(!bed_read(bed, 1, 0, &value), "not at 0");
	expect(!bed_read(bed, 0, DATA, &value), "the host is out");
	expect_equal(
		"the trap", bed_trap(bed, 1, &irq, &regs), MOAT_HOST_RETURN);
	expect_equal(
		"the host's VMID", moat_cpu_stage2(bed->engine, 1).vmid, 0);
}

static void tear_down(struct bed *bed, const struct shape_row *row)
{
	bed_do(bed, moat_vm_kill(vm_0));
	bed_do(bed, moat_page_reclaim(vm_0, (struct moat_ipa){row->top}, 1));
	for (uint64_t level = 3; level > row->start_level; level--) {
		struct moat_regs regs =
			moat_table_destroy(vm_0, table_at(row, level), level);

		regs = bed_do(bed, regs);
		expect_equal("the table's address", regs.x[1],
			TABLE_PAGES + level * 0x1000);
	}
	bed_do(bed, moat_vcpu_destroy(vm_0, (struct moat_vcpu_id){0}));
	bed_do(bed, moat_vm_free(vm_0));
}

static void expect_all_host_and_zero(struct bed *bed)
{
	static const uint64_t first[] = {BED_A, TABLE_PAGES, CONTEXT};
	uint64_t value;

	for (size_t i = 0; i < LENGTH(first); i++) {
		for (uint64_t page = 0; page < 16; page++) {
			uint64_t pa = first[i] + page * 0x1000;

			expect_equal("the state", inside_page_state(bed, pa),
				MOAT_PAGE_HOST);
			expect(bed_read(bed, 0, pa, &value), "the host reads");
			expect(bed_is_zero(bed, pa), "it is zero [PAGE-4]");
		}
	}
}

Test(geometry, a_page_at_the_top_of_the_half_goes_there_and_back)
{
	for (size_t i = 0; i < LENGTH(shape_rows); i++) {
		const struct shape_row *row = &shape_rows[i];
		struct bed bed = bed_make();

		about(row, "a page at the top");
		build_top(&bed, row);
		bed_check(&bed);
		visit_top(&bed, row);
		tear_down(&bed, row);
		expect_all_host_and_zero(&bed);
		bed_end(&bed);
	}
}

/* ---- A block at the top ------------------------------------------------ */

/* The last 2 MiB of a half, as a block, in pages and as a block again. */
static void trade_block(
	struct bed *bed, const struct shape_row *row, uint64_t ipa, uint64_t pa)
{
	const struct moat_ipa at = {ipa};
	const struct moat_pa table = {TABLE_PAGES + 0x8000};
	struct moat_regs regs = moat_table_split(vm_0, at, 3, table);
	struct moat_regs info;

	expect_equal("a split", bed_call(bed, 0, &regs), OK);
	info = bed_do(bed, moat_page_info(table));
	expect_equal("what the table translates", info.x[3], ipa);
	info = bed_do(bed, moat_page_info((struct moat_pa){pa + 0x1ff000}));
	expect_equal("where the last page is", info.x[3], ipa + 0x1ff000);
	expect_equal("its level", info.x[4], 3);
	regs = moat_table_fold(vm_0, at, 3);
	expect_equal("a fold", bed_call(bed, 0, &regs), OK);
	expect_equal("the table", regs.x[1], table.value);
	info = bed_do(bed, moat_page_info((struct moat_pa){pa + 0x1ff000}));
	expect_equal("where the last page is", info.x[3], ipa + 0x1ff000);
	expect_equal("its level", info.x[4], 2);
	about(row, "a block behind the end");
	regs = moat_block_donate(
		vm_0, (struct moat_ipa){row->end}, (struct moat_pa){BED_H});
	expect_equal(
		"the answer", bed_call(bed, 0, &regs), AT(MOAT_BAD_IPA, 2));
}

/* Tables down to level 2 on the way to @ipa; of 32..34 bits the root is one. */
static void build_to_level_2(struct bed *bed, const struct shape_row *row,
	uint64_t ipa, uint64_t pages)
{
	for (uint64_t level = row->start_level + 1; level <= 2; level++) {
		struct moat_regs regs = moat_table_create(vm_0,
			(struct moat_ipa){
				ipa / table_span[level] * table_span[level]},
			level, (struct moat_pa){pages + level * 0x1000});

		/* The halves of a narrow space share a table of level 1. */
		host_machine_call(bed->machine, 0, &regs);
	}
}

Test(geometry, a_block_at_the_top_of_each_half_folds_and_splits)
{
	for (size_t i = 0; i < LENGTH(shape_rows); i++) {
		const struct shape_row *row = &shape_rows[i];
		uint64_t own = row->top - 0x1ff000;
		uint64_t lent = row->end - 0x200000;
		struct bed bed = bed_make();

		about(row, "a block at the top");
		bed_do(&bed, create(row, BED_A));
		build_to_level_2(&bed, row, own, TABLE_PAGES);
		build_to_level_2(&bed, row, lent, TABLE_PAGES + 0x4000);
		bed_do(&bed, moat_block_donate(vm_0, (struct moat_ipa){own},
				     (struct moat_pa){BED_E}));
		bed_do(&bed, moat_block_lend(vm_0, (struct moat_ipa){lent},
				     (struct moat_pa){BED_F}, 1));
		trade_block(&bed, row, own, BED_E);
		about(row, "a loan at the top");
		trade_block(&bed, row, lent, BED_F);
		bed_end(&bed);
	}
}

/* ---- Two VMs ----------------------------------------------------------- */

Test(geometry, each_vm_has_a_vmid_of_its_own)
{
	struct bed bed = bed_make();

	for (uint32_t vm = 0; vm < 2; vm++) {
		scene_vm(&bed, vm, MOAT_VM_ACTIVE);
		scene_run(&bed, vm, 0, vm + 1);
	}
	cr_expect_eq(moat_cpu_stage2(bed.engine, 0).vmid, 0);
	cr_expect_eq(moat_cpu_stage2(bed.engine, 1).vmid, 1);
	cr_expect_eq(moat_cpu_stage2(bed.engine, 2).vmid, 2);
	cr_expect_eq(moat_host_stage2(bed.engine).vmid, 0);
	cr_expect_eq(moat_host_stage2(bed.engine).ipa_bits, 32);
	cr_expect_eq(moat_host_stage2(bed.engine).start_level, 1);
	bed_end(&bed);
}
