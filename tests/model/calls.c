/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calls of the host. Refusals are rows of a table in the order of the manual:
 * each row is wrong in its own way and in all the ways of the rows below it
 * that can be wrong at the same time.
 */
#include "world.h"

#include <criterion/criterion.h>

#define TOP (~(uint64_t)0)

Test(calls, unknown_functions_are_not_supported_and_clear_the_results)
{
	struct model *m = world_empty();
	struct moat_regs regs = {{MOAT_FUNCTION(0x46), 1, 2}};

	regs.x[10] = 10;
	regs.x[17] = 17;
	regs = call(m, regs);
	cr_assert_eq(regs.x[0], TOP);
	cr_assert_eq(regs.x[10], 10);
	cr_assert_eq(regs.x[17], 17);
	/* What a guest may call, the host may not. */
	regs.x[0] = MOAT_FUNCTION(MOAT_GUEST_VERSION);
	regs = call(m, regs);
	cr_assert_eq(regs.x[0], TOP);
	model_destroy(m);
}

Test(calls, the_upper_half_of_the_function_does_not_count)
{
	struct model *m = world_empty();
	struct moat_regs regs = moat_version();

	regs.x[0] |= 0xabcd00000000;
	regs = call(m, regs);
	cr_assert_eq(regs.x[0], MOAT_OK);
	cr_assert_eq(regs.x[1], 0x10000);
	model_destroy(m);
}

Test(calls, features_are_those_of_the_configuration)
{
	struct model *m = world_empty();
	struct moat_regs regs = call(m, moat_features());
	const uint64_t expected[10] = {
		0, 4096, 512, 32, 40, 3, 8, 2, 4096, 6 + 256 * 3};

	cr_assert_arr_eq(regs.x, expected, sizeof(expected));
	model_destroy(m);
}

Test(calls, vm_create_refuses_in_the_order_of_the_manual)
{
	const struct row rows[] = {
		{{0x10, 9, 1, 31, 0}, MOAT_BAD_ARG, 3},
		{{0x10, 9, 1, 41, 0}, MOAT_BAD_ARG, 3},
		{{0x10, 9, 1, 32, 0}, MOAT_BAD_ARG, 4},
		{{0x10, 9, 1, 32, 9}, MOAT_BAD_ARG, 4},
		{{0x10, 9, 0x40001000, 32, 8}, MOAT_BAD_ARG, 2},
		{{0x10, 3, 0x40000000, 32, 1}, MOAT_BAD_VM, 1},
		{{0x10, TOP, 0x40000000, 32, 1}, MOAT_BAD_VM, 1},
		{{0x10, 0, 0x40000000, 32, 1}, MOAT_BAD_STATE, 0},
		{{0x10, 1, 0x40000000, 32, 1}, MOAT_BAD_PAGE, 2},
		/* The last of four is not HOST; not RAM; at the very top. */
		{{0x41, 0, 0, FREE_PAGE + 0x3000, 1}, MOAT_OK, 0},
		{{0x10, 1, FREE_PAGE, 32, 1}, MOAT_BAD_PAGE, 2},
		{{0x10, 1, RAM_END, 32, 1}, MOAT_BAD_PAGE, 2},
		{{0x10, 1, TOP - 0x3fff, 32, 1}, MOAT_BAD_PAGE, 2},
		/* What follows the root is no part of it. */
		{{0x10, 1, ROOT - 0x4000, 32, 1}, MOAT_OK, 0},
	};
	EXPECT_ROWS(world_building(), rows);
}

Test(calls, the_root_is_as_the_manual_draws_it)
{
	const struct {
		uint64_t ipa_bits;
		uint32_t level;
		size_t pages;
	} rows[] = {{32, 2, 4}, {33, 2, 8}, {34, 2, 16}, {35, 1, 1}, {39, 1, 1},
		{40, 1, 2}, {43, 1, 16}, {44, 0, 1}};
	struct moat_config config = world_config();

	config.ipa_bits = 44;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct model *m = model_create(&config);
		struct moat_regs regs =
			call(m, moat_vm_create(vm_id(2), pa_of(0x40300000),
					rows[i].ipa_bits, 8));
		struct model_table last;

		cr_assert_eq(regs.x[0], MOAT_OK);
		cr_assert_eq(model_table_count(m, 2), rows[i].pages);
		last = model_table_at(m, 2, rows[i].pages - 1);
		cr_assert_eq(last.level, rows[i].level);
		cr_assert_eq(
			last.pa.value, 0x40300000 + (rows[i].pages - 1) * 4096);
		model_destroy(m);
	}
}

