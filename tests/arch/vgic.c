/* SPDX-License-Identifier: BSD-2-Clause */
/* The virtual interrupt interface: its registers, and PPI 25. */
#include "arch-aarch64/vgic.h"

#include <criterion/criterion.h>
#include <string.h>

#include "arch-aarch64/context.h"
#include "board.h"

enum { MAINTENANCE = 25 };

/* ICH_VTR_EL2 (GICv3 architecture, 12.4.9) of @lists list registers and of
 * priorities of @bits bits: bits 4:0 and 28:26 are one less. */
static void start(uint64_t lists, uint64_t bits)
{
	board_start();
	register_ich_vtr_el2 = 0x80180000 + (bits - 1) * 0x4000000 + lists - 1;
	vgic_init();
}

/* Every word a value of its own. */
static struct moat_context context_of(uint64_t value)
{
	struct moat_context context;
	uint64_t *at = (uint64_t *)&context;

	for (size_t i = 0; i < sizeof(context) / sizeof(*at); i++) {
		at[i] = value + i;
	}
	context.wants_maintenance = 0;
	return context;
}

static uint64_t *const lists[] = {&register_ich_lr0_el2, &register_ich_lr1_el2,
	&register_ich_lr2_el2, &register_ich_lr3_el2};
static uint64_t *const priorities[][4] = {
	{&register_ich_ap0r0_el2, &register_ich_ap0r1_el2,
		&register_ich_ap0r2_el2, &register_ich_ap0r3_el2},
	{&register_ich_ap1r0_el2, &register_ich_ap1r1_el2,
		&register_ich_ap1r2_el2, &register_ich_ap1r3_el2}};

/* { list registers of the machine, those in use } */
static const uint32_t list_rows[][2] = {
	{1, 1}, {2, 2}, {3, 3}, {4, 4}, {5, 4}, {16, 4}};

/* Whether list register @i is what the context has for it, of @count in use:
 * the last one is the timer's, and none behind it is touched. */
static void expect_list(
	const struct moat_context *context, uint32_t i, uint32_t count)
{
	uint64_t before = *lists[i];

	if (i + 1 < count) {
		cr_expect_eq(*lists[i], context->list_register[i], "%u of %u",
			i, count);
	} else if (i + 1 == count) {
		cr_expect_eq(*lists[i], context->arch[CONTEXT_TIMER],
			"the timer's of %u", count);
	} else {
		cr_expect_eq(before >> 48, 0x1111, "%u of %u", i, count);
	}
}

Test(vgic, the_last_list_register_in_use_is_the_timers)
{
	for (size_t row = 0; row < sizeof(list_rows) / 8; row++) {
		struct moat_context context = context_of(0x2222000000000000);
		uint32_t count = list_rows[row][1];

		start(list_rows[row][0], 5);
		cr_expect_eq(vgic_list_count(), count);
		vgic_load(&context);
		for (uint32_t i = 0; i < 4; i++) {
			expect_list(&context, i, count);
		}
	}
}

Test(vgic, what_is_saved_is_what_the_registers_are)
{
	for (size_t row = 0; row < sizeof(list_rows) / 8; row++) {
		struct moat_context context = context_of(0x2222000000000000);
		struct moat_context before = context;
		uint32_t count = list_rows[row][1];

		start(list_rows[row][0], 5);
		vgic_save(&context);
		for (uint32_t i = 0; i < count; i++) {
			expect_list(&context, i, count);
		}
		for (uint32_t i = count - 1; i < MOAT_LIST_REGISTER_MAX; i++) {
			cr_expect_eq(context.list_register[i],
				before.list_register[i]);
		}
		cr_expect_eq(context.maintenance, register_ich_misr_el2);
		cr_expect_eq(context.arch[CONTEXT_VMCR], register_ich_vmcr_el2);
	}
}

/* { bits of a preemption level, registers of each group } */
static const uint32_t priority_rows[][2] = {{4, 1}, {5, 1}, {6, 2}, {7, 4}};

Test(vgic, active_priorities_have_as_many_registers_as_levels_need)
{
	for (size_t row = 0; row < sizeof(priority_rows) / 8; row++) {
		struct moat_context context = context_of(0x2222000000000000);
		uint32_t count = priority_rows[row][1];

		start(4, priority_rows[row][0]);
		vgic_load(&context);
		cr_expect_eq(register_ich_vmcr_el2, context.arch[CONTEXT_VMCR]);
		for (uint32_t i = 0; i < 8; i++) {
			uint64_t is = *priorities[i / 4][i % 4];
			uint64_t other = context.arch[CONTEXT_AP0R + i];

			cr_expect(i % 4 < count ? is == other
						: is >> 48 == 0x1111,
				"%u of %u", i, count);
		}
	}
}

Test(vgic, active_priorities_are_saved_as_they_are)
{
	for (size_t row = 0; row < sizeof(priority_rows) / 8; row++) {
		struct moat_context context = context_of(0x2222000000000000);
		uint32_t count = priority_rows[row][1];

		start(4, priority_rows[row][0]);
		vgic_save(&context);
		for (uint32_t i = 0; i < 8; i++) {
			uint64_t is = context.arch[CONTEXT_AP0R + i];
			uint64_t other = *priorities[i / 4][i % 4];

			cr_expect(i % 4 < count ? is == other
						: is >> 48 == 0x2222,
				"%u of %u", i, count);
		}
	}
}

/* Bits 0 and 1 of ICH_HCR_EL2: En and UIE (12.4.4). */
Test(vgic, underflow_is_asked_for_if_the_host_wants_it)
{
	struct moat_context context = context_of(0);

	start(4, 5);
	vgic_load(&context);
	cr_expect_eq(register_ich_hcr_el2, 1);
	cr_expect_eq(board_writes, 0);
	vgic_end();
	cr_expect_eq(register_ich_hcr_el2, 0);
	cr_expect_eq(board_writes, 0);
	context.wants_maintenance = 1;
	vgic_load(&context);
	cr_expect_eq(register_ich_hcr_el2, 3);
	cr_expect(board_is_enabled(0, MAINTENANCE));
	board_isb = 0;
	vgic_end();
	cr_expect_eq(register_ich_hcr_el2, 0);
	cr_expect_eq(board_isb, 1, "before PPI 25 is the host's again");
	cr_expect_not(board_is_enabled(0, MAINTENANCE));
	cr_expect_eq(board_unwaited, 0);
}

/* Nobody asked for PPI 25, so what an earlier run found does not matter. */
Test(vgic, a_run_without_maintenance_leaves_ppi_25_alone)
{
	struct moat_context context = context_of(0);

	start(4, 5);
	board_enable(0, MAINTENANCE);
	vgic_load(&context);
	vgic_end();
	cr_expect(board_is_enabled(0, MAINTENANCE));
	cr_expect_eq(board_writes, 0);
}

Test(vgic, ppi_25_of_each_cpu_is_as_its_host_had_it)
{
	struct moat_context context = context_of(0);

	context.wants_maintenance = 1;
	start(4, 5);
	board_enable(1, MAINTENANCE);
	for (uint32_t cpu = 0; cpu < 3; cpu++) {
		board_cpu(cpu);
		vgic_load(&context);
		cr_expect(board_is_enabled(cpu, MAINTENANCE));
	}
	for (uint32_t cpu = 0; cpu < 3; cpu++) {
		board_cpu(cpu);
		register_ich_hcr_el2 = 3;
		vgic_end();
		cr_expect_eq(board_is_enabled(cpu, MAINTENANCE), cpu == 1,
			"CPU %u", cpu);
	}
}
