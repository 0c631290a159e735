/* SPDX-License-Identifier: BSD-2-Clause */
/* The host's power calls (PSCI 1.1, DEN0022). */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "arch-aarch64/psci.h"
#include "arch-aarch64/report.h"
#include "board.h"

#define OK UINT64_C(0)
#define NOT_SUPPORTED UINT64_MAX
#define INVALID_PARAMETERS (UINT64_MAX - 1)
#define ALREADY_ON (UINT64_MAX - 3)
#define ON_PENDING (UINT64_MAX - 4)
#define INVALID_ADDRESS (UINT64_MAX - 8)

#define ENTRY UINT64_C(0x40000000)

/* CPU 0 runs the host, all of whose pages are its own. */
static void start(void)
{
	board_start();
	board_status = MOAT_OK;
	board_state = MOAT_PAGE_HOST;
	power_boot();
}

static uint64_t call(uint64_t function, uint64_t x1, uint64_t x2, uint64_t x3)
{
	struct moat_regs regs = {{function, x1, x2, x3}};

	psci_call(&regs);
	cr_expect_eq(regs.x[1], x1);
	return regs.x[0];
}

/* { function, argument, answer } of those that need no state */
static const struct {
	uint64_t function;
	uint64_t argument;
	uint64_t answer;
} constants[] = {
	{0x80000000, 0, 0x10002}, /* SMCCC_VERSION */
	{0x80000001, 0x80000000, OK}, /* SMCCC_ARCH_FEATURES */
	{0x80000001, 0x80000001, OK},
	{0x80000001, 0x80000002, NOT_SUPPORTED},
	{0x80000001, 0x84000000, NOT_SUPPORTED},
	{0x84000000, 0, 0x10001}, /* PSCI_VERSION */
	{0x84000006, 0, 2}, /* MIGRATE_INFO_TYPE */
	{0x84000005, 0, NOT_SUPPORTED}, /* MIGRATE */
	{0x84000007, 0, NOT_SUPPORTED},
	{0xc4000002, 0, NOT_SUPPORTED},
	{0x8400000a, 0x80000000, OK}, /* PSCI_FEATURES */
	{0x8400000a, 0x84000000, OK},
	{0x8400000a, 0x84000001, OK},
	{0x8400000a, 0xc4000001, OK},
	{0x8400000a, 0x84000002, OK},
	{0x8400000a, 0x84000003, OK},
	{0x8400000a, 0xc4000003, OK},
	{0x8400000a, 0x84000004, OK},
	{0x8400000a, 0xc4000004, OK},
	{0x8400000a, 0x84000006, OK},
	{0x8400000a, 0x84000008, OK},
	{0x8400000a, 0x84000009, OK},
	{0x8400000a, 0x8400000a, OK},
	{0x8400000a, 0x84000005, NOT_SUPPORTED},
	{0x8400000a, 0xc4000002, NOT_SUPPORTED},
	{0x8400000a, 0x80000001, NOT_SUPPORTED},
	/* The function is W0, an argument of such a call W1. */
	{0x7000000080000000, 0, 0x10002},
	{0x8400000a, 0x7000000084000000, OK},
};

Test(power, versions_and_features_are_constants)
{
	start();
	for (size_t i = 0; i < sizeof(constants) / sizeof(constants[0]); i++) {
		cr_expect_eq(call(constants[i].function, constants[i].argument,
				     0, 0),
			constants[i].answer, "%llx of %llx",
			(unsigned long long)constants[i].function,
			(unsigned long long)constants[i].argument);
	}
}

/* { power_state, answer }: type, state, level, and what is reserved */
static const uint64_t suspends[][2] = {{0, OK}, {0x0301ffff, OK},
	{0x00020000, INVALID_PARAMETERS}, {0x00800000, INVALID_PARAMETERS},
	{0x04000000, INVALID_PARAMETERS}, {0x80000000, INVALID_PARAMETERS},
	{0x700000000, OK}};

Test(power, a_suspended_cpu_waits_for_an_interrupt)
{
	start();
	for (size_t i = 0; i < sizeof(suspends) / sizeof(suspends[0]); i++) {
		bool is_good = suspends[i][1] == OK;

		board_wfi = 0;
		cr_expect_eq(
			call(0x84000001, suspends[i][0], 0, 0), suspends[i][1]);
		cr_expect_eq(
			call(0xc4000001, suspends[i][0], 0, 0), suspends[i][1]);
		cr_expect_eq(board_wfi, 2u * is_good);
	}
}

Test(power, a_cpu_turns_on_once)
{
	start();
	cr_expect_eq(call(0xc4000004, 0x100, 0, 0), 0, "CPU 0 is on");
	cr_expect_eq(call(0xc4000004, 0x101, 0, 0), 1, "CPU 1 is off");
	cr_expect_eq(call(0xc4000003, 0x100, ENTRY, 5), ALREADY_ON);
	cr_expect_eq(call(0xc4000003, 0x101, ENTRY, 5), OK);
	cr_expect_eq(call(0xc4000004, 0x101, 0, 0), 2, "on its way");
	cr_expect_eq(call(0xc4000003, 0x101, ENTRY, 5), ON_PENDING);
	cr_expect_eq(call(0x84000003, 0x102, ENTRY, 5), OK);
	cr_expect_eq(call(0x84000004, 0x102, 0, 0), 2);
	cr_expect_eq(call(0x84000004, 0x103, 0, 0), 1);
}

