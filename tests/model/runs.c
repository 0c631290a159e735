/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Accesses of a guest that stage 2 refuses: which exit they are, and what the
 * next entry may do about them.
 */
#include "world.h"

#include <criterion/criterion.h>
#include <string.h>

#define TOP (~(uint64_t)0)

enum { PC = 0x90000, READ = 1, WRITE = 2, FETCH = 3 };

/* An abort of VM 0's guest on CPU 1, decoded as a W or X register. */
struct access {
	uint64_t ipa;
	uint32_t access;
	uint32_t size;
	uint32_t index;
	uint32_t is_signed;
	uint32_t is_wide;
};

static struct moat_trap decoded(struct access access)
{
	struct moat_trap trap = {.kind = MOAT_TRAP_ABORT,
		.access = (enum moat_access)access.access,
		.ipa = {access.ipa},
		.has_syndrome = 1,
		.size = access.size,
		.register_index = access.index,
		.is_signed = access.is_signed,
		.is_wide = access.is_wide};

	return trap;
}

/* The guest at PC, with x0.. = all ones, 1001, 1002, ... */
static struct model *world_at_pc(void)
{
	struct model *m = world_running();
	uint64_t *x = model_guest_registers(m, 1);

	for (uint32_t i = 0; i < 31; i++) {
		x[i] = 1000 + i;
	}
	x[0] = TOP;
	model_guest_jump(m, 1, PC);
	return m;
}

static struct moat_regs entry(uint64_t flags, uint64_t x4)
{
	struct moat_regs regs = moat_vcpu_run(vm_id(0), vcpu_id(0));

	regs.x[3] = flags;
	regs.x[4] = x4;
	regs.x[5] = 0x5555;
	return regs;
}

static void expect_exit(struct moat_regs regs, const uint64_t x[6])
{
	const uint64_t zeroes[9] = {0};

	cr_assert_arr_eq(regs.x, x, 6 * sizeof(*x), "%lx %lx %lx %lx %lx %lx",
		regs.x[0], regs.x[1], regs.x[2], regs.x[3], regs.x[4],
		regs.x[5]);
	cr_assert_arr_eq(regs.x + 6, zeroes, sizeof(zeroes));
	cr_assert_eq(regs.x[15], TOP);
}

/* ---- Which exit -------------------------------------------------------- */

Test(runs, an_access_of_a_device_tells_what_the_instruction_does)
{
	const uint64_t ones = TOP;
	const struct {
		struct access access;
		uint64_t x[6];
	} rows[] = {
		{{HALF, READ, 4, 3, 0, 0}, {0, 4, HALF, 4, READ, 0}},
		{{HALF + 0x123, READ, 1, 31, 1, 1},
			{0, 4, HALF + 0x123, 1, READ, 0}},
		{{0xfffffff8, WRITE, 8, 0, 0, 1},
			{0, 4, 0xfffffff8, 8, WRITE, ones}},
		{{HALF, WRITE, 4, 0, 0, 0}, {0, 4, HALF, 4, WRITE, 0xffffffff}},
		{{HALF, WRITE, 2, 0, 0, 0}, {0, 4, HALF, 2, WRITE, 0xffff}},
		{{HALF, WRITE, 1, 0, 0, 0}, {0, 4, HALF, 1, WRITE, 0xff}},
		{{HALF, WRITE, 8, 30, 0, 1}, {0, 4, HALF, 8, WRITE, 1030}},
		{{HALF, WRITE, 8, 31, 0, 1}, {0, 4, HALF, 8, WRITE, 0}},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct model *m = world_at_pc();
		struct model_vcpu before = *model_vcpu_at(m, 0, 0);

		expect_exit(
			trap_on_1(m, decoded(rows[i].access), MOAT_HOST_RETURN),
			rows[i].x);
		cr_assert_eq(model_vcpu_at(m, 0, 0)->pc, PC);
		cr_assert_arr_eq(
			model_vcpu_at(m, 0, 0)->x, before.x, sizeof(before.x));
		model_destroy(m);
	}
}

Test(runs, any_other_access_is_a_fault_of_its_page)
{
	struct moat_trap blind =
		decoded((struct access){HALF + 8, READ, 4, 3, 0, 0});
	const struct access rows[] = {
		{HALF - 8, READ, 4, 3, 0, 0}, /* the protected half */
		{0x100000000, READ, 4, 3, 0, 0}, /* behind the IPA space */
		{TOP, READ, 4, 3, 0, 0},
		{HALF + 8, FETCH, 4, 3, 0, 0},
		{HALF + 8, READ, 3, 3, 0, 0},
		{HALF + 8, READ, 0, 3, 0, 0},
		{HALF + 8, WRITE, 16, 3, 0, 0},
		{HALF + 8, READ, 4, 32, 0, 0},
	};
	struct model *m = world_at_pc();

	blind.has_syndrome = 0;
	expect_exit(trap_on_1(m, blind, MOAT_HOST_RETURN),
		(const uint64_t[6]){0, MOAT_EXIT_FAULT, HALF, READ});
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint64_t page = rows[i].ipa - rows[i].ipa % 4096;
		const uint64_t x[6] = {
			0, MOAT_EXIT_FAULT, page, rows[i].access};

		run_on_1(m, entry(0, 0));
		expect_exit(
			trap_on_1(m, decoded(rows[i]), MOAT_HOST_RETURN), x);
	}
	model_destroy(m);
}

