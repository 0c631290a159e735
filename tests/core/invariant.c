/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Each clause of each invariant, broken on purpose: an oracle that cannot say
 * no is none. The state is one that calls reached; then one field is another,
 * the predicate must refuse, and the field is put back.
 */
#include "broken.h"

TestSuite(invariant, .init = broken_setup, .fini = broken_teardown);

Test(invariant, page_1_sees_fields_of_a_page_that_hangs_nowhere)
{
	IS_BROKEN(invariant_page_1(m), HOST_PAGE.mapping, 1);
	IS_BROKEN(invariant_page_1(m), HOST_PAGE.slot, 1);
	IS_BROKEN(invariant_page_1(m), HOST_PAGE.parent, 1);
	IS_BROKEN(invariant_page_1(m), HOST_PAGE.state, MOAT_PAGE_STATE_COUNT);
	IS_BROKEN(
		invariant_page_1(m), PAGE(m, broken_at(BED_WITHHELD)).slot, 1);
	IS_BROKEN(invariant_page_1(m), CONTEXT_PAGE.mapping, 1);
	IS_BROKEN(invariant_page_1(m), CONTEXT_PAGE.slot, MOAT_VCPU_MAX);
	IS_GOOD(invariant_page_1(m), CONTEXT_PAGE.slot, MOAT_VCPU_MAX - 1);
}

Test(invariant, page_1_sees_a_level_and_a_slot_that_are_not_there)
{
	IS_BROKEN(invariant_page_1(m), LEAF_PAGE.mapping, LEAF_LEVEL + 1);
	IS_BROKEN(invariant_page_1(m), LEAF_PAGE.slot, ENTRY_COUNT);
	IS_BROKEN(invariant_page_1(m), LEAF_PAGE.slot, SLOT_ROOT - 1);
	IS_GOOD(invariant_page_1(m), LEAF_PAGE.slot, ENTRY_COUNT - 1);
	IS_GOOD(invariant_page_1(m), LEAF_PAGE.slot, SLOT_ROOT);
	IS_BROKEN(invariant_page_1(m), VM_PAGE.mapping, LEAF_LEVEL + 1);
	IS_BROKEN(invariant_page_1(m), VM_PAGE.mapping, LEAF_LEVEL - 2);
	IS_GOOD(invariant_page_1(m), VM_PAGE.mapping, LEAF_LEVEL - 1);
	IS_BROKEN(invariant_page_1(m), VM_PAGE.slot, ENTRY_COUNT);
	IS_GOOD(invariant_page_1(m), VM_PAGE.slot, ENTRY_COUNT - 1);
}

Test(invariant, page_1_sees_the_first_page)
{
	IS_BROKEN(invariant_page_1(m), PAGE(m, 0).mapping, LEAF_LEVEL + 1);
}

Test(invariant, page_1_sees_a_permission_that_is_none)
{
	const uint8_t one = 8; /* the unit of a permission: page.h */

	IS_BROKEN(invariant_page_1(m), LENT_PAGE.mapping, LEAF_LEVEL);
	IS_BROKEN(invariant_page_1(m), LENT_PAGE.mapping,
		LEAF_LEVEL + MOAT_WRITE * one);
	IS_GOOD(invariant_page_1(m), LENT_PAGE.mapping, LEAF_LEVEL + 7 * one);
	IS_BROKEN(invariant_page_1(m), LENT_PAGE.mapping, LEAF_LEVEL + 9 * one);
	IS_BROKEN(invariant_page_1(m), VM_PAGE.mapping, LEAF_LEVEL + one);
}

Test(invariant, page_2_sees_a_record_without_its_entry)
{
	IS_BROKEN(invariant_page_2(m), VM_PAGE.parent, broken_a_host_page());
	IS_BROKEN(invariant_page_2(m), VM_PAGE.parent, PAGE_COUNT(m));
	IS_BROKEN(invariant_page_2(m), VM_PAGE.slot, VM_PAGE.slot + 1);
	IS_BROKEN(invariant_page_2(m), VM_PAGE.mapping, LEAF_LEVEL - 1);
	IS_BROKEN(invariant_page_2(m), LENT_PAGE.mapping,
		LEAF_LEVEL + 8 * MOAT_READ);
	IS_BROKEN(invariant_page_2(m),
		TABLE(m, VM_PAGE.parent).entry[VM_PAGE.slot], PTE_EMPTY);
	IS_BROKEN(invariant_page_2(m),
		TABLE(m, VM_PAGE.parent).entry[VM_PAGE.slot],
		pte_page(FREE_PAGE, PTE_NORMAL));
}

