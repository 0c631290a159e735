/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * PSCI 1.1 and SMCCC for VMs (Arm DEN 0022, DEN 0028): each function about each
 * state of its target, with the error codes of the specification as numbers, in
 * the order of guest.h; and what the host learns.
 */
#include <criterion/criterion.h>

#include "inside.h"
#include "stage.h"
#include "table.h"

#define MINUS(n) (UINT64_MAX - (n) + 1)
#define SUCCESS 0
#define NOT_SUPPORTED MINUS(1)
#define INVALID_PARAMETERS MINUS(2)
#define ALREADY_ON MINUS(4)
#define INVALID_ADDRESS MINUS(9)
#define IS_ON 0 /* of AFFINITY_INFO */
#define IS_OFF 1

#define ENTRY UINT64_C(0x80000)
#define ARGUMENT UINT64_C(0x1122334455667788)

enum target {
	NO_NUMBER, /* not below the VM's */
	ABSENT,
	OFF,
	READY,
	RUNNING, /* on another CPU */
	SELF,
	TARGET_COUNT
};

static const char *const target_names[TARGET_COUNT] = {"no number", "ABSENT",
	"OFF", "READY", "RUNNING elsewhere", "the caller"};

/* vCPUs of VM 0: 0 calls, 1 runs on CPU 2, 2 absent, 3 OFF, 4 READY, of 5. */
static const uint64_t affinity[TARGET_COUNT] = {[NO_NUMBER] = 5,
	[ABSENT] = 2,
	[OFF] = 3,
	[READY] = 4,
	[RUNNING] = 1,
	[SELF] = 0};

enum {
	ON_32,
	ON_64,
	ON_UNALIGNED,
	ON_UNALIGNED_32,
	ON_OUTSIDE,
	INFO_32,
	INFO_64,
	INFO_LEVEL_1,
	INFO_LEVEL_1_32
};

static const struct named_call columns[] = {
	{ON_32, "CPU_ON, SMC32"},
	{ON_64, "CPU_ON, SMC64"},
	{ON_UNALIGNED, "CPU_ON, unaligned entry"},
	{ON_UNALIGNED_32, "CPU_ON, unaligned entry, SMC32"},
	{ON_OUTSIDE, "CPU_ON, entry in the shared half"},
	{INFO_32, "AFFINITY_INFO, SMC32"},
	{INFO_64, "AFFINITY_INFO, SMC64"},
	{INFO_LEVEL_1, "AFFINITY_INFO of level 1"},
	{INFO_LEVEL_1_32, "AFFINITY_INFO of level 1, SMC32"},
};

static const struct moat_regs column_of[] = {
	[ON_32] = {{0x84000003, 0, ENTRY, ARGUMENT}},
	[ON_64] = {{0xc4000003, 0, ENTRY, ARGUMENT}},
	[ON_UNALIGNED] = {{0xc4000003, 0, ENTRY + 2, ARGUMENT}},
	[ON_UNALIGNED_32] = {{0x84000003, 0, ENTRY + 1, ARGUMENT}},
	[ON_OUTSIDE] = {{0xc4000003, 0, IPA_UPPER, ARGUMENT}},
	[INFO_32] = {{0x84000004, 0, 0}},
	[INFO_64] = {{0xc4000004, 0, 0}},
	[INFO_LEVEL_1] = {{0xc4000004, 0, 1}},
	[INFO_LEVEL_1_32] = {{0x84000004, 0, 1}},
};

enum {
	ABSENT_NOW = MOAT_VCPU_ABSENT,
	OFF_NOW = MOAT_VCPU_OFF,
	READY_NOW = MOAT_VCPU_READY,
	RUNNING_NOW = MOAT_VCPU_RUNNING
};