Test(runs, what_is_mapped_and_not_permitted_is_a_fault)
{
	struct model *m = world_at_pc();
	const struct access write = {HALF + 8, WRITE, 4, 3, 0, 0};

	call(m, moat_table_create(vm_id(0), ipa_of(HALF), 3, pa_of(FREE_PAGE)));
	call(m, moat_page_lend(vm_id(0), ipa_of(HALF),
			pa_of(FREE_PAGE + 0x1000), 1, MOAT_READ));
	expect_exit(trap_on_1(m, decoded(write), MOAT_HOST_RETURN),
		(const uint64_t[6]){0, MOAT_EXIT_FAULT, HALF, WRITE});
	model_destroy(m);
}

Test(runs, an_access_that_is_permitted_by_now_is_made_again)
{
	struct model *m = world_at_pc();
	struct model *before;
	const struct access rows[] = {
		{DATA_IPA + 4, READ, 4, 3, 0, 0},
		{DATA_IPA, WRITE, 3, 99, 0, 0},
		{DATA_IPA + 0x7fff, FETCH, 0, 0, 0, 0},
		{HALF + 8, READ, 4, 3, 0, 0},
	};

	call(m, moat_block_lend(
			vm_id(0), ipa_of(HALF), pa_of(FREE_BLOCK), MOAT_READ));
	before = model_copy(m);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct moat_regs regs =
			trap_on_1(m, decoded(rows[i]), MOAT_GUEST_RESUME);

		cr_assert_eq(regs.x[0], TOP);
		cr_assert(model_is_equal(m, before));
	}
	model_destroy(m);
	model_destroy(before);
}

/* ---- What the entry writes --------------------------------------------- */

Test(runs, a_read_ends_with_the_value_cut_and_extended)
{
	const uint64_t value = 0x9182838485868788;
	const struct {
		uint32_t size;
		uint32_t is_signed;
		uint32_t is_wide;
		uint64_t expected;
	} rows[] = {
		{1, 0, 0, 0x88},
		{1, 1, 0, 0xffffff88},
		{1, 1, 1, 0xffffffffffffff88},
		{2, 0, 1, 0x8788},
		{2, 1, 0, 0xffff8788},
		{2, 1, 1, 0xffffffffffff8788},
		{4, 0, 0, 0x85868788},
		{4, 1, 0, 0x85868788},
		{4, 1, 1, 0xffffffff85868788},
		{8, 0, 1, 0x9182838485868788},
		{8, 1, 1, 0x9182838485868788},
		{8, 0, 0, 0x85868788},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct model *m = world_at_pc();
		struct access access = {HALF, READ, rows[i].size, 7,
			rows[i].is_signed, rows[i].is_wide};
		uint64_t x[31];

		memcpy(x, model_guest_registers(m, 1), sizeof(x));
		x[7] = rows[i].expected;
		trap_on_1(m, decoded(access), MOAT_HOST_RETURN);
		run_on_1(m, entry(0, value));
		cr_assert_arr_eq(model_guest_registers(m, 1), x, sizeof(x),
			"row %zu: %lx", i, model_guest_registers(m, 1)[7]);
		cr_assert_eq(model_vcpu_at(m, 0, 0)->pc, PC + 4);
		model_destroy(m);
	}
}

Test(runs, the_sign_is_the_highest_bit_of_the_value)
{
	struct model *m = world_at_pc();
	const struct access access = {HALF, READ, 2, 7, 1, 1};

	trap_on_1(m, decoded(access), MOAT_HOST_RETURN);
	run_on_1(m, entry(0, 0xffff7fff));
	cr_assert_eq(model_guest_registers(m, 1)[7], 0x7fff);
	trap_on_1(m, decoded(access), MOAT_HOST_RETURN);
	run_on_1(m, entry(0, 0x8000));
	cr_assert_eq(model_guest_registers(m, 1)[7], 0xffffffffffff8000);
	model_destroy(m);
}

/* Run again, after @trap, with @flags: no register changes, and the PC is then
 * @pc. */
static void expect_registers_stay(
	struct moat_trap trap, uint64_t flags, uint64_t pc)
{
	struct model *m = world_at_pc();
	uint64_t x[31];

	memcpy(x, model_guest_registers(m, 1), sizeof(x));
	trap_on_1(m, trap, MOAT_HOST_RETURN);
	run_on_1(m, entry(flags, 0x4444));
	cr_assert_arr_eq(model_guest_registers(m, 1), x, sizeof(x));
	cr_assert_eq(model_vcpu_at(m, 0, 0)->pc, pc);
	cr_assert_eq(model_vcpu_at(m, 0, 0)->pc_is_known, pc != 0);
	model_destroy(m);
}

