/* SPDX-License-Identifier: BSD-2-Clause */
/* What the host may know: the results of the calls that change nothing. */
#include <criterion/criterion.h>

#include "scene.h"
#include "table.h"

#define OK MOAT_OK

static void expect_results(
	struct bed *bed, struct moat_regs regs, const uint64_t *x)
{
	bed_call(bed, 0, &regs);
	for (uint32_t i = 0; i <= MOAT_RESULT_COUNT; i++) {
		expect_equal("a result", regs.x[i], x[i]);
	}
}

Test(info, the_library_says_which_release_it_is)
{
	cr_expect_str_eq(moat_library_version(), MOAT_VERSION_STRING);
}

Test(info, version_says_1_0)
{
	static const uint64_t x[10] = {OK, 0x10000};
	struct bed bed = bed_make();

	bed_about("version");
	expect_results(&bed, moat_version(), x);
	bed_end(&bed);
}

Test(info, features_says_what_the_build_and_the_machine_have)
{
	/* 8 regions; 6 registers, 3 list registers. */
	static const uint64_t x[10] = {OK, BED_PAGE, BED_ENTRIES, 32, 44, 6, 8,
		3, 8 * BED_ENTRIES, 0x306};
	struct bed bed = bed_make();

	bed_about("features");
	expect_results(&bed, moat_features(), x);
	bed_end(&bed);
}

Test(info, features_says_the_widest_space_of_this_machine)
{
	static const uint64_t x[10] = {OK, BED_PAGE, BED_ENTRIES, 32, 40, 6, 8,
		3, 8 * BED_ENTRIES, 0x306};
	struct moat_config config = bed_config();
	struct moat_regs wider = moat_vm_create(
		(struct moat_vm_id){0}, (struct moat_pa){FREE_ROOT}, 41, 1);
	struct bed bed;

	config.ipa_bits = 40;
	bed = bed_make_of(&config);
	bed_about("features of 40 bits");
	expect_results(&bed, moat_features(), x);
	expect_equal(
		"a wider VM", bed_call(&bed, 0, &wider), AT(MOAT_BAD_ARG, 3));
	bed_end(&bed);
}

/* ---- Functions that do not exist --------------------------------------- */

static bool is_host_call(uint32_t number)
{
	for (size_t i = 0; i < HOST_CALL_COUNT; i++) {
		if (host_calls[i].number == number) {
			return true;
		}
	}
	return false;
}

static void expect_not_supported(struct bed *bed, uint64_t function)
{
	struct moat_regs regs = {{function, 0, FREE_PAGE, 32, 1}};

	bed_about("function 0x%llx", (unsigned long long)function);
	expect_equal("the answer", bed_call(bed, 0, &regs), UINT64_MAX);
}

Test(info, no_other_number_is_a_call_of_the_host)
{
	struct bed bed = bed_make();

	/* The VM's calls, from 0x100 on, are none of the host's. */
	for (uint32_t number = 0; number < 0x140; number++) {
		if (!is_host_call(number)) {
			expect_not_supported(&bed, 0xc6000000 + number);
		}
	}
	bed_end(&bed);
}

Test(info, no_other_convention_is_a_call_of_the_host)
{
	/* 32 bits, yielding, both, other owners, hints, the ends. */
	static const uint64_t functions[] = {0x86000010, 0x46000010, 0x06000010,
		0xc4000010, 0xc5000010, 0xc7000010, 0xc6010010, 0xc5ffffff, 0,
		0x10, 0xffffffff, UINT64_MAX};
	struct bed bed = bed_make();

	for (size_t i = 0; i < LENGTH(functions); i++) {
		expect_not_supported(&bed, functions[i]);
	}
	bed_end(&bed);
}

