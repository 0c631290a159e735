/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calls with hostile arguments, drawn from values that are nearly right: what
 * is refused changes nothing, what is not keeps the invariants (bed_call checks
 * both). The numbers are the same in every run; a failure prints its step.
 */
#include <criterion/criterion.h>

#include "inside.h"
#include "scene.h"
#include "table.h"

enum { STEPS = 2000, SCENE_EVERY = 100 };

static uint64_t seed;

/* xorshift64*: Vigna, ACM TOMS 42(4), 2016. */
static uint64_t draw(uint64_t limit)
{
	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return (seed * UINT64_C(0x2545f4914f6cdd1d) >> 33) % limit;
}

static const uint64_t addresses[] = {IPA_NO_LEAF, IPA_EMPTY_LEAF, IPA_VM_PAGE,
	IPA_EMPTY_SLOT, IPA_SHARED_PAGE, IPA_NO_PARENT, IPA_VM_BLOCK,
	IPA_SHARED_BLOCK, IPA_UNIFORM, IPA_LENT_BLOCK, IPA_UPPER,
	IPA_UPPER + IPA_EMPTY_LEAF, IPA_LENT_PAGE, IPA_OUTSIDE,
	IPA_OUTSIDE - BED_PAGE, IPA_UPPER - BED_PAGE, UINT64_C(1) << 63,
	-BED_PAGE, UINT64_MAX};

static const uint64_t pages[] = {BED_A, BED_A + 16 * BED_PAGE,
	BED_A + 31 * BED_PAGE, BED_A + 34 * BED_PAGE, BED_A + 47 * BED_PAGE,
	BED_B, BED_WITHHELD - BED_PAGE, BED_WITHHELD, FREE_ROOT, FREE_PAGE,
	BED_C - BED_PAGE, BED_C_LAST, BED_D, BED_D_LAST, BED_D_LAST + BED_PAGE,
	BED_E, BED_F, BED_G, BED_H, BED_MEMORY, BED_DEVICE, -BED_PAGE,
	UINT64_C(1) << 63};

static const uint64_t numbers[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 32, 39, 42, 44,
	255, 256, BED_ENTRIES - 1, BED_ENTRIES, BED_ENTRIES + 1, 0x20000000,
	0xffffffff, 0x100000000, 0xfffffffffffff, 0x10000000000000, UINT64_MAX};

static uint64_t draw_value(void)
{
	switch (draw(4)) {
	case 0:
		return addresses[draw(LENGTH(addresses))] + draw(2) * BED_PAGE;
	case 1:
		return pages[draw(LENGTH(pages))] + draw(3) * BED_PAGE;
	case 2:
		return numbers[draw(LENGTH(numbers))];
	default:
		return draw(UINT64_C(1) << 31) * draw(UINT64_C(1) << 31);
	}
}

/* A value that is more likely of the right kind for a right one. */
static uint64_t draw_like(uint64_t right)
{
	if (draw(8) == 0) {
		return draw_value();
	}
	if (right >= IPA_EMPTY_LEAF) {
		return addresses[draw(LENGTH(addresses))];
	}
	if (right >= BED_A) {
		return pages[draw(LENGTH(pages))] + draw(8) * BED_PAGE;
	}
	return numbers[draw(LENGTH(numbers))];
}

/* The VM of the scene that has all there is. */
static uint32_t full;

/* A run of one of its vCPUs, if they are there and not elsewhere. */
static struct moat_regs draw_run(void)
{
	struct moat_regs regs = moat_vcpu_run(
		(struct moat_vm_id){full}, (struct moat_vcpu_id){draw(4)});

	regs.x[3] = draw(3) == 0 ? draw(5) : 0;
	for (uint32_t i = 4; i < 14; i++) {
		regs.x[i] = draw_value();
	}
	return regs;
}

/* One of many free pages, or free blocks, so that calls do not all want one. */
static uint64_t draw_free(uint64_t operand)
{
	if (operand == FREE_PAGE) {
		return FREE_PAGE + draw(256) * BED_PAGE;
	}
	if (operand == FREE_BLOCK) {
		return draw(2) == 0 ? FREE_BLOCK : BED_D;
	}
	return operand;
}

/* A right call, of which about every fifth operand is another one. */
static struct moat_regs draw_call(void)
{
	uint32_t number = host_calls[draw(HOST_CALL_COUNT)].number;
	uint32_t vm = draw(2) == 0 ? full : (uint32_t)draw(BED_VMS);
	struct moat_regs regs = scene_call(number, vm);

	if (draw(4) == 0) {
		return draw_run();
	}
	for (uint32_t i = 1; i <= 6; i++) {
		regs.x[i] = draw(5) == 0 ? draw_like(regs.x[i])
					 : draw_free(regs.x[i]);
	}
	return regs;
}

/* Its vCPU 0 is READY, 2 as well, 3 OFF; 1 is absent. */
static void build_full(struct bed *bed)
{
	scene_build(bed, full);
	scene_fill(bed, full);
	scene_vcpu(bed, full, 2);
	scene_vcpu_off(bed, full, 3);
	bed_do(bed, moat_vm_seal((struct moat_vm_id){full}));
	scene_share(bed, full);
}

/* In any life; one that dies may have nothing left. */
static void build_other(struct bed *bed, uint32_t vm)
{
	uint32_t life = (uint32_t)draw(MOAT_VM_LIFE_COUNT);

	scene_vm(bed, vm, life);
	if (life == MOAT_VM_DYING && draw(2) == 0) {
		scene_strip(bed, vm);
	}
}

