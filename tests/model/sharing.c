/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sharing both ways: pages that the host lends a VM, and pages that a VM lets
 * the host use or gives back. VM 0 has, besides its eight pages, an empty leaf
 * table at the beginning of its shared half.
 */
#include "world.h"

#include <criterion/criterion.h>
#include <string.h>

#define TOP (~(uint64_t)0)

enum {
	SHARED_LEAF = FREE_PAGE + 0x10000, /* the table at HALF */
	SHARE = MOAT_GUEST_SHARE,
	UNSHARE = MOAT_GUEST_UNSHARE,
	RELINQUISH = MOAT_GUEST_RELINQUISH
};

static struct moat_regs ok(struct model *m, struct moat_regs regs)
{
	regs = call(m, regs);
	cr_assert_eq(regs.x[0], MOAT_OK, "%lx", (unsigned long)regs.x[0]);
	return regs;
}

static struct model *world_shared(void)
{
	struct model *m = world_active();

	ok(m, moat_table_create(vm_id(0), ipa_of(HALF), 3, pa_of(SHARED_LEAF)));
	return m;
}

static void run(struct model *m)
{
	run_on_1(m, moat_vcpu_run(vm_id(0), vcpu_id(0)));
}

static struct moat_regs lend(uint64_t ipa, uint64_t count, uint64_t permission)
{
	return moat_page_lend(
		vm_id(0), ipa_of(ipa), pa_of(FREE_PAGE), count, permission);
}

/* ---- page_lend and page_recall ----------------------------------------- */

Test(sharing, page_lend_refuses_in_the_order_of_the_manual)
{
	const struct row rows[] = {
		{{0x44, 9, 1, 1, 0, 0}, MOAT_BAD_ARG, 2},
		{{0x44, 9, 0, 1, 0, 0}, MOAT_BAD_ARG, 3},
		{{0x44, 9, 0, 0, 0, 0}, MOAT_BAD_ARG, 4},
		{{0x44, 9, 0, 0, 1, 0}, MOAT_BAD_ARG, 5},
		{{0x44, 9, 0, 0, 1, 2}, MOAT_BAD_ARG, 5},
		{{0x44, 9, 0, 0, 1, 6}, MOAT_BAD_ARG, 5},
		{{0x44, 9, 0, 0, 1, 8}, MOAT_BAD_ARG, 5},
		{{0x44, 9, 0, 0, 1, 9}, MOAT_BAD_ARG, 5},
		{{0x44, 9, 0, 0, 1, TOP}, MOAT_BAD_ARG, 5},
		{{0x44, 9, 0, 0, 1, 7}, MOAT_BAD_VM, 1},
		{{0x44, 1, 0, 0, 1, 5}, MOAT_BAD_STATE, 0},
		{{0x44, 0, 0, 0, 1, 3}, MOAT_BAD_IPA, 2},
		{{0x44, 0, HALF - 0x1000, 0, 2, 3}, MOAT_BAD_IPA, 2},
		{{0x44, 0, 0x100000000, 0, 1, 3}, MOAT_BAD_IPA, 2},
		{{0x44, 0, 0xfffff000, 0, 2, 3}, MOAT_BAD_IPA, 4},
		{{0x44, 0, HALF, 0, TOP, 3}, MOAT_BAD_IPA, 4},
		{{0x44, 0, 0xfffff000, 0, 1, 3}, MOAT_NO_TABLE, 2},
		{{0x44, 0, HALF, FREE_PAGE, 1, 1}, MOAT_OK, 0},
		{{0x44, 0, HALF, 0, 1, 1}, MOAT_OCCUPIED, 2},
		{{0x44, 0, HALF + 0x1000, DEVICE, 1, 1}, MOAT_BAD_PAGE, 3},
		{{0x44, 0, HALF + 0x1000, DATA, 1, 1}, MOAT_BAD_PAGE, 3},
		/* A page is lent once. */
		{{0x44, 0, HALF + 0x1000, FREE_PAGE, 1, 1}, MOAT_BAD_PAGE, 3},
		{{0x41, 0, 0, FREE_PAGE, 1}, MOAT_BAD_PAGE, 3},
		{{0x30, 0, 0x200000, 3, FREE_PAGE}, MOAT_BAD_PAGE, 4},
		{{0x10, 1, FREE_PAGE, 32, 1}, MOAT_BAD_PAGE, 2},
		{{0x12, 0}, MOAT_OK, 0},
		{{0x44, 0, HALF + 0x1000, DATA, 1, 1}, MOAT_BAD_STATE, 0},
	};
	EXPECT_ROWS(world_shared(), rows);
}

