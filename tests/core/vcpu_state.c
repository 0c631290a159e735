/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The state of a vCPU, times every call of the host: in an ACTIVE VM, where it
 * may run; and, of the calls that name it, in a VM that is BUILDING or DYING.
 */
#include <criterion/criterion.h>

#include "inside.h"
#include "scene.h"
#include "table.h"

enum vcpu_is {
	NO_SUCH, /* a number not below the VM's */
	ABSENT,
	OFF,
	READY,
	ELSEWHERE, /* running on another CPU than the caller's */
	HERE, /* running on the CPU that calls */
	VCPU_IS_COUNT
};

static const char *const vcpu_is_names[VCPU_IS_COUNT] = {"no number", "ABSENT",
	"OFF", "READY", "RUNNING elsewhere", "RUNNING here"};

#define OK MOAT_OK
#define BUSY AT(MOAT_BUSY, 0)
#define BAD_STATE AT(MOAT_BAD_STATE, 0)
#define BAD_VCPU AT(MOAT_BAD_VCPU, 2)
#define IS_OFF AT(MOAT_VCPU_IS_OFF, 2)
#define OCCUPIED AT(MOAT_OCCUPIED, 2)

enum {
	ABSENT_NOW = MOAT_VCPU_ABSENT,
	OFF_NOW = MOAT_VCPU_OFF,
	READY_NOW = MOAT_VCPU_READY,
	RUNNING_NOW = MOAT_VCPU_RUNNING
};

/*
 * { the vCPU is, the call, its answer, the vCPU becomes }
 * Where a vCPU runs the host does not, so it cannot call there: the embedder
 * who says so is in error, and stopped (embedder.c).
 */