Test(calls, vm_life_goes_round_and_refuses_what_is_out_of_turn)
{
	struct model *m = world_building();
	const struct row building[] = {{{0x11, 3}, MOAT_BAD_VM, 1},
		{{0x11, 1}, MOAT_BAD_STATE, 0}, {{0x12, 3}, MOAT_BAD_VM, 1},
		{{0x12, 1}, MOAT_BAD_STATE, 0}, {{0x13, 3}, MOAT_BAD_VM, 1},
		{{0x13, 0}, MOAT_BAD_STATE, 0}, {{0x14, 3}, MOAT_BAD_VM, 1},
		{{0x11, 0}, MOAT_OK, 0}, {{0x11, 0}, MOAT_BAD_STATE, 0},
		{{0x12, 0}, MOAT_OK, 0}, {{0x12, 0}, MOAT_BAD_STATE, 0},
		{{0x13, 0}, MOAT_NOT_EMPTY, 0},
		{{0x42, 0, DATA_IPA, 8}, MOAT_OK, 0},
		{{0x13, 0}, MOAT_NOT_EMPTY, 0}, {{0x31, 0, 0, 3}, MOAT_OK, 0},
		{{0x13, 0}, MOAT_NOT_EMPTY, 0}, {{0x21, 0, 0}, MOAT_OK, 0},
		{{0x13, 0}, MOAT_OK, 0}, {{0x13, 0}, MOAT_BAD_STATE, 0}};

	EXPECT_ROWS(m, building);
}

Test(calls, a_freed_vm_leaves_nothing_behind)
{
	struct model *m = world_active();
	struct model *fresh = world_empty();

	call(m, moat_vm_kill(vm_id(0)));
	call(m, moat_page_reclaim(vm_id(0), ipa_of(DATA_IPA), 8));
	call(m, moat_table_destroy(vm_id(0), ipa_of(0), 3));
	call(m, moat_vcpu_destroy(vm_id(0), vcpu_id(0)));
	call(m, moat_vm_free(vm_id(0)));
	cr_assert(model_is_equal(m, fresh));
	model_destroy(m);
	model_destroy(fresh);
}

Test(calls, vm_kill_is_busy_while_a_vcpu_runs)
{
	struct model *m = world_running();
	struct moat_regs regs = call(m, moat_vm_kill(vm_id(0)));

	cr_assert_eq(regs.x[0], refused(MOAT_BUSY, 0));
	model_destroy(m);
}

Test(calls, vm_kill_asks_about_its_own_vcpus)
{
	struct model *m = world_running();
	struct moat_regs regs;

	call(m, moat_vm_create(vm_id(1), pa_of(0x40400000), 32, 1));
	regs = call(m, moat_page_info(pa_of(0x40401000)));
	cr_assert_eq(regs.x[2], 1);
	regs = call(m, moat_vm_kill(vm_id(1)));
	cr_assert_eq(regs.x[0], MOAT_OK);
	model_destroy(m);
}

Test(calls, vm_info_tells_life_root_and_vcpus)
{
	struct model *m = world_running();
	const uint64_t running[10] = {0, MOAT_VM_ACTIVE, 32, 2, ROOT, 1, 1};
	const uint64_t empty[10] = {0};
	struct moat_regs regs = call(m, moat_vm_info(vm_id(0)));

	cr_assert_arr_eq(regs.x, running, sizeof(running));
	regs = call(m, moat_vm_info(vm_id(1)));
	cr_assert_arr_eq(regs.x, empty, sizeof(empty));
	model_destroy(m);
}

