/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a running vCPU can do, and all that the host learns of it: each trap
 * with its complete exit record, the calls of a VM that concern no page, and
 * what the host may answer. Aborts: abort.c; pages: slot_move.c; power: psci.c.
 */
#include <criterion/criterion.h>

#include "inside.h"
#include "stage.h"
#include "table.h"

#define OK MOAT_OK
#define BAD_COUNT AT(MOAT_BAD_ARG, 1)
#define DEADLINE UINT64_C(0xdead11e)

/* ---- Traps ------------------------------------------------------------- */

/* Kind and access are as decoded by the arch layer; others may come. */
enum { KINDS = MOAT_TRAP_END + 2, ACCESSES = MOAT_ACCESS_END + 2, ANY = 99 };

/* { kind, access, x1..x3 of the record, bytes that the PC moves } */
static const struct trap_row {
	uint32_t kind;
	uint32_t access;
	uint64_t x1, x2, x3;
	uint64_t step;
} trap_rows[] = {
	{0, ANY, MOAT_EXIT_OTHER, 0, 0, 0},
	{MOAT_TRAP_IRQ, ANY, MOAT_EXIT_IRQ, 0, 0, 0},
	{MOAT_TRAP_WFI, ANY, MOAT_EXIT_WFI, DEADLINE, 0, 4},
	/* A call: the table below. */
	{MOAT_TRAP_ABORT, 0, MOAT_EXIT_OTHER, 0, 0, 0},
	{MOAT_TRAP_ABORT, MOAT_ACCESS_READ, MOAT_EXIT_FAULT, 0x7654320000, 1,
		0},
	{MOAT_TRAP_ABORT, MOAT_ACCESS_WRITE, MOAT_EXIT_FAULT, 0x7654320000, 2,
		0},
	{MOAT_TRAP_ABORT, MOAT_ACCESS_FETCH, MOAT_EXIT_FAULT, 0x7654320000, 3,
		0},
	{MOAT_TRAP_ABORT, MOAT_ACCESS_END, MOAT_EXIT_OTHER, 0, 0, 0},
	{MOAT_TRAP_ABORT, MOAT_ACCESS_END + 1, MOAT_EXIT_OTHER, 0, 0, 0},
	{MOAT_TRAP_SERROR, ANY, MOAT_EXIT_SERROR, 0, 0, 0},
	{MOAT_TRAP_OTHER, ANY, MOAT_EXIT_OTHER, 0, 0, 0},
	{MOAT_TRAP_END, ANY, MOAT_EXIT_OTHER, 0, 0, 0},
	{MOAT_TRAP_END + 1, ANY, MOAT_EXIT_OTHER, 0, 0, 0},
};

static void run_trap(const struct trap_row *row, uint32_t access)
{
	/* An offset within the page, which the host must not see. */
	const struct moat_trap trap = {.kind = (enum moat_trap_kind)row->kind,
		.access = (enum moat_access)access,
		.ipa = {0x7654320abc}};
	const uint64_t record[15] = {OK, row->x1, row->x2, row->x3};
	struct stage stage = stage_make();

	stage.context->deadline = DEADLINE;
	stage.before.deadline = DEADLINE;
	stage_exit(&stage, &trap, record);
	stage.before.pc += row->step;
	stage_expect(&stage, "nothing else of the vCPU changed");
	expect_equal("the vCPU", inside_vcpu_state(&stage.bed, 0, 0),
		MOAT_VCPU_READY);
	bed_end(&stage.bed);
}

/* The rows about @kind and @access: there must be exactly one. */
static void run_pair(uint32_t kind, uint32_t access)
{
	uint32_t count = 0;

	bed_about("trap %u, access %u", (unsigned)kind, (unsigned)access);
	for (size_t i = 0; i < LENGTH(trap_rows); i++) {
		const struct trap_row *row = &trap_rows[i];

		if (row->kind == kind &&
			(row->access == access || row->access == ANY)) {
			run_trap(row, access);
			count++;
		}
	}
	expect_equal("rows", count, 1);
}

Test(guest, each_kind_of_trap_has_its_exit_record_and_no_more)
{
	for (uint32_t kind = 0; kind < KINDS; kind++) {
		for (uint32_t access = 0; access < ACCESSES; access++) {
			if (kind != MOAT_TRAP_CALL) {
				run_pair(kind, access);
			}
		}
	}
}