Test(runs, an_entry_writes_what_the_last_exit_permits_and_nothing_else)
{
	const struct access write = {HALF, WRITE, 4, 7, 0, 0};
	const struct access zero = {HALF, READ, 4, 31, 0, 0};
	const struct access fault = {0, READ, 4, 7, 0, 0};
	struct moat_trap trap = {.kind = MOAT_TRAP_IRQ};

	expect_registers_stay(decoded(write), 0, PC + 4);
	expect_registers_stay(decoded(zero), 0, PC + 4);
	expect_registers_stay(decoded(fault), 0, PC);
	expect_registers_stay(trap, 0, PC);
	trap.kind = MOAT_TRAP_SERROR;
	expect_registers_stay(trap, 0, PC);
	trap.kind = MOAT_TRAP_WFI;
	expect_registers_stay(trap, 0, PC + 4);
}

Test(runs, an_abort_leaves_the_registers_and_the_pc_is_not_known)
{
	const struct access write = {HALF, WRITE, 4, 7, 0, 0};
	const struct access read = {HALF, READ, 4, 7, 0, 0};
	const struct access fault = {0, FETCH, 4, 7, 0, 0};

	expect_registers_stay(decoded(write), MOAT_ENTRY_ABORT, 0);
	expect_registers_stay(decoded(read), MOAT_ENTRY_ABORT, 0);
	expect_registers_stay(decoded(fault), MOAT_ENTRY_ABORT, 0);
	expect_registers_stay(
		decoded(fault), MOAT_ENTRY_ABORT | MOAT_ENTRY_UNDERFLOW, 0);
}

Test(runs, a_pc_that_is_not_known_stays_so_until_the_guest_jumps)
{
	struct model *m = world_at_pc();
	const struct moat_trap wait = {.kind = MOAT_TRAP_WFI};
	const struct access fault = {0, FETCH, 4, 7, 0, 0};

	trap_on_1(m, decoded(fault), MOAT_HOST_RETURN);
	run_on_1(m, entry(MOAT_ENTRY_ABORT, 0));
	trap_on_1(m, wait, MOAT_HOST_RETURN);
	cr_assert_eq(model_vcpu_at(m, 0, 0)->pc_is_known, 0);
	cr_assert_eq(model_vcpu_at(m, 0, 0)->pc, 0);
	run_on_1(m, entry(0, 0));
	model_guest_jump(m, 1, 0x200);
	trap_on_1(m, wait, MOAT_HOST_RETURN);
	cr_assert_eq(model_vcpu_at(m, 0, 0)->pc_is_known, 1);
	cr_assert_eq(model_vcpu_at(m, 0, 0)->pc, 0x204);
	model_destroy(m);
}

Test(runs, an_access_is_ended_once)
{
	struct model *m = world_at_pc();
	const struct access read = {HALF, READ, 8, 7, 0, 1};
	const struct moat_trap irq = {.kind = MOAT_TRAP_IRQ};

	trap_on_1(m, decoded(read), MOAT_HOST_RETURN);
	run_on_1(m, entry(0, 1));
	trap_on_1(m, irq, MOAT_HOST_RETURN);
	run_on_1(m, entry(0, 2));
	cr_assert_eq(model_guest_registers(m, 1)[7], 1);
	cr_assert_eq(model_vcpu_at(m, 0, 0)->pc, PC + 4);
	model_destroy(m);
}

static uint64_t run_x0(struct model *m, uint64_t flags)
{
	return call_on(m, 1, entry(flags, 0)).x[0];
}

Test(runs, an_abort_is_refused_where_no_access_waits)
{
	const enum moat_trap_kind kinds[] = {MOAT_TRAP_IRQ, MOAT_TRAP_WFI,
		MOAT_TRAP_SERROR, MOAT_TRAP_OTHER};

	for (size_t i = 0; i < 4; i++) {
		struct model *m = world_running();
		struct moat_trap trap = {.kind = kinds[i]};

		trap_on_1(m, trap, MOAT_HOST_RETURN);
		cr_assert_eq(run_x0(m, MOAT_ENTRY_ABORT),
			refused(MOAT_BAD_ENTRY, 3));
		cr_assert_eq(run_x0(m, 3), refused(MOAT_BAD_ENTRY, 3));
		run_on_1(m, entry(MOAT_ENTRY_UNDERFLOW, 0));
		model_destroy(m);
	}
}

Test(runs, an_abort_is_refused_before_the_first_run_and_given_once)
{
	struct model *m = world_active();
	const struct access fault = {0, FETCH, 4, 7, 0, 0};

	cr_assert_eq(run_x0(m, MOAT_ENTRY_ABORT), refused(MOAT_BAD_ENTRY, 3));
	run_on_1(m, entry(0, 0));
	trap_on_1(m, decoded(fault), MOAT_HOST_RETURN);
	run_on_1(m, entry(MOAT_ENTRY_ABORT, 0));
	trap_on_1(
		m, (struct moat_trap){.kind = MOAT_TRAP_IRQ}, MOAT_HOST_RETURN);
	cr_assert_eq(run_x0(m, MOAT_ENTRY_ABORT), refused(MOAT_BAD_ENTRY, 3));
	model_destroy(m);
}