Test(calls, vcpu_create_refuses_in_the_order_of_the_manual)
{
	const struct row rows[] = {
		{{0x20, 9, 9, 1, 1}, MOAT_BAD_ARG, 3},
		{{0x20, 9, 9, 0, 2, 0, 2}, MOAT_BAD_ARG, 4},
		{{0x20, 9, 9, 0, 4, 0, 2}, MOAT_BAD_ARG, 6},
		{{0x20, 9, 9, 0, 4, 0, TOP}, MOAT_BAD_ARG, 6},
		{{0x20, 9, 9, 0, 4}, MOAT_BAD_VM, 1},
		{{0x20, 1, 9, 0, 4}, MOAT_BAD_STATE, 0},
		{{0x20, 0, 2, 0, 4}, MOAT_BAD_VCPU, 2},
		{{0x20, 0, TOP, 0, 4}, MOAT_BAD_VCPU, 2},
		{{0x20, 0, 0, 0, 4}, MOAT_OCCUPIED, 2},
		{{0x20, 0, 1, 0, 4}, MOAT_BAD_PAGE, 3},
		{{0x20, 0, 1, CONTEXT, 4}, MOAT_BAD_PAGE, 3},
		{{0x20, 0, 1, FREE_PAGE, 4, 0, 1}, MOAT_OK, 0},
		{{0x21, 9, 0}, MOAT_BAD_VM, 1},
		{{0x21, 1, 9}, MOAT_BAD_STATE, 0},
		{{0x21, 0, 2}, MOAT_BAD_VCPU, 2},
		{{0x21, 0, 1}, MOAT_OK, 0},
		{{0x21, 0, 1}, MOAT_BAD_VCPU, 2},
	};
	EXPECT_ROWS(world_building(), rows);
}

Test(calls, vcpu_run_refuses_in_the_order_of_the_manual)
{
	const struct row rows[] = {
		{{0x22, 9, 9, 4}, MOAT_BAD_ARG, 3},
		{{0x22, 9, 9, TOP}, MOAT_BAD_ARG, 3},
		{{0x22, 9, 9, 0}, MOAT_BAD_VM, 1},
		{{0x22, 1, 9, 0}, MOAT_BAD_STATE, 0},
		{{0x22, 0, 9, 0}, MOAT_BAD_VCPU, 2},
		{{0x22, 0, 1, 0}, MOAT_BAD_VCPU, 2},
		{{0x22, 0, 0, 0}, MOAT_BUSY, 0},
		{{0x21, 0, 0}, MOAT_BAD_STATE, 0},
	};
	EXPECT_ROWS(world_running(), rows);
}

Test(calls, table_create_refuses_in_the_order_of_the_manual)
{
	const struct row rows[] = {
		{{0x30, 9, 1, 0, 1}, MOAT_BAD_ARG, 3},
		{{0x30, 9, 1, 4, 1}, MOAT_BAD_ARG, 3},
		{{0x30, 9, 0x1000, 3, 1}, MOAT_BAD_ARG, 2},
		{{0x30, 9, 0x200000, 2, 1}, MOAT_BAD_ARG, 2},
		{{0x30, 9, 0x40000000, 1, 1}, MOAT_BAD_ARG, 2},
		{{0x30, 9, 0x200000, 3, 1}, MOAT_BAD_ARG, 4},
		{{0x30, 9, 0x200000, 3, 0}, MOAT_BAD_VM, 1},
		{{0x30, 1, 0x200000, 3, 0}, MOAT_BAD_STATE, 0},
		{{0x30, 0, 0x8000000000, 1, 0}, MOAT_BAD_IPA, 2},
		{{0x30, 0, 0x100000000, 3, 0}, MOAT_BAD_IPA, 2},
		{{0x30, 0, 0x40000000, 2, 0}, MOAT_BAD_IPA, 3},
		{{0x30, 0, 0, 3, 0}, MOAT_OCCUPIED, 2},
		{{0x30, 0, 0x200000, 3, 0}, MOAT_BAD_PAGE, 4},
		{{0x30, 0, 0x200000, 3, LEAF}, MOAT_BAD_PAGE, 4},
		/* The last table of the IPA space is in the shared half. */
		{{0x30, 0, 0xffe00000, 3, FREE_PAGE}, MOAT_OK, 0},
	};
	EXPECT_ROWS(world_active(), rows);
}

