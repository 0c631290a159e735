/* SPDX-License-Identifier: BSD-2-Clause */
/* List registers: that of the virtual timer, and those that a host gives. */
#include <criterion/criterion.h>

#include "arch-aarch64/list_register.h"

/* HW, group 1, priority 0xa0, pINTID and vINTID 27; bits 63:62: the state. */
#define INACTIVE UINT64_C(0x30a0001b0000001b)
#define PENDING UINT64_C(0x70a0001b0000001b)
#define ACTIVE UINT64_C(0xb0a0001b0000001b)

/* { when the run ended, due now, at the next entry } */
static const struct {
	const char *what;
	uint64_t before;
	bool is_due;
	uint64_t after;
} rows[] = {
	{"nothing", 0, false, 0},
	{"it fires", 0, true, PENDING},
	{"it was not taken yet", PENDING, true, PENDING},
	{"it was stopped before it was taken", PENDING, false, 0},
	{"it is being handled, and set again", ACTIVE, false, ACTIVE},
	{"it is being handled, and fires", ACTIVE, true, ACTIVE},
	{"it was handled", INACTIVE, false, 0},
	{"it was handled, and fires", INACTIVE, true, PENDING},
	{"active, and no other bit", 0x8000000000000000, true,
		0x8000000000000000},
	{"pending, and all other bits", 0x7fffffffffffffff, false, 0},
};

Test(timer, pending_follows_the_line_and_active_stays)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint64_t after =
			list_register_timer(rows[i].before, rows[i].is_due);

		cr_expect_eq(after, rows[i].after, "%s: %llx", rows[i].what,
			(unsigned long long)after);
	}
}

/*
 * { what a host gives; its fields; what is taken of it }. State, HW, group,
 * priority, the interrupt that it is tied to, EOI, and the interrupt.
 */
static const uint64_t given[][3] = {
	{0x0000000000000000, 0x0000000000000000, 0},
	{0x00a000000000002a, 0x00a000000000002a, 0}, /* without a state */
	{0x4000000000000020, 0x4000000000000020, 0x4000000000000020},
	{0x8000000000000021, 0x8000000000000021, 0x8000000000000021},
	{0xc000000000000022, 0xc000000000000022, 0xc000000000000022},
	{0x50a000000000002a, 0x50a000000000002a, 0x50a000000000002a},
	{0x50ff02000000002a, 0x50ff02000000002a, 0x50ff02000000002a},
	{0x4001000000000000, 0x4001000000000000, 0x4001000000000000},
	{0x40800200000003fb, 0x40800200000003fb, 0x40800200000003fb},
	/* Tied to hardware, special, and the timer's own. */
	{0x600000000000002a, 0x400000000000002a, 0},
	{0x70a0001e0000001e, 0x50a000000000001e, 0},
	{0x40000000000003fc, 0x40000000000003fc, 0},
	{0x40000000000003ff, 0x40000000000003ff, 0},
	{0x4000000000002000, 0x4000000000002000, 0},
	{0x40000000ffffffff, 0x40000000ffffffff, 0},
	{0x400000000000001b, 0x400000000000001b, 0},
	{0x400000000000001a, 0x400000000000001a, 0x400000000000001a},
	{0x400000000000001c, 0x400000000000001c, 0x400000000000001c},
	/* One field alone, and all below it. */
	{0x4000000000000000, 0x4000000000000000, 0x4000000000000000},
	{0x3fffffffffffffff, 0x10ff0200ffffffff, 0},
	{0x6000000000000000, 0x4000000000000000, 0},
	{0x5000000000000000, 0x5000000000000000, 0x5000000000000000},
	{0x4fffffffffffffff, 0x40ff0200ffffffff, 0},
	{0x4000020000000000, 0x4000020000000000, 0x4000020000000000},
	{0x400001ffffffffff, 0x40000000ffffffff, 0},
	/* Bits that no host may set. */
	{0x4f0001ff0000002a, 0x400000000000002a, 0x400000000000002a},
	{0x4000fdff0000002a, 0x400000000000002a, 0x400000000000002a},
};

Test(timer, of_what_a_host_gives_only_what_is_safe_is_taken)
{
	for (size_t i = 0; i < sizeof(given) / sizeof(given[0]); i++) {
		cr_expect_eq(list_register_fields(given[i][0]), given[i][1],
			"row %zu", i);
		cr_expect_eq(list_register_sanitise(given[i][0]), given[i][2],
			"row %zu", i);
		cr_expect_eq(list_register_is_empty(given[i][0]),
			given[i][0] >> 62 == 0, "row %zu", i);
		cr_expect_eq(list_register_interrupt(given[i][0]),
			given[i][0] & 0xffffffff, "row %zu", i);
	}
}