Test(sharing, page_recall_refuses_in_the_order_of_the_manual)
{
	const struct row rows[] = {
		{{0x44, 0, HALF, FREE_PAGE, 2, 3}, MOAT_OK, 0},
		{{0x45, 9, 1, 0}, MOAT_BAD_ARG, 2},
		{{0x45, 9, 0, 0}, MOAT_BAD_ARG, 3},
		{{0x45, 9, 0, 1}, MOAT_BAD_VM, 1},
		{{0x45, 1, 0, 1}, MOAT_BAD_STATE, 0},
		{{0x45, 0, DATA_IPA, 1}, MOAT_BAD_IPA, 2},
		{{0x45, 0, 0x100000000, 1}, MOAT_BAD_IPA, 2},
		{{0x45, 0, HALF, 0x80001}, MOAT_BAD_IPA, 3},
		{{0x45, 0, 0xc0000000, 1}, MOAT_NO_TABLE, 2},
		{{0x45, 0, HALF + 0x2000, 1}, MOAT_NOT_MAPPED, 2},
		{{0x31, 0, HALF, 3}, MOAT_NOT_EMPTY, 2},
		{{0x45, 0, HALF, 1}, MOAT_OK, 0},
		{{0x45, 0, HALF, 1}, MOAT_NOT_MAPPED, 2},
		/* A dying VM holds what it was lent until that is recalled. */
		{{0x12, 0}, MOAT_OK, 0},
		{{0x42, 0, HALF, 1}, MOAT_BAD_IPA, 2},
		{{0x45, 0, HALF + 0x1000, 0x7ffff}, MOAT_OK, 0},
		{{0x45, 0, HALF, 1}, MOAT_NOT_MAPPED, 2},
	};
	EXPECT_ROWS(world_shared(), rows);
}

Test(sharing, a_building_vm_may_be_lent_pages_too)
{
	struct model *m = world_building();

	ok(m, moat_table_create(vm_id(0), ipa_of(HALF), 3, pa_of(SHARED_LEAF)));
	ok(m, lend(HALF, 1, MOAT_READ));
	ok(m, moat_page_recall(vm_id(0), ipa_of(HALF), 1));
	model_destroy(m);
}

Test(sharing, a_lent_page_is_the_hosts_and_what_the_vm_may_do_with_it)
{
	struct model *m = world_shared();
	const uint64_t expected[6] = {0, MOAT_PAGE_LENT, 0, HALF, 3, 3};
	struct moat_regs regs;
	struct moat_pa pa;
	uint64_t value = 0;

	model_host_write(m, 0, pa_of(FREE_PAGE), 11);
	regs = ok(m, lend(HALF, 1, MOAT_READ | MOAT_WRITE));
	cr_assert_eq(regs.x[1], 1);
	regs = call(m, moat_page_info(pa_of(FREE_PAGE)));
	cr_assert_arr_eq(regs.x, expected, sizeof(expected));
	run(m);
	cr_assert_eq(model_guest_read(m, 1, ipa_of(HALF), &value),
		MODEL_ACCESS_DONE);
	cr_assert_eq(value, 11);
	cr_assert_eq(
		model_guest_write(m, 1, ipa_of(HALF), 12), MODEL_ACCESS_DONE);
	cr_assert_eq(model_host_read(m, 0, pa_of(FREE_PAGE), &value),
		MODEL_ACCESS_DONE);
	cr_assert_eq(value, 12);
	/* Contents stay as the VM left them. */
	ok(m, moat_page_recall(vm_id(0), ipa_of(HALF), 1));
	cr_assert_eq(model_host_read(m, 0, pa_of(FREE_PAGE), &value),
		MODEL_ACCESS_DONE);
	cr_assert_eq(value, 12);
	cr_assert_eq(model_guest_read(m, 1, ipa_of(HALF), &value),
		MODEL_ACCESS_FAULT);
	cr_assert_not(model_translate(m, 0, ipa_of(HALF), &pa));
	model_destroy(m);
}

Test(sharing, a_permission_permits_what_it_lists)
{
	const struct {
		uint64_t permission;
		bool write;
		bool fetch;
	} rows[] = {{1, false, false}, {3, true, false}, {5, false, true},
		{7, true, true}};

	for (size_t i = 0; i < 4; i++) {
		struct model *m = world_shared();
		struct moat_ipa ipa = ipa_of(HALF + 8);

		ok(m, lend(HALF, 1, rows[i].permission));
		run(m);
		cr_assert(model_guest_permits(m, 1, ipa, MOAT_ACCESS_READ));
		cr_assert_eq(model_guest_permits(m, 1, ipa, MOAT_ACCESS_WRITE),
			rows[i].write);
		cr_assert_eq(model_guest_permits(m, 1, ipa, MOAT_ACCESS_FETCH),
			rows[i].fetch);
		cr_assert_not(model_guest_permits(m, 1, ipa, MOAT_ACCESS_END));
		cr_assert_not(
			model_guest_permits(m, 1, ipa, (enum moat_access)0));
		cr_assert_eq(model_guest_write(m, 1, ipa, 1),
			rows[i].write ? MODEL_ACCESS_DONE : MODEL_ACCESS_FAULT);
		model_destroy(m);
	}
}

