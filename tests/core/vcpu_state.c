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
	READY,
	ELSEWHERE, /* running on another CPU than the caller's */
	HERE, /* running on the CPU that calls */
	VCPU_IS_COUNT
};

static const char *const vcpu_is_names[VCPU_IS_COUNT] = {
	"no number", "ABSENT", "READY", "RUNNING elsewhere", "RUNNING here"};

#define OK MOAT_OK
#define BUSY AT(MOAT_BUSY, 0)
#define BAD_STATE AT(MOAT_BAD_STATE, 0)
#define BAD_VCPU AT(MOAT_BAD_VCPU, 2)
#define OCCUPIED AT(MOAT_OCCUPIED, 2)

enum {
	IS_ABSENT = MOAT_VCPU_ABSENT,
	IS_READY = MOAT_VCPU_READY,
	IS_RUNNING = MOAT_VCPU_RUNNING
};

/*
 * { the vCPU is, the call, its answer, the vCPU becomes }
 * Where a vCPU runs the host does not, so it cannot call there: the embedder
 * who says so is in error, and stopped (embedder.c).
 */
static const struct row rows[] = {
	{NO_SUCH, MOAT_VERSION, OK, IS_ABSENT},
	{NO_SUCH, MOAT_FEATURES, OK, IS_ABSENT},
	{NO_SUCH, MOAT_VM_CREATE, BAD_STATE, IS_ABSENT},
	{NO_SUCH, MOAT_VM_SEAL, BAD_STATE, IS_ABSENT},
	{NO_SUCH, MOAT_VM_KILL, OK, IS_ABSENT},
	{NO_SUCH, MOAT_VM_FREE, BAD_STATE, IS_ABSENT},
	{NO_SUCH, MOAT_VM_INFO, OK, IS_ABSENT},
	{NO_SUCH, MOAT_VCPU_CREATE, BAD_STATE, IS_ABSENT},
	{NO_SUCH, MOAT_VCPU_DESTROY, BAD_STATE, IS_ABSENT},
	{NO_SUCH, MOAT_VCPU_RUN, BAD_VCPU, IS_ABSENT},
	{NO_SUCH, MOAT_TABLE_CREATE, OK, IS_ABSENT},
	{NO_SUCH, MOAT_TABLE_DESTROY, OK, IS_ABSENT},
	{NO_SUCH, MOAT_PAGE_LOAD, BAD_STATE, IS_ABSENT},
	{NO_SUCH, MOAT_PAGE_DONATE, OK, IS_ABSENT},
	{NO_SUCH, MOAT_PAGE_RECLAIM, BAD_STATE, IS_ABSENT},
	{NO_SUCH, MOAT_PAGE_INFO, OK, IS_ABSENT},

	{ABSENT, MOAT_VERSION, OK, IS_ABSENT},
	{ABSENT, MOAT_FEATURES, OK, IS_ABSENT},
	{ABSENT, MOAT_VM_CREATE, BAD_STATE, IS_ABSENT},
	{ABSENT, MOAT_VM_SEAL, BAD_STATE, IS_ABSENT},
	{ABSENT, MOAT_VM_KILL, OK, IS_ABSENT},
	{ABSENT, MOAT_VM_FREE, BAD_STATE, IS_ABSENT},
	{ABSENT, MOAT_VM_INFO, OK, IS_ABSENT},
	{ABSENT, MOAT_VCPU_CREATE, BAD_STATE, IS_ABSENT},
	{ABSENT, MOAT_VCPU_DESTROY, BAD_STATE, IS_ABSENT},
	{ABSENT, MOAT_VCPU_RUN, BAD_VCPU, IS_ABSENT},
	{ABSENT, MOAT_TABLE_CREATE, OK, IS_ABSENT},
	{ABSENT, MOAT_TABLE_DESTROY, OK, IS_ABSENT},
	{ABSENT, MOAT_PAGE_LOAD, BAD_STATE, IS_ABSENT},
	{ABSENT, MOAT_PAGE_DONATE, OK, IS_ABSENT},
	{ABSENT, MOAT_PAGE_RECLAIM, BAD_STATE, IS_ABSENT},
	{ABSENT, MOAT_PAGE_INFO, OK, IS_ABSENT},

	{READY, MOAT_VERSION, OK, IS_READY},
	{READY, MOAT_FEATURES, OK, IS_READY},
	{READY, MOAT_VM_CREATE, BAD_STATE, IS_READY},
	{READY, MOAT_VM_SEAL, BAD_STATE, IS_READY},
	{READY, MOAT_VM_KILL, OK, IS_READY},
	{READY, MOAT_VM_FREE, BAD_STATE, IS_READY},
	{READY, MOAT_VM_INFO, OK, IS_READY},
	{READY, MOAT_VCPU_CREATE, BAD_STATE, IS_READY},
	{READY, MOAT_VCPU_DESTROY, BAD_STATE, IS_READY},
	{READY, MOAT_VCPU_RUN, OK, IS_RUNNING},
	{READY, MOAT_TABLE_CREATE, OK, IS_READY},
	{READY, MOAT_TABLE_DESTROY, OK, IS_READY},
	{READY, MOAT_PAGE_LOAD, BAD_STATE, IS_READY},
	{READY, MOAT_PAGE_DONATE, OK, IS_READY},
	{READY, MOAT_PAGE_RECLAIM, BAD_STATE, IS_READY},
	{READY, MOAT_PAGE_INFO, OK, IS_READY},

	{ELSEWHERE, MOAT_VERSION, OK, IS_RUNNING},
	{ELSEWHERE, MOAT_FEATURES, OK, IS_RUNNING},
	{ELSEWHERE, MOAT_VM_CREATE, BAD_STATE, IS_RUNNING},
	{ELSEWHERE, MOAT_VM_SEAL, BAD_STATE, IS_RUNNING},
	{ELSEWHERE, MOAT_VM_KILL, BUSY, IS_RUNNING},
	{ELSEWHERE, MOAT_VM_FREE, BAD_STATE, IS_RUNNING},
	{ELSEWHERE, MOAT_VM_INFO, OK, IS_RUNNING},
	{ELSEWHERE, MOAT_VCPU_CREATE, BAD_STATE, IS_RUNNING},
	{ELSEWHERE, MOAT_VCPU_DESTROY, BAD_STATE, IS_RUNNING},
	{ELSEWHERE, MOAT_VCPU_RUN, BUSY, IS_RUNNING},
	{ELSEWHERE, MOAT_TABLE_CREATE, OK, IS_RUNNING},
	{ELSEWHERE, MOAT_TABLE_DESTROY, OK, IS_RUNNING},
	{ELSEWHERE, MOAT_PAGE_LOAD, BAD_STATE, IS_RUNNING},
	{ELSEWHERE, MOAT_PAGE_DONATE, OK, IS_RUNNING},
	{ELSEWHERE, MOAT_PAGE_RECLAIM, BAD_STATE, IS_RUNNING},
	{ELSEWHERE, MOAT_PAGE_INFO, OK, IS_RUNNING},

	{HERE, MOAT_VERSION, UNREACHABLE, IS_RUNNING},
	{HERE, MOAT_FEATURES, UNREACHABLE, IS_RUNNING},
	{HERE, MOAT_VM_CREATE, UNREACHABLE, IS_RUNNING},
	{HERE, MOAT_VM_SEAL, UNREACHABLE, IS_RUNNING},
	{HERE, MOAT_VM_KILL, UNREACHABLE, IS_RUNNING},
	{HERE, MOAT_VM_FREE, UNREACHABLE, IS_RUNNING},
	{HERE, MOAT_VM_INFO, UNREACHABLE, IS_RUNNING},
	{HERE, MOAT_VCPU_CREATE, UNREACHABLE, IS_RUNNING},
	{HERE, MOAT_VCPU_DESTROY, UNREACHABLE, IS_RUNNING},
	{HERE, MOAT_VCPU_RUN, UNREACHABLE, IS_RUNNING},
	{HERE, MOAT_TABLE_CREATE, UNREACHABLE, IS_RUNNING},
	{HERE, MOAT_TABLE_DESTROY, UNREACHABLE, IS_RUNNING},
	{HERE, MOAT_PAGE_LOAD, UNREACHABLE, IS_RUNNING},
	{HERE, MOAT_PAGE_DONATE, UNREACHABLE, IS_RUNNING},
	{HERE, MOAT_PAGE_RECLAIM, UNREACHABLE, IS_RUNNING},
	{HERE, MOAT_PAGE_INFO, UNREACHABLE, IS_RUNNING},
};

