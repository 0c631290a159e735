/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a VM touches, times how: every content of its IPA space meets every
 * access, decoded by the CPU (a syndrome) or not. An access that the tables
 * permit is run again; one that a device may serve is an MMIO exit; the rest
 * are faults.
 */
#include <criterion/criterion.h>

#include "content.h"
#include "stage.h"
#include "table.h"

#define OK MOAT_OK

/*
 * { at the address is; a read, a write, a fetch with a syndrome; the same
 * without }: R runs again, M is an MMIO exit, F a fault
 */
static const struct abort_row {
	enum content is;
	const char *with, *without;
} rows[] = {
	{NO_PARENT, "FFF", "FFF"},
	{NO_LEAF, "FFF", "FFF"},
	{EMPTY_LEAF, "FFF", "FFF"},
	{EMPTY_SLOT, "FFF", "FFF"},
	{VM_PAGE, "RRR", "RRR"},
	{SHARED_PAGE, "RRR", "RRR"},
	{VM_BLOCK, "RRR", "RRR"},
	{VM_BLOCK_INSIDE, "RRR", "RRR"},
	{SHARED_BLOCK, "RRR", "RRR"},
	{SHARED_BLOCK_INSIDE, "RRR", "RRR"},
	{UPPER_NO_PARENT, "MMF", "FFF"},
	{UPPER_NO_LEAF, "MMF", "FFF"},
	{UPPER_EMPTY_LEAF, "MMF", "FFF"},
	{UPPER_EMPTY_SLOT, "MMF", "FFF"},
	/* Lent to be read and written. What is mapped is no device. */
	{LENT_PAGE, "RRF", "RRF"},
	{LENT_BLOCK, "RRF", "RRF"},
	{LENT_BLOCK_INSIDE, "RRF", "RRF"},
	{OUTSIDE, "FFF", "FFF"},
};

enum { OFFSET = 0xabc };

static struct moat_trap trap_at(
	uint64_t ipa, enum moat_access access, uint32_t has_syndrome)
{
	struct moat_trap trap = {.kind = MOAT_TRAP_ABORT,
		.access = access,
		.ipa = {ipa + OFFSET},
		.has_syndrome = has_syndrome};

	if (has_syndrome) {
		trap.size = 4;
		trap.register_index = 7;
	}
	return trap;
}

static void expect_exit(
	struct stage *stage, const struct moat_trap *trap, char kind)
{
	uint64_t ipa = trap->ipa.value;
	const uint64_t fault[15] = {
		OK, MOAT_EXIT_FAULT, ipa - OFFSET, trap->access};
	const uint64_t mmio[15] = {OK, MOAT_EXIT_MMIO, ipa, 4, trap->access,
		trap->access == MOAT_ACCESS_WRITE ? GUEST(7) % 0x100000000 : 0};

	if (kind == 'R') {
		stage_resume(stage, trap);
	} else {
		stage_exit(stage, trap, kind == 'M' ? mmio : fault);
	}
	stage_expect(stage, "the vCPU is as it was, its PC at the access");
}

static void run(
	const struct abort_row *row, const char *kinds, uint32_t has_syndrome)
{
	for (uint32_t i = 0; i < 3; i++) {
		struct stage stage = stage_make_full();
		struct moat_trap trap = trap_at(content_ipa[row->is],
			(enum moat_access)(MOAT_ACCESS_READ + i), has_syndrome);

		bed_about("%s, access %u, %s a syndrome",
			content_names[row->is], (unsigned)trap.access,
			has_syndrome ? "with" : "without");
		expect_exit(&stage, &trap, kinds[i]);
		bed_end(&stage.bed);
	}
}

Test(abort, each_content_of_a_slot_meets_each_access)
{
	for (size_t i = 0; i < LENGTH(rows); i++) {
		cr_assert_eq(rows[i].is, i, "a row is missing or doubled");
		run(&rows[i], rows[i].with, 1);
		run(&rows[i], rows[i].without, 0);
	}
	cr_assert_eq(LENGTH(rows), CONTENT_COUNT);
}

Test(abort, an_address_far_outside_is_a_fault)
{
	static const uint64_t far[] = {UINT64_C(1) << 43, UINT64_C(1) << 44,
		UINT64_C(1) << 47, UINT64_C(1) << 63, -BED_PAGE};

	for (size_t i = 0; i < LENGTH(far); i++) {
		struct stage stage = stage_make_full();
		struct moat_trap trap = trap_at(far[i], MOAT_ACCESS_READ, 1);

		bed_about("0x%llx", (unsigned long long)far[i]);
		expect_exit(&stage, &trap, 'F');
		bed_end(&stage.bed);
	}
}