Test(info, the_upper_half_of_x0_is_not_part_of_the_function)
{
	static const uint64_t x[10] = {OK, 0x10000};
	struct bed bed = bed_make();
	struct moat_regs regs = moat_version();

	bed_about("version, called with a full x0");
	regs.x[0] += UINT64_C(0xffffffff00000000);
	expect_results(&bed, regs, x);
	bed_about("version, called with a bit more");
	regs.x[0] = moat_version().x[0] + UINT64_C(0x100000000);
	expect_results(&bed, regs, x);
	bed_end(&bed);
}

/* ---- A VM -------------------------------------------------------------- */

Test(info, vm_info_says_what_a_vm_is)
{
	static const uint64_t empty[10] = {OK, MOAT_VM_EMPTY};
	static const uint64_t building[10] = {
		OK, MOAT_VM_BUILDING, 43, 4, BED_A, 0x1, 0};
	static const uint64_t active[10] = {
		OK, MOAT_VM_ACTIVE, 43, 4, BED_A, 0xd, 0, 0x8};
	static const uint64_t running[10] = {
		OK, MOAT_VM_ACTIVE, 43, 4, BED_A, 0xd, 0x4, 0x8};
	static const uint64_t off[10] = {
		OK, MOAT_VM_ACTIVE, 43, 4, BED_A, 0xd, 0, 0xc};
	static const struct moat_regs cpu_off = {{MOAT_PSCI_CPU_OFF}};
	const struct moat_vm_id vm = {0};
	struct bed bed = bed_make();

	bed_about("an EMPTY VM");
	expect_results(&bed, moat_vm_info(vm), empty);
	bed_about("a VM that is BUILDING");
	scene_build(&bed, 0);
	expect_results(&bed, moat_vm_info(vm), building);
	bed_about("an ACTIVE VM");
	scene_vcpu(&bed, 0, 2);
	scene_vcpu_off(&bed, 0, 3);
	bed_do(&bed, moat_vm_seal(vm));
	expect_results(&bed, moat_vm_info(vm), active);
	bed_about("a VM whose vCPU 2 runs");
	scene_run(&bed, 0, 2, 1);
	expect_results(&bed, moat_vm_info(vm), running);
	bed_about("a VM whose vCPU 2 turned itself off");
	bed_ask(&bed, 1, &cpu_off);
	expect_results(&bed, moat_vm_info(vm), off);
	bed_end(&bed);
}

Test(info, vm_info_has_a_bit_for_each_of_8_vcpus)
{
	static const uint64_t first[10] = {
		OK, MOAT_VM_BUILDING, 43, 8, BED_C, 0x80};
	static const uint64_t both[10] = {
		OK, MOAT_VM_BUILDING, 43, 8, BED_C, 0x81};
	const struct moat_vm_id vm = {0};
	struct bed bed = bed_make();

	bed_about("a VM of 8 vCPUs");
	bed_do(&bed, moat_vm_create(vm, (struct moat_pa){BED_C}, 43, 8));
	bed_do(&bed, moat_vcpu_create(vm, (struct moat_vcpu_id){7},
			     (struct moat_pa){BED_D}, 0, 0));
	expect_results(&bed, moat_vm_info(vm), first);
	bed_do(&bed, moat_vcpu_create(vm, (struct moat_vcpu_id){0},
			     (struct moat_pa){BED_D + 0x1000}, 0, 0));
	expect_results(&bed, moat_vm_info(vm), both);
	bed_end(&bed);
}

Test(info, vm_info_says_that_a_vm_dies_and_is_gone)
{
	static const uint64_t dying[10] = {
		OK, MOAT_VM_DYING, 43, 4, BED_A, 0x1, 0};
	static const uint64_t bare[10] = {OK, MOAT_VM_DYING, 43, 4, BED_A};
	static const uint64_t empty[10] = {OK, MOAT_VM_EMPTY};
	const struct moat_vm_id vm = {0};
	struct bed bed = bed_make();

	scene_vm(&bed, 0, MOAT_VM_DYING);
	bed_about("a DYING VM");
	expect_results(&bed, moat_vm_info(vm), dying);
	bed_about("a VM with nothing left");
	scene_strip(&bed, 0);
	expect_results(&bed, moat_vm_info(vm), bare);
	bed_about("a VM that was freed");
	bed_do(&bed, moat_vm_free(vm));
	expect_results(&bed, moat_vm_info(vm), empty);
	bed_end(&bed);
}

