/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * With pages of 64 KiB the first page of a redistributor has its identification
 * as well, which a driver reads before it takes it for one (IHI 0069, 12.11).
 */
#include <criterion/criterion.h>

#include "arch-aarch64/gic.h"
#include "board.h"

#define BASE UINT64_C(0x080a0000) /* QEMU's virt */
#define NEXT UINT64_C(0x20000)

/* { offset, whether the host sees what is there } */
static const struct {
	uint32_t offset;
	bool is_seen;
} words[] = {
	{0x1000, false},
	{0xffcc, false},
	{0xffd0, true}, /* GICR_PIDR4 */
	{0xffe8, true}, /* GICR_PIDR2 */
	{0xfffc, true},
};

Test(identification, it_is_what_the_hardware_says)
{
	board_start();
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		struct exit_transfer transfer = {.size = 4};
		uint64_t ipa = BASE + NEXT + words[i].offset;
		uint64_t value = 0x5555;

		*board_word(1, words[i].offset) = 0x3b;
		cr_expect(gic_access(ipa, &transfer, &value));
		cr_expect_eq(value, words[i].is_seen ? 0x3b : 0, "%x",
			words[i].offset);
	}
}

Test(identification, a_write_of_it_is_ignored)
{
	struct exit_transfer transfer = {.size = 4, .is_write = true};
	uint64_t value = 1;

	board_start();
	cr_expect(gic_access(BASE + 0xffe8, &transfer, &value));
	cr_expect_eq(board_writes, 0);
}

Test(identification, the_next_page_is_the_hosts)
{
	struct exit_transfer transfer = {.size = 4};
	uint64_t value = 0;

	board_start();
	cr_expect_not(gic_access(BASE + 0x10000, &transfer, &value));
	cr_expect_eq(gic_withheld(1).size, 0x10000);
}