/* { the target is, the call, its answer, the target becomes } */
static const struct row rows[] = {
	{NO_NUMBER, ON_32, INVALID_PARAMETERS, ABSENT_NOW},
	{NO_NUMBER, ON_64, INVALID_PARAMETERS, ABSENT_NOW},
	{NO_NUMBER, ON_UNALIGNED, INVALID_PARAMETERS, ABSENT_NOW},
	{NO_NUMBER, ON_UNALIGNED_32, INVALID_PARAMETERS, ABSENT_NOW},
	{NO_NUMBER, ON_OUTSIDE, INVALID_PARAMETERS, ABSENT_NOW},
	{NO_NUMBER, INFO_32, INVALID_PARAMETERS, ABSENT_NOW},
	{NO_NUMBER, INFO_64, INVALID_PARAMETERS, ABSENT_NOW},
	{NO_NUMBER, INFO_LEVEL_1, INVALID_PARAMETERS, ABSENT_NOW},
	{NO_NUMBER, INFO_LEVEL_1_32, INVALID_PARAMETERS, ABSENT_NOW},

	{ABSENT, ON_32, INVALID_PARAMETERS, ABSENT_NOW},
	{ABSENT, ON_64, INVALID_PARAMETERS, ABSENT_NOW},
	{ABSENT, ON_UNALIGNED, INVALID_PARAMETERS, ABSENT_NOW},
	{ABSENT, ON_UNALIGNED_32, INVALID_PARAMETERS, ABSENT_NOW},
	{ABSENT, ON_OUTSIDE, INVALID_PARAMETERS, ABSENT_NOW},
	{ABSENT, INFO_32, INVALID_PARAMETERS, ABSENT_NOW},
	{ABSENT, INFO_64, INVALID_PARAMETERS, ABSENT_NOW},
	{ABSENT, INFO_LEVEL_1, INVALID_PARAMETERS, ABSENT_NOW},
	{ABSENT, INFO_LEVEL_1_32, INVALID_PARAMETERS, ABSENT_NOW},

	{OFF, ON_32, SUCCESS, READY_NOW},
	{OFF, ON_64, SUCCESS, READY_NOW},
	{OFF, ON_UNALIGNED, INVALID_ADDRESS, OFF_NOW},
	{OFF, ON_UNALIGNED_32, INVALID_ADDRESS, OFF_NOW},
	{OFF, ON_OUTSIDE, INVALID_ADDRESS, OFF_NOW},
	{OFF, INFO_32, IS_OFF, OFF_NOW},
	{OFF, INFO_64, IS_OFF, OFF_NOW},
	{OFF, INFO_LEVEL_1, INVALID_PARAMETERS, OFF_NOW},
	{OFF, INFO_LEVEL_1_32, INVALID_PARAMETERS, OFF_NOW},

	{READY, ON_32, ALREADY_ON, READY_NOW},
	{READY, ON_64, ALREADY_ON, READY_NOW},
	{READY, ON_UNALIGNED, INVALID_ADDRESS, READY_NOW},
	{READY, ON_UNALIGNED_32, INVALID_ADDRESS, READY_NOW},
	{READY, ON_OUTSIDE, INVALID_ADDRESS, READY_NOW},
	{READY, INFO_32, IS_ON, READY_NOW},
	{READY, INFO_64, IS_ON, READY_NOW},
	{READY, INFO_LEVEL_1, INVALID_PARAMETERS, READY_NOW},
	{READY, INFO_LEVEL_1_32, INVALID_PARAMETERS, READY_NOW},

	{RUNNING, ON_32, ALREADY_ON, RUNNING_NOW},
	{RUNNING, ON_64, ALREADY_ON, RUNNING_NOW},
	{RUNNING, ON_UNALIGNED, INVALID_ADDRESS, RUNNING_NOW},
	{RUNNING, ON_UNALIGNED_32, INVALID_ADDRESS, RUNNING_NOW},
	{RUNNING, ON_OUTSIDE, INVALID_ADDRESS, RUNNING_NOW},
	{RUNNING, INFO_32, IS_ON, RUNNING_NOW},
	{RUNNING, INFO_64, IS_ON, RUNNING_NOW},
	{RUNNING, INFO_LEVEL_1, INVALID_PARAMETERS, RUNNING_NOW},
	{RUNNING, INFO_LEVEL_1_32, INVALID_PARAMETERS, RUNNING_NOW},

	{SELF, ON_32, ALREADY_ON, RUNNING_NOW},
	{SELF, ON_64, ALREADY_ON, RUNNING_NOW},
	{SELF, ON_UNALIGNED, INVALID_ADDRESS, RUNNING_NOW},
	{SELF, ON_UNALIGNED_32, INVALID_ADDRESS, RUNNING_NOW},
	{SELF, ON_OUTSIDE, INVALID_ADDRESS, RUNNING_NOW},
	{SELF, INFO_32, IS_ON, RUNNING_NOW},
	{SELF, INFO_64, IS_ON, RUNNING_NOW},
	{SELF, INFO_LEVEL_1, INVALID_PARAMETERS, RUNNING_NOW},
	{SELF, INFO_LEVEL_1_32, INVALID_PARAMETERS, RUNNING_NOW},
};