Test(sharing, page_lend_and_page_recall_stop_before_what_they_would_refuse)
{
	struct model *m = world_shared();
	struct moat_regs regs;

	regs = ok(m, moat_page_lend(vm_id(0), ipa_of(HALF + 0x1000),
			     pa_of(ROOT - 0x2000), 9, 1));
	cr_assert_eq(regs.x[1], 2);
	regs = ok(m, moat_page_recall(vm_id(0), ipa_of(HALF + 0x1000), 9));
	cr_assert_eq(regs.x[1], 2);
	model_destroy(m);
}

/* ---- share, unshare, relinquish ---------------------------------------- */

/* The guest of VM 0 makes this call of x1, x2, and this is its x0. */
static uint64_t guest_x0(
	struct model *m, uint64_t number, uint64_t x1, uint64_t x2)
{
	const uint64_t x[5] = {MOAT_FUNCTION(number), x1, x2, 3, 4};
	const uint64_t zeroes[4] = {0};
	struct model *before = model_copy(m);
	uint64_t *guest = model_guest_registers(m, 1);

	guest_call(m, x, MOAT_GUEST_RESUME);
	cr_assert_arr_eq(guest + 1, zeroes, sizeof(zeroes));
	/* But for its x0..x4 nothing has changed. */
	memcpy(model_guest_registers(before, 1), guest, 5 * sizeof(*guest));
	cr_assert(model_is_equal(m, before));
	model_destroy(before);
	return guest[0];
}

/* The same of one that is accepted: how many pages; then the vCPU runs on. */
static uint64_t guest_done(
	struct model *m, uint64_t number, uint64_t x1, uint64_t x2)
{
	const uint64_t reasons[] = {[SHARE] = MOAT_EXIT_SHARE,
		[UNSHARE] = MOAT_EXIT_UNSHARE,
		[RELINQUISH] = MOAT_EXIT_RELINQUISH};
	const uint64_t x[5] = {MOAT_FUNCTION(number), x1, x2, 3, 4};
	struct moat_regs regs = guest_call(m, x, MOAT_HOST_RETURN);
	const uint64_t exit[15] = {0, reasons[number], x1, regs.x[3]};
	const uint64_t guest[5] = {0, regs.x[3], 0, 0, 0};

	cr_assert_arr_eq(regs.x, exit, sizeof(exit));
	cr_assert_eq(regs.x[15], TOP);
	run(m);
	cr_assert_arr_eq(model_guest_registers(m, 1), guest, sizeof(guest));
	return exit[3];
}

Test(sharing, calls_of_a_guest_refuse_in_the_order_of_the_manual)
{
	const uint64_t numbers[] = {SHARE, UNSHARE, RELINQUISH};
	const struct {
		uint64_t ipa;
		uint64_t count;
		enum moat_status status;
		uint64_t operand;
	} rows[] = {
		{HALF + 1, 0, MOAT_BAD_ARG, 1},
		{HALF, 0, MOAT_BAD_ARG, 2},
		{HALF, 1, MOAT_BAD_IPA, 1},
		{TOP - 0xfff, 1, MOAT_BAD_IPA, 1},
		{HALF - 0x1000, 2, MOAT_BAD_IPA, 2},
		{DATA_IPA, TOP, MOAT_BAD_IPA, 2},
		{HALF - 0x1000, 1, MOAT_NO_TABLE, 1},
		{0, 1, MOAT_NOT_MAPPED, 1},
	};
	struct model *m = world_shared();

	ok(m, lend(HALF, 1, 7));
	run(m);
	for (size_t i = 0; i < 3 * sizeof(rows) / sizeof(rows[0]); i++) {
		size_t row = i / 3;

		cr_assert_eq(guest_x0(m, numbers[i % 3], rows[row].ipa,
				     rows[row].count),
			refused(rows[row].status, rows[row].operand), "row %zu",
			row);
	}
	model_destroy(m);
}