Test(guest, a_wait_tells_when_the_timer_is_due_or_that_it_is_not)
{
	static const uint64_t deadlines[] = {0, 1, UINT64_MAX - 1, UINT64_MAX};
	const struct moat_trap wfi = {.kind = MOAT_TRAP_WFI};

	for (size_t i = 0; i < LENGTH(deadlines); i++) {
		const uint64_t record[15] = {OK, MOAT_EXIT_WFI, deadlines[i]};
		struct stage stage = stage_make();

		bed_about("a deadline of 0x%llx",
			(unsigned long long)deadlines[i]);
		stage.context->deadline = deadlines[i];
		stage_exit(&stage, &wfi, record);
		bed_end(&stage.bed);
	}
}

/* ---- Calls that are answered here -------------------------------------- */

/* { x0, x1 of the guest; goes on with x0, and x1..x4: those, zero, as it was }
 */
enum results { RESULTS, KEPT };

static const struct answer_row {
	const char *name;
	uint64_t x0, x1;
	uint64_t answer;
	enum results results;
	uint64_t result[4];
} answer_rows[] = {
	{"version", 0xc6000100, GUEST(1), OK, RESULTS, {0x10000}},
	{"version, upper half of x0", 0xffffffffc6000100, 5, OK, RESULTS,
		{0x10000}},
	{"features", 0xc6000102, GUEST(1), OK, RESULTS,
		{BED_PAGE, 43, BED_ENTRIES, 6}},
	{"host_call of 7 registers", 0xc6000101, 7, BAD_COUNT, RESULTS, {0}},
	{"host_call of 2^32", 0xc6000101, 0x100000000, BAD_COUNT, RESULTS, {0}},
	{"host_call of 2^64 - 1", 0xc6000101, UINT64_MAX, BAD_COUNT, RESULTS,
		{0}},
	{"a call of the host", 0xc6000000, GUEST(1), UINT64_MAX, KEPT, {0}},
	{"vm_kill", 0xc6000012, 0, UINT64_MAX, KEPT, {0}},
	{"page_donate", 0xc6000041, 0, UINT64_MAX, KEPT, {0}},
	{"block_lend", 0xc6000051, 0, UINT64_MAX, KEPT, {0}},
	{"the number before", 0xc60000ff, 0, UINT64_MAX, KEPT, {0}},
	{"the number behind", 0xc6000107, 0, UINT64_MAX, KEPT, {0}},
	{"the last number", 0xffffffff, 0, UINT64_MAX, KEPT, {0}},
	{"a call of 32 bits", 0x86000100, 0, UINT64_MAX, KEPT, {0}},
	{"a yielding call", 0x46000100, 0, UINT64_MAX, KEPT, {0}},
	{"another owner", 0xc5000100, 0, UINT64_MAX, KEPT, {0}},
	{"zero", 0, 0, UINT64_MAX, KEPT, {0}},
	{"all ones", UINT64_MAX, 0, UINT64_MAX, KEPT, {0}},
};

static void run_answer(const struct answer_row *row)
{
	struct stage stage = stage_make();
	struct moat_regs regs = {
		{row->x0, row->x1, GUEST(2), GUEST(3), GUEST(4), 5, 6, 7}};
	struct bed_answer answer;

	bed_about("a VM calls: %s", row->name);
	answer = bed_ask(&stage.bed, STAGE_CPU, &regs);
	expect_equal("the action", answer.action, MOAT_GUEST_RESUME);
	expect_equal("the answer", answer.x[0], row->answer);
	for (uint32_t i = 1; i < 5; i++) {
		expect_equal("a result", answer.x[i],
			row->results == RESULTS ? row->result[i - 1]
						: regs.x[i]);
	}
	expect_equal("the vCPU", inside_vcpu_state(&stage.bed, 0, 0),
		MOAT_VCPU_RUNNING);
	bed_end(&stage.bed);
}

Test(guest, each_call_of_a_vm_is_answered_or_not_supported)
{
	for (size_t i = 0; i < LENGTH(answer_rows); i++) {
		run_answer(&answer_rows[i]);
	}
}

/* { the call of a VM, the file that has its rows } */
static const struct row call_files[] = {
	{0, MOAT_GUEST_VERSION, 0, 0}, /* here */
	{0, MOAT_GUEST_HOST_CALL, 0, 0}, {0, MOAT_GUEST_FEATURES, 0, 0},
	{0, MOAT_GUEST_SHARE, 1, 0}, /* slot_move.c, guest_refusal.c */
	{0, MOAT_GUEST_UNSHARE, 1, 0}, {0, MOAT_GUEST_RELINQUISH, 1, 0},
	{0, MOAT_GUEST_MEASUREMENT, 2, 0}, /* measure.c */
};