Test(calls, table_destroy_refuses_in_the_order_of_the_manual)
{
	const struct row rows[] = {
		{{0x31, 9, 1, 0}, MOAT_BAD_ARG, 3},
		{{0x31, 9, 1, 3}, MOAT_BAD_ARG, 2},
		{{0x31, 9, 0, 3}, MOAT_BAD_VM, 1},
		{{0x31, 1, 0, 3}, MOAT_BAD_STATE, 0},
		{{0x31, 0, 0x100000000, 3}, MOAT_BAD_IPA, 2},
		{{0x31, 0, 0, 2}, MOAT_BAD_IPA, 3},
		{{0x31, 0, 0x200000, 3}, MOAT_NO_TABLE, 2},
		{{0x31, 0, 0, 3}, MOAT_NOT_EMPTY, 2},
	};
	EXPECT_ROWS(world_active(), rows);
}

Test(calls, table_destroy_says_which_page_returns)
{
	struct model *m = world_active();
	struct moat_regs regs;

	call(m, moat_table_create(
			vm_id(0), ipa_of(0x200000), 3, pa_of(FREE_PAGE)));
	regs = call(m, moat_table_destroy(vm_id(0), ipa_of(0x200000), 3));
	cr_assert_eq(regs.x[0], MOAT_OK);
	cr_assert_eq(regs.x[1], FREE_PAGE);
	model_destroy(m);
}

Test(calls, a_space_of_44_bits_has_tables_of_level_1)
{
	struct moat_config config = world_config();
	const struct row rows[] = {
		{{0x10, 1, 0x40400000, 44, 1}, MOAT_OK, 0},
		{{0x30, 1, 0x8000000000, 1, 0x40401000}, MOAT_OK, 0},
		{{0x30, 1, 0x8000000000, 2, 0x40402000}, MOAT_OK, 0},
		{{0x31, 1, 0x8000000000, 1}, MOAT_NOT_EMPTY, 2},
		{{0x31, 1, 0x8000000000, 2}, MOAT_OK, 0},
		{{0x31, 1, 0x8000000000, 1}, MOAT_OK, 0},
		{{0x31, 1, 0x8000000000, 1}, MOAT_NO_TABLE, 2},
	};

	config.ipa_bits = 44;
	EXPECT_ROWS(model_create(&config), rows);
}

Test(calls, a_table_is_empty_whatever_its_neighbours_hold)
{
	const struct row rows[] = {
		{{0x10, 1, 0x40400000, 40, 1}, MOAT_OK, 0},
		{{0x30, 1, 0x00000000, 2, 0x40402000}, MOAT_OK, 0},
		{{0x30, 1, 0x40000000, 2, 0x40403000}, MOAT_OK, 0},
		{{0x30, 1, 0x80000000, 2, 0x40404000}, MOAT_OK, 0},
		{{0x30, 1, 0x3fe00000, 3, 0x40405000}, MOAT_OK, 0},
		{{0x30, 1, 0x80000000, 3, 0x40406000}, MOAT_OK, 0},
		{{0x31, 1, 0x40000000, 2}, MOAT_OK, 0},
		{{0x31, 1, 0x00000000, 2}, MOAT_NOT_EMPTY, 2},
		{{0x31, 1, 0x80000000, 2}, MOAT_NOT_EMPTY, 2},
	};
	EXPECT_ROWS(world_empty(), rows);
}

Test(calls, a_table_needs_its_parent_and_outlives_its_children)
{
	const struct row rows[] = {
		{{0x10, 1, 0x40400000, 40, 1}, MOAT_OK, 0},
		{{0x30, 1, 0x40200000, 3, 0x40402000}, MOAT_NO_TABLE, 2},
		{{0x30, 1, 0x40000000, 2, 0x40402000}, MOAT_OK, 0},
		{{0x30, 1, 0x40200000, 3, 0x40403000}, MOAT_OK, 0},
		{{0x31, 1, 0x40000000, 2}, MOAT_NOT_EMPTY, 2},
		{{0x41, 1, 0x40200000, FREE_PAGE, 1}, MOAT_OK, 0},
		{{0x31, 1, 0x40200000, 3}, MOAT_NOT_EMPTY, 2},
		{{0x12, 1}, MOAT_OK, 0},
		{{0x42, 1, 0x40200000, 1}, MOAT_OK, 0},
		{{0x31, 1, 0x40200000, 3}, MOAT_OK, 0},
		{{0x31, 1, 0x40000000, 2}, MOAT_OK, 0},
		{{0x13, 1}, MOAT_OK, 0},
	};
	EXPECT_ROWS(world_active(), rows);
}