Test(sharing, a_page_is_shared_once_and_unshared_once)
{
	struct model *m = world_shared();

	run(m);
	cr_assert_eq(
		guest_x0(m, UNSHARE, DATA_IPA, 1), refused(MOAT_BAD_PAGE, 1));
	cr_assert_eq(guest_done(m, SHARE, DATA_IPA, 1), 1);
	cr_assert_eq(
		guest_x0(m, SHARE, DATA_IPA, 1), refused(MOAT_BAD_PAGE, 1));
	cr_assert_eq(guest_done(m, UNSHARE, DATA_IPA, 1), 1);
	cr_assert_eq(
		guest_x0(m, UNSHARE, DATA_IPA, 1), refused(MOAT_BAD_PAGE, 1));
	model_destroy(m);
}

Test(sharing, a_shared_page_is_the_vms_and_the_host_may_use_it)
{
	struct model *m = world_shared();
	const uint64_t expected[6] = {0, MOAT_PAGE_SHARED, 0, DATA_IPA, 3, 0};
	struct moat_regs regs;
	uint64_t value = 0;

	run(m);
	guest_done(m, SHARE, DATA_IPA, 1);
	regs = call(m, moat_page_info(pa_of(DATA)));
	cr_assert_arr_eq(regs.x, expected, sizeof(expected));
	cr_assert_eq(
		model_host_read(m, 0, pa_of(DATA), &value), MODEL_ACCESS_DONE);
	cr_assert_eq(value, 0x5ec2e7);
	model_host_write(m, 0, pa_of(DATA), 13);
	/* Not HOST: it can be given to nobody. */
	regs = call(m, moat_page_donate(vm_id(0), ipa_of(0), pa_of(DATA), 1));
	cr_assert_eq(regs.x[0], refused(MOAT_BAD_PAGE, 3));
	guest_done(m, UNSHARE, DATA_IPA, 1);
	cr_assert_eq(
		model_host_read(m, 0, pa_of(DATA), &value), MODEL_ACCESS_FAULT);
	cr_assert_eq(model_guest_read(m, 1, ipa_of(DATA_IPA), &value),
		MODEL_ACCESS_DONE);
	cr_assert_eq(value, 13);
	model_destroy(m);
}

Test(sharing, a_relinquished_page_is_scrubbed_and_maps_nothing)
{
	struct model *m = world_shared();
	uint64_t value = 1;

	run(m);
	model_guest_write(m, 1, ipa_of(DATA_IPA + 0x1008), 7);
	guest_done(m, SHARE, DATA_IPA + 0x1000, 1);
	/* Of eight pages, one is shared. */
	cr_assert_eq(guest_done(m, RELINQUISH, DATA_IPA, 100), 8);
	cr_assert_eq(
		model_host_read(m, 0, pa_of(DATA), &value), MODEL_ACCESS_DONE);
	cr_assert_eq(value, 0);
	cr_assert_eq(model_word_count(m), 0);
	cr_assert_eq(model_mapping_count(m, 0), 0);
	cr_assert_eq(guest_x0(m, RELINQUISH, DATA_IPA, 1),
		refused(MOAT_NOT_MAPPED, 1));
	model_destroy(m);
}

Test(sharing, a_range_ends_before_a_page_in_another_state)
{
	struct model *m = world_shared();

	run(m);
	cr_assert_eq(guest_done(m, SHARE, DATA_IPA + 0x3000, 2), 2);
	cr_assert_eq(guest_done(m, SHARE, DATA_IPA, 8), 3);
	cr_assert_eq(guest_done(m, UNSHARE, DATA_IPA + 0x1000, 512), 4);
	cr_assert_eq(guest_done(m, SHARE, DATA_IPA + 0x1000, 512), 7);
	model_destroy(m);
}

Test(sharing, a_range_of_a_guest_goes_on_into_a_third_region)
{
	struct model *m = world_shared();

	for (uint64_t i = 0; i < 3; i++) {
		ok(m, moat_page_donate(vm_id(0), ipa_of(0x100000 + i * 0x1000),
			      pa_of(FREE_BLOCK + i * 0x200000), 1));
	}
	run(m);
	cr_assert_eq(guest_done(m, SHARE, 0x100000, 9), 3);
	cr_assert_eq(guest_done(m, UNSHARE, 0x100000, 9), 3);
	cr_assert_eq(guest_done(m, RELINQUISH, 0x100000, 9), 3);
	model_destroy(m);
}

Test(sharing, page_reclaim_takes_shared_pages_too)
{
	struct model *m = world_shared();
	struct moat_regs regs;

	run(m);
	guest_done(m, SHARE, DATA_IPA + 0x2000, 1);
	trap_on_1(
		m, (struct moat_trap){.kind = MOAT_TRAP_IRQ}, MOAT_HOST_RETURN);
	ok(m, moat_vm_kill(vm_id(0)));
	regs = ok(m, moat_page_reclaim(vm_id(0), ipa_of(DATA_IPA), 512));
	cr_assert_eq(regs.x[1], 8);
	model_destroy(m);
}
