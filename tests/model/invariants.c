/* SPDX-License-Identifier: BSD-2-Clause */
/* Each predicate can fail: a good state is broken in one place by hand. */
#include "model/state.h"
#include "world.h"

#include <criterion/criterion.h>
#include <string.h>

/* vCPU 0 of VM 0 runs on CPU 1 when a test begins. */
static struct model *m;

static void begin(void)
{
	m = world_running();
	cr_assert_null(model_invariant_check(m));
}

static void end(void)
{
	model_destroy(m);
}

TestSuite(invariants, .init = begin, .fini = end);

static void expect_broken(const char *tag)
{
	const char *found = model_invariant_check(m);

	cr_assert_not_null(found);
	cr_assert_str_eq(found, tag);
}

/* The record of @pa, to be changed in place. */
static struct model_page record_of(uint64_t pa)
{
	const struct model_page *page = model_map_find(&m->pages, pa);

	cr_assert_not_null(page);
	return *page;
}

enum { LENT_PA = FREE_BLOCK };

/* Lend VM 0 the block at LENT_PA, from HALF on, to read. */
static void lend_block(void)
{
	struct moat_regs regs = call(m, moat_block_lend(vm_id(0), ipa_of(HALF),
						pa_of(LENT_PA), MOAT_READ));

	cr_assert_eq(regs.x[0], MOAT_OK);
}

Test(invariants, page_1_sees_a_record_of_host)
{
	struct model_page page = {.state = MOAT_PAGE_HOST};

	model_map_put(&m->pages, FREE_PAGE, &page);
	expect_broken("PAGE-1");
}

Test(invariants, page_1_sees_a_record_outside_ram)
{
	struct model_page page = record_of(LEAF);

	model_map_put(&m->pages, DEVICE, &page);
	expect_broken("PAGE-1");
}

Test(invariants, page_1_sees_a_record_of_the_engine)
{
	struct model_page page = record_of(LEAF);

	model_map_put(&m->pages, ENGINE_PAGE, &page);
	expect_broken("PAGE-1");
}

Test(invariants, page_1_sees_an_unaligned_record)
{
	struct model_page page = record_of(LEAF);

	model_map_put(&m->pages, LEAF + 8, &page);
	expect_broken("PAGE-1");
}

Test(invariants, page_1_sees_a_vm_that_does_not_exist)
{
	struct model_page page = record_of(DATA);

	page.vm = 3;
	model_map_put(&m->pages, DATA, &page);
	expect_broken("PAGE-1");
}

Test(invariants, page_1_sees_an_unused_field_in_use)
{
	const uint64_t pages[] = {DATA, LEAF, CONTEXT};

	for (size_t i = 0; i < 3; i++) {
		struct model_page good = record_of(pages[i]);
		struct model_page bad = good;

		bad.vcpu += good.state != MOAT_PAGE_VCPU;
		bad.ipa += good.state == MOAT_PAGE_VCPU;
		model_map_put(&m->pages, pages[i], &bad);
		expect_broken("PAGE-1");
		model_map_put(&m->pages, pages[i], &good);
	}
}

Test(invariants, page_1_sees_a_level_at_which_no_page_is_mapped)
{
	struct model_page page = record_of(DATA);

	page.level = 1;
	model_map_put(&m->pages, DATA, &page);
	expect_broken("PAGE-1");
}

Test(invariants, page_1_sees_a_permission_that_is_none)
{
	const uint64_t pages[] = {DATA, LEAF, CONTEXT, LENT_PA, LENT_PA};
	const uint64_t permissions[] = {MOAT_READ, MOAT_READ, MOAT_READ,
		MOAT_WRITE, MOAT_READ + 2 * MOAT_EXECUTE};

	lend_block();
	for (size_t i = 0; i < 5; i++) {
		struct model_page good = record_of(pages[i]);
		struct model_page bad = good;

		bad.permission = permissions[i];
		model_map_put(&m->pages, pages[i], &bad);
		expect_broken("PAGE-1");
		model_map_put(&m->pages, pages[i], &good);
	}
}

Test(invariants, vm_1_sees_a_page_of_an_empty_vm)
{
	struct model_page page = record_of(DATA);

	page.vm = 2;
	model_map_put(&m->pages, DATA, &page);
	expect_broken("VM-1");
}

Test(invariants, vm_1_sees_a_table_of_an_empty_vm)
{
	struct model_page page = record_of(ROOT);

	page.vm = 2;
	model_map_put(&m->pages, ROOT, &page);
	expect_broken("VM-1");
}

