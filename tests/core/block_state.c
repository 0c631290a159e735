/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A block is 512 pages that are all the host's: one page of another kind,
 * wherever it is, and block_donate and block_lend refuse it as a whole.
 */
#include <criterion/criterion.h>

#include "arch-host/walk.h"
#include "inside.h"
#include "scene.h"
#include "table.h"

enum page_is { HOST, LENT, VM, SHARED, TABLE, ROOT, VCPU, ENGINE, KIND_COUNT };

static const char *const kind_names[KIND_COUNT] = {"HOST", "LENT", "VM",
	"SHARED", "TABLE", "TABLE (root)", "VCPU", "ENGINE"};

static const struct named_call calls[] = {
	{MOAT_BLOCK_DONATE, "block_donate"},
	{MOAT_BLOCK_LEND, "block_lend"},
};

#define OK MOAT_OK
#define BAD AT(MOAT_BAD_PAGE, 3)

/* { one page of region D is, the call, its answer, that page becomes } */
static const struct row rows[] = {
	{HOST, MOAT_BLOCK_DONATE, OK, MOAT_PAGE_VM},
	{HOST, MOAT_BLOCK_LEND, OK, MOAT_PAGE_LENT},
	{LENT, MOAT_BLOCK_DONATE, BAD, MOAT_PAGE_LENT},
	{LENT, MOAT_BLOCK_LEND, BAD, MOAT_PAGE_LENT},
	{VM, MOAT_BLOCK_DONATE, BAD, MOAT_PAGE_VM},
	{VM, MOAT_BLOCK_LEND, BAD, MOAT_PAGE_VM},
	{SHARED, MOAT_BLOCK_DONATE, BAD, MOAT_PAGE_SHARED},
	{SHARED, MOAT_BLOCK_LEND, BAD, MOAT_PAGE_SHARED},
	{TABLE, MOAT_BLOCK_DONATE, BAD, MOAT_PAGE_TABLE},
	{TABLE, MOAT_BLOCK_LEND, BAD, MOAT_PAGE_TABLE},
	{ROOT, MOAT_BLOCK_DONATE, BAD, MOAT_PAGE_TABLE},
	{ROOT, MOAT_BLOCK_LEND, BAD, MOAT_PAGE_TABLE},
	{VCPU, MOAT_BLOCK_DONATE, BAD, MOAT_PAGE_VCPU},
	{VCPU, MOAT_BLOCK_LEND, BAD, MOAT_PAGE_VCPU},
	{ENGINE, MOAT_BLOCK_DONATE, BAD, MOAT_PAGE_ENGINE},
	{ENGINE, MOAT_BLOCK_LEND, BAD, MOAT_PAGE_ENGINE},
};

static const uint64_t positions[] = {
	0, 1, 255, BED_ENTRIES - 2, BED_ENTRIES - 1};

static const struct moat_vm_id vm_0 = {0};
static const struct moat_vm_id vm_1 = {1};

/* The page is withheld from the start. */
static struct bed bed_withholding(uint64_t pa)
{
	struct moat_config config = bed_config();

	config.withheld_count = 3;
	config.withheld[2] = (struct moat_range){pa, BED_PAGE};
	return bed_make_of(&config);
}

static void share(struct bed *bed, struct moat_pa pa)
{
	const struct moat_regs call =
		scene_guest_call(MOAT_GUEST_SHARE, IPA_EMPTY_LEAF, 1);

	bed_do(bed, moat_page_donate(
			    vm_0, (struct moat_ipa){IPA_EMPTY_LEAF}, pa, 1));
	scene_run(bed, 0, 0, 1);
	expect_equal("a share", bed_ask(bed, 1, &call).x[0], OK);
}

/* Make the HOST page at @pa one of the kind; VM 0 is ACTIVE. */
static void make_kind(struct bed *bed, uint32_t kind, struct moat_pa pa)
{
	switch (kind) {
	case LENT:
		bed_do(bed,
			moat_page_lend(vm_0,
				(struct moat_ipa){IPA_UPPER + IPA_EMPTY_LEAF},
				pa, 1, 1));
		break;
	case VM:
		bed_do(bed, moat_page_donate(vm_0,
				    (struct moat_ipa){IPA_EMPTY_LEAF}, pa, 1));
		break;
	case SHARED:
		share(bed, pa);
		break;
	case TABLE:
		bed_do(bed, moat_table_create(vm_0,
				    (struct moat_ipa){IPA_NO_PARENT}, 2, pa));
		break;
	case ROOT:
		bed_do(bed, moat_vm_create(vm_1, pa, 36, 1));
		break;
	case VCPU:
		scene_vm(bed, 1, MOAT_VM_BUILDING);
		bed_do(bed, moat_vcpu_create(
				    vm_1, (struct moat_vcpu_id){1}, pa, 0, 0));
		break;
	default:
		break;
	}
}