static const struct row rows[] = {
	{NO_SUCH, MOAT_VERSION, OK, ABSENT_NOW},
	{NO_SUCH, MOAT_FEATURES, OK, ABSENT_NOW},
	{NO_SUCH, MOAT_VM_CREATE, BAD_STATE, ABSENT_NOW},
	{NO_SUCH, MOAT_VM_SEAL, BAD_STATE, ABSENT_NOW},
	{NO_SUCH, MOAT_VM_KILL, OK, ABSENT_NOW},
	{NO_SUCH, MOAT_VM_FREE, BAD_STATE, ABSENT_NOW},
	{NO_SUCH, MOAT_VM_INFO, OK, ABSENT_NOW},
	{NO_SUCH, MOAT_VCPU_CREATE, BAD_STATE, ABSENT_NOW},
	{NO_SUCH, MOAT_VCPU_DESTROY, BAD_STATE, ABSENT_NOW},
	{NO_SUCH, MOAT_VCPU_RUN, BAD_VCPU, ABSENT_NOW},
	{NO_SUCH, MOAT_TABLE_CREATE, OK, ABSENT_NOW},
	{NO_SUCH, MOAT_TABLE_DESTROY, OK, ABSENT_NOW},
	{NO_SUCH, MOAT_TABLE_FOLD, OK, ABSENT_NOW},
	{NO_SUCH, MOAT_TABLE_SPLIT, OK, ABSENT_NOW},
	{NO_SUCH, MOAT_PAGE_LOAD, BAD_STATE, ABSENT_NOW},
	{NO_SUCH, MOAT_PAGE_DONATE, OK, ABSENT_NOW},
	{NO_SUCH, MOAT_PAGE_RECLAIM, BAD_STATE, ABSENT_NOW},
	{NO_SUCH, MOAT_PAGE_INFO, OK, ABSENT_NOW},
	{NO_SUCH, MOAT_PAGE_LEND, OK, ABSENT_NOW},
	{NO_SUCH, MOAT_PAGE_RECALL, OK, ABSENT_NOW},
	{NO_SUCH, MOAT_BLOCK_DONATE, OK, ABSENT_NOW},
	{NO_SUCH, MOAT_BLOCK_LEND, OK, ABSENT_NOW},

	{ABSENT, MOAT_VERSION, OK, ABSENT_NOW},
	{ABSENT, MOAT_FEATURES, OK, ABSENT_NOW},
	{ABSENT, MOAT_VM_CREATE, BAD_STATE, ABSENT_NOW},
	{ABSENT, MOAT_VM_SEAL, BAD_STATE, ABSENT_NOW},
	{ABSENT, MOAT_VM_KILL, OK, ABSENT_NOW},
	{ABSENT, MOAT_VM_FREE, BAD_STATE, ABSENT_NOW},
	{ABSENT, MOAT_VM_INFO, OK, ABSENT_NOW},
	{ABSENT, MOAT_VCPU_CREATE, BAD_STATE, ABSENT_NOW},
	{ABSENT, MOAT_VCPU_DESTROY, BAD_STATE, ABSENT_NOW},
	{ABSENT, MOAT_VCPU_RUN, BAD_VCPU, ABSENT_NOW},
	{ABSENT, MOAT_TABLE_CREATE, OK, ABSENT_NOW},
	{ABSENT, MOAT_TABLE_DESTROY, OK, ABSENT_NOW},
	{ABSENT, MOAT_TABLE_FOLD, OK, ABSENT_NOW},
	{ABSENT, MOAT_TABLE_SPLIT, OK, ABSENT_NOW},
	{ABSENT, MOAT_PAGE_LOAD, BAD_STATE, ABSENT_NOW},
	{ABSENT, MOAT_PAGE_DONATE, OK, ABSENT_NOW},
	{ABSENT, MOAT_PAGE_RECLAIM, BAD_STATE, ABSENT_NOW},
	{ABSENT, MOAT_PAGE_INFO, OK, ABSENT_NOW},
	{ABSENT, MOAT_PAGE_LEND, OK, ABSENT_NOW},
	{ABSENT, MOAT_PAGE_RECALL, OK, ABSENT_NOW},
	{ABSENT, MOAT_BLOCK_DONATE, OK, ABSENT_NOW},
	{ABSENT, MOAT_BLOCK_LEND, OK, ABSENT_NOW},

	{OFF, MOAT_VERSION, OK, OFF_NOW},
	{OFF, MOAT_FEATURES, OK, OFF_NOW},
	{OFF, MOAT_VM_CREATE, BAD_STATE, OFF_NOW},
	{OFF, MOAT_VM_SEAL, BAD_STATE, OFF_NOW},
	{OFF, MOAT_VM_KILL, OK, OFF_NOW},
	{OFF, MOAT_VM_FREE, BAD_STATE, OFF_NOW},
	{OFF, MOAT_VM_INFO, OK, OFF_NOW},
	{OFF, MOAT_VCPU_CREATE, BAD_STATE, OFF_NOW},
	{OFF, MOAT_VCPU_DESTROY, BAD_STATE, OFF_NOW},
	{OFF, MOAT_VCPU_RUN, IS_OFF, OFF_NOW},
	{OFF, MOAT_TABLE_CREATE, OK, OFF_NOW},
	{OFF, MOAT_TABLE_DESTROY, OK, OFF_NOW},
	{OFF, MOAT_TABLE_FOLD, OK, OFF_NOW},
	{OFF, MOAT_TABLE_SPLIT, OK, OFF_NOW},
	{OFF, MOAT_PAGE_LOAD, BAD_STATE, OFF_NOW},
	{OFF, MOAT_PAGE_DONATE, OK, OFF_NOW},
	{OFF, MOAT_PAGE_RECLAIM, BAD_STATE, OFF_NOW},
	{OFF, MOAT_PAGE_INFO, OK, OFF_NOW},
	{OFF, MOAT_PAGE_LEND, OK, OFF_NOW},
	{OFF, MOAT_PAGE_RECALL, OK, OFF_NOW},
	{OFF, MOAT_BLOCK_DONATE, OK, OFF_NOW},
	{OFF, MOAT_BLOCK_LEND, OK, OFF_NOW},

	{READY, MOAT_VERSION, OK, READY_NOW},
	{READY, MOAT_FEATURES, OK, READY_NOW},
	{READY, MOAT_VM_CREATE, BAD_STATE, READY_NOW},
	{READY, MOAT_VM_SEAL, BAD_STATE, READY_NOW},
	{READY, MOAT_VM_KILL, OK, READY_NOW},
	{READY, MOAT_VM_FREE, BAD_STATE, READY_NOW},
	{READY, MOAT_VM_INFO, OK, READY_NOW},
	{READY, MOAT_VCPU_CREATE, BAD_STATE, READY_NOW},
	{READY, MOAT_VCPU_DESTROY, BAD_STATE, READY_NOW},
	{READY, MOAT_VCPU_RUN, OK, RUNNING_NOW},
	{READY, MOAT_TABLE_CREATE, OK, READY_NOW},
	{READY, MOAT_TABLE_DESTROY, OK, READY_NOW},
	{READY, MOAT_TABLE_FOLD, OK, READY_NOW},
	{READY, MOAT_TABLE_SPLIT, OK, READY_NOW},
	{READY, MOAT_PAGE_LOAD, BAD_STATE, READY_NOW},
	{READY, MOAT_PAGE_DONATE, OK, READY_NOW},
	{READY, MOAT_PAGE_RECLAIM, BAD_STATE, READY_NOW},
	{READY, MOAT_PAGE_INFO, OK, READY_NOW},
	{READY, MOAT_PAGE_LEND, OK, READY_NOW},
	{READY, MOAT_PAGE_RECALL, OK, READY_NOW},
	{READY, MOAT_BLOCK_DONATE, OK, READY_NOW},
	{READY, MOAT_BLOCK_LEND, OK, READY_NOW},

	{ELSEWHERE, MOAT_VERSION, OK, RUNNING_NOW},
	{ELSEWHERE, MOAT_FEATURES, OK, RUNNING_NOW},
	{ELSEWHERE, MOAT_VM_CREATE, BAD_STATE, RUNNING_NOW},
	{ELSEWHERE, MOAT_VM_SEAL, BAD_STATE, RUNNING_NOW},
	{ELSEWHERE, MOAT_VM_KILL, BUSY, RUNNING_NOW},
	{ELSEWHERE, MOAT_VM_FREE, BAD_STATE, RUNNING_NOW},
	{ELSEWHERE, MOAT_VM_INFO, OK, RUNNING_NOW},
	{ELSEWHERE, MOAT_VCPU_CREATE, BAD_STATE, RUNNING_NOW},
	{ELSEWHERE, MOAT_VCPU_DESTROY, BAD_STATE, RUNNING_NOW},
	{ELSEWHERE, MOAT_VCPU_RUN, BUSY, RUNNING_NOW},
	{ELSEWHERE, MOAT_TABLE_CREATE, OK, RUNNING_NOW},
	{ELSEWHERE, MOAT_TABLE_DESTROY, OK, RUNNING_NOW},
	{ELSEWHERE, MOAT_TABLE_FOLD, OK, RUNNING_NOW},
	{ELSEWHERE, MOAT_TABLE_SPLIT, OK, RUNNING_NOW},
	{ELSEWHERE, MOAT_PAGE_LOAD, BAD_STATE, RUNNING_NOW},
	{ELSEWHERE, MOAT_PAGE_DONATE, OK, RUNNING_NOW},
	{ELSEWHERE, MOAT_PAGE_RECLAIM, BAD_STATE, RUNNING_NOW},
	{ELSEWHERE, MOAT_PAGE_INFO, OK, RUNNING_NOW},
	{ELSEWHERE, MOAT_PAGE_LEND, OK, RUNNING_NOW},
	{ELSEWHERE, MOAT_PAGE_RECALL, OK, RUNNING_NOW},
	{ELSEWHERE, MOAT_BLOCK_DONATE, OK, RUNNING_NOW},
	{ELSEWHERE, MOAT_BLOCK_LEND, OK, RUNNING_NOW},

	{HERE, MOAT_VERSION, UNREACHABLE, RUNNING_NOW},
	{HERE, MOAT_FEATURES, UNREACHABLE, RUNNING_NOW},
	{HERE, MOAT_VM_CREATE, UNREACHABLE, RUNNING_NOW},
	{HERE, MOAT_VM_SEAL, UNREACHABLE, RUNNING_NOW},
	{HERE, MOAT_VM_KILL, UNREACHABLE, RUNNING_NOW},
	{HERE, MOAT_VM_FREE, UNREACHABLE, RUNNING_NOW},
	{HERE, MOAT_VM_INFO, UNREACHABLE, RUNNING_NOW},
	{HERE, MOAT_VCPU_CREATE, UNREACHABLE, RUNNING_NOW},
	{HERE, MOAT_VCPU_DESTROY, UNREACHABLE, RUNNING_NOW},
	{HERE, MOAT_VCPU_RUN, UNREACHABLE, RUNNING_NOW},
	{HERE, MOAT_TABLE_CREATE, UNREACHABLE, RUNNING_NOW},
	{HERE, MOAT_TABLE_DESTROY, UNREACHABLE, RUNNING_NOW},
	{HERE, MOAT_TABLE_FOLD, UNREACHABLE, RUNNING_NOW},
	{HERE, MOAT_TABLE_SPLIT, UNREACHABLE, RUNNING_NOW},
	{HERE, MOAT_PAGE_LOAD, UNREACHABLE, RUNNING_NOW},
	{HERE, MOAT_PAGE_DONATE, UNREACHABLE, RUNNING_NOW},
	{HERE, MOAT_PAGE_RECLAIM, UNREACHABLE, RUNNING_NOW},
	{HERE, MOAT_PAGE_INFO, UNREACHABLE, RUNNING_NOW},
	{HERE, MOAT_PAGE_LEND, UNREACHABLE, RUNNING_NOW},
	{HERE, MOAT_PAGE_RECALL, UNREACHABLE, RUNNING_NOW},
	{HERE, MOAT_BLOCK_DONATE, UNREACHABLE, RUNNING_NOW},
	{HERE, MOAT_BLOCK_LEND, UNREACHABLE, RUNNING_NOW},
};