/* At the very address, which no other one of these is. */
Test(abort, the_first_byte_outside_is_a_fault)
{
	const uint64_t end = IPA_OUTSIDE;
	const uint64_t fault[15] = {OK, MOAT_EXIT_FAULT, end, MOAT_ACCESS_READ};
	struct stage stage = stage_make_full();
	struct moat_trap trap = trap_at(end - OFFSET, MOAT_ACCESS_READ, 1);

	bed_about("0x%llx", (unsigned long long)end);
	stage_exit(&stage, &trap, fault);
	bed_end(&stage.bed);
}

/* ---- What the engine does not believe ---------------------------------- */

/* { the trap's size and register: none of a load or store of one register } */
static const struct odd_row {
	uint32_t size, register_index;
} odd_rows[] = {
	{0, 7},
	{3, 7},
	{5, 7},
	{6, 7},
	{7, 7},
	{9, 7},
	{16, 7},
	{0x80000000, 7},
	{UINT32_MAX, 7},
	{4, 32},
	{8, 255},
	{1, UINT32_MAX},
};

Test(abort, a_syndrome_that_cannot_be_is_as_good_as_none)
{
	for (size_t i = 0; i < LENGTH(odd_rows); i++) {
		struct stage stage = stage_make_full();
		struct moat_trap trap =
			trap_at(IPA_UPPER, MOAT_ACCESS_WRITE, 1);

		bed_about("size %u, register %u", (unsigned)odd_rows[i].size,
			(unsigned)odd_rows[i].register_index);
		trap.size = odd_rows[i].size;
		trap.register_index = odd_rows[i].register_index;
		expect_exit(&stage, &trap, 'F');
		bed_end(&stage.bed);
	}
}

/* ---- Permissions ------------------------------------------------------- */

/* { what a loan permits; a read, a write, a fetch of it } */
static const struct permission_row {
	uint64_t permission;
	bool may[3];
} permission_rows[] = {
	{1, {true, false, false}},
	{3, {true, true, false}},
	{5, {true, false, true}},
	{7, {true, true, true}},
};

static const struct moat_vm_id vm_0 = {0};

/* The walker of the machine, and the engine about an abort, say the same. */
static void expect_access(
	struct stage *stage, uint64_t ipa, uint32_t access, bool is_permitted)
{
	struct moat_trap trap = trap_at(ipa, (enum moat_access)access, 1);
	struct host_access touch = {
		.ipa = ipa, .kind = (enum moat_access)access};

	expect_equal("the access",
		host_cpu_access(stage->bed.machine, STAGE_CPU, &touch),
		is_permitted);
	expect_exit(stage, &trap, is_permitted ? 'R' : 'F');
	if (!is_permitted) {
		stage_run_again(stage);
		stage_mark(stage);
	}
}

static void run_loan(
	const struct permission_row *row, uint64_t ipa, uint64_t pa)
{
	struct bed bed = bed_make();
	struct stage stage;
	struct moat_regs info;
	uint64_t value;

	bed_about("a loan of %u at 0x%llx", (unsigned)row->permission,
		(unsigned long long)ipa);
	scene_vm(&bed, 0, MOAT_VM_ACTIVE);
	bed_do(&bed,
		ipa == IPA_LENT_BLOCK
			? moat_block_lend(vm_0, (struct moat_ipa){ipa},
				  (struct moat_pa){pa}, row->permission)
			: moat_page_lend(vm_0, (struct moat_ipa){ipa},
				  (struct moat_pa){pa}, 2, row->permission));
	stage = stage_make_of(bed);
	for (uint32_t i = 0; i < 3; i++) {
		expect_access(&stage, ipa, MOAT_ACCESS_READ + i, row->may[i]);
		expect_access(&stage, ipa + BED_PAGE, MOAT_ACCESS_READ + i,
			row->may[i]);
	}
	info = bed_do(&stage.bed, moat_page_info((struct moat_pa){pa}));
	expect_equal("the permission", info.x[5], row->permission);
	/* Of the host nothing is taken. */
	expect(bed_write(&stage.bed, 0, pa, 5), "the host writes");
	expect(bed_read(&stage.bed, 0, pa, &value), "the host reads");
	expect_equal("what it reads", value, 5);
	bed_end(&stage.bed);
}

Test(abort, a_loan_permits_what_the_host_said)
{
	for (size_t i = 0; i < LENGTH(permission_rows); i++) {
		run_loan(&permission_rows[i], IPA_LENT_PAGE, BED_C);
		run_loan(&permission_rows[i], IPA_LENT_BLOCK, BED_C);
	}
}