/* ---- A page ------------------------------------------------------------ */

/* { the address, the state of its page, the VM, the IPA or the vCPU, the level,
 * the permission } */
#define OF_VM_1(page) (BED_A + (48 + (page)) * BED_PAGE)

static const struct page_row {
	const char *name;
	uint64_t pa;
	uint64_t state, vm, where, level, permission;
} page_rows[] = {
	{"the root", OF_VM_1(0), MOAT_PAGE_TABLE, 1, 0, 1, 0},
	{"the root's second page", OF_VM_1(1), MOAT_PAGE_TABLE, 1,
		IPA_EMPTY_LEAF, 1, 0},
	{"the root's last page", OF_VM_1(15), MOAT_PAGE_TABLE, 1, 0x78000000000,
		1, 0},
	{"a table at 0", OF_VM_1(16), MOAT_PAGE_TABLE, 1, IPA_NO_LEAF, 2, 0},
	{"a table of level 2", OF_VM_1(17), MOAT_PAGE_TABLE, 1, IPA_EMPTY_LEAF,
		2, 0},
	{"a leaf table", OF_VM_1(18), MOAT_PAGE_TABLE, 1, IPA_EMPTY_LEAF, 3, 0},
	{"a leaf table above", OF_VM_1(29), MOAT_PAGE_TABLE, 1, IPA_LENT_PAGE,
		3, 0},
	{"a VM page", OF_VM_1(31), MOAT_PAGE_VM, 1, IPA_VM_PAGE, 3, 0},
	{"a SHARED page", OF_VM_1(32), MOAT_PAGE_SHARED, 1, IPA_SHARED_PAGE, 3,
		0},
	{"a LENT page", OF_VM_1(33), MOAT_PAGE_LENT, 1, IPA_LENT_PAGE, 3, 3},
	{"a context", OF_VM_1(34), MOAT_PAGE_VCPU, 1, 0, 0, 0},
	{"the third context", OF_VM_1(36), MOAT_PAGE_VCPU, 1, 2, 0, 0},
	{"a page of the host", OF_VM_1(47), MOAT_PAGE_HOST, 0, 0, 0, 0},
	{"a block", BED_E, MOAT_PAGE_VM, 1, IPA_VM_BLOCK, 2, 0},
	{"a page of a block", BED_E + BED_PAGE, MOAT_PAGE_VM, 1,
		IPA_VM_BLOCK + BED_PAGE, 2, 0},
	{"the last page of a block", BED_E + BED_REGION - BED_PAGE,
		MOAT_PAGE_VM, 1, IPA_VM_BLOCK + BED_REGION - BED_PAGE, 2, 0},
	{"a page of a SHARED block", BED_F + 128 * BED_PAGE, MOAT_PAGE_SHARED,
		1, IPA_SHARED_BLOCK + 128 * BED_PAGE, 2, 0},
	{"a page of a LENT block", BED_G + 128 * BED_PAGE, MOAT_PAGE_LENT, 1,
		IPA_LENT_BLOCK + 128 * BED_PAGE, 2, 3},
	{"a page of a full leaf", BED_H + 128 * BED_PAGE, MOAT_PAGE_VM, 1,
		IPA_UNIFORM + 128 * BED_PAGE, 3, 0},
};

static struct bed filled_vm_1(void)
{
	struct bed bed = bed_make();

	scene_vm(&bed, 0, MOAT_VM_BUILDING);
	scene_build(&bed, 1);
	scene_vcpu(&bed, 1, 2);
	scene_fill(&bed, 1);
	bed_do(&bed, moat_vm_seal((struct moat_vm_id){1}));
	scene_share(&bed, 1);
	return bed;
}

