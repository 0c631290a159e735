/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Blocks: 512 pages that are mapped by one entry of level 2. In the world of
 * these tests VM 0 maps, each of 2 MiB, from
 *
 *     0x000000   eight pages by a leaf table, as in every world
 *     0x200000   a block that it owns
 *     0x400000   an empty leaf table
 *     HALF       a block that it was lent, to read and execute
 */
#include "world.h"

#include <criterion/criterion.h>

#define TOP (~(uint64_t)0)

enum {
	BLOCK_SIZE = 0x200000,
	OWN = 0x200000, /* the IPA of the block it owns */
	OWN_PA = FREE_BLOCK,
	LENT_PA = FREE_BLOCK + BLOCK_SIZE,
	EMPTY = 0x400000, /* the IPA of the empty leaf table */
	EMPTY_PA = FREE_PAGE + 0x10000,
	NEXT_PA = FREE_BLOCK + 2 * BLOCK_SIZE, /* of a block that is HOST */
	NONE = 0x600000 /* an IPA where nothing is */
};

static struct moat_regs ok(struct model *m, struct moat_regs regs)
{
	regs = call(m, regs);
	cr_assert_eq(regs.x[0], MOAT_OK, "%lx", (unsigned long)regs.x[0]);
	return regs;
}

static struct model *world_blocks(struct model *m)
{
	ok(m, moat_block_donate(vm_id(0), ipa_of(OWN), pa_of(OWN_PA)));
	ok(m, moat_table_create(vm_id(0), ipa_of(EMPTY), 3, pa_of(EMPTY_PA)));
	ok(m, moat_block_lend(vm_id(0), ipa_of(HALF), pa_of(LENT_PA), 5));
	return m;
}

static void expect_page(
	struct model *m, uint64_t pa, const uint64_t expected[6])
{
	struct moat_regs regs = call(m, moat_page_info(pa_of(pa)));

	cr_assert_arr_eq(regs.x, expected, 6 * sizeof(*expected));
}

Test(blocks, a_block_is_512_pages_at_level_2)
{
	struct model *m = world_blocks(world_active());
	const uint64_t first[6] = {0, MOAT_PAGE_VM, 0, OWN, 2, 0};
	const uint64_t last[6] = {
		0, MOAT_PAGE_LENT, 0, HALF + BLOCK_SIZE - 0x1000, 2, 5};
	const uint64_t next[6] = {0, MOAT_PAGE_HOST, 0, 0, 0, 0};

	expect_page(m, OWN_PA, first);
	expect_page(m, LENT_PA + BLOCK_SIZE - 0x1000, last);
	expect_page(m, LENT_PA + BLOCK_SIZE, next);
	cr_assert_eq(model_mapping_count(m, 0), 8 + 2 * 512);
	model_destroy(m);
}

Test(blocks, blocks_may_touch)
{
	struct model *m = world_active();

	ok(m, moat_block_donate(vm_id(0), ipa_of(OWN), pa_of(OWN_PA)));
	ok(m, moat_block_donate(vm_id(0), ipa_of(EMPTY), pa_of(LENT_PA)));
	ok(m, moat_block_donate(vm_id(0), ipa_of(NONE), pa_of(NEXT_PA)));
	model_destroy(m);
}

Test(blocks, block_donate_says_512_and_zeroes_them_all)
{
	struct model *m = world_active();
	struct moat_regs regs;

	model_host_write(m, 0, pa_of(OWN_PA), 1);
	model_host_write(m, 0, pa_of(OWN_PA + BLOCK_SIZE - 8), 2);
	model_host_write(m, 0, pa_of(OWN_PA + BLOCK_SIZE), 3);
	regs = ok(m, moat_block_donate(vm_id(0), ipa_of(OWN), pa_of(OWN_PA)));
	cr_assert_eq(regs.x[1], 512);
	cr_assert_eq(model_word_count(m), 2); /* and that of the loaded page */
	model_destroy(m);
}

Test(blocks, block_lend_says_512_and_keeps_contents)
{
	struct model *m = world_active();
	struct moat_regs regs;

	model_host_write(m, 0, pa_of(OWN_PA + BLOCK_SIZE - 8), 2);
	regs = ok(m, moat_block_lend(vm_id(0), ipa_of(HALF), pa_of(OWN_PA), 7));
	cr_assert_eq(regs.x[1], 512);
	cr_assert_eq(model_word_count(m), 2);
	model_destroy(m);
}