/* Of vCPUs 0..3, 0 is READY (scene_build), 1 absent, 2 is to run, 3 is OFF. */
static uint64_t number_of(uint32_t vcpu_is)
{
	static const uint64_t numbers[VCPU_IS_COUNT] = {[NO_SUCH] = SCENE_VCPUS,
		[ABSENT] = 1,
		[OFF] = 3,
		[READY] = 0,
		[ELSEWHERE] = 2,
		[HERE] = 2};

	return numbers[vcpu_is];
}

static bool names_vcpu(uint32_t call)
{
	return call == MOAT_VCPU_CREATE || call == MOAT_VCPU_DESTROY ||
	       call == MOAT_VCPU_RUN;
}

static void expect_row(struct bed *bed, const struct row *row)
{
	struct moat_regs regs = scene_call(row->call, 0);
	uint64_t vcpu = number_of(row->is);

	if (names_vcpu(row->call)) {
		regs.x[2] = vcpu;
	}
	expect_equal("the answer", bed_call(bed, 0, &regs), row->answer);
	if (vcpu < SCENE_VCPUS) {
		expect_equal("the vCPU",
			inside_vcpu_state(bed, 0, (uint32_t)vcpu),
			row->becomes);
	}
	bed_end(bed);
}

static void build_vcpus(struct bed *bed)
{
	scene_build(bed, 0);
	scene_fill(bed, 0);
	scene_vcpu(bed, 0, 2);
	scene_vcpu_off(bed, 0, 3);
}

