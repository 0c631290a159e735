/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a running vCPU can do, and all that the host learns of it: each trap
 * with its complete exit record, each call of a VM, and what the host may put
 * into the vCPU's registers when it runs it again.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "inside.h"
#include "scene.h"
#include "table.h"

#define OK MOAT_OK
#define GUEST(i) (UINT64_C(0x67756573740000) + (i)) /* "guest": its x0..x30 */
#define HOST(i) (UINT64_C(0x686f737400) + (i)) /* "host": its x0..x9 */
#define BAD_COUNT AT(MOAT_BAD_ARG, 1)

enum { GENERAL = 31 };

/* vCPU 0 of an ACTIVE VM 0 runs on CPU 1, and its registers are GUEST(i). */
struct stage {
	struct bed bed;
	struct moat_context *context;
	struct moat_context before;
};

static void mark_guest(struct stage *stage)
{
	stage->context = moat_cpu_context(stage->bed.engine, 1);
	cr_assert(stage->context, "no vCPU runs");
	for (uint32_t i = 0; i < GENERAL; i++) {
		stage->context->x[i] = GUEST(i);
	}
	stage->context->pc = 0x1000;
	stage->before = *stage->context;
}

static struct stage stage_make(void)
{
	struct stage stage = {.bed = bed_make()};

	scene_vm(&stage.bed, 0, MOAT_VM_ACTIVE);
	scene_run(&stage.bed, 0, 0, 1);
	mark_guest(&stage);
	return stage;
}

static struct moat_regs host_regs(void)
{
	struct moat_regs regs;

	for (uint32_t i = 0; i < 18; i++) {
		regs.x[i] = HOST(i);
	}
	return regs;
}

/* The whole context but for what a test has put into stage->before. */
static void expect_context(const struct stage *stage, const char *what)
{
	for (uint32_t i = 0; i < GENERAL; i++) {
		expect_equal("a guest register", stage->context->x[i],
			stage->before.x[i]);
	}
	expect_equal("the guest's PC", stage->context->pc, stage->before.pc);
	expect(memcmp(stage->context, &stage->before, sizeof(stage->before)) ==
			0,
		what);
}