/* Of vCPUs 0..2, number 0 is READY (scene_vm), 1 is absent, 2 is to run. */
static uint64_t number_of(uint32_t vcpu_is)
{
	static const uint64_t numbers[VCPU_IS_COUNT] = {[NO_SUCH] = SCENE_VCPUS,
		[ABSENT] = 1,
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

static void run_active(const struct row *row)
{
	struct bed bed = bed_make();

	scene_build(&bed, 0);
	if (row->is == ELSEWHERE) {
		scene_vcpu(&bed, 0, 2);
	}
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
	{NO_SUCH, MOAT_VCPU_CREATE, BAD_VCPU, IS_ABSENT},
	{NO_SUCH, MOAT_VCPU_DESTROY, BAD_VCPU, IS_ABSENT},
	{NO_SUCH, MOAT_VCPU_RUN, BAD_STATE, IS_ABSENT},
	{ABSENT, MOAT_VCPU_CREATE, OK, IS_READY},
	{ABSENT, MOAT_VCPU_DESTROY, BAD_VCPU, IS_ABSENT},
	{ABSENT, MOAT_VCPU_RUN, BAD_STATE, IS_ABSENT},
	{READY, MOAT_VCPU_CREATE, OCCUPIED, IS_READY},
	{READY, MOAT_VCPU_DESTROY, OK, IS_ABSENT},
	{READY, MOAT_VCPU_RUN, BAD_STATE, IS_READY},
};

static const struct row dying_rows[] = {
	{NO_SUCH, MOAT_VCPU_CREATE, BAD_STATE, IS_ABSENT},
	{NO_SUCH, MOAT_VCPU_DESTROY, BAD_VCPU, IS_ABSENT},
	{NO_SUCH, MOAT_VCPU_RUN, BAD_STATE, IS_ABSENT},
	{ABSENT, MOAT_VCPU_CREATE, BAD_STATE, IS_ABSENT},
	{ABSENT, MOAT_VCPU_DESTROY, BAD_VCPU, IS_ABSENT},
	{ABSENT, MOAT_VCPU_RUN, BAD_STATE, IS_ABSENT},
	{READY, MOAT_VCPU_CREATE, BAD_STATE, IS_READY},
	{READY, MOAT_VCPU_DESTROY, OK, IS_ABSENT},
	{READY, MOAT_VCPU_RUN, BAD_STATE, IS_READY},
};

static void run_building(const struct row *row)
{
	struct bed bed = bed_make();

	scene_vm(&bed, 0, MOAT_VM_BUILDING);
	expect_row(&bed, row);
}

static void run_dying(const struct row *row)
{
	struct bed bed = bed_make();

	scene_vm(&bed, 0, MOAT_VM_DYING);
	expect_row(&bed, row);
}

Test(vcpu_state, a_vcpu_comes_and_goes_while_the_vm_does_not_run)
{
	/* The first three states: it runs in an ACTIVE VM only. */
	const struct table building = {building_rows, LENGTH(building_rows),
		vcpu_is_names, ELSEWHERE, vcpu_calls, LENGTH(vcpu_calls)};
	const struct table dying = {dying_rows, LENGTH(dying_rows),
		vcpu_is_names, ELSEWHERE, vcpu_calls, LENGTH(vcpu_calls)};

	table_run(&building, run_building);
	table_run(&dying, run_dying);
}

/* ---- One vCPU, many CPUs ----------------------------------------------- */

static const struct moat_vm_id vm_0 = {0};

static void stop(struct bed *bed, uint32_t cpu)
{
	const struct moat_trap trap = {.kind = MOAT_TRAP_IRQ};
	struct moat_regs regs = {{0}};

	expect_equal("the action", bed_trap(bed, cpu, &trap, &regs),
		MOAT_HOST_RETURN);
}

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
		stop(&bed, cpu);
	}
	bed_end(&bed);
}

Test(vcpu_state, numbers_of_vcpus_are_compared_in_full)
{
	static const uint64_t none[] = {
		3, 8, 256, 0xffffffff, UINT64_C(0x100000000), UINT64_MAX};
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