static void run_active(const struct row *row)
{
	struct bed bed = bed_make();

	build_vcpus(&bed);
	bed_do(&bed, moat_vm_seal((struct moat_vm_id){0}));
	if (row->is == ELSEWHERE) {
		scene_run(&bed, 0, 2, 1);
	}
	expect_row(&bed, row);
}

Test(vcpu_state, each_state_of_a_vcpu_meets_each_call)
{
	const struct table table = {rows, LENGTH(rows), vcpu_is_names,
		VCPU_IS_COUNT, host_calls, HOST_CALL_COUNT};

	table_run(&table, run_active);
}

/* ---- Before and after it may run --------------------------------------- */

static const struct named_call vcpu_calls[] = {
	{MOAT_VCPU_CREATE, "vcpu_create"},
	{MOAT_VCPU_DESTROY, "vcpu_destroy"},
	{MOAT_VCPU_RUN, "vcpu_run"},
};

static const struct row building_rows[] = {
	{NO_SUCH, MOAT_VCPU_CREATE, BAD_VCPU, ABSENT_NOW},
	{NO_SUCH, MOAT_VCPU_DESTROY, BAD_VCPU, ABSENT_NOW},
	{NO_SUCH, MOAT_VCPU_RUN, BAD_STATE, ABSENT_NOW},
	{ABSENT, MOAT_VCPU_CREATE, OK, READY_NOW},
	{ABSENT, MOAT_VCPU_DESTROY, BAD_VCPU, ABSENT_NOW},
	{ABSENT, MOAT_VCPU_RUN, BAD_STATE, ABSENT_NOW},
	{OFF, MOAT_VCPU_CREATE, OCCUPIED, OFF_NOW},
	{OFF, MOAT_VCPU_DESTROY, OK, ABSENT_NOW},
	{OFF, MOAT_VCPU_RUN, BAD_STATE, OFF_NOW},
	{READY, MOAT_VCPU_CREATE, OCCUPIED, READY_NOW},
	{READY, MOAT_VCPU_DESTROY, OK, ABSENT_NOW},
	{READY, MOAT_VCPU_RUN, BAD_STATE, READY_NOW},
};