/* ---- The runner -------------------------------------------------------- */

static void add_vcpu(struct bed *bed, uint64_t vcpu, uint64_t is_off)
{
	struct moat_regs regs = moat_vcpu_create((struct moat_vm_id){0},
		(struct moat_vcpu_id){vcpu},
		(struct moat_pa){FREE_PAGE + vcpu * BED_PAGE}, ENTRY, 0);

	regs.x[6] = is_off;
	bed_do(bed, regs);
}

static struct stage stage_with_targets(void)
{
	const struct moat_vm_id vm = {0};
	struct bed bed = bed_make();

	bed_do(&bed, moat_vm_create(vm, (struct moat_pa){FREE_ROOT}, 43, 5));
	add_vcpu(&bed, 0, 0);
	add_vcpu(&bed, 1, 0);
	add_vcpu(&bed, 3, 1);
	add_vcpu(&bed, 4, 0);
	bed_do(&bed, moat_vm_seal(vm));
	scene_run(&bed, 0, 1, 2);
	return stage_make_of(bed);
}

/* What CPU_ON that succeeds makes of the target: a vCPU that starts anew. */
static void expect_started(
	const struct stage *stage, uint64_t entry, uint64_t argument)
{
	const struct moat_context *context = inside_context(&stage->bed, 0, 3);

	expect_equal("x0 of the target", context->x[0], argument);
	expect_equal("its PC", context->pc, entry);
	for (uint32_t i = 1; i < STAGE_GENERAL; i++) {
		expect_equal("its other registers", context->x[i], 0);
	}
	for (uint32_t i = 0; i < MOAT_LIST_REGISTER_MAX; i++) {
		expect_equal("its interrupts", context->list_register[i], 0);
	}
}

static void expect_record(
	const struct moat_regs *host, uint64_t reason, uint64_t x2, uint64_t x3)
{
	const uint64_t record[15] = {MOAT_OK, reason, x2, x3};

	for (uint32_t i = 0; i < LENGTH(record); i++) {
		expect_equal(
			"a word of the exit record", host->x[i], record[i]);
	}
}

static bool is_turned_on(const struct row *row)
{
	return row->is == OFF && (row->call == ON_32 || row->call == ON_64);
}

/* Whatever the caller's other registers hold, they stay (bed_ask), x1..x4 too:
 * no PSCI function has a second result. */
static void expect_answer(struct stage *stage, const struct moat_regs *regs,
	const struct row *row)
{
	struct bed_answer answer = bed_ask(&stage->bed, STAGE_CPU, regs);

	expect_equal("x0", answer.x[0], row->answer);
	for (uint32_t i = 1; i < 5; i++) {
		expect_equal("x1..x4", answer.x[i], regs->x[i]);
	}
	expect_equal("the action", answer.action,
		is_turned_on(row) ? MOAT_HOST_RETURN : MOAT_GUEST_RESUME);
	if (is_turned_on(row)) {
		expect_record(
			&answer.host, MOAT_EXIT_PSCI, MOAT_PSCI_CPU_ON, 3);
		expect_started(stage, ENTRY,
			row->call == ON_32 ? ARGUMENT % 0x100000000 : ARGUMENT);
	}
}

static void run(const struct row *row)
{
	struct stage stage = stage_with_targets();
	struct moat_regs regs = column_of[row->call];
	uint64_t target = affinity[row->is];

	regs.x[1] = target;
	expect_answer(&stage, &regs, row);
	if (target < 5) {
		expect_equal("the target",
			inside_vcpu_state(&stage.bed, 0, (uint32_t)target),
			row->becomes);
	}
	expect_equal("the caller", inside_vcpu_state(&stage.bed, 0, 0),
		is_turned_on(row) ? READY_NOW : RUNNING_NOW);
	bed_end(&stage.bed);
}

