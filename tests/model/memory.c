/* SPDX-License-Identifier: BSD-2-Clause */
/* Who reaches what, and what is left in a page when it changes hands. */
#include "world.h"

#include <criterion/criterion.h>

static enum model_access host_reads(
	struct model *m, uint64_t pa, uint64_t expected)
{
	uint64_t value = expected;
	enum model_access access = model_host_read(m, 0, pa_of(pa), &value);

	cr_assert_eq(value, expected);
	return access;
}

static enum model_access guest_reads(
	struct model *m, uint64_t ipa, uint64_t expected)
{
	uint64_t value = expected;
	enum model_access access = model_guest_read(m, 1, ipa_of(ipa), &value);

	cr_assert_eq(value, expected);
	return access;
}

Test(memory, the_host_reaches_what_page_3_lets_it_reach)
{
	/* [PAGE-3]: RAM by the state of the page, devices unless withheld. */
	const struct {
		uint64_t pa;
		enum model_access access;
		enum moat_action after_abort;
	} rows[] = {
		{FREE_PAGE, MODEL_ACCESS_DONE, MOAT_HOST_RETRY},
		{ENGINE_PAGE, MODEL_ACCESS_FAULT, MOAT_HOST_INJECT},
		{ENGINE_PAGE + 0xfff8, MODEL_ACCESS_FAULT, MOAT_HOST_INJECT},
		{ENGINE_PAGE + 0x10000, MODEL_ACCESS_DONE, MOAT_HOST_RETRY},
		{DATA, MODEL_ACCESS_FAULT, MOAT_HOST_INJECT},
		{ROOT + 0x3ff8, MODEL_ACCESS_FAULT, MOAT_HOST_INJECT},
		{LEAF, MODEL_ACCESS_FAULT, MOAT_HOST_INJECT},
		{CONTEXT, MODEL_ACCESS_FAULT, MOAT_HOST_INJECT},
		{DEVICE, MODEL_ACCESS_DONE, MOAT_HOST_INJECT},
		{WINDOW + 0xff8, MODEL_ACCESS_FAULT, MOAT_HOST_INJECT},
		{WINDOW + 0x1000, MODEL_ACCESS_DONE, MOAT_HOST_INJECT},
		{0xffffffff8, MODEL_ACCESS_DONE, MOAT_HOST_INJECT},
		{0x1000000000, MODEL_ACCESS_FAULT, MOAT_HOST_INJECT},
		{0xfffffffffffffff8, MODEL_ACCESS_FAULT, MOAT_HOST_INJECT},
	};
	struct model *m = world_active();

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		cr_expect_eq(host_reads(m, rows[i].pa, 0), rows[i].access,
			"row %zu", i);
		cr_expect_eq(model_host_write(m, 0, pa_of(rows[i].pa), 0),
			rows[i].access, "row %zu", i);
		cr_expect_eq(model_host_abort(m, 0, ipa_of(rows[i].pa + 7)),
			rows[i].after_abort, "row %zu", i);
	}
	model_destroy(m);
}

Test(memory, device_space_stores_nothing)
{
	struct model *m = world_empty();

	cr_assert_eq(
		model_host_write(m, 0, pa_of(DEVICE), 5), MODEL_ACCESS_DONE);
	cr_assert_eq(host_reads(m, DEVICE, 0), MODEL_ACCESS_DONE);
	cr_assert_eq(model_word_count(m), 0);
	model_destroy(m);
}

Test(memory, a_loaded_page_keeps_its_contents_and_a_donated_one_is_zero)
{
	struct model *m = world_building();
	struct moat_regs regs = moat_vcpu_run(vm_id(0), vcpu_id(0));

	model_host_write(m, 0, pa_of(FREE_PAGE), 0xdead);
	call(m, moat_page_donate(
			vm_id(0), ipa_of(0x20000), pa_of(FREE_PAGE), 1));
	call(m, moat_vm_seal(vm_id(0)));
	cr_assert_eq(model_host_call(m, 1, &regs), MOAT_GUEST_ENTER);
	cr_assert_eq(guest_reads(m, DATA_IPA, 0x5ec2e7), MODEL_ACCESS_DONE);
	cr_assert_eq(guest_reads(m, 0x20000, 0), MODEL_ACCESS_DONE);
	model_destroy(m);
}

Test(memory, a_word_written_with_zero_is_gone)
{
	struct model *m = world_empty();

	model_host_write(m, 0, pa_of(FREE_PAGE), 1);
	cr_assert_eq(model_word_at(m, 0).pa.value, FREE_PAGE);
	cr_assert_eq(model_word_at(m, 0).value, 1);
	model_host_write(m, 0, pa_of(FREE_PAGE), 0);
	cr_assert_eq(host_reads(m, FREE_PAGE, 0), MODEL_ACCESS_DONE);
	cr_assert_eq(model_word_count(m), 0);
	model_destroy(m);
}