Test(info, page_info_says_where_a_page_hangs)
{
	struct bed bed = filled_vm_1();

	for (size_t i = 0; i < LENGTH(page_rows); i++) {
		const struct page_row *row = &page_rows[i];
		const uint64_t x[10] = {OK, row->state, row->vm, row->where,
			row->level, row->permission};

		bed_about("%s", row->name);
		expect_results(
			&bed, moat_page_info((struct moat_pa){row->pa}), x);
	}
	bed_end(&bed);
}

/* From a page up to a root of level 0: every level adds its slot. */
Test(info, page_info_walks_up_four_levels_and_a_reclaim_down)
{
	static const uint64_t tables[] = {
		0x28000000000, 0x28180000000, 0x28180e00000};
	static const uint64_t x[10] = {OK, MOAT_PAGE_VM, 2, 0x28180e08000, 3};
	static const uint64_t of_host[10] = {OK, MOAT_PAGE_HOST};
	const struct moat_vm_id vm = {2};
	struct bed bed = bed_make();

	bed_about("a page of a VM of 44 bits");
	bed_do(&bed, moat_vm_create(vm, (struct moat_pa){BED_A}, 44, 1));
	for (uint64_t i = 0; i < LENGTH(tables); i++) {
		bed_do(&bed,
			moat_table_create(vm, (struct moat_ipa){tables[i]},
				i + 1,
				(struct moat_pa){BED_A + (i + 1) * BED_PAGE}));
	}
	bed_do(&bed, moat_page_donate(vm, (struct moat_ipa){x[3]},
			     (struct moat_pa){BED_D}, 1));
	expect_results(&bed, moat_page_info((struct moat_pa){BED_D}), x);
	bed_do(&bed, moat_vm_kill(vm));
	bed_do(&bed, moat_page_reclaim(vm, (struct moat_ipa){x[3]}, 1));
	expect_results(&bed, moat_page_info((struct moat_pa){BED_D}), of_host);
	bed_end(&bed);
}

Test(info, page_info_finds_the_address_in_every_slot)
{
	struct bed bed = bed_make();

	scene_build(&bed, 0);
	bed_do(&bed, moat_page_donate((struct moat_vm_id){0},
			     (struct moat_ipa){IPA_EMPTY_LEAF},
			     (struct moat_pa){BED_D}, BED_ENTRIES));
	for (uint64_t slot = 0; slot < BED_ENTRIES; slot++) {
		const uint64_t x[10] = {OK, MOAT_PAGE_VM, 0,
			IPA_EMPTY_LEAF + slot * BED_PAGE, 3};
		struct moat_pa pa = {BED_D + slot * BED_PAGE};

		bed_about("slot %u", (unsigned)slot);
		expect_results(&bed, moat_page_info(pa), x);
	}
	bed_end(&bed);
}

Test(info, page_info_says_no_more_of_what_is_withheld)
{
	static const uint64_t x[10] = {OK, MOAT_PAGE_ENGINE};
	struct bed bed = bed_make();

	bed_about("a withheld page");
	expect_results(&bed, moat_page_info((struct moat_pa){BED_WITHHELD}), x);
	bed_end(&bed);
}

/* Its number is next to that of a reclaim, which one page has a way of its own
 * for, by the register of the count. */
Test(info, page_info_looks_at_no_register_behind_its_own)
{
	static const uint64_t x[10] = {OK, MOAT_PAGE_HOST};
	struct moat_regs regs = moat_page_info((struct moat_pa){BED_C});
	struct bed bed = bed_make();

	bed_about("registers behind the address");
	for (uint32_t i = 2; i < 10; i++) {
		regs.x[i] = 1;
	}
	expect_results(&bed, regs, x);
	bed_end(&bed);
}