Test(psci, each_function_meets_each_state_of_its_target)
{
	const struct table table = {rows, LENGTH(rows), target_names,
		TARGET_COUNT, columns, LENGTH(columns)};

	table_run(&table, run);
}

/* ---- Arguments, in W or X registers ------------------------------------ */

/* { the call, its answer } */
static const struct argument_row {
	const char *name;
	struct moat_regs regs;
	uint64_t answer;
} argument_rows[] = {
	{"target 8", {{0xc4000003, 8, ENTRY}}, INVALID_PARAMETERS},
	{"target in Aff1", {{0xc4000003, 0x100, ENTRY}}, INVALID_PARAMETERS},
	{"target in Aff3", {{0xc4000003, 0x100000003, ENTRY}},
		INVALID_PARAMETERS},
	{"target with a bit that MPIDR has", {{0xc4000003, 0x80000003, ENTRY}},
		INVALID_PARAMETERS},
	{"target of all ones", {{0xc4000003, UINT64_MAX, ENTRY}},
		INVALID_PARAMETERS},
	{"target before entry", {{0xc4000003, 5, ENTRY + 1}},
		INVALID_PARAMETERS},
	{"the first entry outside", {{0xc4000003, 3, IPA_UPPER}},
		INVALID_ADDRESS},
	{"an entry far outside", {{0xc4000003, 3, UINT64_MAX - 3}},
		INVALID_ADDRESS},
	{"entry before ALREADY_ON", {{0xc4000003, 0, 2}}, INVALID_ADDRESS},
	{"the last entry inside", {{0xc4000003, 3, IPA_UPPER - 4}}, SUCCESS},
	{"the first entry inside", {{0xc4000003, 3, 0}}, SUCCESS},
	/* W registers: the upper halves are not part of them. */
	{"SMC32, full registers",
		{{0x84000003, 0xffffffff00000003, 0xffffffff00080000}},
		SUCCESS},
	{"SMC32, all ones below", {{0x84000003, 0xffffffff, ENTRY}},
		INVALID_PARAMETERS},
	{"SMC32, full x0", {{0xffffffff84000003, 3, ENTRY}}, SUCCESS},
	{"AFFINITY_INFO, full registers",
		{{0x84000004, 0xffffffff00000003, 0xffffffff00000000}}, IS_OFF},
	{"AFFINITY_INFO, target in Aff3", {{0xc4000004, 0x100000003, 0}},
		INVALID_PARAMETERS},
	{"AFFINITY_INFO of level 3", {{0xc4000004, 3, 3}}, INVALID_PARAMETERS},
};

Test(psci, each_argument_is_taken_in_its_width)
{
	for (size_t i = 0; i < LENGTH(argument_rows); i++) {
		const struct argument_row *row = &argument_rows[i];
		struct stage stage = stage_with_targets();

		bed_about("%s", row->name);
		expect_equal("x0",
			bed_ask(&stage.bed, STAGE_CPU, &row->regs).x[0],
			row->answer);
		bed_end(&stage.bed);
	}
}

/* ---- Functions that concern nobody ------------------------------------- */

