/* SPDX-License-Identifier: BSD-2-Clause */
/* The list register of the virtual timer. */
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