static const struct row dying_rows[] = {
	{NO_SUCH, MOAT_VCPU_CREATE, BAD_STATE, ABSENT_NOW},
	{NO_SUCH, MOAT_VCPU_DESTROY, BAD_VCPU, ABSENT_NOW},
	{NO_SUCH, MOAT_VCPU_RUN, BAD_STATE, ABSENT_NOW},
	{ABSENT, MOAT_VCPU_CREATE, BAD_STATE, ABSENT_NOW},
	{ABSENT, MOAT_VCPU_DESTROY, BAD_VCPU, ABSENT_NOW},
	{ABSENT, MOAT_VCPU_RUN, BAD_STATE, ABSENT_NOW},
	{OFF, MOAT_VCPU_CREATE, BAD_STATE, OFF_NOW},
	{OFF, MOAT_VCPU_DESTROY, OK, ABSENT_NOW},
	{OFF, MOAT_VCPU_RUN, BAD_STATE, OFF_NOW},
	{READY, MOAT_VCPU_CREATE, BAD_STATE, READY_NOW},
	{READY, MOAT_VCPU_DESTROY, OK, ABSENT_NOW},
	{READY, MOAT_VCPU_RUN, BAD_STATE, READY_NOW},
};

static void run_building(const struct row *row)
{
	struct bed bed = bed_make();

	build_vcpus(&bed);
	expect_row(&bed, row);
}

static void run_dying(const struct row *row)
{
	struct bed bed = bed_make();

	build_vcpus(&bed);
	bed_do(&bed, moat_vm_kill((struct moat_vm_id){0}));
	expect_row(&bed, row);
}

Test(vcpu_state, a_vcpu_comes_and_goes_while_the_vm_does_not_run)
{
	/* The first four states: it runs in an ACTIVE VM only. */
	const struct table building = {building_rows, LENGTH(building_rows),
		vcpu_is_names, ELSEWHERE, vcpu_calls, LENGTH(vcpu_calls)};
	const struct table dying = {dying_rows, LENGTH(dying_rows),
		vcpu_is_names, ELSEWHERE, vcpu_calls, LENGTH(vcpu_calls)};

	table_run(&building, run_building);
	table_run(&dying, run_dying);
}

/* ---- One vCPU, many CPUs ----------------------------------------------- */

static const struct moat_vm_id vm_0 = {0};

Test(vcpu_state, a_vcpu_runs_on_one_cpu_at_a_time)
{
	struct bed bed = bed_make();

	scene_vm(&bed, 0, MOAT_VM_ACTIVE);
	for (uint32_t turn = 0; turn < 2 * BED_CPUS; turn++) {
		uint32_t cpu = turn % BED_CPUS;
		uint32_t other = (turn + 1) % BED_CPUS;
		struct moat_regs regs = scene_call(MOAT_VCPU_RUN, 0);

		bed_about("on CPU %u", (unsigned)cpu);
		expect_equal("a run", bed_call(&bed, cpu, &regs), OK);
		regs = scene_call(MOAT_VCPU_RUN, 0);
		expect_equal(
			"a second run", bed_call(&bed, other, &regs), BUSY);
		scene_stop(&bed, cpu);
	}
	bed_end(&bed);
}