Test(memory, a_guest_reaches_its_pages_and_nothing_else)
{
	struct model *m = world_running();

	cr_assert_eq(model_guest_write(m, 1, ipa_of(DATA_IPA + 8), 9),
		MODEL_ACCESS_DONE);
	cr_assert_eq(guest_reads(m, DATA_IPA + 8, 9), MODEL_ACCESS_DONE);
	cr_assert_eq(guest_reads(m, DATA_IPA + 0x8000, 1), MODEL_ACCESS_FAULT);
	cr_assert_eq(guest_reads(m, 0xfffffffffffffff8, 1), MODEL_ACCESS_FAULT);
	cr_assert_eq(model_guest_write(m, 1, ipa_of(0), 1), MODEL_ACCESS_FAULT);
	model_destroy(m);
}

Test(memory, two_vms_at_one_address_have_two_memories)
{
	struct model *m = world_running();
	struct moat_regs regs;

	call(m, moat_vm_create(vm_id(1), pa_of(0x40400000), 32, 1));
	call(m, moat_table_create(vm_id(1), ipa_of(0), 3, pa_of(0x40404000)));
	call(m, moat_vcpu_create(
			vm_id(1), vcpu_id(0), pa_of(0x40405000), ENTRY, 0));
	call(m, moat_page_load(
			vm_id(1), ipa_of(DATA_IPA), pa_of(0x40406000), 1));
	call(m, moat_vm_seal(vm_id(1)));
	regs = moat_vcpu_run(vm_id(1), vcpu_id(0));
	cr_assert_eq(model_host_call(m, 0, &regs), MOAT_GUEST_ENTER);
	cr_assert_eq(model_guest_write(m, 0, ipa_of(DATA_IPA), 1),
		MODEL_ACCESS_DONE);
	cr_assert_eq(guest_reads(m, DATA_IPA, 0x5ec2e7), MODEL_ACCESS_DONE);
	cr_assert_null(model_invariant_check(m));
	model_destroy(m);
}

Test(memory, pages_that_come_back_are_zero)
{
	struct model *m = world_active();

	cr_assert_eq(model_word_count(m), 1);
	call(m, moat_vm_kill(vm_id(0)));
	cr_assert_eq(host_reads(m, DATA, 1), MODEL_ACCESS_FAULT);
	call(m, moat_page_reclaim(vm_id(0), ipa_of(DATA_IPA), 8));
	cr_assert_eq(host_reads(m, DATA, 0), MODEL_ACCESS_DONE);
	cr_assert_eq(model_word_count(m), 0);
	model_destroy(m);
}

Test(memory, vm_free_scrubs_the_root_and_nothing_else)
{
	struct model *m = world_empty();

	call(m, moat_vm_create(vm_id(1), pa_of(FREE_BLOCK), 32, 1));
	call(m, moat_vm_kill(vm_id(1)));
	model_host_write(m, 0, pa_of(FREE_BLOCK + 0x4000), 1);
	model_host_write(m, 0, pa_of(FREE_BLOCK - 8), 2);
	call(m, moat_vm_free(vm_id(1)));
	cr_assert_eq(model_word_count(m), 2);
	model_destroy(m);
}

Test(memory, tables_and_contexts_forget_what_the_host_had_written)
{
	struct model *m = world_building();

	model_host_write(m, 0, pa_of(FREE_PAGE), 1);
	model_host_write(m, 0, pa_of(FREE_PAGE + 0x1000), 2);
	model_host_write(m, 0, pa_of(0x40404ff8), 3);
	call(m, moat_table_create(
			vm_id(0), ipa_of(0x200000), 3, pa_of(FREE_PAGE)));
	call(m, moat_vcpu_create(vm_id(0), vcpu_id(1),
			pa_of(FREE_PAGE + 0x1000), ENTRY, 0));
	call(m, moat_vm_create(vm_id(1), pa_of(0x40404000), 39, 1));
	cr_assert_eq(model_word_count(m), 1);
	model_destroy(m);
}

Test(memory, a_copy_shares_nothing)
{
	struct model *m = world_running();
	struct model *copy = model_copy(m);

	cr_assert(model_is_equal(m, copy));
	model_guest_write(copy, 1, ipa_of(DATA_IPA), 1);
	model_guest_jump(copy, 1, 0);
	cr_assert_not(model_is_equal(m, copy));
	cr_assert_eq(guest_reads(m, DATA_IPA, 0x5ec2e7), MODEL_ACCESS_DONE);
	cr_assert_eq(model_vcpu_at(m, 0, 0)->pc, ENTRY);
	model_destroy(m);
	model_destroy(copy);
}
