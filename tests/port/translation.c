/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * moat_port_invalidate and moat_port_publish, by what an agent sees: each test
 * makes a little stage-2 tree, lets the agent translate so that it may cache,
 * changes the tree, invalidates, and lets it translate again.
 *
 * Each test has a VMID of its own, so that one that fails spoils no other.
 */
#include "internal.h"
#include "moat/port.h"
#include "pte.h"

enum {
	ROOT, /* level 1 */
	MIDDLE, /* level 2 */
	LEAF, /* level 3 */
	OTHER_LEAF, /* level 3, not linked at the start */
	IPA_BITS = 35,
	START_LEVEL = 1,
	ENTRIES = 512
};

#define PAGE UINT64_C(0x1000)
#define BLOCK UINT64_C(0x200000)
#define GIB UINT64_C(0x40000000)

/* What is mapped is never touched: any address will do. */
#define TARGET UINT64_C(0x80000000)
#define ELSEWHERE UINT64_C(0x90000000)

struct tree {
	const struct port_bed *bed;
	struct moat_stage2 stage2;
};

static uint64_t *table(const struct tree *tree, uint32_t page)
{
	return (uint64_t *)(void *)bed_page(tree->bed, page);
}

static uint64_t table_pa(const struct tree *tree, uint32_t page)
{
	return tree->bed->pa.value + page * PAGE;
}

static void set(
	const struct tree *tree, uint32_t page, uint32_t slot, uint64_t value)
{
	moat_port_descriptor_write(&table(tree, page)[slot], value);
}

static uint64_t leaf(uint64_t pa)
{
	return pte_leaf(pa, 3, PTE_NORMAL);
}

/* Three empty tables, linked for the first 2 MiB, and one beside them. */
static struct tree tree_make(const struct port_bed *bed, uint32_t vmid)
{
	struct tree tree = {bed, {bed->pa, IPA_BITS, START_LEVEL, vmid}};

	moat_port_scrub(bed_page(bed, 0), 4 * MOAT_PAGE_SIZE);
	set(&tree, ROOT, 0, pte_table(table_pa(&tree, MIDDLE)));
	set(&tree, MIDDLE, 0, pte_table(table_pa(&tree, LEAF)));
	moat_port_publish();
	return tree;
}

/* Whether the agent finds @ipa at @pa; @pa 0: nowhere. */
static bool leads(const struct tree *tree, uint64_t ipa, uint64_t pa)
{
	const struct moat_ipa at = {ipa};
	struct moat_pa found = {0};
	bool maps = tree->bed->translate(&tree->stage2, at, &found);

	return pa == 0 ? !maps : maps && found.value == pa;
}

static void forget(
	const struct tree *tree, uint64_t ipa, uint64_t count, uint32_t level)
{
	const struct moat_invalidation what = {
		tree->stage2, {ipa}, count, level, 1};

	moat_port_invalidate(&what);
}

/*
 * Unlink the tables from below and forget them, so that they are no longer live
 * when the next test scrubs them. Returns @holds, the verdict.
 */
static bool tree_end(const struct tree *tree, bool holds)
{
	for (uint32_t slot = 0; slot < 4; slot++) {
		set(tree, MIDDLE, slot, PTE_EMPTY);
		set(tree, ROOT, slot, PTE_EMPTY);
	}
	forget(tree, 0, 0, START_LEVEL);
	return holds;
}

static bool entry_is_seen_once_published(const struct port_bed *bed)
{
	const struct tree tree = tree_make(bed, 1);
	bool holds = leads(&tree, 5 * PAGE, 0);

	set(&tree, LEAF, 5, leaf(TARGET));
	moat_port_publish();
	return tree_end(&tree, holds && leads(&tree, 5 * PAGE, TARGET) &&
				       leads(&tree, 4 * PAGE, 0) &&
				       leads(&tree, 6 * PAGE, 0));
}

static bool invalidated_page_is_forgotten(const struct port_bed *bed)
{
	const struct tree tree = tree_make(bed, 2);
	bool holds;

	set(&tree, LEAF, 5, leaf(TARGET));
	moat_port_publish();
	holds = leads(&tree, 5 * PAGE, TARGET);
	set(&tree, LEAF, 5, PTE_EMPTY);
	forget(&tree, 5 * PAGE, 1, 3);
	return tree_end(&tree, holds && leads(&tree, 5 * PAGE, 0));
}