static uint32_t rows_of(uint32_t number)
{
	uint32_t count = 0;

	for (size_t i = 0; i < LENGTH(answer_rows); i++) {
		count += answer_rows[i].x0 == 0xc6000000 + (uint64_t)number;
	}
	return count;
}

Test(guest, each_call_of_a_vm_has_a_row)
{
	static const char *const one[] = {"file"};
	const struct table table = {call_files, LENGTH(call_files), one, 1,
		guest_calls, GUEST_CALL_COUNT};

	cr_assert_null(table_fault(&table));
	for (size_t i = 0; i < LENGTH(call_files); i++) {
		cr_expect_eq(rows_of(call_files[i].call) > 0,
			call_files[i].answer == 0, "row %zu", i);
	}
}

/* ---- Calls for the host ------------------------------------------------ */

/* The vCPU declares @count registers; the host sees these and no others. */
static void declare(struct stage *stage, uint64_t count)
{
	const struct moat_trap trap = {.kind = MOAT_TRAP_CALL};
	uint64_t record[15] = {OK, MOAT_EXIT_HOST_CALL, count};

	stage->context->x[0] = 0xc6000101;
	stage->context->x[1] = count;
	stage->before = *stage->context;
	for (uint64_t i = 0; i < count; i++) {
		record[3 + i] = GUEST(2 + i);
	}
	stage_exit(stage, &trap, record);
	stage_expect(stage, "the vCPU has no answer yet");
}

Test(guest, a_host_call_shows_the_declared_registers_and_takes_as_many)
{
	for (uint64_t count = 0; count <= 6; count++) {
		struct stage stage = stage_make();

		bed_about("a host_call of %u registers", (unsigned)count);
		declare(&stage, count);
		stage_run_again(&stage);
		stage.before.x[0] = OK;
		stage.before.x[1] = 0;
		for (uint64_t i = 0; i < count; i++) {
			stage.before.x[2 + i] = HOST(4 + i);
		}
		stage_expect(&stage, "the declared registers and no others");
		bed_end(&stage.bed);
	}
}

Test(guest, an_answer_is_taken_once)
{
	const struct moat_trap irq = {.kind = MOAT_TRAP_IRQ};
	const uint64_t record[15] = {OK, MOAT_EXIT_IRQ};
	struct stage stage = stage_make();

	bed_about("an entry after an answered host_call");
	declare(&stage, 6);
	stage_run_again(&stage);
	stage_mark(&stage);
	stage_exit(&stage, &irq, record);
	stage_run_again(&stage);
	stage_expect(&stage, "the vCPU is as it was");
	bed_end(&stage.bed);
}

Test(guest, an_answer_may_be_given_on_another_cpu)
{
	struct stage stage = stage_make();
	struct moat_regs regs = stage_entry(0);

	bed_about("an answer on CPU 2");
	declare(&stage, 1);
	expect_equal("a run", bed_call(&stage.bed, 2, &regs), OK);
	expect_equal("the answer", moat_cpu_context(stage.bed.engine, 2)->x[2],
		HOST(4));
	expect(!moat_cpu_context(stage.bed.engine, 1), "CPU 1 is the host's");
	bed_end(&stage.bed);
}

/* ---- The first run ----------------------------------------------------- */

Test(guest, a_new_vcpu_starts_with_its_argument_and_zeroes)
{
	struct bed bed = bed_make();
	const struct moat_context *context;

	bed_about("a new vCPU");
	/* What the host left in the page must not reach the vCPU. */
	for (uint64_t at = 0; at < 4096; at += 8) {
		bed_write(&bed, 0, scene_pa(0, SCENE_CONTEXT) + at, HOST(at));
	}
	scene_vm(&bed, 0, MOAT_VM_ACTIVE);
	scene_run(&bed, 0, 0, 1);
	context = moat_cpu_context(bed.engine, 1);
	expect_equal("x0", context->x[0], 0x1234);
	for (uint32_t i = 1; i < STAGE_GENERAL; i++) {
		expect_equal("a register", context->x[i], 0);
	}
	expect_equal("the PC", context->pc, 0x80000);
	for (uint32_t i = 0; i < MOAT_LIST_REGISTER_MAX; i++) {
		expect_equal("an interrupt", context->list_register[i], 0);
	}
	bed_end(&bed);
}