Test(invariants, vm_1_sees_an_empty_vm_that_holds_something)
{
	m->vms[1].root.value = ROOT;
	expect_broken("VM-1");
	m->vms[1].root.value = 0;
	m->vms[1].measurement[3] = 1;
	expect_broken("VM-1");
	m->vms[1].measurement[3] = 0;
	m->vms[1].measurement[0] = 1;
	expect_broken("VM-1");
}

Test(invariants, vm_1_sees_a_vm_out_of_its_limits)
{
	m->vms[0].ipa_bits = 41;
	expect_broken("VM-1");
	m->vms[0].ipa_bits = 31;
	expect_broken("VM-1");
	m->vms[0].ipa_bits = 32;
	m->vms[0].life = MOAT_VM_LIFE_COUNT;
	expect_broken("VM-1");
}

Test(invariants, page_2_sees_a_mapping_without_a_record)
{
	uint64_t pa = FREE_PAGE;

	model_map_put(&m->vms[0].mappings, 0, &pa);
	expect_broken("PAGE-2");
}

Test(invariants, page_2_sees_a_record_without_a_mapping)
{
	model_map_range_remove(&m->vms[0].mappings, DATA_IPA, DATA_IPA + 1);
	expect_broken("PAGE-2");
}

Test(invariants, page_2_sees_a_page_mapped_twice)
{
	uint64_t pa = DATA;

	model_map_put(&m->vms[0].mappings, 0, &pa);
	expect_broken("PAGE-2");
}

Test(invariants, half_1_sees_a_page_in_the_wrong_half)
{
	struct model_page page = record_of(DATA);
	uint64_t pa = DATA;

	page.state = MOAT_PAGE_LENT;
	page.permission = MOAT_READ;
	model_map_put(&m->pages, DATA, &page);
	expect_broken("HALF-1");
	page.state = MOAT_PAGE_VM;
	page.permission = 0;
	page.ipa = 0x80000000;
	model_map_put(&m->pages, DATA, &page);
	model_map_range_remove(&m->vms[0].mappings, DATA_IPA, DATA_IPA + 1);
	model_map_put(&m->vms[0].mappings, page.ipa, &pa);
	expect_broken("HALF-1");
}

Test(invariants, table_1_sees_a_mapping_without_a_leaf_table)
{
	uint64_t key = model_s2_key(3, 0);

	model_map_range_remove(&m->vms[0].tables, key, key + 1);
	expect_broken("TABLE-1");
}

Test(invariants, half_1_sees_a_page_of_the_vm_in_the_shared_half)
{
	struct model_page page;

	lend_block();
	page = record_of(LENT_PA + 0x5000);
	page.state = MOAT_PAGE_SHARED;
	page.permission = 0;
	model_map_put(&m->pages, LENT_PA + 0x5000, &page);
	expect_broken("HALF-1");
}

Test(invariants, half_1_sees_the_first_page_of_all)
{
	struct model_page page = {
		.state = MOAT_PAGE_VM, .level = 3, .ipa = HALF};
	uint64_t pa = ROOT - 0x1000;

	model_map_put(&m->pages, pa, &page);
	model_map_put(&m->vms[0].mappings, page.ipa, &pa);
	expect_broken("HALF-1");
}

Test(invariants, half_1_sees_a_lent_page_behind_the_ipa_space)
{
	struct model_page page = {.state = MOAT_PAGE_LENT,
		.level = 3,
		.ipa = 0x100000000,
		.permission = MOAT_READ};
	uint64_t pa = FREE_PAGE;

	model_map_put(&m->pages, pa, &page);
	model_map_put(&m->vms[0].mappings, page.ipa, &pa);
	expect_broken("HALF-1");
}

Test(invariants, table_1_sees_a_block_that_is_not_whole)
{
	uint64_t last = HALF + 511 * 0x1000;

	lend_block();
	model_map_range_remove(
		&m->pages, LENT_PA + 511 * 0x1000, LENT_PA + 512 * 0x1000);
	model_map_range_remove(&m->vms[0].mappings, last, last + 1);
	expect_broken("TABLE-1");
}