/* One that no entry maps, so that nothing but its record is wrong. */
Test(invariant, page_2_sees_a_record_that_hangs_at_no_table)
{
	struct page kept = HOST_PAGE;

	HOST_PAGE = (struct page){.state = MOAT_PAGE_VM,
		.mapping = LEAF_LEVEL,
		.parent = broken_a_host_page()};
	expect(!invariant_page_2(m), "at a page of the host's");
	HOST_PAGE.parent = PAGE_COUNT(m);
	expect(!invariant_page_2(m), "at no page");
	HOST_PAGE.parent = VM_PAGE.parent;
	HOST_PAGE.slot = ENTRY_COUNT - 1;
	expect(!invariant_page_2(m), "at an empty entry");
	HOST_PAGE.mapping = LEAF_LEVEL - 1;
	expect(!invariant_page_2(m), "at a table of another level");
	HOST_PAGE = kept;
}

/* What a VM wrote into its page looks like the table that the record names. */
Test(invariant, page_2_sees_a_record_that_hangs_at_what_is_like_a_table)
{
	uint32_t page = broken_of_vm(SCENE_VM_PAGE);
	struct page kept = HOST_PAGE;
	uint64_t word = TABLE(m, page).entry[5];

	TABLE(m, page).entry[5] = pte_page(FREE_PAGE, PTE_NORMAL);
	HOST_PAGE = (struct page){.state = MOAT_PAGE_VM,
		.mapping = LEAF_LEVEL,
		.slot = 5,
		.parent = page};
	expect(!invariant_page_2(m), "at a page of the VM");
	HOST_PAGE = kept;
	TABLE(m, page).entry[5] = word;
}

/* A table of the last level, and what were a block at another. */
Test(invariant, page_2_sees_a_record_of_another_level_than_its_table)
{
	uint32_t first = broken_at(BED_C);

	PAGE(m, first) = (struct page){.state = MOAT_PAGE_VM,
		.mapping = LEAF_LEVEL - 1,
		.slot = 9,
		.parent = VM_PAGE.parent};
	TABLE(m, VM_PAGE.parent).entry[9] = pte_block(BED_C, PTE_NORMAL);
	expect(!invariant_page_2(m), "a block at the last level");
	broken_put_back();
	TABLE(m, VM_PAGE.parent).entry[9] = PTE_EMPTY;
}

/* What a VM writes into a page is no table of it. */
Test(invariant, page_2_does_not_read_what_is_no_table)
{
	IS_GOOD(invariant_page_2(m),
		TABLE(m, broken_of_vm(SCENE_VM_PAGE)).entry[5],
		pte_page(FREE_PAGE, PTE_NORMAL));
}

/* The same slot of two tables: the record names the first. */
Test(invariant, page_2_sees_a_second_entry_to_a_page)
{
	uint32_t other = PAGE(m, broken_of_vm(SCENE_LENT_PAGE)).parent;
	uint64_t leaf = pte_page(FREE_PAGE, PTE_NORMAL);

	HOST_PAGE = (struct page){.state = MOAT_PAGE_VM,
		.mapping = LEAF_LEVEL,
		.slot = 9,
		.parent = VM_PAGE.parent};
	TABLE(m, VM_PAGE.parent).entry[9] = leaf;
	IS_BROKEN(invariant_page_2(m), TABLE(m, other).entry[9], leaf);
	TABLE(m, VM_PAGE.parent).entry[9] = PTE_EMPTY;
	broken_put_back();
}

