/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include "arch-aarch64/pte.h"

#define HIGHEST_PAGE UINT64_C(0xfffffffff000)

/* MemAttr 0xf, S2AP 3, SH 3, AF: bits 2..10. */
Test(pte, normal_memory_is_write_back_inner_shareable_and_executable)
{
	cr_assert_eq(pte_page(0x40001000, PTE_NORMAL), 0x400017ff);
	cr_assert_eq(pte_block(0x40200000, PTE_NORMAL), 0x402007fd);
	cr_assert_eq(
		pte_page(HIGHEST_PAGE, PTE_NORMAL), UINT64_C(0xfffffffff7ff));
}

/* S2AP 3, AF and XN[1], bit 54. */
Test(pte, device_memory_is_not_executable)
{
	cr_assert_eq(
		pte_page(0x09000000, PTE_DEVICE), UINT64_C(0x400000090004c3));
	cr_assert_eq(
		pte_block(0x0a000000, PTE_DEVICE), UINT64_C(0x4000000a0004c1));
	cr_assert_eq(
		pte_page(HIGHEST_PAGE, PTE_DEVICE), UINT64_C(0x40fffffffff4c3));
}

/* { kind, a page, a block, may it be written, may it be executed }: MemAttr and
 * SH of RAM, AF; S2AP is 1 or 3; XN[1]. */
static const struct {
	enum pte_kind kind;
	uint64_t page;
	uint64_t block;
	bool may_write;
	bool may_execute;
} lent[] = {
	{PTE_NORMAL, 0x402007ff, 0x402007fd, true, true},
	{PTE_DEVICE, 0x400000402004c3, 0x400000402004c1, true, false},
	{PTE_READ, 0x4000004020077f, 0x4000004020077d, false, false},
	{PTE_READ_WRITE, 0x400000402007ff, 0x400000402007fd, true, false},
	{PTE_READ_EXECUTE, 0x4020077f, 0x4020077d, false, true},
};

Test(pte, each_kind_is_a_leaf_with_its_rights)
{
	for (size_t i = 0; i < sizeof(lent) / sizeof(lent[0]); i++) {
		uint64_t page = pte_leaf(0x40200000, 3, lent[i].kind);
		uint64_t block = pte_leaf(0x40200000, 2, lent[i].kind);

		cr_expect_eq(page, lent[i].page, "row %zu", i);
		cr_expect_eq(block, lent[i].block, "row %zu", i);
		cr_expect_eq(pte_may_write(page), lent[i].may_write);
		cr_expect_eq(pte_may_execute(page), lent[i].may_execute);
		cr_expect_eq(pte_forward(page, 0x3000), lent[i].page + 0x3000);
	}
}

/* S2AP[1] is bit 7, XN[1] bit 54: their neighbours say nothing. */
Test(pte, a_right_is_one_bit)
{
	cr_expect(pte_may_write(0x80));
	cr_expect(pte_may_write(0x180));
	cr_expect_not(pte_may_write(0x7f));
	cr_expect_not(pte_may_execute(UINT64_C(0x40000000000000)));
	cr_expect_not(pte_may_execute(UINT64_C(0xc0000000000000)));
	cr_expect(pte_may_execute(UINT64_C(0x3fffffffffffff)));
	cr_expect(pte_may_execute(UINT64_C(0x80000000000000)));
}

Test(pte, a_table_has_no_attributes)
{
	cr_assert_eq(pte_table(0x40002000), 0x40002003);
}

Test(pte, an_address_survives_its_attributes)
{
	cr_assert_eq(pte_pa(UINT64_C(0xfffffffff7ff)), HIGHEST_PAGE);
	cr_assert_eq(pte_pa(UINT64_C(0x40fffffffff4c3)), HIGHEST_PAGE);
	cr_assert_eq(pte_pa(UINT64_C(0xffff000000000fff)), 0);
	cr_assert_eq(pte_pa(PTE_EMPTY), 0);
}

/* { bits 1:0, level, what it is } (Arm ARM D8.3.1). */
static const struct {
	uint64_t descriptor;
	uint32_t level;
	bool valid;
	bool table;
	bool leaf;
} kinds[] = {
	{0, 0, false, false, false},
	{0, 1, false, false, false},
	{0, 2, false, false, false},
	{0, 3, false, false, false},
	{2, 0, false, false, false},
	{2, 1, false, false, false},
	{2, 2, false, false, false},
	{2, 3, false, false, false},
	{1, 0, true, false, false},
	{1, 1, true, false, true},
	{1, 2, true, false, true},
	{1, 3, true, false, false},
	{3, 0, true, true, false},
	{3, 1, true, true, false},
	{3, 2, true, true, false},
	{3, 3, true, false, true},
};

Test(pte, the_level_tells_table_from_leaf)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		uint64_t d = kinds[i].descriptor + UINT64_C(0x400000400017fc);
		uint32_t level = kinds[i].level;

		cr_expect_eq(pte_is_valid(d), kinds[i].valid);
		cr_expect_eq(pte_is_table(d, level), kinds[i].table);
		cr_expect_eq(pte_is_leaf(d, level), kinds[i].leaf);
	}
}