/* { x0, x1, the answer }; both conduits and all states are the same */
static const struct function_row {
	uint64_t x0, x1, answer;
} function_rows[] = {
	{0x84000000, 0, 0x10001}, /* PSCI_VERSION */
	{0xffffffff84000000, 0, 0x10001},
	{0x184000000, 0, 0x10001},
	{0x84000006, 0, 2}, /* MIGRATE_INFO_TYPE: nothing that migrates */
	{0x80000000, 0, 0x10002}, /* SMCCC_VERSION */
	{0x80000001, 0x80000000, SUCCESS}, /* SMCCC_ARCH_FEATURES */
	{0x80000001, 0xffffffff80000001, SUCCESS},
	{0x80000001, 0x80000002, NOT_SUPPORTED},
	{0x80000001, 0x80008000, NOT_SUPPORTED},
	{0x80000001, 0x84000000, NOT_SUPPORTED},
	{0x80000001, 0, NOT_SUPPORTED},
	{0x8400000a, 0x84000000, SUCCESS}, /* PSCI_FEATURES */
	{0x8400000a, 0x84000001, SUCCESS},
	{0x8400000a, 0xc4000001, SUCCESS},
	{0x8400000a, 0x84000002, SUCCESS},
	{0x8400000a, 0x84000003, SUCCESS},
	{0x8400000a, 0xc4000003, SUCCESS},
	{0x8400000a, 0x84000004, SUCCESS},
	{0x8400000a, 0xc4000004, SUCCESS},
	{0x8400000a, 0x84000006, SUCCESS},
	{0x8400000a, 0x84000008, SUCCESS},
	{0x8400000a, 0x84000009, SUCCESS},
	{0x8400000a, 0x8400000a, SUCCESS},
	{0x8400000a, 0x80000000, SUCCESS},
	{0x8400000a, 0xffffffff84000003, SUCCESS},
	{0x8400000a, 0xc4000000, NOT_SUPPORTED},
	{0x8400000a, 0xc4000002, NOT_SUPPORTED},
	{0x8400000a, 0x84000005, NOT_SUPPORTED}, /* MIGRATE */
	{0x8400000a, 0x84000007, NOT_SUPPORTED},
	{0x8400000a, 0xc4000008, NOT_SUPPORTED},
	{0x8400000a, 0x8400000b, NOT_SUPPORTED}, /* CPU_FREEZE */
	{0x8400000a, 0x84000012, NOT_SUPPORTED}, /* SYSTEM_RESET2 */
	{0x8400000a, 0xc6000100, NOT_SUPPORTED},
	{0x8400000a, 0, NOT_SUPPORTED},
	{0x84000005, 0, NOT_SUPPORTED},
	{0xc4000005, 0, NOT_SUPPORTED},
	{0x84000007, 0, NOT_SUPPORTED},
	{0x8400000b, 0, NOT_SUPPORTED},
	{0x8400000e, 0, NOT_SUPPORTED},
	{0x84000012, 0, NOT_SUPPORTED},
	/* Functions that have no SMC64 form. */
	{0xc4000000, 0, NOT_SUPPORTED},
	{0xc4000002, 0, NOT_SUPPORTED},
	{0xc4000006, 0, NOT_SUPPORTED},
	{0xc4000008, 0, NOT_SUPPORTED},
	{0xc4000009, 0, NOT_SUPPORTED},
	{0xc400000a, 0x84000000, NOT_SUPPORTED},
	{0xc0000000, 0, NOT_SUPPORTED},
	{0xc0000001, 0x80000000, NOT_SUPPORTED},
	{0x80000002, 0, NOT_SUPPORTED},
	{0x80008000, 0, NOT_SUPPORTED},
	{0x04000003, 3, NOT_SUPPORTED}, /* yielding */
	{0x85000003, 3, NOT_SUPPORTED},
	{0x84010003, 3, NOT_SUPPORTED},
};

Test(psci, each_function_that_concerns_nobody_is_answered)
{
	struct stage stage = stage_with_targets();

	for (size_t i = 0; i < LENGTH(function_rows); i++) {
		const struct function_row *row = &function_rows[i];
		struct moat_regs regs = {
			{row->x0, row->x1, ENTRY, ARGUMENT, 4}};
		struct bed_answer answer;

		bed_about("0x%llx of 0x%llx", (unsigned long long)row->x0,
			(unsigned long long)row->x1);
		answer = bed_ask(&stage.bed, STAGE_CPU, &regs);
		expect_equal("the action", answer.action, MOAT_GUEST_RESUME);
		expect_equal("x0", answer.x[0], row->answer);
		for (uint32_t k = 1; k < 5; k++) {
			expect_equal("x1..x4", answer.x[k], regs.x[k]);
		}
	}
	bed_end(&stage.bed);
}

/* ---- Going down -------------------------------------------------------- */

/* { x0; the exit, its x2; what the caller becomes } */
static const struct down_row {
	uint64_t x0;
	uint64_t reason, x2;
	uint32_t becomes;
} down_rows[] = {
	{0x84000001, MOAT_EXIT_WFI, 0xdead11e, READY_NOW}, /* CPU_SUSPEND */
	{0xc4000001, MOAT_EXIT_WFI, 0xdead11e, READY_NOW},
	{0x84000002, MOAT_EXIT_PSCI, 0x84000002, OFF_NOW}, /* CPU_OFF */
	{0x84000008, MOAT_EXIT_PSCI, 0x84000008, OFF_NOW}, /* SYSTEM_OFF */
	{0x84000009, MOAT_EXIT_PSCI, 0x84000009, OFF_NOW}, /* SYSTEM_RESET */
};