Test(calls, page_donate_refuses_in_the_order_of_the_manual)
{
	const struct row rows[] = {
		{{0x41, 9, 1, 1, 0}, MOAT_BAD_ARG, 2},
		{{0x41, 9, 0, 1, 0}, MOAT_BAD_ARG, 3},
		{{0x41, 9, 0, 0, 0}, MOAT_BAD_ARG, 4},
		{{0x41, 9, 0, 0, 1}, MOAT_BAD_VM, 1},
		{{0x41, 1, 0, 0, 1}, MOAT_BAD_STATE, 0},
		{{0x41, 0, 0x80000000, 0, 1}, MOAT_BAD_IPA, 2},
		{{0x41, 0, TOP - 0xfff, 0, TOP}, MOAT_BAD_IPA, 2},
		{{0x41, 0, 0x7ffff000, 0, 2}, MOAT_BAD_IPA, 4},
		{{0x41, 0, 0x1000, 0, TOP}, MOAT_BAD_IPA, 4},
		{{0x41, 0, 0x7ffff000, 0, 1}, MOAT_NO_TABLE, 2},
		{{0x41, 0, DATA_IPA, 0, 1}, MOAT_OCCUPIED, 2},
		{{0x41, 0, 0, 0, 1}, MOAT_BAD_PAGE, 3},
		{{0x41, 0, 0, ENGINE_PAGE, 1}, MOAT_BAD_PAGE, 3},
		{{0x41, 0, 0, RAM_END, 1}, MOAT_BAD_PAGE, 3},
		{{0x41, 0, 0, TOP - 0xfff, 2}, MOAT_BAD_PAGE, 3},
		{{0x41, 0, 0, DATA, 1}, MOAT_BAD_PAGE, 3},
		{{0x40, 0, 0, FREE_PAGE, 1}, MOAT_BAD_STATE, 0},
		{{0x41, 0, 0, FREE_PAGE, 1}, MOAT_OK, 0},
	};
	EXPECT_ROWS(world_active(), rows);
}

Test(calls, page_reclaim_refuses_in_the_order_of_the_manual)
{
	const struct row rows[] = {
		{{0x12, 0}, MOAT_OK, 0},
		{{0x42, 9, 1, 0}, MOAT_BAD_ARG, 2},
		{{0x42, 9, 0, 0}, MOAT_BAD_ARG, 3},
		{{0x42, 9, 0, 1}, MOAT_BAD_VM, 1},
		{{0x42, 1, 0, 1}, MOAT_BAD_STATE, 0},
		{{0x42, 0, 0x80000000, 1}, MOAT_BAD_IPA, 2},
		{{0x42, 0, 0x1000, TOP}, MOAT_BAD_IPA, 3},
		{{0x42, 0, 0x200000, 1}, MOAT_NO_TABLE, 2},
		{{0x42, 0, 0, 1}, MOAT_NOT_MAPPED, 2},
		{{0x41, 0, 0, FREE_PAGE, 1}, MOAT_BAD_STATE, 0},
	};
	EXPECT_ROWS(world_active(), rows);
}

/* How many pages a call says it did. */
static uint64_t done(struct model *m, struct moat_regs regs)
{
	regs = call(m, regs);
	cr_assert_eq(regs.x[0], MOAT_OK);
	return regs.x[1];
}

static uint64_t donate(
	struct model *m, uint64_t ipa, uint64_t pa, uint64_t count)
{
	return done(
		m, moat_page_donate(vm_id(0), ipa_of(ipa), pa_of(pa), count));
}