Test(invariants, table_1_sees_a_block_whose_pages_differ)
{
	struct model_page good;
	struct model_page bad;

	lend_block();
	good = record_of(LENT_PA + 0x5000);
	bad = good;
	bad.permission = MOAT_READ | MOAT_WRITE;
	model_map_put(&m->pages, LENT_PA + 0x5000, &bad);
	expect_broken("TABLE-1");
	bad = good;
	bad.level = 3;
	model_map_put(&m->pages, LENT_PA + 0x5000, &bad);
	expect_broken("TABLE-1");
}

Test(invariants, table_1_sees_a_block_out_of_order)
{
	struct model_page five;
	struct model_page six;
	uint64_t pa[2] = {LENT_PA + 0x6000, LENT_PA + 0x5000};

	lend_block();
	five = record_of(pa[1]);
	six = record_of(pa[0]);
	model_map_put(&m->pages, pa[0], &five);
	model_map_put(&m->pages, pa[1], &six);
	model_map_put(&m->vms[0].mappings, five.ipa, &pa[0]);
	model_map_put(&m->vms[0].mappings, six.ipa, &pa[1]);
	expect_broken("TABLE-1");
}

Test(invariants, table_1_sees_a_block_that_begins_within_a_region)
{
	struct model_page page = {
		.state = MOAT_PAGE_LENT, .level = 2, .permission = MOAT_READ};

	for (uint64_t i = 0; i < 512; i++) {
		uint64_t pa = FREE_BLOCK + 0x1000 + i * 0x1000;

		page.ipa = HALF + i * 0x1000;
		model_map_put(&m->pages, pa, &page);
		model_map_put(&m->vms[0].mappings, page.ipa, &pa);
	}
	expect_broken("TABLE-1");
}

Test(invariants, table_1_sees_a_leaf_table_where_a_block_is)
{
	struct model_page page = record_of(LEAF);
	uint64_t pa = FREE_PAGE;

	lend_block();
	page.ipa = HALF;
	model_map_put(&m->pages, pa, &page);
	model_map_put(&m->vms[0].tables, model_s2_key(3, HALF), &pa);
	expect_broken("TABLE-1");
}

Test(invariants, table_1_sees_a_record_that_names_another_place)
{
	struct model_page page = record_of(LEAF);

	page.ipa = 0x200000;
	model_map_put(&m->pages, LEAF, &page);
	expect_broken("TABLE-1");
}

Test(invariants, table_1_sees_a_root_that_lacks_a_page)
{
	uint64_t key = model_s2_key(2, 0xc0000000);

	model_map_range_remove(&m->vms[0].tables, key, key + 1);
	model_map_range_remove(&m->pages, ROOT + 0x3000, ROOT + 0x3001);
	expect_broken("TABLE-1");
}

Test(invariants, table_1_sees_a_root_that_lacks_its_first_page)
{
	uint64_t pa = FREE_BLOCK;

	call(m, moat_vm_create(vm_id(1), pa_of(pa), 32, 1));
	model_map_range_remove(
		&m->vms[1].tables, model_s2_key(2, 0), model_s2_key(2, 0) + 1);
	model_map_range_remove(&m->pages, pa, pa + 1);
	expect_broken("TABLE-1");
}

Test(invariants, table_1_sees_a_root_record_that_names_another_place)
{
	struct model_page page = record_of(ROOT);

	page.ipa = 0x200000;
	model_map_put(&m->pages, ROOT, &page);
	expect_broken("TABLE-1");
}

Test(invariants, table_1_sees_the_one_page_of_a_vm_without_a_leaf_table)
{
	struct model_page page = {
		.state = MOAT_PAGE_VM, .vm = 1, .level = 3, .ipa = 0x5000};
	uint64_t pa = FREE_PAGE;

	call(m, moat_vm_create(vm_id(1), pa_of(FREE_BLOCK), 32, 1));
	model_map_put(&m->pages, pa, &page);
	model_map_put(&m->vms[1].mappings, page.ipa, &pa);
	expect_broken("TABLE-1");
}

Test(invariants, table_1_sees_a_table_below_the_leaf_tables)
{
	struct model_page page = {.state = MOAT_PAGE_TABLE, .level = 4};
	uint64_t pa = FREE_PAGE;

	model_map_put(&m->pages, pa, &page);
	model_map_put(&m->vms[0].tables, model_s2_key(4, 0), &pa);
	expect_broken("TABLE-1");
}

Test(invariants, table_1_sees_a_root_elsewhere)
{
	m->vms[0].root.value = FREE_PAGE;
	expect_broken("TABLE-1");
}