static void expect_level(struct bed *bed, uint64_t ipa)
{
	struct moat_stage2 stage2 = inside_stage2(bed, 0);
	struct host_walk walk = {bed->machine, &stage2, NULL, ipa, 3};
	struct host_translation leaf = {0};

	expect(host_walk_from(&walk, &leaf), "it is mapped");
	expect_equal("the level", leaf.level, 2);
	expect_equal("the first page", leaf.pa, BED_D);
}

/* Donated pages are zero, lent ones as they were. */
static void expect_block(struct bed *bed, uint32_t call)
{
	for (uint64_t i = 0; i < BED_ENTRIES; i++) {
		uint64_t pa = BED_D + i * BED_PAGE;
		bool is_loan = call == MOAT_BLOCK_LEND;
		uint64_t value;

		expect_equal("a page of the block", inside_page_state(bed, pa),
			is_loan ? MOAT_PAGE_LENT : MOAT_PAGE_VM);
		expect_equal("the host's reach", bed_read(bed, 0, pa, &value),
			is_loan);
		expect_equal("its contents", bed_word(bed, pa),
			is_loan ? 0x1234 + i : 0);
	}
	expect_level(bed, scene_call(call, 0).x[2]);
}

static void run_at(const struct row *row, uint64_t position)
{
	struct moat_pa pa = {BED_D + position * BED_PAGE};
	struct bed bed =
		row->is == ENGINE ? bed_withholding(pa.value) : bed_make();
	struct moat_regs regs = scene_call(row->call, 0);

	for (uint64_t i = 0; i < BED_ENTRIES; i++) {
		bed_write(&bed, 0, BED_D + i * BED_PAGE, 0x1234 + i);
	}
	scene_vm(&bed, 0, MOAT_VM_ACTIVE);
	make_kind(&bed, row->is, pa);
	regs.x[3] = BED_D;
	expect_equal("the answer", bed_call(&bed, 0, &regs), row->answer);
	expect_equal(
		"the count", regs.x[1], row->answer == OK ? BED_ENTRIES : 0);
	expect_equal(
		"the page", inside_page_state(&bed, pa.value), row->becomes);
	if (row->answer == OK) {
		expect_block(&bed, row->call);
	}
	bed_end(&bed);
}

static void run(const struct row *row)
{
	for (size_t i = 0; i < LENGTH(positions); i++) {
		bed_about("page %u of 512 is %s", (unsigned)positions[i],
			kind_names[row->is]);
		run_at(row, positions[i]);
	}
}

Test(block_state, one_page_that_is_not_the_hosts_spoils_a_block)
{
	const struct table table = {rows, LENGTH(rows), kind_names, KIND_COUNT,
		calls, LENGTH(calls)};

	table_run(&table, run);
}

/* { aligned addresses where no RAM, or not 2 MiB of it, is } */
static const uint64_t outside[] = {0, BED_A - BED_REGION, BED_C + BED_REGION,
	BED_D + BED_REGION, BED_MEMORY, UINT64_C(0x100000000) + BED_C,
	UINT64_C(1) << 63, -BED_REGION};

Test(block_state, a_block_is_ram)
{
	for (size_t i = 0; i < LENGTH(outside) * LENGTH(calls); i++) {
		struct bed bed = bed_make();
		uint32_t call = calls[i % LENGTH(calls)].number;
		struct moat_regs regs = scene_call(call, 0);

		scene_vm(&bed, 0, MOAT_VM_ACTIVE);
		regs.x[3] = outside[i / LENGTH(calls)];
		bed_about("%s of 0x%llx", host_call_name(call),
			(unsigned long long)regs.x[3]);
		expect_equal("the answer", bed_call(&bed, 0, &regs), BAD);
		bed_end(&bed);
	}
}