/* VMs in any life; one is, or was, ACTIVE and has all there is. */
static struct bed draw_scene(void)
{
	struct bed bed = bed_make();

	full = (uint32_t)draw(BED_VMS - 1);
	for (uint32_t vm = 0; vm + 1 < BED_VMS; vm++) {
		if (vm != full) {
			build_other(&bed, vm);
		}
	}
	build_full(&bed);
	if (draw(4) == 0) {
		bed_do(&bed, moat_vm_kill((struct moat_vm_id){full}));
	}
	return bed;
}

/* ---- A VM that is as hostile ------------------------------------------- */

/* Functions of the engine and of PSCI, and some that there are not. */
static const uint64_t functions[] = {0xc6000100, 0xc6000101, 0xc6000102,
	0xc6000103, 0xc6000104, 0xc6000105, 0xc6000103, 0xc6000104, 0xc6000105,
	0xc6000106, 0xc6000107, 0xc6000041, 0x84000000, 0x84000001, 0xc4000001,
	0xc4000003, 0x84000003, 0x84000004, 0x8400000a, 0x80000000, 0x80000001,
	0, UINT64_MAX};

static const uint64_t counts[] = {
	1, 1, 2, BED_ENTRIES, BED_ENTRIES, 0, UINT64_MAX};

/* The vCPU on @cpu makes a call; bed_ask watches. */
static void step_vm(struct bed *bed, uint32_t cpu)
{
	struct moat_regs regs = {{functions[draw(LENGTH(functions))],
		addresses[draw(LENGTH(addresses))],
		counts[draw(LENGTH(counts))], draw_value(), draw_value()}};

	if (draw(4) == 0) {
		regs.x[1] = draw_value();
	}
	bed_about("a VM calls 0x%llx(0x%llx, 0x%llx)",
		(unsigned long long)regs.x[0], (unsigned long long)regs.x[1],
		(unsigned long long)regs.x[2]);
	bed_ask(bed, cpu, &regs);
}

/* A CPU where a vCPU runs: it calls, then traps, so that the host may call. */
static void stop_if_running(struct bed *bed, uint32_t cpu)
{
	while (moat_cpu_context(bed->engine, cpu)) {
		step_vm(bed, cpu);
		if (draw(2) == 0 && moat_cpu_context(bed->engine, cpu)) {
			scene_stop(bed, cpu);
		}
	}
}

static uint32_t status_count[MOAT_STATUS_COUNT];
static uint32_t done_count[HOST_CALL_COUNT];

static void count_answer(uint64_t function, uint64_t answer)
{
	cr_assert_lt(answer % 256, MOAT_STATUS_COUNT);
	status_count[answer % 256]++;
	for (size_t i = 0; i < HOST_CALL_COUNT; i++) {
		done_count[i] += answer == MOAT_OK &&
				 function == 0xc6000000 + host_calls[i].number;
	}
}

static void step(struct bed *bed, uint32_t number)
{
	uint32_t cpu = (uint32_t)draw(BED_CPUS);
	struct moat_regs regs = draw_call();
	uint64_t function = regs.x[0];

	stop_if_running(bed, cpu);
	bed_about("step %u, 0x%llx(0x%llx, 0x%llx, 0x%llx, 0x%llx, 0x%llx)",
		(unsigned)number, (unsigned long long)regs.x[0],
		(unsigned long long)regs.x[1], (unsigned long long)regs.x[2],
		(unsigned long long)regs.x[3], (unsigned long long)regs.x[4],
		(unsigned long long)regs.x[5]);
	host_cpu_speculate(bed->machine, (uint32_t)draw(BED_CPUS), regs.x[3]);
	count_answer(function, bed_call(bed, cpu, &regs));
}

static void run_steps(uint64_t first_seed)
{
	struct bed bed;

	seed = first_seed;
	bed = draw_scene();
	for (uint32_t number = 0; number < STEPS; number++) {
		if (number % SCENE_EVERY == SCENE_EVERY - 1) {
			bed_end(&bed);
			bed = draw_scene();
		}
		step(&bed, number);
	}
	bed_end(&bed);
}

/* A run that met only some statuses, or never succeeded, would show little. */
Test(hostile, a_refused_call_changes_nothing_whatever_its_arguments)
{
	run_steps(0x6d6f6174);
	for (uint32_t status = 0; status < MOAT_STATUS_COUNT; status++) {
		cr_expect_gt(status_count[status], 0, "status %u", status);
	}
	for (size_t i = 0; i < HOST_CALL_COUNT; i++) {
		cr_expect_gt(done_count[i], 0, "%s", host_calls[i].name);
	}
}

/* Every register all ones, or any one value of the lists in all of them. */
Test(hostile, no_value_in_all_operands_breaks_a_call)
{
	struct bed bed = bed_make();

	scene_vm(&bed, 0, MOAT_VM_BUILDING);
	for (size_t call = 0; call < HOST_CALL_COUNT; call++) {
		for (size_t i = 0; i < LENGTH(numbers); i++) {
			struct moat_regs regs = {
				{0xc6000000 + host_calls[call].number}};

			bed_about("%s of 0x%llx", host_calls[call].name,
				(unsigned long long)numbers[i]);
			for (uint32_t k = 1; k <= 9; k++) {
				regs.x[k] = numbers[i];
			}
			stop_if_running(&bed, 0);
			bed_call(&bed, 0, &regs);
		}
	}
	bed_end(&bed);
}