Test(blocks, calls_with_blocks_refuse_in_the_order_of_the_manual)
{
	const struct row rows[] = {
		/* block_donate */
		{{0x50, 9, 0x1000, 1}, MOAT_BAD_ARG, 2},
		{{0x50, 9, OWN, 0x1000}, MOAT_BAD_ARG, 3},
		{{0x50, 9, OWN, 0}, MOAT_BAD_VM, 1},
		{{0x50, 1, OWN, 0}, MOAT_BAD_STATE, 0},
		{{0x50, 0, HALF, 0}, MOAT_BAD_IPA, 2},
		{{0x50, 0, TOP - 0x1fffff, 0}, MOAT_BAD_IPA, 2},
		{{0x50, 0, 0, 0}, MOAT_OCCUPIED, 2},
		{{0x50, 0, OWN, 0}, MOAT_OCCUPIED, 2},
		{{0x50, 0, EMPTY, 0}, MOAT_OCCUPIED, 2},
		{{0x50, 0, NONE, 0}, MOAT_BAD_PAGE, 3},
		{{0x50, 0, NONE, OWN_PA}, MOAT_BAD_PAGE, 3},
		{{0x50, 0, NONE, TOP - 0x1fffff}, MOAT_BAD_PAGE, 3},
		/* All but one page in the middle are HOST. */
		{{0x50, 0, NONE, 0x40200000}, MOAT_BAD_PAGE, 3},
		/* block_lend */
		{{0x51, 9, 0x1000, 1, 0}, MOAT_BAD_ARG, 2},
		{{0x51, 9, OWN, 0x1000, 0}, MOAT_BAD_ARG, 3},
		{{0x51, 9, OWN, 0, 0}, MOAT_BAD_ARG, 4},
		{{0x51, 9, OWN, 0, 2}, MOAT_BAD_ARG, 4},
		{{0x51, 9, OWN, 0, 4}, MOAT_BAD_ARG, 4},
		{{0x51, 9, OWN, 0, 6}, MOAT_BAD_ARG, 4},
		{{0x51, 9, OWN, 0, 9}, MOAT_BAD_ARG, 4},
		{{0x51, 9, OWN, 0, 7}, MOAT_BAD_VM, 1},
		{{0x51, 1, OWN, 0, 5}, MOAT_BAD_STATE, 0},
		{{0x51, 0, OWN, 0, 3}, MOAT_BAD_IPA, 2},
		{{0x51, 0, 0x100000000, 0, 3}, MOAT_BAD_IPA, 2},
		{{0x51, 0, HALF, 0, 1}, MOAT_OCCUPIED, 2},
		{{0x51, 0, HALF + BLOCK_SIZE, LENT_PA, 1}, MOAT_BAD_PAGE, 3},
		/* The others, where a block is. */
		{{0x30, 0, OWN, 3, 0}, MOAT_OCCUPIED, 2},
		{{0x31, 0, OWN, 3}, MOAT_NEEDS_SPLIT, 2},
		{{0x41, 0, OWN, 0, 1}, MOAT_OCCUPIED, 2},
		{{0x41, 0, OWN + 0x1000, 0, 1}, MOAT_OCCUPIED, 2},
		{{0x44, 0, HALF, 0, 1, 1}, MOAT_OCCUPIED, 2},
		{{0x45, 0, HALF, 511}, MOAT_NEEDS_SPLIT, 2},
		{{0x45, 0, HALF + 0x1000, 512}, MOAT_NEEDS_SPLIT, 2},
	};
	EXPECT_ROWS(world_blocks(world_active()), rows);
}

