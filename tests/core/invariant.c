/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Each clause of each invariant, broken on purpose: an oracle that cannot say
 * no is none. The state is one that calls reached; then one field is another,
 * the predicate must refuse, and the field is put back.
 */
#include "core/invariant.h"

#include <criterion/criterion.h>
#include <string.h>

#include "core/host_map.h"
#include "core/page.h"
#include "core/s2.h"
#include "pte.h"
#include "scene.h"

/* @predicate refuses @value in @field, and admits what is there otherwise. */
#define IS_BROKEN(predicate, field, value) \
	do { \
		__typeof__(field) kept = (field); \
		expect(predicate, #predicate " before"); \
		(field) = (__typeof__(field))(value); \
		expect(!(predicate), #predicate " sees " #field " " #value); \
		(field) = kept; \
		expect(predicate, #predicate " after"); \
	} while (0)

/* @predicate admits it: the boundary of a clause. */
#define IS_GOOD(predicate, field, value) \
	do { \
		__typeof__(field) kept = (field); \
		(field) = (__typeof__(field))(value); \
		expect(predicate, #predicate " admits " #field " " #value); \
		(field) = kept; \
	} while (0)

enum { EMPTY_VM = BED_VMS - 1 };

static struct bed bed;
static struct moat *m;

/* VM 0 has everything, and vCPU 0 runs on CPU 1; VM 1 is BUILDING. */
static void setup(void)
{
	bed = bed_make();
	bed_about("an invariant broken on purpose");
	scene_build(&bed, 0);
	scene_fill(&bed, 0);
	scene_vcpu(&bed, 0, 1);
	bed_do(&bed, moat_vm_seal((struct moat_vm_id){0}));
	scene_share(&bed, 0);
	scene_vm(&bed, 1, MOAT_VM_BUILDING);
	scene_run(&bed, 0, 0, 1);
	m = bed.engine;
	expect(moat_invariant_check(m) == NULL, "nothing is broken");
}

static void teardown(void)
{
	bed_end(&bed);
}

TestSuite(invariant, .init = setup, .fini = teardown);

static uint32_t at(uint64_t pa)
{
	return host_machine_page(bed.machine, pa);
}

static uint32_t of_vm(enum scene_page page)
{
	return at(scene_pa(0, page));
}

static uint32_t a_host_page(void)
{
	return at(FREE_PAGE);
}

#define HOST_PAGE PAGE(m, a_host_page())
#define VM_PAGE PAGE(m, of_vm(SCENE_VM_PAGE))
#define LENT_PAGE PAGE(m, of_vm(SCENE_LENT_PAGE))
#define ROOT_PAGE PAGE(m, of_vm(SCENE_ROOT))
#define CONTEXT_PAGE PAGE(m, of_vm(SCENE_CONTEXT))
/* The leaf table of the VM page. */
#define LEAF_PAGE PAGE(m, VM_PAGE.parent)

Test(invariant, page_1_sees_fields_of_a_page_that_hangs_nowhere)
{
	IS_BROKEN(invariant_page_1(m), HOST_PAGE.mapping, 1);
	IS_BROKEN(invariant_page_1(m), HOST_PAGE.slot, 1);
	IS_BROKEN(invariant_page_1(m), HOST_PAGE.parent, 1);
	IS_BROKEN(invariant_page_1(m), HOST_PAGE.state, MOAT_PAGE_STATE_COUNT);
	IS_BROKEN(invariant_page_1(m), PAGE(m, at(BED_WITHHELD)).slot, 1);
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
	IS_BROKEN(invariant_page_2(m), VM_PAGE.parent, a_host_page());
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
		.parent = a_host_page()};
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
	uint32_t page = of_vm(SCENE_VM_PAGE);
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
	uint32_t other = PAGE(m, of_vm(SCENE_LENT_PAGE)).parent;
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

/* In the bed's own VM the first page is a table; here it is the host's. */
Test(invariant, half_1_sees_the_first_page)
{
	struct bed other = bed_make();
	struct page kept = PAGE(other.engine, 0);
	uint32_t page;

	scene_vm(&other, 1, MOAT_VM_BUILDING);
	page = host_machine_page(other.machine, scene_pa(1, SCENE_VM_PAGE));
	PAGE(other.engine, 0) = PAGE(other.engine, page);
	expect(invariant_half_1(other.engine), "a VM's page");
	PAGE(other.engine, 0).state = MOAT_PAGE_LENT;
	expect(!invariant_half_1(other.engine), "a LENT page");
	PAGE(other.engine, 0) = kept;
	bed_end(&other);
}

static uint64_t *host_entry(uint64_t pa)
{
	struct region region = REGION(m, page_region(at(pa)));

	return &HOST_TABLE(m, region.table).entry[region.slot];
}

static uint64_t *host_leaf_entry(uint64_t pa)
{
	uint32_t leaf = host_map_leaf(m, page_region(at(pa)));

	return &HOST_TABLE(m, leaf).entry[at(pa) % ENTRY_COUNT];
}

/* B has one closed page, C none, the blocks of a VM all. */
Test(invariant, page_3_sees_a_region_of_the_wrong_shape)
{
	IS_BROKEN(invariant_page_3(m), REGION(m, page_region(at(BED_C))).closed,
		1);
	IS_BROKEN(invariant_page_3(m), REGION(m, page_region(at(BED_B))).closed,
		0);
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
	uint32_t page = a_host_page();

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

Test(invariant, table_1_sees_a_table_without_its_parent)
{
	IS_BROKEN(invariant_table_1(m), LEAF_PAGE.parent, a_host_page());
	IS_BROKEN(invariant_table_1(m), LEAF_PAGE.parent, PAGE_COUNT(m));
	IS_BROKEN(invariant_table_1(m), LEAF_PAGE.slot, LEAF_PAGE.slot + 1);
	IS_BROKEN(invariant_table_1(m), LEAF_PAGE.mapping, LEAF_LEVEL - 1);
	IS_BROKEN(invariant_table_1(m),
		TABLE(m, LEAF_PAGE.parent).entry[LEAF_PAGE.slot], PTE_EMPTY);
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
		TABLE(m, of_vm(SCENE_ROOT) + SCENE_ROOT_PAGES - 1)
			.entry[SCENE_ROOT_PAGES == 1 ? 100 : child_slot],
		pte_table(page_pa(m, child)));
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
	IS_BROKEN(invariant_vm_1(m), VM(m, 0).root, a_host_page());
	IS_BROKEN(invariant_vm_1(m), VM(m, 0).root, PAGE_COUNT(m));
	IS_BROKEN(invariant_vm_1(m), VM(m, 0).root, VM(m, 0).root + 1);
	IS_BROKEN(invariant_vm_1(m), ROOT_PAGE.parent, 1);
	IS_BROKEN(invariant_vm_1(m), VM(m, 1).life, MOAT_VM_EMPTY);
}

Test(invariant, vm_1_sees_a_vcpu_without_its_context)
{
	IS_BROKEN(invariant_vm_1(m), VM(m, 0).vcpu_count, 1);
	IS_BROKEN(invariant_vm_1(m), VCPU(m, 0, 0).page, PAGE_COUNT(m));
	IS_BROKEN(invariant_vm_1(m), VCPU(m, 0, 0).page, a_host_page());
	IS_BROKEN(invariant_vm_1(m), VCPU(m, 0, 0).page, VCPU(m, 1, 0).page);
	IS_BROKEN(invariant_vm_1(m), VCPU(m, 0, 0).page, VCPU(m, 0, 1).page);
	IS_BROKEN(invariant_vm_1(m), CONTEXT_PAGE.parent, 1);
	IS_BROKEN(invariant_vm_1(m), CONTEXT_PAGE.slot, 1);
}

/* One that no vCPU names: a page of the host, made one. */
Test(invariant, vm_1_sees_a_context_without_its_vcpu)
{
	struct page context = {.state = MOAT_PAGE_VCPU, .slot = 3};
	struct page of_nobody = {.state = MOAT_PAGE_VCPU, .parent = BED_VMS};
	struct page of_empty = {.state = MOAT_PAGE_VCPU, .parent = EMPTY_VM};
	struct page kept = HOST_PAGE;

	HOST_PAGE = context;
	expect(!invariant_vm_1(m), "no such vCPU");
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
	IS_NAMED("PAGE-3", REGION(m, page_region(at(BED_C))).closed, 1);
	IS_NAMED("HALF-1", VM(m, 0).half, VM(m, 0).half / 2);
	IS_NAMED("VCPU-1", CPU(m, 0).vm, 0);
}