static void expect_record(const struct moat_regs *regs, const uint64_t *x)
{
	for (uint32_t i = 0; i <= MOAT_RESULT_COUNT; i++) {
		expect_equal("a word of the exit record", regs->x[i], x[i]);
	}
}

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
	{MOAT_TRAP_WFI, ANY, MOAT_EXIT_WFI, 0, 0, 4},
	/* A call: the table below. */
	{MOAT_TRAP_ABORT, 0, MOAT_EXIT_OTHER, 0, 0, 0},
	{MOAT_TRAP_ABORT, MOAT_ACCESS_READ, MOAT_EXIT_FAULT, 0x7654321000, 1,
		0},
	{MOAT_TRAP_ABORT, MOAT_ACCESS_WRITE, MOAT_EXIT_FAULT, 0x7654321000, 2,
		0},
	{MOAT_TRAP_ABORT, MOAT_ACCESS_FETCH, MOAT_EXIT_FAULT, 0x7654321000, 3,
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
	const struct moat_trap trap = {(enum moat_trap_kind)row->kind,
		(enum moat_access)access, {0x7654321abc}};
	const uint64_t record[] = {
		OK, row->x1, row->x2, row->x3, 0, 0, 0, 0, 0, 0};
	struct stage stage = stage_make();
	struct moat_regs regs = host_regs();

	expect_equal("the action", bed_trap(&stage.bed, 1, &trap, &regs),
		MOAT_HOST_RETURN);
	expect_record(&regs, record);
	stage.before.pc += row->step;
	expect_context(&stage, "nothing else of the vCPU changed");
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

/* ---- Calls that are answered here -------------------------------------- */

/* { x0, x1 of the guest; goes on with x0, x1; x2 and x3 become zero } */
static const struct answer_row {
	const char *name;
	uint64_t x0, x1;
	uint64_t answer, result;
	bool has_results;
} answer_rows[] = {
	{"version", 0xc6000100, GUEST(1), OK, 0x10000, true},
	{"version, upper half of x0", 0xffffffffc6000100, 5, OK, 0x10000, true},
	{"host_call of 7 registers", 0xc6000101, 7, BAD_COUNT, 0, true},
	{"host_call of 2^32", 0xc6000101, 0x100000000, BAD_COUNT, 0, true},
	{"host_call of 2^64 - 1", 0xc6000101, UINT64_MAX, BAD_COUNT, 0, true},
	{"a call of the host", 0xc6000000, GUEST(1), UINT64_MAX, 0, false},
	{"vm_kill", 0xc6000012, 0, UINT64_MAX, 0, false},
	{"page_donate", 0xc6000041, 0, UINT64_MAX, 0, false},
	{"the number before", 0xc60000ff, 0, UINT64_MAX, 0, false},
	{"the number behind", 0xc6000102, 0, UINT64_MAX, 0, false},
	{"a call of 32 bits", 0x86000100, 0, UINT64_MAX, 0, false},
	{"a yielding call", 0x46000100, 0, UINT64_MAX, 0, false},
	{"another owner", 0xc4000100, 0, UINT64_MAX, 0, false},
	{"PSCI_VERSION", 0x84000000, 0, UINT64_MAX, 0, false},
	{"zero", 0, 0, UINT64_MAX, 0, false},
	{"all ones", UINT64_MAX, 0, UINT64_MAX, 0, false},
};

static void run_answer(const struct answer_row *row)
{
	const struct moat_trap trap = {.kind = MOAT_TRAP_CALL};
	struct stage stage = stage_make();
	struct moat_regs regs = host_regs();

	bed_about("a VM calls: %s", row->name);
	stage.context->x[0] = row->x0;
	stage.context->x[1] = row->x1;
	stage.before = *stage.context;
	expect_equal("the action", bed_trap(&stage.bed, 1, &trap, &regs),
		MOAT_GUEST_RESUME);
	for (uint32_t i = 0; i < 10; i++) {
		expect_equal("a host register", regs.x[i], HOST(i));
	}
	stage.before.x[0] = row->answer;
	if (row->has_results) {
		stage.before.x[1] = row->result;
		stage.before.x[2] = 0;
		stage.before.x[3] = 0;
	}
	expect_context(&stage, "nothing else of the vCPU changed");
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

Test(guest, each_call_of_a_vm_has_a_row)
{
	for (size_t call = 0; call < GUEST_CALL_COUNT; call++) {
		uint64_t function = 0xc6000000 + guest_calls[call].number;
		uint32_t count = 0;

		bed_about("the call %s", guest_calls[call].name);
		for (size_t i = 0; i < LENGTH(answer_rows); i++) {
			count += answer_rows[i].x0 == function;
		}
		expect(count > 0, "there is a row");
	}
}

/* ---- Calls for the host ------------------------------------------------ */

/* The vCPU declares @count registers; the host sees these and no others. */
static void declare(struct stage *stage, uint64_t count)
{
	const struct moat_trap trap = {.kind = MOAT_TRAP_CALL};
	uint64_t record[10] = {OK, MOAT_EXIT_HOST_CALL, count};
	struct moat_regs regs = host_regs();

	stage->context->x[0] = 0xc6000101;
	stage->context->x[1] = count;
	stage->before = *stage->context;
	for (uint64_t i = 0; i < count; i++) {
		record[3 + i] = GUEST(2 + i);
	}
	expect_equal("the action", bed_trap(&stage->bed, 1, &trap, &regs),
		MOAT_HOST_RETURN);
	expect_record(&regs, record);
	expect_context(stage, "the vCPU has no answer yet");
}

/* The host runs it again and offers x4..x9. */
static void run_again(struct stage *stage)
{
	struct moat_regs regs = host_regs();

	regs.x[0] = 0xc6000022;
	regs.x[1] = 0;
	regs.x[2] = 0;
	regs.x[3] = 0;
	expect_equal("a run", bed_call(&stage->bed, 1, &regs), OK);
}

Test(guest, a_host_call_shows_the_declared_registers_and_takes_as_many)
{
	for (uint64_t count = 0; count <= 6; count++) {
		struct stage stage = stage_make();

		bed_about("a host_call of %u registers", (unsigned)count);
		declare(&stage, count);
		run_again(&stage);
		stage.before.x[0] = OK;
		stage.before.x[1] = 0;
		for (uint64_t i = 0; i < count; i++) {
			stage.before.x[2 + i] = HOST(4 + i);
		}
		expect_context(&stage, "the declared registers and no others");
		bed_end(&stage.bed);
	}
}

Test(guest, an_entry_writes_nothing_after_any_other_exit)
{
	for (size_t i = 0; i < LENGTH(trap_rows); i++) {
		const struct moat_trap trap = {
			(enum moat_trap_kind)trap_rows[i].kind,
			MOAT_ACCESS_READ, {IPA_NO_PARENT}};
		struct stage stage = stage_make();
		struct moat_regs regs = host_regs();

		bed_about(
			"an entry after trap %u", (unsigned)trap_rows[i].kind);
		bed_trap(&stage.bed, 1, &trap, &regs);
		stage.before = *stage.context;
		run_again(&stage);
		expect_context(&stage, "the vCPU is as it was");
		bed_end(&stage.bed);
	}
}

Test(guest, an_answer_is_taken_once)
{
	const struct moat_trap irq = {.kind = MOAT_TRAP_IRQ};
	struct stage stage = stage_make();
	struct moat_regs regs = host_regs();

	bed_about("an entry after an answered host_call");
	declare(&stage, 6);
	run_again(&stage);
	mark_guest(&stage);
	bed_trap(&stage.bed, 1, &irq, &regs);
	run_again(&stage);
	expect_context(&stage, "the vCPU is as it was");
	bed_end(&stage.bed);
}

Test(guest, an_answer_may_be_given_on_another_cpu)
{
	struct stage stage = stage_make();
	struct moat_regs regs = host_regs();

	bed_about("an answer on CPU 2");
	declare(&stage, 1);
	regs = moat_vcpu_run((struct moat_vm_id){0}, (struct moat_vcpu_id){0});
	regs.x[4] = HOST(4);
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
	for (uint32_t i = 1; i < GENERAL; i++) {
		expect_equal("a register", context->x[i], 0);
	}
	expect_equal("the PC", context->pc, 0x80000);
	for (uint32_t i = 0; i < LENGTH(context->arch); i++) {
		expect_equal("a word of the arch layer", context->arch[i], 0);
	}
	bed_end(&bed);
}
