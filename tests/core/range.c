/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calls on ranges do a prefix: up to the end of the leaf table, 512 pages, the
 * first page that they would have to refuse, in however many regions; and a
 * count that is out of the half, however large, is refused and never wraps.
 */
#include <criterion/criterion.h>

#include "inside.h"
#include "scene.h"
#include "table.h"

#define LEAF IPA_EMPTY_LEAF
#define OK MOAT_OK
#define BAD_COUNT(operand) AT(MOAT_BAD_IPA, operand)
/* Pages from LEAF to the end of the half. */
#define REST (UINT64_C(0x38000000000) / BED_PAGE)
#define WRAP (UINT64_C(1) << (64 - MOAT_PAGE_BITS)) /* pages of 2^64 bytes */
#define WORD(i) (UINT64_C(0x776f726400) + (i)) /* what the host leaves there */

static const struct moat_vm_id vm_0 = {0};

/* ---- Load and donate --------------------------------------------------- */

/*
 * { it stops at, from IPA, from PA, count, the answer, pages done }, and before
 * it, 0 for none: a page donated at that IPA, a page given to vCPU 1
 */
static const struct give_row {
	const char *name;
	uint64_t ipa, pa, count;
	uint64_t answer, done;
	uint64_t occupied, taken;
} give_rows[] = {
	{"the count, 1", LEAF, BED_C, 1, OK, 1, 0, 0},
	{"the count, 2", LEAF, BED_C, 2, OK, 2, 0, 0},
	{"the count, a leaf but one", LEAF, BED_C, BED_ENTRIES - 1, OK,
		BED_ENTRIES - 1, 0, 0},
	{"the count, a leaf", LEAF, BED_C, BED_ENTRIES, OK, BED_ENTRIES, 0, 0},
	{"the count, one more than a load does", LEAF, BED_C, 9, OK, 9, 0, 0},
	{"a leaf, of one more", LEAF, BED_C, BED_ENTRIES + 1, OK, BED_ENTRIES,
		0, 0},
	{"a leaf, of 2^24", LEAF, BED_C, 0x1000000, OK, BED_ENTRIES, 0, 0},
	{"a leaf, of the rest", LEAF, BED_C, REST, OK, BED_ENTRIES, 0, 0},
	{"one beyond the rest", LEAF, BED_C, REST + 1, BAD_COUNT(4), 0, 0, 0},
	{"2^51", LEAF, BED_C, UINT64_C(1) << 51, BAD_COUNT(4), 0, 0, 0},
	/* In bytes this is -BED_PAGE, 0, BED_PAGE. */
	{"one less than wraps", LEAF, BED_C, WRAP - 1, BAD_COUNT(4), 0, 0, 0},
	{"what wraps", LEAF, BED_C, WRAP, BAD_COUNT(4), 0, 0, 0},
	{"one more than wraps", LEAF, BED_C, WRAP + 1, BAD_COUNT(4), 0, 0, 0},
	/* With the IPA added this is 0, and BED_PAGE. */
	{"to 2^64", LEAF, BED_C, WRAP - LEAF / BED_PAGE, BAD_COUNT(4), 0, 0, 0},
	{"behind 2^64", LEAF, BED_C, WRAP - LEAF / BED_PAGE + 1, BAD_COUNT(4),
		0, 0, 0},
	{"2^63", LEAF, BED_C, UINT64_C(1) << 63, BAD_COUNT(4), 0, 0, 0},
	{"2^64 - 1", LEAF, BED_C, UINT64_MAX, BAD_COUNT(4), 0, 0, 0},

	{"the last slot", LEAF + BED_REGION - BED_PAGE, BED_C, 2, OK, 1, 0, 0},
	{"the end of the leaf", LEAF + BED_REGION - 2 * BED_PAGE, BED_C, 3, OK,
		2, 0, 0},
	{"the end of the leaf, of a leaf", LEAF + BED_PAGE, BED_C, BED_ENTRIES,
		OK, BED_ENTRIES - 1, 0, 0},
	{"an occupied slot", LEAF, BED_C, 10, OK, 5, LEAF + 5 * BED_PAGE, 0},
	{"an occupied last slot", LEAF, BED_C, BED_ENTRIES, OK, BED_ENTRIES - 1,
		LEAF + BED_REGION - BED_PAGE, 0},
	{"an occupied second slot", LEAF, BED_C, 2, OK, 1, LEAF + BED_PAGE, 0},
	{"an occupied first slot", LEAF, BED_C, 2, AT(MOAT_OCCUPIED, 2), 0,
		LEAF, 0},

	{"a taken page", LEAF, BED_C, 10, OK, 3, 0, BED_C + 3 * BED_PAGE},
	{"a taken second page", LEAF, BED_C, 2, OK, 1, 0, BED_C + BED_PAGE},
	{"a taken last page", LEAF, BED_C, BED_ENTRIES, OK, BED_ENTRIES - 1, 0,
		BED_C_LAST},
	{"a taken first page", LEAF, BED_C, 2, AT(MOAT_BAD_PAGE, 3), 0, 0,
		BED_C},
	{"a withheld page", LEAF, BED_WITHHELD - 2 * BED_PAGE, 5, OK, 2, 0, 0},
	{"slot before page", LEAF, BED_C, 10, OK, 2, LEAF + 2 * BED_PAGE,
		BED_C + 3 * BED_PAGE},
	{"page before slot", LEAF, BED_C, 10, OK, 2, LEAF + 3 * BED_PAGE,
		BED_C + 2 * BED_PAGE},

	/* The next page index belongs to the next range. */
	{"the end of a range", LEAF, BED_C_LAST, 2, OK, 1, 0, 0},
	{"the end of a range, of 8", LEAF, BED_C_LAST - BED_PAGE, 8, OK, 2, 0,
		0},
	{"the end of RAM", LEAF, BED_D_LAST, 2, OK, 1, 0, 0},

	/* Two regions are one call. */
	{"the count, two regions", LEAF, BED_C - BED_PAGE, 2, OK, 2, 0, 0},
	{"a leaf, two regions", LEAF, BED_C - 240 * BED_PAGE, BED_ENTRIES + 88,
		OK, BED_ENTRIES, 0, 0},
	{"a leaf, up to a page before the end of a region", LEAF,
		BED_C - BED_PAGE, BED_ENTRIES, OK, BED_ENTRIES, 0, 0},
	{"a page in the second region", LEAF, BED_C - BED_PAGE, 9, OK, 4, 0,
		BED_C + 3 * BED_PAGE},
};

