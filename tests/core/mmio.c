/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Emulated devices: what of a store the host sees, and what a load makes of the
 * host's answer, for each size, sign, width and register.
 */
#include <criterion/criterion.h>

#include "stage.h"
#include "table.h"

#define OK MOAT_OK
#define DEVICE (IPA_UPPER + UINT64_C(0x12345678))
#define STORED UINT64_C(0x8897a6b5c4d3e2f1) /* in each register that stores */

/* ---- Stores ------------------------------------------------------------ */

/* { size, register, x5 of the exit record }; sign and width say nothing */
static const struct store_row {
	uint32_t size, register_index;
	uint64_t told;
} store_rows[] = {
	{1, 0, 0xf1},
	{1, 7, 0xf1},
	{1, 30, 0xf1},
	{1, 31, 0},
	{2, 0, 0xe2f1},
	{2, 30, 0xe2f1},
	{2, 31, 0},
	{4, 0, 0xc4d3e2f1},
	{4, 30, 0xc4d3e2f1},
	{4, 31, 0},
	{8, 0, STORED},
	{8, 30, STORED},
	{8, 31, 0},
};

static struct moat_trap access_of(
	enum moat_access access, uint32_t size, uint32_t register_index)
{
	return (struct moat_trap){.kind = MOAT_TRAP_ABORT,
		.access = access,
		.ipa = {DEVICE},
		.has_syndrome = 1,
		.size = size,
		.register_index = register_index};
}

static void run_store(
	const struct store_row *row, uint32_t is_signed, uint32_t is_wide)
{
	const uint64_t record[15] = {OK, MOAT_EXIT_MMIO, DEVICE, row->size,
		MOAT_ACCESS_WRITE, row->told};
	struct moat_trap trap =
		access_of(MOAT_ACCESS_WRITE, row->size, row->register_index);
	struct stage stage = stage_make();

	bed_about("a store of %u bytes of x%u", (unsigned)row->size,
		(unsigned)row->register_index);
	trap.is_signed = is_signed;
	trap.is_wide = is_wide;
	if (row->register_index < STAGE_GENERAL) {
		stage.context->x[row->register_index] = STORED;
	}
	stage.before = *stage.context;
	stage_exit(&stage, &trap, record);
	stage_expect(&stage, "the vCPU still is at the access");
	stage_run_again(&stage);
	stage.before.pc += 4;
	stage_expect(&stage, "it is behind the access, and no more");
	bed_end(&stage.bed);
}

Test(mmio, a_store_tells_the_bytes_stored_and_no_others)
{
	for (size_t i = 0; i < LENGTH(store_rows); i++) {
		run_store(&store_rows[i], 0, 0);
		run_store(&store_rows[i], 1, 1);
	}
}

/* ---- Loads ------------------------------------------------------------- */

/* { size, is_signed, is_wide, what the host answers, what is loaded } */
static const struct load_row {
	uint32_t size, is_signed, is_wide;
	uint64_t answered, loaded;
} load_rows[] = {
	{1, 0, 0, 0x8897a6b5c4d3e2f1, 0xf1},
	{1, 0, 1, 0x8897a6b5c4d3e2f1, 0xf1},
	{1, 1, 0, 0x8897a6b5c4d3e2f1, 0xfffffff1},
	{1, 1, 1, 0x8897a6b5c4d3e2f1, 0xfffffffffffffff1},
	{1, 1, 0, 0xffffffffffffff7f, 0x7f},
	{1, 1, 1, 0xffffffffffffff7f, 0x7f},
	{1, 1, 0, 0x80, 0xffffff80},
	{1, 1, 1, 0x80, 0xffffffffffffff80},
	{2, 0, 0, 0x8897a6b5c4d3e2f1, 0xe2f1},
	{2, 0, 1, 0x8897a6b5c4d3e2f1, 0xe2f1},
	{2, 1, 0, 0x8897a6b5c4d3e2f1, 0xffffe2f1},
	{2, 1, 1, 0x8897a6b5c4d3e2f1, 0xffffffffffffe2f1},
	{2, 1, 0, 0xffffffffffff7fff, 0x7fff},
	{2, 1, 1, 0xffffffffffff7fff, 0x7fff},
	{2, 1, 0, 0x8000, 0xffff8000},
	{2, 1, 1, 0x8000, 0xffffffffffff8000},
	{4, 0, 0, 0x8897a6b5c4d3e2f1, 0xc4d3e2f1},
	{4, 0, 1, 0x8897a6b5c4d3e2f1, 0xc4d3e2f1},
	{4, 1, 0, 0x8897a6b5c4d3e2f1, 0xc4d3e2f1},
	{4, 1, 1, 0x8897a6b5c4d3e2f1, 0xffffffffc4d3e2f1},
	{4, 1, 1, 0xffffffff7fffffff, 0x7fffffff},
	{4, 1, 1, 0x80000000, 0xffffffff80000000},
	{8, 0, 1, 0x8897a6b5c4d3e2f1, 0x8897a6b5c4d3e2f1},
	{8, 1, 1, 0x8897a6b5c4d3e2f1, 0x8897a6b5c4d3e2f1},
	/* No instruction loads 8 bytes into a W register. */
	{8, 0, 0, 0x8897a6b5c4d3e2f1, 0xc4d3e2f1},
	{8, 0, 1, 0, 0},
	{1, 1, 1, 0, 0},
};

static void run_load(const struct load_row *row, uint32_t register_index)
{
	const uint64_t record[15] = {
		OK, MOAT_EXIT_MMIO, DEVICE, row->size, MOAT_ACCESS_READ};
	struct moat_trap trap =
		access_of(MOAT_ACCESS_READ, row->size, register_index);
	struct stage stage = stage_make();
	struct moat_regs regs = stage_entry(0);

	bed_about("a load of %u bytes into %c%u%s", (unsigned)row->size,
		row->is_wide ? 'x' : 'w', (unsigned)register_index,
		row->is_signed ? ", signed" : "");
	trap.is_signed = row->is_signed;
	trap.is_wide = row->is_wide;
	stage_exit(&stage, &trap, record);
	stage_expect(&stage, "the vCPU still is at the access");
	regs.x[4] = row->answered;
	expect_equal("a run", bed_call(&stage.bed, STAGE_CPU, &regs), OK);
	if (register_index < STAGE_GENERAL) {
		stage.before.x[register_index] = row->loaded;
	}
	stage.before.pc += 4;
	stage_expect(&stage, "that register and no other, behind the access");
	bed_end(&stage.bed);
}

Test(mmio, a_load_gets_what_its_instruction_would_read)
{
	for (size_t i = 0; i < LENGTH(load_rows); i++) {
		run_load(&load_rows[i], 7);
	}
}

Test(mmio, a_load_writes_its_register_and_the_zero_register_none)
{
	for (uint32_t i = 0; i <= STAGE_GENERAL; i++) {
		run_load(&load_rows[22], i);
	}
}