/* The page's record names the entry, but the page is the host's. */
Test(invariant, page_2_sees_an_entry_to_a_page_of_the_host)
{
	struct page whole = HOST_PAGE;

	HOST_PAGE.parent = VM_PAGE.parent;
	HOST_PAGE.slot = 9;
	IS_BROKEN(invariant_page_2(m), TABLE(m, VM_PAGE.parent).entry[9],
		pte_page(FREE_PAGE, PTE_NORMAL));
	HOST_PAGE = whole;
}

/* Leaves in empty slots of the VM page's table and of another. */
Test(invariant, page_2_sees_an_entry_without_its_records)
{
	uint32_t other = PAGE(m, broken_of_vm(SCENE_LENT_PAGE)).parent;
	uint64_t leaf = TABLE(m, VM_PAGE.parent).entry[VM_PAGE.slot];

	IS_BROKEN(invariant_page_2(m), TABLE(m, VM_PAGE.parent).entry[9],
		pte_page(BED_DEVICE, PTE_NORMAL));
	IS_BROKEN(invariant_page_2(m), TABLE(m, VM_PAGE.parent).entry[9],
		pte_page(FREE_PAGE, PTE_NORMAL));
	IS_BROKEN(invariant_page_2(m), TABLE(m, VM_PAGE.parent).entry[9], leaf);
	expect_equal("the first slot", VM_PAGE.slot, 0);
	expect(other != VM_PAGE.parent, "two tables");
	IS_BROKEN(invariant_page_2(m), TABLE(m, other).entry[0], leaf);
	IS_BROKEN(invariant_page_2(m),
		TABLE(m, VM_PAGE.parent).entry[ENTRY_COUNT - 1], leaf);
}

Test(invariant, page_2_sees_each_page_of_a_block)
{
	uint32_t first = NONE;

	for (uint32_t p = 0; p < PAGE_COUNT(m) && first == NONE; p++) {
		if (page_is_mapped(PAGE(m, p).state) &&
			page_level(PAGE(m, p)) < LEAF_LEVEL) {
			first = p;
		}
	}
	cr_assert(first != NONE, "there is a block");
	IS_BROKEN(invariant_page_2(m), PAGE(m, first + BED_ENTRIES - 1).parent,
		PAGE(m, first).parent + 1);
	IS_BROKEN(invariant_page_2(m), PAGE(m, first + BED_ENTRIES - 1).slot,
		300);
	IS_BROKEN(invariant_page_2(m), PAGE(m, first + BED_ENTRIES - 1).state,
		MOAT_PAGE_HOST);
	IS_BROKEN(invariant_page_2(m), PAGE(m, first + BED_ENTRIES - 1).state,
		PAGE(m, first).state == MOAT_PAGE_SHARED ? MOAT_PAGE_VM
							 : MOAT_PAGE_SHARED);
	IS_BROKEN(
		invariant_page_2(m), PAGE(m, first + 1).state, MOAT_PAGE_HOST);
}

Test(invariant, half_1_sees_a_page_in_the_wrong_half)
{
	IS_BROKEN(invariant_half_1(m), LENT_PAGE.state, MOAT_PAGE_VM);
	IS_BROKEN(invariant_half_1(m), VM_PAGE.state, MOAT_PAGE_LENT);
	IS_GOOD(invariant_half_1(m), VM_PAGE.state, MOAT_PAGE_SHARED);
}

static uint64_t *host_entry(uint64_t pa)
{
	struct region region = REGION(m, page_region(broken_at(pa)));

	return &HOST_TABLE(m, region.table).entry[region.slot];
}

static uint64_t *host_leaf_entry(uint64_t pa)
{
	uint32_t leaf = host_map_leaf(m, page_region(broken_at(pa)));

	return &HOST_TABLE(m, leaf).entry[broken_at(pa) % ENTRY_COUNT];
}

/* B has one closed page, C none, the blocks of a VM all. */
Test(invariant, page_3_sees_a_region_of_the_wrong_shape)
{
	IS_BROKEN(invariant_page_3(m),
		REGION(m, page_region(broken_at(BED_C))).closed, 1);
	IS_BROKEN(invariant_page_3(m),
		REGION(m, page_region(broken_at(BED_B))).closed, 0);
	IS_BROKEN(invariant_page_3(m), *host_entry(BED_C), PTE_EMPTY);
	IS_BROKEN(invariant_page_3(m), *host_entry(BED_B), PTE_EMPTY);
	IS_BROKEN(invariant_page_3(m), *host_entry(BED_B),
		pte_block(BED_B, PTE_NORMAL));
}