static bool invalidated_page_may_lead_elsewhere(const struct port_bed *bed)
{
	const struct tree tree = tree_make(bed, 3);
	bool holds;

	set(&tree, LEAF, 7, leaf(TARGET));
	moat_port_publish();
	holds = leads(&tree, 7 * PAGE, TARGET);
	set(&tree, LEAF, 7, PTE_EMPTY);
	forget(&tree, 7 * PAGE, 1, 3);
	set(&tree, LEAF, 7, leaf(ELSEWHERE));
	moat_port_publish();
	return tree_end(&tree, holds && leads(&tree, 7 * PAGE, ELSEWHERE));
}

/* All 512 pages of a leaf table, the most that one call names. */
static bool every_page_of_a_range_is_forgotten(const struct port_bed *bed)
{
	const struct tree tree = tree_make(bed, 4);
	bool holds = true;

	for (uint32_t i = 0; i < ENTRIES; i++) {
		set(&tree, LEAF, i, leaf(TARGET + i * PAGE));
	}
	moat_port_publish();
	for (uint32_t i = 0; i < ENTRIES; i++) {
		holds = leads(&tree, i * PAGE, TARGET + i * PAGE) && holds;
	}
	for (uint32_t i = 0; i < ENTRIES; i++) {
		set(&tree, LEAF, i, PTE_EMPTY);
	}
	forget(&tree, 0, ENTRIES, 3);
	for (uint32_t i = 0; i < ENTRIES; i++) {
		holds = leads(&tree, i * PAGE, 0) && holds;
	}
	return tree_end(&tree, holds);
}

/* A range that starts in the middle: neither cut off nor shifted. */
static bool range_is_forgotten_from_its_start_to_its_end(
	const struct port_bed *bed)
{
	const struct tree tree = tree_make(bed, 5);
	bool holds = true;

	for (uint32_t i = 200; i < 203; i++) {
		set(&tree, LEAF, i, leaf(TARGET + i * PAGE));
	}
	moat_port_publish();
	for (uint32_t i = 200; i < 203; i++) {
		holds = leads(&tree, i * PAGE, TARGET + i * PAGE) && holds;
		set(&tree, LEAF, i, PTE_EMPTY);
	}
	forget(&tree, 200 * PAGE, 3, 3);
	return tree_end(&tree, leads(&tree, 200 * PAGE, 0) &&
				       leads(&tree, 201 * PAGE, 0) &&
				       leads(&tree, 202 * PAGE, 0) && holds);
}

static bool block_is_forgotten_as_a_whole(const struct port_bed *bed)
{
	const struct tree tree = tree_make(bed, 6);
	uint64_t last = 4 * BLOCK - PAGE;
	bool holds;

	set(&tree, MIDDLE, 3, pte_leaf(TARGET, 2, PTE_NORMAL));
	moat_port_publish();
	holds = leads(&tree, 3 * BLOCK, TARGET) &&
		leads(&tree, last, TARGET + BLOCK - PAGE);
	set(&tree, MIDDLE, 3, PTE_EMPTY);
	forget(&tree, 3 * BLOCK, ENTRIES, 2);
	return tree_end(&tree,
		holds && leads(&tree, 3 * BLOCK, 0) && leads(&tree, last, 0));
}

/*
 * Break-before-make of a fold: the entries of a table and the table go, a block
 * comes (Arm ARM, D8.14). Both the leaves and the walk must be forgotten.
 */
static bool block_may_replace_a_table(const struct port_bed *bed)
{
	const struct tree tree = tree_make(bed, 7);
	bool holds;

	set(&tree, LEAF, 9, leaf(TARGET + 9 * PAGE));
	moat_port_publish();
	holds = leads(&tree, 9 * PAGE, TARGET + 9 * PAGE);
	set(&tree, MIDDLE, 0, PTE_EMPTY);
	forget(&tree, 0, ENTRIES, 3);
	holds = leads(&tree, 9 * PAGE, 0) && holds;
	set(&tree, MIDDLE, 0, pte_leaf(ELSEWHERE, 2, PTE_NORMAL));
	moat_port_publish();
	return tree_end(
		&tree, leads(&tree, 9 * PAGE, ELSEWHERE + 9 * PAGE) && holds);
}

