/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The measurement, against digests that another program computed (Python's
 * hashlib), as the manual of vm_seal and moat_port_measure defines them.
 */
#include "world.h"

#include <criterion/criterion.h>

typedef uint64_t digest[4];

static const digest created = {0x13c49882fd08ecdc, 0xe10400061f8ffaef,
	0xdcad01fce6c83640, 0xa8ef4a52f3416bf4};
static const digest with_page = {0xb8b0f6a2b36c1423, 0xd0ce7945b436bc2d,
	0x9acd4a9d1a23374b, 0x4f7b8d12437b4623};
static const digest with_vcpu = {0x2e585106172f9acb, 0x58b838518fc7d75b,
	0x712507c1c298943d, 0x9b076eb716a6ceca};
static const digest with_two_pages = {0xad4a051df3b44c9d, 0x3bbc45fbcb865bca,
	0x301ad0469ca94674, 0x8c6308e7dab99bd0};
static const digest of_world = {0xdf4c340b9476a782, 0x4290aa14a202c1cb,
	0x49879979ea64612d, 0xe2100f06aed69c6e};

static void expect_digest(const struct model *m, const digest expected)
{
	struct model_vm_info info = model_vm_at(m, 0);

	cr_assert_arr_eq(info.measurement, expected, sizeof(digest));
}

/* VM 0 with a root and a leaf table. */
static struct model *world_created(void)
{
	struct model *m = world_empty();

	call(m, moat_vm_create(vm_id(0), pa_of(ROOT), 32, 2));
	call(m, moat_table_create(vm_id(0), ipa_of(0), 3, pa_of(LEAF)));
	return m;
}

Test(measures, vm_create_begins_the_chain)
{
	struct model *m = world_created();

	expect_digest(m, created);
	model_destroy(m);
}

Test(measures, page_load_extends_it_by_place_and_contents)
{
	struct model *m = world_created();

	model_host_write(m, 0, pa_of(FREE_PAGE + 0xff8), 0x0123456789abcdef);
	call(m, moat_page_load(vm_id(0), ipa_of(0x3000), pa_of(FREE_PAGE), 1));
	expect_digest(m, with_page);
	model_destroy(m);
}

Test(measures, page_load_extends_it_page_by_page)
{
	struct model *m = world_created();

	model_host_write(m, 0, pa_of(FREE_PAGE + 0x1000), 0xbeef);
	call(m, moat_page_load(vm_id(0), ipa_of(0x3000), pa_of(FREE_PAGE), 2));
	expect_digest(m, with_two_pages);
	model_destroy(m);
}

Test(measures, each_vm_has_its_own)
{
	struct model *m = world_building();
	struct moat_regs regs;

	call(m, moat_vm_create(vm_id(1), pa_of(FREE_BLOCK), 32, 2));
	regs = call(m, moat_vm_seal(vm_id(1)));
	cr_assert_arr_eq(regs.x + 1, created, sizeof(digest));
	model_destroy(m);
}

Test(measures, vcpu_create_extends_it_by_how_the_vcpu_starts)
{
	struct model *m = world_created();
	struct moat_regs regs = moat_vcpu_create(
		vm_id(0), vcpu_id(1), pa_of(CONTEXT), 0x1000, 5);

	regs.x[6] = 1;
	call(m, regs);
	expect_digest(m, with_vcpu);
	model_destroy(m);
}

Test(measures, nothing_else_does)
{
	struct model *m = world_created();

	call(m, moat_page_donate(
			vm_id(0), ipa_of(0x3000), pa_of(FREE_PAGE), 1));
	call(m, moat_block_donate(
			vm_id(0), ipa_of(0x200000), pa_of(FREE_BLOCK)));
	call(m, moat_block_lend(vm_id(0), ipa_of(HALF),
			pa_of(FREE_BLOCK + 0x200000), MOAT_READ));
	/* Refused. */
	call(m, moat_page_load(vm_id(0), ipa_of(0x4000), pa_of(DEVICE), 1));
	expect_digest(m, created);
	model_destroy(m);
}

Test(measures, vm_seal_and_the_vm_itself_tell_it)
{
	struct model *m = world_building();
	struct moat_regs regs = call(m, moat_vm_seal(vm_id(0)));
	const uint64_t x[5] = {MOAT_FUNCTION(MOAT_GUEST_MEASUREMENT)};

	cr_assert_eq(regs.x[0], MOAT_OK);
	cr_assert_arr_eq(regs.x + 1, of_world, sizeof(digest));
	cr_assert_eq(regs.x[5], 0);
	run_on_1(m, moat_vcpu_run(vm_id(0), vcpu_id(0)));
	guest_call(m, x, MOAT_GUEST_RESUME);
	cr_assert_eq(model_guest_registers(m, 1)[0], MOAT_OK);
	cr_assert_arr_eq(
		model_guest_registers(m, 1) + 1, of_world, sizeof(digest));
	model_destroy(m);
}

Test(measures, a_slot_that_is_free_has_none)
{
	struct model *m = world_created();
	const digest none = {0};

	call(m, moat_vm_kill(vm_id(0)));
	call(m, moat_table_destroy(vm_id(0), ipa_of(0), 3));
	call(m, moat_vm_free(vm_id(0)));
	expect_digest(m, none);
	model_destroy(m);
}
