/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * S2AP and XN, of pages and of blocks; that a cached leaf goes on deciding; and
 * that no other descriptor passes for one of ours.
 */
#include "bed.h"
#include "format.h"

#include "pte.h"

#define STRAY "a descriptor the engine never makes"

/* What each kind permits: Arm ARM, D8.4.2; the numbers are written out here. */
static const struct {
	enum pte_kind kind;
	bool may_write;
	bool may_execute;
	const char *name;
} kinds[] = {
	{PTE_NORMAL, true, true, "RAM"},
	{PTE_READ, false, false, "read only"},
	{PTE_READ_WRITE, true, false, "never executable"},
	{PTE_READ_EXECUTE, false, true, "never written"},
};

static void expect_access(struct host_machine *machine, uint64_t ipa, size_t i)
{
	expect(bed_may(machine, ipa, MOAT_ACCESS_READ), kinds[i].name);
	expect(bed_may(machine, ipa, MOAT_ACCESS_WRITE) == kinds[i].may_write,
		kinds[i].name);
	expect(bed_may(machine, ipa, MOAT_ACCESS_FETCH) == kinds[i].may_execute,
		kinds[i].name);
	/* Once more: now from the TLB. */
	expect(bed_may(machine, ipa, MOAT_ACCESS_WRITE) == kinds[i].may_write,
		kinds[i].name);
	expect(bed_may(machine, ipa, MOAT_ACCESS_FETCH) == kinds[i].may_execute,
		kinds[i].name);
}

static void permissions_hold_at_both_levels(void)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct host_machine *machine = bed_make();

		bed_store(
			machine, BED_TABLE, pte_page(BED_PAGE, kinds[i].kind));
		bed_store(machine, BED_ROOT + 8,
			pte_block(BED_BLOCK, kinds[i].kind));
		expect_access(machine, BED_PAGE_IPA, i);
		expect_access(machine, BED_BLOCK_IPA, i);
		expect_access(machine, BED_BLOCK_IPA + BED_REGION - 8, i);
		expect(!bed_may(machine, BED_BLOCK_IPA + BED_REGION,
			       MOAT_ACCESS_READ),
			"behind the block");
		expect_broken(machine, NULL);
		host_machine_destroy(machine);
	}
}

/* The table permits writing now; the TLB remembers that it did not. */
static void a_cached_leaf_decides_until_it_is_invalidated(void)
{
	struct host_machine *machine = bed_make();

	bed_store(
		machine, BED_ROOT + 8, pte_block(BED_BLOCK, PTE_READ_EXECUTE));
	expect(bed_may(machine, BED_BLOCK_IPA, MOAT_ACCESS_READ), "a read");
	bed_store(machine, BED_ROOT + 8, pte_block(BED_BLOCK, PTE_NORMAL));
	expect(!bed_may(machine, BED_BLOCK_IPA + 8, MOAT_ACCESS_WRITE),
		"a write by a cached block");
	/* Pages of the block are not what is cached. */
	bed_invalidate(machine, BED_BLOCK_IPA, 512, 3);
	expect(!bed_may(machine, BED_BLOCK_IPA + 8, MOAT_ACCESS_WRITE),
		"a write after the wrong level was invalidated");
	bed_invalidate(machine, BED_BLOCK_IPA + BED_REGION - 0x1000, 1, 2);
	expect(bed_may(machine, BED_BLOCK_IPA + 8, MOAT_ACCESS_WRITE),
		"a write after the block was invalidated");
	host_machine_destroy(machine);
}

/* Each permission by itself makes a cached leaf stale. */
static void expect_stale(enum pte_kind cached, enum pte_kind now)
{
	struct host_machine *machine = bed_make();

	bed_store(machine, BED_TABLE, pte_page(BED_PAGE, cached));
	expect(bed_may(machine, BED_PAGE_IPA, MOAT_ACCESS_READ), "a read");
	expect(host_cpu_stale(machine, 0) == NULL, "nothing is stale");
	bed_store(machine, BED_TABLE, pte_page(BED_PAGE, now));
	expect(host_cpu_stale(machine, 0) != NULL, "a permission is stale");
	host_machine_destroy(machine);
}

/* Each is wrong in one bit, or in one place. */
static void stray_descriptors_are_noted(void)
{
	const struct {
		uint64_t entry;
		uint64_t descriptor;
		uint64_t ipa;
	} strays[] = {
		{BED_TABLE, pte_page(BED_PAGE, PTE_NORMAL) + FORMAT_UNUSED,
			BED_PAGE_IPA},
		{BED_TABLE, pte_page(BED_PAGE, PTE_NORMAL) - FORMAT_ALWAYS,
			BED_PAGE_IPA},
		{BED_TABLE, pte_block(BED_PAGE, PTE_NORMAL), BED_PAGE_IPA},
		{BED_TABLE, 2, BED_PAGE_IPA},
		{BED_ROOT + 8, pte_page(BED_BLOCK, PTE_NORMAL), BED_BLOCK_IPA},
		{BED_ROOT + 8, pte_block(BED_PAGE, PTE_NORMAL), BED_BLOCK_IPA},
		{BED_ROOT + 8, pte_table(BED_TABLE) + FORMAT_OF_LEAF,
			BED_BLOCK_IPA},
	};

	for (size_t i = 0; i < sizeof(strays) / sizeof(strays[0]); i++) {
		struct host_machine *machine = bed_make();

		bed_store(machine, strays[i].entry, strays[i].descriptor);
		expect(!bed_may(machine, strays[i].ipa, MOAT_ACCESS_READ),
			"a stray descriptor translates");
		expect_broken(machine, STRAY);
		host_machine_destroy(machine);
	}
}

void test_permission(void)
{
	permissions_hold_at_both_levels();
	a_cached_leaf_decides_until_it_is_invalidated();
	expect_stale(PTE_READ_EXECUTE, PTE_NORMAL);
	expect_stale(PTE_READ_WRITE, PTE_NORMAL);
	stray_descriptors_are_noted();
}