Test(invariants, table_1_sees_a_table_record_that_hangs_nowhere)
{
	struct model_page page = record_of(LEAF);

	model_map_put(&m->pages, FREE_PAGE, &page);
	expect_broken("TABLE-1");
}

Test(invariants, table_1_sees_a_root_page_behind_the_ipa_space)
{
	/* It is where the root would go on, if the space did. */
	struct model_page page = {.state = MOAT_PAGE_TABLE,
		.vm = 1,
		.level = 1,
		.ipa = 0x8000000000};
	uint64_t pa = 0x40401000;

	call(m, moat_vm_create(vm_id(1), pa_of(0x40400000), 39, 1));
	model_map_put(&m->pages, pa, &page);
	model_map_put(&m->vms[1].tables, model_s2_key(1, page.ipa), &pa);
	expect_broken("TABLE-1");
}

Test(invariants, table_1_sees_a_table_without_a_parent)
{
	struct model_page page = {
		.state = MOAT_PAGE_TABLE, .vm = 1, .level = 3};
	uint64_t pa = FREE_PAGE;

	call(m, moat_vm_create(vm_id(1), pa_of(0x40400000), 39, 1));
	model_map_put(&m->pages, pa, &page);
	model_map_put(&m->vms[1].tables, model_s2_key(3, 0), &pa);
	expect_broken("TABLE-1");
}

Test(invariants, table_2_sees_a_word_where_no_agent_may_write)
{
	const uint64_t places[] = {ROOT, LEAF + 0xff8, CONTEXT, ENGINE_PAGE,
		DEVICE, FREE_PAGE + 4};
	uint64_t value = 1;

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		model_map_put(&m->words, places[i], &value);
		expect_broken("TABLE-2");
		model_map_range_remove(&m->words, places[i], places[i] + 1);
		cr_assert_null(model_invariant_check(m));
	}
}

Test(invariants, table_2_sees_a_zero_that_is_kept)
{
	uint64_t value = 0;

	model_map_put(&m->words, FREE_PAGE, &value);
	expect_broken("TABLE-2");
}

Test(invariants, page_4_sees_a_page_that_returns_unscrubbed)
{
	struct model *after = model_copy(m);
	uint64_t value = 1;

	model_map_range_remove(&after->pages, DATA, DATA + 1);
	cr_assert_str_eq(model_step_check(m, after), "PAGE-4");
	model_page_scrub(after, DATA);
	cr_assert_null(model_step_check(m, after));
	model_map_put(&after->words, DATA + 0xff8, &value);
	cr_assert_str_eq(model_step_check(m, after), "PAGE-4");
	model_page_scrub(after, DATA);
	/* What was lent may come back with anything in it. */
	lend_block();
	model_map_put(&after->words, LENT_PA, &value);
	cr_assert_null(model_step_check(m, after));
	model_destroy(after);
}

Test(invariants, page_4_sees_the_first_page_of_all)
{
	struct model *after = model_copy(m);
	uint64_t value = 1;

	model_page_return(after, ROOT);
	model_map_put(&after->words, ROOT, &value);
	cr_assert_str_eq(model_step_check(m, after), "PAGE-4");
	model_destroy(after);
}

Test(invariants, call_1_is_equality_and_equality_sees_every_part)
{
	struct model *other = model_copy(m);

	cr_assert(model_is_equal(m, other));
	other->vms[0].vcpus[0].x[30] = 1;
	cr_assert_not(model_is_equal(m, other));
	other->vms[0].vcpus[0].x[30] = 0;
	other->vms[0].life = MOAT_VM_DYING;
	cr_assert_not(model_is_equal(m, other));
	other->vms[0].life = MOAT_VM_ACTIVE;
	other->cpus[0].is_guest = 1;
	cr_assert_not(model_is_equal(m, other));
	other->cpus[0].is_guest = 0;
	other->config.withheld[0].size = 0x2000;
	cr_assert_not(model_is_equal(m, other));
	other->config.withheld[0].size = 0x1000;
	other->config.list_register_count = 3;
	cr_assert_not(model_is_equal(m, other));
	other->config.list_register_count = 4;
	other->vms[0].measurement[3] ^= 1;
	cr_assert_not(model_is_equal(m, other));
	other->vms[0].measurement[3] ^= 1;
	cr_assert(model_is_equal(m, other));
	model_map_range_remove(&other->vms[0].tables, model_s2_key(3, 0),
		model_s2_key(3, 0) + 1);
	cr_assert_not(model_is_equal(m, other));
	model_destroy(other);
}