Test(invariant, page_3_sees_a_page_open_or_closed_in_error)
{
	IS_BROKEN(invariant_page_3(m), *host_leaf_entry(BED_B), PTE_EMPTY);
	IS_BROKEN(invariant_page_3(m), *host_leaf_entry(BED_B),
		pte_page(BED_C, PTE_NORMAL));
	IS_BROKEN(invariant_page_3(m), *host_leaf_entry(BED_B),
		pte_page(BED_B, PTE_DEVICE));
	IS_BROKEN(invariant_page_3(m), *host_leaf_entry(BED_WITHHELD),
		pte_page(BED_WITHHELD, PTE_NORMAL));
	IS_BROKEN(invariant_page_3(m), *host_leaf_entry(BED_B + 0x1ff000),
		PTE_EMPTY);
	IS_BROKEN(invariant_page_3(m), VM_PAGE.state, MOAT_PAGE_HOST);
}

Test(invariant, page_3_sees_a_closed_region_that_is_open)
{
	uint32_t closed = 0;

	for (uint32_t r = 0; r < REGION_COUNT(m); r++) {
		uint64_t *entry = &HOST_TABLE(m, REGION(m, r).table)
					   .entry[REGION(m, r).slot];

		if (REGION(m, r).closed == ENTRY_COUNT) {
			closed++;
			IS_BROKEN(invariant_page_3(m), *entry,
				pte_block(page_pa(m, r * ENTRY_COUNT),
					PTE_NORMAL));
		}
	}
	expect(closed > 0, "a region is closed as a whole");
}

Test(invariant, page_4_sees_each_word)
{
	uint32_t page = broken_a_host_page();

	memset(&TABLE(m, page), 0, sizeof(TABLE(m, page)));
	IS_BROKEN(invariant_page_4(m, page), TABLE(m, page).entry[0], 1);
	IS_BROKEN(invariant_page_4(m, page),
		TABLE(m, page).entry[BED_ENTRIES - 1], UINT64_C(1) << 63);
	IS_GOOD(invariant_page_4(m, page), TABLE(m, page + 1).entry[0], 1);
}

Test(invariant, table_1_sees_a_root_that_is_not_the_vms)
{
	IS_BROKEN(invariant_table_1(m), ROOT_PAGE.parent, EMPTY_VM);
	IS_BROKEN(invariant_table_1(m), ROOT_PAGE.parent, BED_VMS);
	IS_BROKEN(invariant_table_1(m), ROOT_PAGE.parent, 1);
	IS_BROKEN(invariant_table_1(m), ROOT_PAGE.slot, SLOT_ROOT + 1);
	IS_BROKEN(invariant_table_1(m), ROOT_PAGE.mapping, 0);
	IS_BROKEN(invariant_table_1(m), VM(m, 0).root, VM(m, 0).root + 1);
	IS_BROKEN(invariant_table_1(m), VM(m, 0).root_count,
		SCENE_ROOT_PAGES - 1);
	IS_BROKEN(invariant_table_1(m), VM(m, 0).start_level,
		SCENE_ROOT_LEVEL + 1);
}

Test(invariant, table_1_sees_a_root_of_an_empty_vm)
{
	IS_BROKEN(invariant_table_1(m), VM(m, 0).life, MOAT_VM_EMPTY);
}

Test(invariant, table_1_sees_a_table_without_its_parent)
{
	IS_BROKEN(invariant_table_1(m), LEAF_PAGE.parent, broken_a_host_page());
	IS_BROKEN(invariant_table_1(m), LEAF_PAGE.parent, PAGE_COUNT(m));
	IS_BROKEN(invariant_table_1(m), LEAF_PAGE.slot, LEAF_PAGE.slot + 1);
	IS_BROKEN(invariant_table_1(m), LEAF_PAGE.mapping, LEAF_LEVEL - 1);
	IS_BROKEN(invariant_table_1(m),
		TABLE(m, LEAF_PAGE.parent).entry[LEAF_PAGE.slot], PTE_EMPTY);
}