static void prepare(struct bed *bed, const struct give_row *row)
{
	scene_vm(bed, 0, MOAT_VM_BUILDING);
	if (row->occupied != 0) {
		bed_do(bed,
			moat_page_donate(vm_0, (struct moat_ipa){row->occupied},
				(struct moat_pa){BED_D}, 1));
	}
	if (row->taken != 0) {
		bed_do(bed, moat_vcpu_create(vm_0, (struct moat_vcpu_id){1},
				    (struct moat_pa){row->taken}, 0, 0));
	}
	for (uint64_t i = 0; i < row->done; i++) {
		expect(bed_write(bed, 0, row->pa + i * BED_PAGE, WORD(i)),
			"the host may write to the page");
	}
}

/* Page @i was done: it is the VM's, hangs where it should, has its contents. */
static void expect_given(
	struct bed *bed, const struct give_row *row, uint64_t i, bool is_load)
{
	uint64_t pa = row->pa + i * BED_PAGE;
	struct moat_regs info =
		bed_do(bed, moat_page_info((struct moat_pa){pa}));
	uint64_t value;

	expect_equal("the state", info.x[1], MOAT_PAGE_VM);
	expect_equal("the address", info.x[3], row->ipa + i * BED_PAGE);
	expect(!bed_read(bed, 0, pa, &value), "the host cannot reach it");
	expect_equal("the contents", bed_word(bed, pa), is_load ? WORD(i) : 0);
}

/* The page behind the last is not the VM's by this call. */
static void expect_not_given(struct bed *bed, uint64_t pa, uint64_t ipa)
{
	if (host_machine_page(bed->machine, pa) != UINT32_MAX) {
		struct moat_regs info =
			bed_do(bed, moat_page_info((struct moat_pa){pa}));

		expect(info.x[1] != MOAT_PAGE_VM || info.x[3] != ipa,
			"the page behind was left alone");
	}
}

/* A load does at most 8 pages, of whatever ends a donate later. */
static struct give_row load_row(struct give_row row)
{
	if (row.done > 8) {
		row.done = 8;
	}
	return row;
}

