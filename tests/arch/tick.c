/* SPDX-License-Identifier: BSD-2-Clause */
/* The host's deadline while a guest runs, and the guest's timer. */
#include "arch-aarch64/tick.h"

#include <criterion/criterion.h>

#include "arch-aarch64/context.h"
#include "arch-aarch64/vtimer.h"
#include "board.h"

/* The engine's timer and the guest's (BSA, section 3.7). */
enum { TICK = 26, VIRTUAL = 27 };

/* Bits of CNTV_CTL_EL0 (Arm ARM D19.12): enabled, masked, fired. */
enum { ENABLED = 1, MASKED = 2, FIRED = 4 };

/* { CNTV_CTL_EL0, whether it may fire } */
static const struct {
	uint64_t control;
	bool is_armed;
} controls[] = {
	{0, false},
	{ENABLED, true},
	{ENABLED + MASKED, false},
	{MASKED, false},
	{ENABLED + FIRED, true},
	{FIRED, false},
};

Test(tick, a_deadline_of_the_host_ends_the_run)
{
	for (size_t i = 0; i < sizeof(controls) / sizeof(controls[0]); i++) {
		uint64_t world[WORLD_COUNT] = {0};
		bool is_armed = controls[i].is_armed;

		board_start();
		world[WORLD_CNTV_CTL] = controls[i].control;
		world[WORLD_CNTV_CVAL] = 0x123456;
		tick_begin(world);
		cr_expect_eq(register_cnthp_ctl_el2, is_armed);
		cr_expect_eq(register_cnthp_cval_el2 == 0x123456, is_armed);
		cr_expect_eq(board_is_enabled(0, TICK), is_armed);
		board_isb = 0;
		tick_end();
		cr_expect_eq(register_cnthp_ctl_el2, 0);
		cr_expect_eq(board_isb, is_armed);
		cr_expect_not(board_is_enabled(0, TICK));
		cr_expect_eq(board_writes, 2u * is_armed);
		cr_expect_eq(board_unwaited, 0);
	}
}

Test(tick, ppi_26_of_each_cpu_is_as_its_host_had_it)
{
	uint64_t world[WORLD_COUNT] = {0};

	board_start();
	world[WORLD_CNTV_CTL] = ENABLED;
	board_enable(1, TICK);
	for (uint32_t cpu = 0; cpu < 3; cpu++) {
		board_cpu(cpu);
		tick_begin(world);
		cr_expect(board_is_enabled(cpu, TICK));
	}
	for (uint32_t cpu = 0; cpu < 3; cpu++) {
		board_cpu(cpu);
		register_cnthp_ctl_el2 = 1;
		tick_end();
		cr_expect_eq(board_is_enabled(cpu, TICK), cpu == 1);
	}
}

/* A list register of the timer that was not taken, and one in handling. */
#define PENDING UINT64_C(0x70a0001b0000001b)
#define ACTIVE UINT64_C(0xb0a0001b0000001b)

/* { when the run ended, control, deadline, and now; the list register then } */
static const struct {
	const char *what;
	uint64_t list;
	uint64_t control;
	uint64_t deadline;
	uint64_t now;
	uint64_t after;
} timers[] = {
	{"off", 0, 0, 100, 200, 0},
	{"early", 0, ENABLED, 201, 200, 0},
	{"due", 0, ENABLED, 200, 200, PENDING},
	{"late", 0, ENABLED, 199, 200, PENDING},
	{"masked", 0, ENABLED + MASKED, 100, 200, 0},
	{"stopped", PENDING, 0, 100, 200, 0},
	{"in handling", ACTIVE, ENABLED, 300, 200, ACTIVE},
};

/* PPI 27 is active while the list register is in use, and enabled in any case;
 * afterwards both are as the host had them. */
static void expect_timer(size_t i, bool was_enabled, bool was_active)
{
	struct moat_context context = {.arch = {0}};

	board_start();
	context.arch[CONTEXT_TIMER] = timers[i].list;
	context.arch[WORLD_CNTV_CTL] = timers[i].control;
	context.arch[WORLD_CNTV_CVAL] = timers[i].deadline;
	register_cntvct_el0 = timers[i].now;
	if (was_enabled) {
		board_enable(0, VIRTUAL);
	}
	if (was_active) {
		board_activate(0, VIRTUAL);
	}
	vtimer_begin(&context);
	cr_expect_eq(context.arch[CONTEXT_TIMER], timers[i].after, "%s",
		timers[i].what);
	cr_expect(board_is_enabled(0, VIRTUAL), "%s", timers[i].what);
	cr_expect_eq(board_is_active(0, VIRTUAL),
		timers[i].after != 0 || was_active, "%s", timers[i].what);
	vtimer_end();
	cr_expect_eq(board_is_enabled(0, VIRTUAL), was_enabled, "%s",
		timers[i].what);
	cr_expect_eq(
		board_is_active(0, VIRTUAL), was_active, "%s", timers[i].what);
	cr_expect_eq(board_unwaited, 0);
}

Test(tick, the_guests_timer_borrows_ppi_27)
{
	for (size_t i = 0; i < sizeof(timers) / sizeof(timers[0]); i++) {
		for (uint32_t was = 0; was < 4; was++) {
			expect_timer(i, was % 2 == 1, was / 2 == 1);
		}
	}
}

Test(tick, ppi_27_of_each_cpu_is_its_own)
{
	struct moat_context context = {.arch = {0}};

	board_start();
	context.arch[WORLD_CNTV_CTL] = ENABLED;
	board_enable(1, VIRTUAL);
	board_activate(2, VIRTUAL);
	for (uint32_t cpu = 0; cpu < 3; cpu++) {
		context.arch[CONTEXT_TIMER] = 0;
		board_cpu(cpu);
		vtimer_begin(&context);
		cr_expect(board_is_active(cpu, VIRTUAL));
	}
	for (uint32_t cpu = 0; cpu < 3; cpu++) {
		board_cpu(cpu);
		vtimer_end();
		cr_expect_eq(board_is_enabled(cpu, VIRTUAL), cpu == 1);
		cr_expect_eq(board_is_active(cpu, VIRTUAL), cpu == 2);
	}
}

Test(tick, a_guest_that_waits_tells_its_deadline)
{
	for (size_t i = 0; i < sizeof(controls) / sizeof(controls[0]); i++) {
		struct moat_context context = {.arch = {0}};

		context.arch[WORLD_CNTV_CTL] = controls[i].control;
		context.arch[WORLD_CNTV_CVAL] = 0x123456;
		vtimer_save(&context);
		cr_expect_eq(context.deadline,
			controls[i].is_armed ? 0x123456 : UINT64_MAX);
	}
}