/* Two pages of the host, one of which looks like the parent of the other. */
Test(invariant, table_1_sees_a_parent_that_is_no_table)
{
	uint32_t child = broken_a_host_page() + 1;
	uint64_t word = TABLE(m, broken_a_host_page()).entry[5];

	PAGE(m, child) = (struct page){.state = MOAT_PAGE_TABLE,
		.mapping = 1,
		.slot = 5,
		.parent = broken_a_host_page()};
	TABLE(m, broken_a_host_page()).entry[5] = pte_table(page_pa(m, child));
	expect(!invariant_table_1(m), "a page of the host");
	broken_put_back();
	TABLE(m, broken_a_host_page()).entry[5] = word;
}

Test(invariant, table_2_sees_what_the_engine_did_not_write)
{
	uint32_t table = LEAF_PAGE.parent;
	/* A table just below the root. */
	uint32_t child = SCENE_ROOT_LEVEL == 1 ? table : VM_PAGE.parent;
	uint32_t child_slot = PAGE(m, child).slot;
	uint64_t entry = TABLE(m, table).entry[LEAF_PAGE.slot];

	IS_BROKEN(invariant_table_2(m), TABLE(m, table).entry[9], 2);
	IS_BROKEN(invariant_table_2(m), TABLE(m, table).entry[9],
		pte_table(BED_DEVICE));
	IS_BROKEN(invariant_table_2(m), TABLE(m, table).entry[9],
		pte_table(FREE_PAGE));
	IS_BROKEN(invariant_table_2(m), TABLE(m, table).entry[9], entry);
	IS_BROKEN(invariant_table_2(m),
		TABLE(m, VM_PAGE.parent).entry[BED_ENTRIES - 1], 1);
	/* In another page of the root, or, of a root of one page, elsewhere. */
	IS_BROKEN(invariant_table_2(m),
		TABLE(m, broken_of_vm(SCENE_ROOT) + SCENE_ROOT_PAGES - 1)
			.entry[SCENE_ROOT_PAGES == 1 ? 100 : child_slot],
		pte_table(page_pa(m, child)));
}

/* The record names the entry, which is a block's at the last level. */
Test(invariant, table_2_sees_an_entry_that_is_no_table)
{
	HOST_PAGE = (struct page){.state = MOAT_PAGE_TABLE,
		.mapping = LEAF_LEVEL,
		.slot = 9,
		.parent = VM_PAGE.parent};
	IS_BROKEN(invariant_table_2(m), TABLE(m, VM_PAGE.parent).entry[9],
		pte_block(FREE_PAGE, PTE_NORMAL));
	broken_put_back();
}

/* The record names the entry, but is the host's. */
Test(invariant, table_2_sees_an_entry_to_what_is_no_table)
{
	uint32_t table = LEAF_PAGE.parent;

	HOST_PAGE.slot = 9;
	HOST_PAGE.parent = table;
	expect_equal("an empty entry", TABLE(m, table).entry[9], PTE_EMPTY);
	IS_BROKEN(invariant_table_2(m), TABLE(m, table).entry[9],
		pte_table(FREE_PAGE));
	broken_put_back();
}

Test(invariant, vm_1_sees_what_an_empty_vm_has)
{
	IS_BROKEN(invariant_vm_1(m), VM(m, EMPTY_VM).half, 1);
	IS_BROKEN(invariant_vm_1(m), VM(m, EMPTY_VM).root, 1);
	IS_BROKEN(invariant_vm_1(m), VM(m, EMPTY_VM).root_count, 1);
	IS_BROKEN(invariant_vm_1(m), VM(m, EMPTY_VM).ipa_bits, 1);
	IS_BROKEN(invariant_vm_1(m), VM(m, EMPTY_VM).vcpu_count, 1);
	IS_BROKEN(invariant_vm_1(m), VCPU(m, EMPTY_VM, 0).page, 1);
	IS_BROKEN(invariant_vm_1(m), VCPU(m, EMPTY_VM, 0).cpu, 1);
	IS_BROKEN(invariant_vm_1(m), VCPU(m, EMPTY_VM, 0).pending, 1);
	IS_BROKEN(invariant_vm_1(m), VCPU(m, EMPTY_VM, MOAT_VCPU_MAX - 1).page,
		1);
}

