/* SPDX-License-Identifier: BSD-2-Clause */
/* What the host sees of a redistributor, whose first page is withheld. */
#include <criterion/criterion.h>

#include "arch-aarch64/gic.h"
#include "board.h"

#define BASE UINT64_C(0x080a0000) /* QEMU's virt */
#define NEXT UINT64_C(0x20000)

/* { offset, what is there, what the host reads } of 32 bits */
static const struct {
	uint32_t offset;
	uint32_t is;
	uint32_t seen;
} words[] = {
	{0x00, 0xfffffffe, 0xfffffffe}, /* GICR_CTLR */
	{0x04, 0x0102043b, 0x0102043b}, /* GICR_IIDR */
	{0x08, 0xffffffff, 0xfffffff4}, /* GICR_TYPER: no LPIs */
	{0x0c, 0x00000102, 0x00000102}, /* its affinity */
	{0x10, 0xffffffff, 0}, /* GICR_STATUSR */
	{0x14, 0x00000006, 0x00000006}, /* GICR_WAKER */
	{0x40, 0xffffffff, 0}, /* GICR_SETLPIR */
	{0x70, 0xffffffff, 0}, /* GICR_PROPBASER */
	{0xffc, 0xffffffff, 0},
};

static const struct exit_transfer read_4 = {.size = 4};
static const struct exit_transfer write_4 = {.size = 4, .is_write = true};
static const struct exit_transfer read_8 = {.size = 8};
static const struct exit_transfer write_8 = {.size = 8, .is_write = true};

Test(redistributor, it_has_no_lpis_and_little_else)
{
	board_start();
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		uint64_t value = 0x5555;

		*board_word(2, words[i].offset) = words[i].is;
		cr_expect(gic_access(
			BASE + 2 * NEXT + words[i].offset, &read_4, &value));
		cr_expect_eq(value, words[i].seen, "%x: %llx", words[i].offset,
			(unsigned long long)value);
	}
	cr_expect_eq(board_writes, 0);
}

Test(redistributor, a_read_of_8_bytes_is_two_words)
{
	uint64_t value = 0x5555;

	board_start();
	*board_word(1, 0x08) = 0xffffffff;
	*board_word(1, 0x0c) = 0x00000102;
	cr_expect(gic_access(BASE + NEXT + 8, &read_8, &value));
	cr_expect_eq(value, 0x102fffffff4);
}

Test(redistributor, a_read_of_4_bytes_is_one_word)
{
	uint64_t value = 0x5555;

	board_start();
	*board_word(1, 0x0c) = 0x00000102;
	cr_expect(gic_access(BASE + NEXT + 8, &read_4, &value));
	cr_expect_eq(value, 0);
}

/* { offset, what is there after 0xffffffff is written over 0 } */
static const uint32_t written[][2] = {{0x00, 0xfffffffe}, {0x04, 0}, {0x08, 0},
	{0x0c, 0}, {0x14, 0xffffffff}, {0x70, 0}, {0xffc, 0}};

Test(redistributor, only_control_and_waking_can_be_written)
{
	board_start();
	for (size_t i = 0; i < sizeof(written) / sizeof(written[0]); i++) {
		uint64_t value = 0xffffffff;

		cr_expect(gic_access(
			BASE + 3 * NEXT + written[i][0], &write_4, &value));
		cr_expect_eq(value, 0xffffffff);
		cr_expect_eq(*board_word(3, written[i][0]), written[i][1]);
	}
	cr_expect_eq(board_writes, 2);
}

Test(redistributor, a_write_of_8_bytes_is_two_words)
{
	uint64_t value = 0x12345678aaaaaaaa;

	board_start();
	cr_expect(gic_access(BASE + 0x10, &write_8, &value));
	cr_expect_eq(*board_word(0, 0x14), 0x12345678);
	cr_expect_eq(board_writes, 1);
}

/* { address, bytes, whether the engine answers } */
static const struct {
	uint64_t ipa;
	uint32_t size;
	bool is_answered;
} accesses[] = {
	{BASE, 4, true},
	{BASE - 4, 4, false},
	{BASE + 0xffc, 4, true},
	{BASE + 0x1000, 4, false},
	{BASE + NEXT - 4, 4, false},
	{BASE + 3 * NEXT, 4, true},
	{BASE + 4 * NEXT, 4, false},
	{BASE + 4, 2, false},
	{BASE + 4, 1, false},
	{BASE + 2, 4, false},
	{BASE + 4, 8, false},
	{BASE + 8, 8, true},
	{0, 4, false},
};

Test(redistributor, what_is_not_a_word_of_it_is_not_answered)
{
	board_start();
	for (size_t i = 0; i < sizeof(accesses) / sizeof(accesses[0]); i++) {
		struct exit_transfer transfer = {.size = accesses[i].size};
		uint64_t value = 0;

		cr_expect_eq(gic_access(accesses[i].ipa, &transfer, &value),
			accesses[i].is_answered, "%llx",
			(unsigned long long)accesses[i].ipa);
	}
}

Test(redistributor, its_first_page_is_withheld)
{
	for (uint32_t cpu = 0; cpu < 4; cpu++) {
		struct moat_range range = gic_withheld(cpu);

		cr_expect_eq(range.base, BASE + cpu * NEXT);
		cr_expect_eq(range.size, 0x1000);
	}
}

Test(redistributor, firmware_without_lpis_is_good)
{
	board_start();
	*board_word(3, 0) = 0xfffffffe;
	gic_check();
}

Test(redistributor, firmware_has_left_lpis_off, .exit_code = 4)
{
	board_start();
	*board_word(3, 0) = 1;
	gic_check();
}

Test(redistributor, and_so_it_has_on_the_first_cpu, .exit_code = 4)
{
	board_start();
	*board_word(0, 0) = 1;
	gic_check();
}

/* Each returns what it was, and writes only what changes. */
Test(redistributor, a_private_interrupt_is_of_one_cpu)
{
	board_start();
	board_cpu(2);
	cr_expect_not(gic_set_enabled(27, true));
	cr_expect(gic_set_enabled(27, true));
	cr_expect(board_is_enabled(2, 27));
	cr_expect_not(gic_set_active(30, true));
	cr_expect(gic_set_active(30, true));
	cr_expect(board_is_active(2, 30));
	cr_expect_eq(board_writes, 2);
	cr_expect_not(board_is_enabled(2, 30));
	cr_expect(gic_set_enabled(27, false));
	cr_expect(gic_set_active(30, false));
	cr_expect_not(board_is_enabled(2, 27));
	cr_expect_not(board_is_active(2, 30));
	cr_expect_eq(board_writes, 4);
	cr_expect_eq(board_unwaited, 0);
}