/*
 * The walk through a table is cached beside the translations that it found: it
 * goes with them, and the next walk reads the table that is linked by then.
 */
static bool walk_through_a_table_that_goes_is_forgotten(
	const struct port_bed *bed)
{
	const struct tree tree = tree_make(bed, 8);
	bool holds;

	set(&tree, LEAF, 1, leaf(TARGET));
	set(&tree, OTHER_LEAF, 2, leaf(ELSEWHERE));
	moat_port_publish();
	holds = leads(&tree, PAGE, TARGET);
	set(&tree, MIDDLE, 0, PTE_EMPTY);
	forget(&tree, 0, ENTRIES, 3);
	set(&tree, MIDDLE, 0, pte_table(table_pa(&tree, OTHER_LEAF)));
	moat_port_publish();
	return tree_end(&tree, holds && leads(&tree, 2 * PAGE, ELSEWHERE) &&
				       leads(&tree, PAGE, 0));
}

/* page_count 0: whatever the VMID had, however far apart. */
static bool count_0_forgets_all_of_a_vmid(const struct port_bed *bed)
{
	const struct tree tree = tree_make(bed, 9);
	uint64_t far = 3 * GIB;
	bool holds;

	set(&tree, LEAF, 0, leaf(TARGET));
	set(&tree, LEAF, 511, leaf(TARGET + PAGE));
	set(&tree, ROOT, 3, pte_leaf(2 * GIB, 1, PTE_NORMAL));
	moat_port_publish();
	holds = leads(&tree, 0, TARGET) &&
		leads(&tree, 511 * PAGE, TARGET + PAGE) &&
		leads(&tree, far, 2 * GIB);
	set(&tree, LEAF, 0, PTE_EMPTY);
	set(&tree, LEAF, 511, PTE_EMPTY);
	set(&tree, ROOT, 3, PTE_EMPTY);
	forget(&tree, 0, 0, 1);
	return tree_end(&tree, holds && leads(&tree, 0, 0) &&
				       leads(&tree, 511 * PAGE, 0) &&
				       leads(&tree, far, 0));
}

/* The highest VMID that an engine uses. */
static bool vmid_is_not_cut(const struct port_bed *bed)
{
	const struct tree tree = tree_make(bed, MOAT_VM_MAX);
	bool holds;

	set(&tree, LEAF, 5, leaf(TARGET));
	moat_port_publish();
	holds = leads(&tree, 5 * PAGE, TARGET);
	set(&tree, LEAF, 5, PTE_EMPTY);
	forget(&tree, 5 * PAGE, 1, 3);
	return tree_end(&tree, holds && leads(&tree, 5 * PAGE, 0));
}

/* Whoever runs on this CPU goes on with its own translation. */
static bool invalidation_leaves_the_cpus_own_regime(const struct port_bed *bed)
{
	const struct tree tree = tree_make(bed, 10);
	uint64_t before = bed->regime();

	forget(&tree, 5 * PAGE, 1, 3);
	forget(&tree, 0, 0, 1);
	return tree_end(&tree, bed->regime() == before);
}

static const struct port_test tests[] = {
	{"entry_is_seen_once_published", entry_is_seen_once_published},
	{"invalidated_page_is_forgotten", invalidated_page_is_forgotten},
	{"invalidated_page_may_lead_elsewhere",
		invalidated_page_may_lead_elsewhere},
	{"every_page_of_a_range_is_forgotten",
		every_page_of_a_range_is_forgotten},
	{"range_is_forgotten_from_its_start_to_its_end",
		range_is_forgotten_from_its_start_to_its_end},
	{"block_is_forgotten_as_a_whole", block_is_forgotten_as_a_whole},
	{"block_may_replace_a_table", block_may_replace_a_table},
	{"walk_through_a_table_that_goes_is_forgotten",
		walk_through_a_table_that_goes_is_forgotten},
	{"count_0_forgets_all_of_a_vmid", count_0_forgets_all_of_a_vmid},
	{"vmid_is_not_cut", vmid_is_not_cut},
	{"invalidation_leaves_the_cpus_own_regime",
		invalidation_leaves_the_cpus_own_regime},
};

struct port_tests port_tests_of_translation(void)
{
	struct port_tests all = PORT_TESTS(tests);

	return all;
}