static void expect_down(struct stage *stage, const struct down_row *row)
{
	/* A power-down state, an entry and a context: all the same. */
	const struct moat_regs regs = {{row->x0, 0x40010000, ENTRY, ARGUMENT}};
	struct bed_answer answer;

	stage->context->deadline = 0xdead11e;
	answer = bed_ask(&stage->bed, STAGE_CPU, &regs);
	expect_equal("the action", answer.action, MOAT_HOST_RETURN);
	expect_record(&answer.host, row->reason, row->x2, 0);
	expect_equal("x0 of the caller", answer.x[0], SUCCESS);
	expect_equal("the caller", inside_vcpu_state(&stage->bed, 0, 0),
		row->becomes);
	expect_equal(
		"vCPU 1", inside_vcpu_state(&stage->bed, 0, 1), RUNNING_NOW);
	expect_equal("vCPU 4", inside_vcpu_state(&stage->bed, 0, 4), READY_NOW);
	expect_equal("the VM", inside_vm_life(&stage->bed, 0), MOAT_VM_ACTIVE);
}

Test(psci, a_vcpu_goes_down_as_it_asks_and_no_other)
{
	for (size_t i = 0; i < LENGTH(down_rows); i++) {
		struct stage stage = stage_with_targets();
		struct moat_regs run = stage_entry(0);

		bed_about("0x%llx", (unsigned long long)down_rows[i].x0);
		expect_down(&stage, &down_rows[i]);
		expect_equal("a run", bed_call(&stage.bed, STAGE_CPU, &run),
			down_rows[i].becomes == OFF_NOW
				? AT(MOAT_VCPU_IS_OFF, 2)
				: MOAT_OK);
		bed_end(&stage.bed);
	}
}

/* Another vCPU sees it OFF, and brings it back at a place of its own. */
Test(psci, a_vcpu_that_is_off_comes_back_by_its_vm_alone)
{
	const struct moat_regs off = {{0x84000002}};
	const struct moat_regs info = {{0x84000004, 0, 0}};
	const struct moat_regs on = {{0xc4000003, 0, 0x90000, 7}};
	struct stage stage = stage_with_targets();
	struct moat_regs run = stage_entry(0);
	struct bed_answer answer;

	bed_about("vCPU 0 goes off, vCPU 1 turns it on");
	bed_ask(&stage.bed, STAGE_CPU, &off);
	expect_equal(
		"AFFINITY_INFO", bed_ask(&stage.bed, 2, &info).x[0], IS_OFF);
	answer = bed_ask(&stage.bed, 2, &on);
	expect_equal("CPU_ON", answer.x[0], SUCCESS);
	expect_record(&answer.host, MOAT_EXIT_PSCI, MOAT_PSCI_CPU_ON, 0);
	expect_equal("a run", bed_call(&stage.bed, STAGE_CPU, &run), MOAT_OK);
	expect_equal("its PC", stage.context->pc, 0x90000);
	expect_equal("its x0", stage.context->x[0], 7);
	for (uint32_t i = 1; i < STAGE_GENERAL; i++) {
		expect_equal("its other registers", stage.context->x[i], 0);
	}
	bed_end(&stage.bed);
}

/* Turned on but never run since: on, for everybody. */
Test(psci, a_vcpu_is_turned_on_once)
{
	const struct moat_regs on = {{0xc4000003, 3, ENTRY, 1}};
	const struct moat_regs again = {{0xc4000003, 3, 0x90000, 2}};
	struct stage stage = stage_with_targets();

	bed_about("vCPU 3 is turned on twice");
	expect_equal(
		"CPU_ON", bed_ask(&stage.bed, STAGE_CPU, &on).x[0], SUCCESS);
	expect_equal("again", bed_ask(&stage.bed, 2, &again).x[0], ALREADY_ON);
	expect_started(&stage, ENTRY, 1);
	bed_end(&stage.bed);
}