Test(calls, page_donate_stops_before_what_it_would_refuse)
{
	struct model *m = world_active();

	/* Eight pages are mapped at IPA 0x10000. */
	cr_assert_eq(donate(m, 0xe000, FREE_PAGE, 100), 2);
	/* RAM ends after three pages. */
	cr_assert_eq(donate(m, 0x100000, RAM_END - 0x3000, 100), 3);
	/* The root of VM 0 follows two HOST pages. */
	cr_assert_eq(donate(m, 0x110000, ROOT - 0x2000, 100), 2);
	/* The leaf table ends after one page. */
	cr_assert_eq(donate(m, 0x1ff000, 0x40400000, 100), 1);
	cr_assert_eq(model_mapping_count(m, 0), 8 + 2 + 3 + 2 + 1);
	model_destroy(m);
}

Test(calls, page_reclaim_stops_at_a_hole_and_at_the_end_of_the_table)
{
	struct model *m = world_active();

	call(m, moat_table_create(
			vm_id(0), ipa_of(0x200000), 3, pa_of(0x40400000)));
	cr_assert_eq(donate(m, 0x1fe000, FREE_PAGE, 2), 2);
	cr_assert_eq(donate(m, 0x200000, FREE_PAGE + 0x2000, 2), 2);
	call(m, moat_vm_kill(vm_id(0)));
	cr_assert_eq(
		done(m, moat_page_reclaim(vm_id(0), ipa_of(0x1fe000), 4)), 2);
	cr_assert_eq(
		done(m, moat_page_reclaim(vm_id(0), ipa_of(0x14000), 512)), 4);
	model_destroy(m);
}

Test(calls, page_reclaim_goes_on_into_a_third_region)
{
	struct model *m = world_active();

	/* Regions A, B, A, B, C, by turns. */
	donate(m, 0x100000, 0x40400000, 1);
	donate(m, 0x101000, 0x40600000, 1);
	donate(m, 0x102000, 0x40401000, 1);
	donate(m, 0x103000, 0x40601000, 1);
	donate(m, 0x104000, 0x40800000, 1);
	call(m, moat_vm_kill(vm_id(0)));
	cr_assert_eq(
		done(m, moat_page_reclaim(vm_id(0), ipa_of(0x100000), 9)), 5);
	model_destroy(m);
}

Test(calls, page_info_tells_what_a_page_is)
{
	const struct {
		uint64_t pa;
		uint64_t x[6];
	} rows[] = {
		{FREE_PAGE, {0, MOAT_PAGE_HOST, 0, 0, 0}},
		{ENGINE_PAGE, {0, MOAT_PAGE_ENGINE, 0, 0, 0}},
		{DATA + 0x7000, {0, MOAT_PAGE_VM, 0, 0x17000, 3}},
		{LEAF, {0, MOAT_PAGE_TABLE, 0, 0, 3}},
		{ROOT + 0x3000, {0, MOAT_PAGE_TABLE, 0, 0xc0000000, 2}},
		{CONTEXT, {0, MOAT_PAGE_VCPU, 0, 0, 0}},
		{FREE_PAGE + 8, {refused(MOAT_BAD_ARG, 1)}},
		{DEVICE, {refused(MOAT_BAD_PAGE, 1)}},
		{WINDOW, {refused(MOAT_BAD_PAGE, 1)}},
		{RAM_END, {refused(MOAT_BAD_PAGE, 1)}},
	};
	struct model *m = world_building();

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct moat_regs regs =
			call(m, moat_page_info(pa_of(rows[i].pa)));

		cr_assert_arr_eq(regs.x, rows[i].x, sizeof(rows[i].x));
	}
	model_destroy(m);
}

Test(calls, page_info_of_a_context_names_its_vcpu)
{
	struct model *m = world_building();
	const uint64_t expected[5] = {0, MOAT_PAGE_VCPU, 0, 1, 0};
	struct moat_regs regs;

	call(m, moat_vcpu_create(
			vm_id(0), vcpu_id(1), pa_of(FREE_PAGE), ENTRY, 0));
	regs = call(m, moat_page_info(pa_of(FREE_PAGE)));
	cr_assert_arr_eq(regs.x, expected, sizeof(expected));
	model_destroy(m);
}