Test(invariant, vm_1_sees_a_vm_without_its_root)
{
	IS_BROKEN(invariant_vm_1(m), VM(m, 0).life, MOAT_VM_LIFE_COUNT);
	IS_BROKEN(invariant_vm_1(m), VM(m, 0).root, broken_a_host_page());
	IS_BROKEN(invariant_vm_1(m), VM(m, 0).root, PAGE_COUNT(m));
	IS_BROKEN(invariant_vm_1(m), VM(m, 0).root, VM(m, 0).root + 1);
	IS_BROKEN(invariant_vm_1(m), ROOT_PAGE.parent, 1);
	IS_BROKEN(invariant_vm_1(m), VM(m, 1).life, MOAT_VM_EMPTY);
}

Test(invariant, vm_1_sees_a_root_that_is_no_table)
{
	IS_BROKEN(invariant_vm_1(m), ROOT_PAGE.state, MOAT_PAGE_HOST);
}

Test(invariant, vm_1_sees_a_vcpu_without_its_context)
{
	IS_BROKEN(invariant_vm_1(m), VM(m, 0).vcpu_count, 1);
	IS_BROKEN(invariant_vm_1(m), VCPU(m, 0, 0).page, PAGE_COUNT(m));
	IS_BROKEN(invariant_vm_1(m), VCPU(m, 0, 0).page, broken_a_host_page());
	IS_BROKEN(invariant_vm_1(m), VCPU(m, 0, 0).page, VCPU(m, 1, 0).page);
	IS_BROKEN(invariant_vm_1(m), VCPU(m, 0, 0).page, VCPU(m, 0, 1).page);
	IS_BROKEN(invariant_vm_1(m), CONTEXT_PAGE.parent, 1);
	IS_BROKEN(invariant_vm_1(m), CONTEXT_PAGE.slot, 1);
}

/* The page it had is the host's, so that no context lacks its vCPU. */
Test(invariant, vm_1_sees_a_vcpu_with_the_context_of_another)
{
	struct page context = CONTEXT_PAGE;

	CONTEXT_PAGE = HOST_PAGE;
	VCPU(m, 0, 0).page = VCPU(m, 1, 0).page;
	expect(!invariant_vm_1(m), "of another VM");
	VCPU(m, 0, 0).page = VCPU(m, 0, 1).page;
	expect(!invariant_vm_1(m), "of another vCPU");
	VCPU(m, 0, 0).page = broken_a_host_page();
	HOST_PAGE = context;
	expect(invariant_vm_1(m), "its own, elsewhere");
	HOST_PAGE.state = MOAT_PAGE_HOST;
	expect(!invariant_vm_1(m), "a page of the host");
	broken_put_back();
}

/* One that no vCPU names: a page of the host, made one. */
Test(invariant, vm_1_sees_a_context_without_its_vcpu)
{
	struct page context = {.state = MOAT_PAGE_VCPU, .slot = 3};
	struct page a_second = {.state = MOAT_PAGE_VCPU};
	struct page of_nobody = {.state = MOAT_PAGE_VCPU, .parent = BED_VMS};
	struct page of_empty = {.state = MOAT_PAGE_VCPU, .parent = EMPTY_VM};
	struct page kept = HOST_PAGE;

	HOST_PAGE = context;
	expect(!invariant_vm_1(m), "no such vCPU");
	HOST_PAGE = a_second;
	expect(!invariant_vm_1(m), "one that has another");
	HOST_PAGE = of_nobody;
	expect(!invariant_vm_1(m), "no such VM");
	HOST_PAGE = of_empty;
	expect(!invariant_vm_1(m), "an EMPTY VM");
	HOST_PAGE = kept;
}