Test(blocks, table_fold_refuses_in_the_order_of_the_manual)
{
	const struct row rows[] = {
		{{0x32, 9, 1, 2}, MOAT_BAD_ARG, 3},
		{{0x32, 9, 1, 4}, MOAT_BAD_ARG, 3},
		{{0x32, 9, 0x1000, 3}, MOAT_BAD_ARG, 2},
		{{0x32, 9, 0, 3}, MOAT_BAD_VM, 1},
		{{0x32, 1, 0, 3}, MOAT_BAD_STATE, 0},
		{{0x32, 0, 0x100000000, 3}, MOAT_BAD_IPA, 2},
		{{0x32, 0, NONE, 3}, MOAT_NO_TABLE, 2},
		{{0x32, 0, OWN, 3}, MOAT_NEEDS_SPLIT, 2},
		{{0x32, 0, HALF, 3}, MOAT_NEEDS_SPLIT, 2},
		{{0x32, 0, 0, 3}, MOAT_NOT_UNIFORM, 2},
		{{0x32, 0, EMPTY, 3}, MOAT_NOT_UNIFORM, 2},
		{{0x12, 0}, MOAT_OK, 0},
		{{0x32, 0, 0, 3}, MOAT_BAD_STATE, 0},
	};
	EXPECT_ROWS(world_blocks(world_active()), rows);
}

Test(blocks, table_split_refuses_in_the_order_of_the_manual)
{
	const struct row rows[] = {
		{{0x33, 9, 1, 2, 1}, MOAT_BAD_ARG, 3},
		{{0x33, 9, 1, 4, 1}, MOAT_BAD_ARG, 3},
		{{0x33, 9, 0x1000, 3, 1}, MOAT_BAD_ARG, 2},
		{{0x33, 9, 0, 3, 1}, MOAT_BAD_ARG, 4},
		{{0x33, 9, 0, 3, 0}, MOAT_BAD_VM, 1},
		{{0x33, 1, 0, 3, 0}, MOAT_BAD_STATE, 0},
		{{0x33, 0, 0x100000000, 3, 0}, MOAT_BAD_IPA, 2},
		{{0x33, 0, 0, 3, 0}, MOAT_OCCUPIED, 2},
		{{0x33, 0, EMPTY, 3, 0}, MOAT_OCCUPIED, 2},
		{{0x33, 0, NONE, 3, 0}, MOAT_NOT_MAPPED, 2},
		{{0x33, 0, OWN, 3, 0}, MOAT_BAD_PAGE, 4},
		{{0x33, 0, OWN, 3, OWN_PA}, MOAT_BAD_PAGE, 4},
		{{0x33, 0, OWN, 3, FREE_PAGE}, MOAT_OK, 0},
		{{0x33, 0, OWN, 3, FREE_PAGE}, MOAT_OCCUPIED, 2},
		{{0x12, 0}, MOAT_OK, 0},
		{{0x33, 0, HALF, 3, FREE_PAGE}, MOAT_BAD_STATE, 0},
	};
	EXPECT_ROWS(world_blocks(world_active()), rows);
}

Test(blocks, a_block_needs_a_table_of_level_2)
{
	const struct row rows[] = {
		{{0x10, 1, 0x40a00000, 40, 1}, MOAT_OK, 0},
		{{0x50, 1, OWN, NEXT_PA}, MOAT_NO_TABLE, 2},
		{{0x33, 1, OWN, 3, FREE_PAGE}, MOAT_NO_TABLE, 2},
		{{0x30, 1, 0, 2, 0x40a02000}, MOAT_OK, 0},
		{{0x33, 1, 0x40000000, 3, FREE_PAGE}, MOAT_NO_TABLE, 2},
		{{0x33, 1, OWN, 3, FREE_PAGE}, MOAT_NOT_MAPPED, 2},
		{{0x50, 1, OWN, NEXT_PA}, MOAT_OK, 0},
		{{0x31, 1, 0, 2}, MOAT_NOT_EMPTY, 2},
		{{0x13, 1}, MOAT_BAD_STATE, 0},
		{{0x12, 1}, MOAT_OK, 0},
		{{0x13, 1}, MOAT_NOT_EMPTY, 0},
		{{0x42, 1, OWN, 511}, MOAT_NEEDS_SPLIT, 2},
		{{0x42, 1, OWN + 0x1000, 1}, MOAT_NEEDS_SPLIT, 2},
		{{0x42, 1, OWN, 600}, MOAT_OK, 0},
		{{0x42, 1, OWN, 512}, MOAT_NO_TABLE, 2},
		{{0x31, 1, 0, 2}, MOAT_OK, 0},
		{{0x13, 1}, MOAT_OK, 0},
	};
	EXPECT_ROWS(world_active(), rows);
}