static void run_give(const struct give_row *row, bool is_load)
{
	struct bed bed = bed_make();
	struct moat_ipa ipa = {row->ipa};
	struct moat_pa pa = {row->pa};
	struct moat_regs regs =
		is_load ? moat_page_load(vm_0, ipa, pa, row->count)
			: moat_page_donate(vm_0, ipa, pa, row->count);

	regs.x[5] = 1; /* no argument: it may look like a count */
	bed_about("a %s up to: %s", is_load ? "load" : "donate", row->name);
	prepare(&bed, row);
	expect_equal("the answer", bed_call(&bed, 0, &regs), row->answer);
	expect_equal("the count", regs.x[1], row->done);
	for (uint64_t i = 0; i < row->done; i++) {
		expect_given(&bed, row, i, is_load);
	}
	expect_not_given(&bed, row->pa + row->done * BED_PAGE,
		row->ipa + row->done * BED_PAGE);
	bed_end(&bed);
}

Test(range, a_load_does_a_prefix_and_keeps_the_contents)
{
	for (size_t i = 0; i < LENGTH(give_rows); i++) {
		const struct give_row row = load_row(give_rows[i]);

		run_give(&row, true);
	}
}

Test(range, a_donate_does_a_prefix_and_zeroes_it)
{
	for (size_t i = 0; i < LENGTH(give_rows); i++) {
		run_give(&give_rows[i], false);
	}
}

/* A range of more pages than a page has bytes: what is left of it is counted in
 * pages all the same. */
Test(range, a_long_range_ends_where_it_does)
{
	struct moat_config config = bed_config();
	struct moat_ipa ipa = {LEAF};
	struct moat_regs regs;
	struct moat_pa pa;
	struct bed bed;

	config.ram[0].size = 12 * BED_REGION;
	pa.value = BED_A + config.ram[0].size - 2 * BED_PAGE;
	bed = bed_make_of(&config);
	bed_about("a donate up to the end of a long range");
	scene_vm(&bed, 0, MOAT_VM_BUILDING);
	regs = moat_page_donate(vm_0, ipa, pa, 5);
	expect_equal("the answer", bed_call(&bed, 0, &regs), OK);
	expect_equal("the count", regs.x[1], 2);
	bed_end(&bed);
}

/* A block whose pages have higher numbers than a page has bytes: the
 * invariants, which the call checks, count in pages all the same. */
Test(range, a_block_far_up_is_given_as_any)
{
	const struct moat_pa pa = {BED_A + 10 * BED_REGION};
	struct moat_config config = bed_config();
	struct moat_regs regs =
		moat_block_donate(vm_0, (struct moat_ipa){IPA_VM_BLOCK}, pa);
	struct bed bed;

	config.ram[0].size = 12 * BED_REGION;
	bed = bed_make_of(&config);
	bed_about("a block of pages beyond 4096");
	scene_vm(&bed, 0, MOAT_VM_BUILDING);
	expect_equal("x0", bed_call(&bed, 0, &regs), OK);
	expect(moat_invariant_check(bed.engine) == NULL, "all holds");
	bed_end(&bed);
}

/* Only calls on pages have a count. */
Test(range, a_block_donate_looks_at_no_register_behind_its_own)
{
	struct moat_regs regs = moat_block_donate(vm_0,
		(struct moat_ipa){IPA_VM_BLOCK}, (struct moat_pa){FREE_BLOCK});
	struct bed bed = bed_make();

	bed_about("registers behind the last argument");
	scene_vm(&bed, 0, MOAT_VM_BUILDING);
	for (uint32_t i = 4; i < 10; i++) {
		regs.x[i] = UINT64_MAX;
	}
	expect_equal("x0", bed_call(&bed, 0, &regs), OK);
	bed_end(&bed);
}

/* ---- Reclaim ----------------------------------------------------------- */

/* Pages that the VM has at LEAF: from slot on, count pages from that PA. */
struct span {
	uint64_t slot, pa, count;
};