/* { x6 of vcpu_create, its answer, the vCPU then } */
static const struct off_row {
	uint64_t is_off, answer;
	uint32_t becomes;
} off_rows[] = {
	{0, OK, READY_NOW},
	{1, OK, OFF_NOW},
	{2, AT(MOAT_BAD_ARG, 6), ABSENT_NOW},
	{0x100000001, AT(MOAT_BAD_ARG, 6), ABSENT_NOW},
	{UINT64_MAX, AT(MOAT_BAD_ARG, 6), ABSENT_NOW},
};

Test(vcpu_state, a_vcpu_is_made_ready_or_off)
{
	for (size_t i = 0; i < LENGTH(off_rows); i++) {
		struct bed bed = bed_make();
		struct moat_regs regs = scene_call(MOAT_VCPU_CREATE, 0);

		bed_about(
			"x6 = 0x%llx", (unsigned long long)off_rows[i].is_off);
		scene_vm(&bed, 0, MOAT_VM_BUILDING);
		regs.x[6] = off_rows[i].is_off;
		expect_equal("the answer", bed_call(&bed, 0, &regs),
			off_rows[i].answer);
		expect_equal("the vCPU", inside_vcpu_state(&bed, 0, 1),
			off_rows[i].becomes);
		bed_end(&bed);
	}
}

Test(vcpu_state, numbers_of_vcpus_are_compared_in_full)
{
	static const uint64_t none[] = {
		4, 8, 256, 0xffffffff, UINT64_C(0x100000000), UINT64_MAX};
	struct bed bed = bed_make();

	scene_vm(&bed, 0, MOAT_VM_ACTIVE);
	scene_vm(&bed, 1, MOAT_VM_BUILDING);
	for (size_t i = 0; i < LENGTH(none); i++) {
		struct moat_vcpu_id vcpu = {none[i]};
		struct moat_regs run = moat_vcpu_run(vm_0, vcpu);
		struct moat_regs destroy =
			moat_vcpu_destroy((struct moat_vm_id){1}, vcpu);

		bed_about("vCPU 0x%llx", (unsigned long long)none[i]);
		expect_equal("a run", bed_call(&bed, 0, &run), BAD_VCPU);
		expect_equal("the end", bed_call(&bed, 0, &destroy), BAD_VCPU);
	}
	bed_end(&bed);
}

/* Of 8 numbers, as many as an engine has room for, the next one is none; the
 * VM in the next slot has something where it would be. */
Test(vcpu_state, the_number_behind_the_last_is_none)
{
	const struct moat_regs asked = {{MOAT_PSCI_AFFINITY_INFO, 8, 0}};
	const struct moat_vcpu_id eight = {MOAT_VCPU_MAX};
	const struct moat_vcpu_id seven = {MOAT_VCPU_MAX - 1};
	struct bed bed = bed_make();
	struct moat_regs regs;

	bed_about("vCPU 8 of 0..7");
	scene_vm(&bed, 1, MOAT_VM_ACTIVE);
	bed_do(&bed, moat_vm_create(vm_0, (struct moat_pa){BED_C}, 39, 8));
	bed_do(&bed,
		moat_vcpu_create(vm_0, seven, (struct moat_pa){BED_D}, 0, 0));
	regs = moat_vcpu_create(
		vm_0, eight, (struct moat_pa){BED_D + BED_PAGE}, 0, 0);
	expect_equal("a creation", bed_call(&bed, 0, &regs), BAD_VCPU);
	regs = moat_vcpu_destroy(vm_0, eight);
	expect_equal("the end", bed_call(&bed, 0, &regs), BAD_VCPU);
	bed_do(&bed, moat_vm_seal(vm_0));
	regs = moat_vcpu_run(vm_0, eight);
	expect_equal("a run", bed_call(&bed, 0, &regs), BAD_VCPU);
	scene_run(&bed, 0, MOAT_VCPU_MAX - 1, 1);
	expect_equal("AFFINITY_INFO", bed_ask(&bed, 1, &asked).x[0],
		MOAT_PSCI_INVALID_PARAMETERS);
	bed_end(&bed);
}