Test(blocks, whole_blocks_are_taken_back_in_one_call)
{
	struct model *m = world_blocks(world_active());
	struct moat_regs regs;

	regs = ok(m, moat_page_recall(vm_id(0), ipa_of(HALF), 512));
	cr_assert_eq(regs.x[1], 512);
	ok(m, moat_vm_kill(vm_id(0)));
	regs = ok(m, moat_page_reclaim(vm_id(0), ipa_of(OWN), 0x10000));
	cr_assert_eq(regs.x[1], 512);
	cr_assert_eq(model_mapping_count(m, 0), 8);
	model_destroy(m);
}

Test(blocks, split_and_fold_are_inverse_and_change_no_translation)
{
	struct model *m = world_blocks(world_active());
	struct model *before = model_copy(m);
	struct moat_pa pa;
	struct moat_regs regs;
	const uint64_t split[6] = {0, MOAT_PAGE_LENT, 0, HALF + 0x5000, 3, 5};

	model_host_write(m, 0, pa_of(FREE_PAGE), 0xdead);
	ok(m, moat_table_split(vm_id(0), ipa_of(HALF), 3, pa_of(FREE_PAGE)));
	expect_page(m, LENT_PA + 0x5000, split);
	cr_assert(model_translate(m, 0, ipa_of(HALF + 0x5008), &pa));
	cr_assert_eq(pa.value, LENT_PA + 0x5008);
	regs = ok(m, moat_table_fold(vm_id(0), ipa_of(HALF), 3));
	cr_assert_eq(regs.x[1], FREE_PAGE);
	cr_assert(model_is_equal(m, before));
	model_destroy(m);
	model_destroy(before);
}

/* VM 0 maps 512 pages from NONE on, by a table, which could be folded. */
static struct model *world_foldable(void)
{
	struct model *m = world_active();

	ok(m, moat_table_create(vm_id(0), ipa_of(NONE), 3, pa_of(FREE_PAGE)));
	ok(m, moat_page_donate(vm_id(0), ipa_of(NONE), pa_of(FREE_BLOCK), 512));
	return m;
}

Test(blocks, pages_given_one_by_one_fold_if_they_follow_each_other)
{
	struct model *m = world_foldable();
	struct moat_regs regs =
		ok(m, moat_table_fold(vm_id(0), ipa_of(NONE), 3));

	cr_assert_eq(regs.x[1], FREE_PAGE);
	cr_assert(model_page_at(m, pa_of(FREE_BLOCK), &(struct model_page){0}));
	model_destroy(m);
}

Test(blocks, pages_that_do_not_begin_at_a_boundary_do_not_fold)
{
	struct model *m = world_active();
	struct moat_regs regs;

	ok(m, moat_table_create(vm_id(0), ipa_of(NONE), 3, pa_of(FREE_PAGE)));
	ok(m, moat_page_donate(
		      vm_id(0), ipa_of(NONE), pa_of(FREE_BLOCK + 0x1000), 512));
	regs = call(m, moat_table_fold(vm_id(0), ipa_of(NONE), 3));
	cr_assert_eq(regs.x[0], refused(MOAT_NOT_UNIFORM, 2));
	model_destroy(m);
}

Test(blocks, pages_out_of_order_do_not_fold)
{
	struct model *m = world_active();
	struct moat_regs regs;

	ok(m, moat_table_create(vm_id(0), ipa_of(NONE), 3, pa_of(FREE_PAGE)));
	ok(m, moat_page_donate(vm_id(0), ipa_of(NONE), pa_of(FREE_BLOCK), 511));
	ok(m, moat_page_donate(vm_id(0), ipa_of(NONE + 511 * 0x1000),
		      pa_of(FREE_BLOCK + BLOCK_SIZE), 1));
	regs = call(m, moat_table_fold(vm_id(0), ipa_of(NONE), 3));
	cr_assert_eq(regs.x[0], refused(MOAT_NOT_UNIFORM, 2));
	model_destroy(m);
}