/* { it stops at, from slot, count, the answer, pages done, what there is } */
static const struct reclaim_row {
	const char *name;
	uint64_t slot, count;
	uint64_t answer, done;
	struct span spans[5];
} reclaim_rows[] = {
	{"the count, 1", 0, 1, OK, 1, {{0, BED_C, BED_ENTRIES}}},
	{"the count, a leaf but one", 0, BED_ENTRIES - 1, OK, BED_ENTRIES - 1,
		{{0, BED_C, BED_ENTRIES}}},
	{"the count, a leaf", 0, BED_ENTRIES, OK, BED_ENTRIES,
		{{0, BED_C, BED_ENTRIES}}},
	{"a leaf, of one more", 0, BED_ENTRIES + 1, OK, BED_ENTRIES,
		{{0, BED_C, BED_ENTRIES}}},
	{"a leaf, of the rest", 0, REST, OK, BED_ENTRIES,
		{{0, BED_C, BED_ENTRIES}}},
	{"one beyond the rest", 0, REST + 1, BAD_COUNT(3), 0, {{0, BED_C, 1}}},
	{"one less than wraps", 0, WRAP - 1, BAD_COUNT(3), 0, {{0, BED_C, 1}}},
	{"what wraps", 0, WRAP, BAD_COUNT(3), 0, {{0, BED_C, 1}}},
	{"one more than wraps", 0, WRAP + 1, BAD_COUNT(3), 0, {{0, BED_C, 1}}},
	{"to 2^64", 0, WRAP - LEAF / BED_PAGE, BAD_COUNT(3), 0,
		{{0, BED_C, 1}}},
	{"behind 2^64", 0, WRAP - LEAF / BED_PAGE + 1, BAD_COUNT(3), 0,
		{{0, BED_C, 1}}},
	{"2^64 - 1", 0, UINT64_MAX, BAD_COUNT(3), 0, {{0, BED_C, 1}}},

	{"the end of the leaf", BED_ENTRIES - 2, 3, OK, 2,
		{{BED_ENTRIES - 12, BED_C, 12}}},
	{"the last slot", BED_ENTRIES - 1, BED_ENTRIES, OK, 1,
		{{BED_ENTRIES - 12, BED_C, 12}}},
	{"an empty slot", 0, 9, OK, 3, {{0, BED_C, 3}, {4, BED_D, 3}}},
	{"an empty first slot", 3, 9, AT(MOAT_NOT_MAPPED, 2), 0,
		{{0, BED_C, 3}, {4, BED_D, 3}}},

	{"the count, two regions", 0, 2, OK, 2, {{0, BED_C, 1}, {1, BED_D, 1}}},
	{"the count, three regions", 0, 3, OK, 3,
		{{0, BED_B, 1}, {1, BED_C, 1}, {2, BED_D, 1}}},
	{"an empty slot, three regions", 0, 9, OK, 6,
		{{0, BED_B, 2}, {2, BED_D, 2}, {4, BED_C, 2}}},
	{"the count, two regions in turn", 0, 9, OK, 4,
		{{0, BED_C, 1}, {1, BED_D, 1}, {2, BED_C + BED_PAGE, 1},
			{3, BED_D + BED_PAGE, 1}}},
	{"an empty slot, three in turn", 0, 9, OK, 4,
		{{0, BED_C, 1}, {1, BED_D, 1}, {2, BED_C + BED_PAGE, 1},
			{3, BED_B, 1}}},
	/* Neighbours by index that are none by address. */
	{"the count, across ranges", 0, 2, OK, 2,
		{{0, BED_C_LAST, 1}, {1, BED_D, 1}}},
	/* Pages that descend are no run; each goes back by itself. */
	{"the count, descending", 0, 3, OK, 3,
		{{0, BED_C + 2 * BED_PAGE, 1}, {1, BED_C + BED_PAGE, 1},
			{2, BED_C, 1}}},
	{"the count, across regions", 0, 4, OK, 4,
		{{0, BED_C - 2 * BED_PAGE, 4}}},
};

static void fill(struct bed *bed, const struct reclaim_row *row)
{
	scene_vm(bed, 0, MOAT_VM_BUILDING);
	for (uint32_t i = 0; i < 5 && row->spans[i].count != 0; i++) {
		const struct span *span = &row->spans[i];

		for (uint64_t k = 0; k < span->count; k++) {
			bed_write(bed, 0, span->pa + k * BED_PAGE, WORD(k));
		}
		bed_load(bed, vm_0, LEAF + span->slot * BED_PAGE, span->pa,
			span->count);
	}
	bed_do(bed, moat_vm_kill(vm_0));
}

static void expect_page(struct bed *bed, const struct reclaim_row *row,
	uint64_t slot, uint64_t pa)
{
	bool is_done = slot >= row->slot && slot < row->slot + row->done;
	uint64_t value = 1;

	expect_equal("the state", inside_page_state(bed, pa),
		is_done ? MOAT_PAGE_HOST : MOAT_PAGE_VM);
	expect_equal(
		"the host reads it", bed_read(bed, 0, pa, &value), is_done);
	if (is_done) {
		expect_equal("what it reads", value, 0);
		expect(bed_is_zero(bed, pa), "the page is zero [PAGE-4]");
	}
}