/* { function, target, address, answer } */
static const struct {
	uint64_t function;
	uint64_t target;
	uint64_t entry;
	uint64_t answer;
} targets[] = {
	{0xc4000003, 0x104, ENTRY, INVALID_PARAMETERS},
	{0xc4000003, 0x104, ENTRY + 2, INVALID_PARAMETERS},
	{0xc4000003, 0x101, ENTRY + 2, INVALID_ADDRESS},
	{0xc4000003, 0x101, ENTRY + 1, INVALID_ADDRESS},
	{0xc4000003, 0x700000101, ENTRY, INVALID_PARAMETERS},
	{0x84000003, 0x700000101, ENTRY, OK},
	{0xc4000003, 0x102, ENTRY + 0xffc, OK},
};

Test(power, a_target_and_an_address_are_looked_at_in_this_order)
{
	start();
	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		cr_expect_eq(call(targets[i].function, targets[i].target,
				     targets[i].entry, 0),
			targets[i].answer, "row %zu", i);
	}
}

/* { state of the page, whether a CPU may start there } */
static const struct {
	uint64_t status;
	uint64_t state;
	bool is_good;
} pages[] = {
	{MOAT_OK, MOAT_PAGE_HOST, true},
	{MOAT_OK, MOAT_PAGE_LENT, true},
	{MOAT_OK, MOAT_PAGE_SHARED, true},
	{MOAT_OK, MOAT_PAGE_VM, false},
	{MOAT_OK, MOAT_PAGE_TABLE, false},
	{MOAT_OK, MOAT_PAGE_VCPU, false},
	{MOAT_OK, MOAT_PAGE_ENGINE, false},
	{MOAT_BAD_ARG, MOAT_PAGE_HOST, false},
	{MOAT_BAD_ARG + 0x100, MOAT_PAGE_HOST, false},
};

Test(power, the_core_says_where_the_host_may_start)
{
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		start();
		board_cpu(3);
		power_boot();
		board_status = pages[i].status;
		board_state = pages[i].state;
		report_counts[3][REPORT_CALL] = 0;
		/* Of no row is this CPU turned on twice: its state is asked. */
		cr_expect_eq(call(0xc4000003, 0x103, ENTRY + 0x1234, 0),
			pages[i].is_good ? ALREADY_ON : INVALID_ADDRESS,
			"row %zu", i);
		cr_expect_eq(board_asked, ENTRY + 0x1000);
		cr_expect_eq(board_asked_by, 3);
		cr_expect_eq(report_counts[3][REPORT_CALL], 1);
	}
}

Test(power, affinity_is_asked_of_a_cpu_at_level_0)
{
	start();
	cr_expect_eq(call(0xc4000004, 0x104, 0, 0), INVALID_PARAMETERS);
	cr_expect_eq(call(0xc4000004, 0x101, 1, 0), INVALID_PARAMETERS);
	cr_expect_eq(
		call(0xc4000004, 0x101, 0x100000000, 0), INVALID_PARAMETERS);
	cr_expect_eq(call(0x84000004, 0x101, 1, 0), INVALID_PARAMETERS);
	cr_expect_eq(call(0x84000004, 0x101, 0x100000000, 0), 1);
	cr_expect_eq(call(0xc4000004, 0x100000101, 0, 0), INVALID_PARAMETERS);
	cr_expect_eq(call(0x84000004, 0x100000101, 0, 0), 1);
}

/* The statuses: 30 a CPU that starts where it was told, 20 + n CPU n parked, 10
 * + n the machine's end with status n, its report written; 3 waits. */
Test(power, a_cpu_that_waits_starts_where_it_was_told, .exit_code = 30)
{
	start();
	cr_expect_eq(call(0xc4000003, 0x101, ENTRY, 0x1234), OK);
	cr_expect_eq(call(0xc4000003, 0x101, ENTRY + 4, 5), ON_PENDING);
	board_cpu(1);
	power_wait();
}

Test(power, a_call_of_32_bits_cuts_address_and_context, .exit_code = 30)
{
	start();
	cr_expect_eq(call(0x84000003, 0x101, ENTRY + 0x500000000,
			     UINT64_C(0x900001234)),
		OK);
	board_cpu(1);
	power_wait();
}

Test(power, a_cpu_that_is_on_is_not_started_again, .exit_code = 3)
{
	start();
	power_wait();
}

/* What the state is when the CPU is gone, seen from CPU 0. */
static void expect_on(void)
{
	board_cpu(0);
	if (call(0xc4000004, 0x101, 0, 0) != 0) {
		_Exit(1);
	}
}

Test(power, a_cpu_that_was_started_is_on, .exit_code = 30)
{
	start();
	cr_expect_eq(call(0xc4000003, 0x101, ENTRY, 0x1234), OK);
	board_cpu(1);
	atexit(expect_on);
	power_wait();
}

static void expect_off(void)
{
	board_cpu(0);
	if (call(0xc4000004, 0x102, 0, 0) != 1) {
		_Exit(1);
	}
}

Test(power, another_cpu_waits_on_and_is_off, .exit_code = 3)
{
	start();
	cr_expect_eq(call(0xc4000003, 0x101, ENTRY, 0x1234), OK);
	board_cpu(2);
	atexit(expect_off);
	power_wait();
}

Test(power, a_cpu_turns_itself_off, .exit_code = 22)
{
	start();
	board_cpu(2);
	power_boot();
	atexit(expect_off);
	call(0x84000002, 0, 0, 0);
}

Test(power, the_machine_ends_with_its_report, .exit_code = 10)
{
	start();
	call(0x84000008, 0, 0, 0);
}

Test(power, a_reset_is_an_end_with_another_status, .exit_code = 12)
{
	start();
	call(0x84000009, 0, 0, 0);
}