/* Page 0 is what an absent vCPU names, too; here it is the host's. */
Test(invariant, vm_1_sees_a_context_at_page_0_without_its_vcpu)
{
	struct bed other = bed_make();
	struct page kept = PAGE(other.engine, 0);

	scene_vm(&other, 1, MOAT_VM_BUILDING);
	PAGE(other.engine, 0) =
		(struct page){.state = MOAT_PAGE_VCPU, .slot = 3, .parent = 1};
	expect(!invariant_vm_1(other.engine), "an absent vCPU");
	PAGE(other.engine, 0) = kept;
	expect(invariant_vm_1(other.engine), "as it was");
	bed_end(&other);
}

Test(invariant, vcpu_1_sees_a_cpu_that_runs_nothing_of_the_kind)
{
	IS_BROKEN(invariant_vcpu_1(m), CPU(m, 1).vm, EMPTY_VM);
	IS_BROKEN(invariant_vcpu_1(m), CPU(m, 1).vm, BED_VMS);
	IS_BROKEN(invariant_vcpu_1(m), CPU(m, 1).vm, 1);
	IS_BROKEN(invariant_vcpu_1(m), CPU(m, 1).vcpu, MOAT_VCPU_MAX);
	IS_BROKEN(invariant_vcpu_1(m), CPU(m, 1).vcpu, 1);
	IS_BROKEN(invariant_vcpu_1(m), CPU(m, 0).vm, 0);
	CPU(m, 0).vcpu = 0; /* which runs elsewhere */
	IS_BROKEN(invariant_vcpu_1(m), CPU(m, 0).vm, 0);
	IS_BROKEN(invariant_vcpu_1(m), CPU(m, BED_CPUS - 1).vm, 0);
	IS_BROKEN(invariant_vcpu_1(m), VM(m, 0).life, MOAT_VM_BUILDING);
	IS_BROKEN(invariant_vcpu_1(m), VM(m, 0).life, MOAT_VM_DYING);
	IS_BROKEN(invariant_vcpu_1(m), VCPU(m, 0, 0).state, MOAT_VCPU_READY);
}

Test(invariant, vcpu_1_sees_a_running_vcpu_that_no_cpu_runs)
{
	IS_BROKEN(invariant_vcpu_1(m), CPU(m, 1).vm, NONE);
	IS_BROKEN(invariant_vcpu_1(m), VCPU(m, 0, 0).cpu, BED_CPUS);
	IS_BROKEN(invariant_vcpu_1(m), VCPU(m, 0, 0).cpu, 2);
	IS_BROKEN(invariant_vcpu_1(m), VCPU(m, 0, 0).pending, MOAT_EXIT_IRQ);
	IS_BROKEN(invariant_vcpu_1(m), VCPU(m, 0, 1).state, MOAT_VCPU_RUNNING);
	IS_BROKEN(invariant_vcpu_1(m), VCPU(m, 1, 0).state, MOAT_VCPU_RUNNING);
	VCPU(m, 0, 1).cpu = 1;
	IS_BROKEN(invariant_vcpu_1(m), VCPU(m, 0, 1).state, MOAT_VCPU_RUNNING);
	IS_BROKEN(invariant_vcpu_1(m),
		VCPU(m, EMPTY_VM, MOAT_VCPU_MAX - 1).state, MOAT_VCPU_RUNNING);
}

/* The one that is named is the one that is broken; each is asked. */
#define IS_NAMED(name, field, value) \
	do { \
		__typeof__(field) kept = (field); \
		(field) = (__typeof__(field))(value); \
		cr_expect_str_eq(moat_invariant_check(m), name); \
		(field) = kept; \
	} while (0)

Test(invariant, what_is_broken_is_named)
{
	IS_NAMED("PAGE-1", HOST_PAGE.slot, 1);
	IS_NAMED("VM-1", VM(m, EMPTY_VM).half, 1);
	IS_NAMED("TABLE-1", ROOT_PAGE.mapping, 0);
	IS_NAMED("TABLE-2", TABLE(m, LEAF_PAGE.parent).entry[9], 2);
	IS_NAMED("PAGE-2", VM_PAGE.slot, VM_PAGE.slot + 1);
	IS_NAMED("PAGE-3", REGION(m, page_region(broken_at(BED_C))).closed, 1);
	IS_NAMED("HALF-1", VM(m, 0).half, VM(m, 0).half / 2);
	IS_NAMED("VCPU-1", CPU(m, 0).vm, 0);
}