static void run_reclaim(const struct reclaim_row *row)
{
	struct bed bed = bed_make();
	struct moat_regs regs = moat_page_reclaim(vm_0,
		(struct moat_ipa){LEAF + row->slot * BED_PAGE}, row->count);

	bed_about("a reclaim up to: %s", row->name);
	fill(&bed, row);
	expect_equal("the answer", bed_call(&bed, 0, &regs), row->answer);
	expect_equal("the count", regs.x[1], row->done);
	for (uint32_t i = 0; i < 5; i++) {
		const struct span *span = &row->spans[i];

		for (uint64_t k = 0; k < span->count; k++) {
			expect_page(&bed, row, span->slot + k,
				span->pa + k * BED_PAGE);
		}
	}
	bed_end(&bed);
}

Test(range, a_reclaim_does_a_prefix_and_scrubs_it)
{
	for (size_t i = 0; i < LENGTH(reclaim_rows); i++) {
		run_reclaim(&reclaim_rows[i]);
	}
}

/* One call, whose pages lie in four regions. */
Test(range, a_reclaim_takes_scattered_pages_at_once)
{
	static const struct reclaim_row scattered = {"scattered pages", 0, 12,
		OK, 12,
		{{0, BED_B, 3}, {3, BED_D, 3}, {6, BED_C, 3},
			{9, BED_B + 8 * BED_PAGE, 2}, {11, BED_E, 1}}};

	run_reclaim(&scattered);
}

/* ---- Translations that a VM left behind -------------------------------- */

/* The VM ran and touched its pages, so a CPU may hold them under its VMID. */
Test(range, a_reclaim_is_forgotten_by_every_cpu_for_every_page)
{
	const struct moat_trap irq = {.kind = MOAT_TRAP_IRQ};
	struct moat_regs regs = {{0}};
	struct bed bed = bed_make();
	uint64_t value;

	bed_about("a reclaim of 8 pages that a VM used");
	scene_vm(&bed, 0, MOAT_VM_ACTIVE);
	bed_do(&bed, moat_page_donate(vm_0, (struct moat_ipa){LEAF},
			     (struct moat_pa){BED_C}, 8));
	scene_run(&bed, 0, 0, 1);
	for (uint64_t i = 0; i < 8; i++) {
		expect(bed_read(&bed, 1, LEAF + i * BED_PAGE, &value),
			"the VM reads");
	}
	bed_trap(&bed, 1, &irq, &regs);
	bed_do(&bed, moat_vm_kill(vm_0));
	regs = moat_page_reclaim(vm_0, (struct moat_ipa){LEAF}, 8);
	expect_equal("the answer", bed_call(&bed, 0, &regs), OK);
	expect_equal("the count", regs.x[1], 8);
	bed_end(&bed);
}

/* ---- Regions that share a lock ----------------------------------------- */

/* 65 regions: 0 and 64 have one lock, which a call takes once. */
Test(range, two_regions_with_one_lock_do_not_stop_a_call)
{
	struct moat_config config = bed_config();
	struct moat_regs regs;
	struct bed bed;

	if (BED_A + 65 * BED_REGION > BED_D) {
		cr_skip_test("65 regions of 32 MiB reach into the next range");
	}
	config.ram[0].size = 65 * BED_REGION;
	bed_about("regions 0 and 64");
	bed = bed_make_of(&config);
	scene_vm(&bed, 0, MOAT_VM_BUILDING);
	bed_do(&bed,
		moat_page_donate(vm_0, (struct moat_ipa){LEAF},
			(struct moat_pa){BED_A + BED_REGION - BED_PAGE}, 1));
	bed_do(&bed, moat_page_donate(vm_0, (struct moat_ipa){LEAF + BED_PAGE},
			     (struct moat_pa){BED_A + 64 * BED_REGION}, 1));
	bed_do(&bed, moat_vm_kill(vm_0));
	regs = moat_page_reclaim(vm_0, (struct moat_ipa){LEAF}, 2);
	expect_equal("the answer", bed_call(&bed, 0, &regs), OK);
	expect_equal("the count", regs.x[1], 2);
	bed_end(&bed);
}