Test(blocks, pages_in_two_states_do_not_fold_until_they_are_in_one)
{
	struct model *m = world_foldable();
	const uint64_t one[5] = {
		MOAT_FUNCTION(MOAT_GUEST_SHARE), NONE + 0x7000, 1};
	const uint64_t rest[5] = {MOAT_FUNCTION(MOAT_GUEST_SHARE), NONE, 7};
	const uint64_t more[5] = {
		MOAT_FUNCTION(MOAT_GUEST_SHARE), NONE + 0x8000, 504};
	struct moat_regs regs;

	run_on_1(m, moat_vcpu_run(vm_id(0), vcpu_id(0)));
	guest_call(m, one, MOAT_HOST_RETURN);
	regs = call(m, moat_table_fold(vm_id(0), ipa_of(NONE), 3));
	cr_assert_eq(regs.x[0], refused(MOAT_NOT_UNIFORM, 2));
	run_on_1(m, moat_vcpu_run(vm_id(0), vcpu_id(0)));
	guest_call(m, rest, MOAT_HOST_RETURN);
	run_on_1(m, moat_vcpu_run(vm_id(0), vcpu_id(0)));
	guest_call(m, more, MOAT_HOST_RETURN);
	ok(m, moat_table_fold(vm_id(0), ipa_of(NONE), 3));
	model_destroy(m);
}

Test(blocks, pages_with_two_permissions_do_not_fold)
{
	struct model *m = world_active();
	struct moat_ipa ipa = ipa_of(HALF);
	struct moat_regs regs;

	ok(m, moat_table_create(vm_id(0), ipa, 3, pa_of(FREE_PAGE)));
	ok(m, moat_page_lend(vm_id(0), ipa, pa_of(FREE_BLOCK), 1, 1));
	ok(m, moat_page_lend(vm_id(0), ipa_of(HALF + 0x1000),
		      pa_of(FREE_BLOCK + 0x1000), 511, 3));
	regs = call(m, moat_table_fold(vm_id(0), ipa, 3));
	cr_assert_eq(regs.x[0], refused(MOAT_NOT_UNIFORM, 2));
	ok(m, moat_page_recall(vm_id(0), ipa, 1));
	regs = call(m, moat_table_fold(vm_id(0), ipa, 3));
	cr_assert_eq(regs.x[0], refused(MOAT_NOT_UNIFORM, 2));
	ok(m, moat_page_lend(vm_id(0), ipa, pa_of(FREE_BLOCK), 1, 3));
	ok(m, moat_table_fold(vm_id(0), ipa, 3));
	model_destroy(m);
}

Test(blocks, a_guest_moves_a_block_whole_or_not_at_all)
{
	struct model *m = world_blocks(world_active());
	const uint64_t part[5] = {MOAT_FUNCTION(MOAT_GUEST_SHARE), OWN, 511};
	const uint64_t whole[5] = {MOAT_FUNCTION(MOAT_GUEST_SHARE), OWN, 512};
	const uint64_t again[5] = {MOAT_FUNCTION(MOAT_GUEST_SHARE), OWN, 600};
	const uint64_t back[5] = {
		MOAT_FUNCTION(MOAT_GUEST_RELINQUISH), OWN, 600};
	struct moat_regs regs;
	const uint64_t shared[6] = {0, MOAT_PAGE_SHARED, 0, OWN + 0x1000, 2};

	run_on_1(m, moat_vcpu_run(vm_id(0), vcpu_id(0)));
	guest_call(m, part, MOAT_GUEST_RESUME);
	cr_assert_eq(
		model_guest_registers(m, 1)[0], refused(MOAT_NEEDS_SPLIT, 1));
	regs = guest_call(m, whole, MOAT_HOST_RETURN);
	cr_assert_eq(regs.x[3], 512);
	expect_page(m, OWN_PA + 0x1000, shared);
	run_on_1(m, moat_vcpu_run(vm_id(0), vcpu_id(0)));
	guest_call(m, again, MOAT_GUEST_RESUME);
	cr_assert_eq(model_guest_registers(m, 1)[0], refused(MOAT_BAD_PAGE, 1));
	regs = guest_call(m, back, MOAT_HOST_RETURN);
	cr_assert_eq(regs.x[3], 512);
	cr_assert_eq(model_mapping_count(m, 0), 8 + 512);
	model_destroy(m);
}
