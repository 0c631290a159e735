/* SPDX-License-Identifier: BSD-2-Clause */
#include "stage.h"

#include <criterion/criterion.h>
#include <string.h>

void stage_mark(struct stage *stage)
{
	stage->context = moat_cpu_context(stage->bed.engine, STAGE_CPU);
	cr_assert(stage->context, "no vCPU runs");
	for (uint32_t i = 0; i < STAGE_GENERAL; i++) {
		stage->context->x[i] = GUEST(i);
	}
	stage->context->pc = STAGE_PC;
	stage->before = *stage->context;
}

struct stage stage_make_of(struct bed bed)
{
	struct stage stage = {.bed = bed};

	scene_run(&stage.bed, 0, 0, STAGE_CPU);
	stage_mark(&stage);
	return stage;
}

struct stage stage_make(void)
{
	struct bed bed = bed_make();

	scene_vm(&bed, 0, MOAT_VM_ACTIVE);
	return stage_make_of(bed);
}

struct stage stage_make_full(void)
{
	struct bed bed = bed_make();

	scene_full(&bed, 0);
	return stage_make_of(bed);
}

void stage_exit(struct stage *stage, const struct moat_trap *trap,
	const uint64_t record[15])
{
	struct moat_regs regs;

	expect_equal("the action",
		bed_trap(&stage->bed, STAGE_CPU, trap, &regs),
		MOAT_HOST_RETURN);
	for (uint32_t i = 0; i <= MOAT_RUN_RESULT_COUNT; i++) {
		expect_equal("a word of the exit record", regs.x[i], record[i]);
	}
}

void stage_resume(struct stage *stage, const struct moat_trap *trap)
{
	struct moat_regs regs;

	expect_equal("the action",
		bed_trap(&stage->bed, STAGE_CPU, trap, &regs),
		MOAT_GUEST_RESUME);
}

struct moat_regs stage_entry(uint64_t flags)
{
	struct moat_regs regs =
		moat_vcpu_run((struct moat_vm_id){0}, (struct moat_vcpu_id){0});

	regs.x[3] = flags;
	for (uint32_t i = 4; i < 10; i++) {
		regs.x[i] = HOST(i);
	}
	return regs;
}

void stage_run_again(struct stage *stage)
{
	struct moat_regs regs = stage_entry(0);

	expect_equal("a run", bed_call(&stage->bed, STAGE_CPU, &regs), MOAT_OK);
}

void stage_expect(const struct stage *stage, const char *what)
{
	for (uint32_t i = 0; i < STAGE_GENERAL; i++) {
		expect_equal("a guest register", stage->context->x[i],
			stage->before.x[i]);
	}
	expect_equal("the guest's PC", stage->context->pc, stage->before.pc);
	expect(memcmp(stage->context, &stage->before, sizeof(stage->before)) ==
			0,
		what);
}
