/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The host's map of a region: a block while all of it is the host's, a table
 * while some is, nothing when none is, and a block again. Seen by the machine's
 * walker; the CPUs keep what they translated before each step.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "arch-host/walk.h"
#include "inside.h"
#include "scene.h"
#include "table.h"

#define LEAF IPA_EMPTY_LEAF
#define WORD(page) (UINT64_C(0x776f726400) + (page))

enum shape { BLOCK, TABLE, NOTHING };

static const struct moat_vm_id vm_0 = {0};

/* The shape of the region at @pa, and of nothing else. */
static enum shape shape_of(struct bed *bed, uint64_t pa)
{
	struct moat_stage2 stage2 = moat_host_stage2(bed->engine);
	struct host_walk walk = {bed->machine, &stage2, NULL, pa, 2};
	struct host_translation entry = {0};

	if (!host_walk_from(&walk, &entry)) {
		return NOTHING;
	}
	return entry.is_table ? TABLE : BLOCK;
}

/* Where the host runs, whatever is cached there. */
static void expect_reach(struct bed *bed, uint64_t pa, bool reaches)
{
	uint64_t value;

	for (uint32_t cpu = 0; cpu < BED_CPUS; cpu++) {
		if (!moat_cpu_context(bed->engine, cpu)) {
			expect_equal("the host's reach",
				bed_read(bed, cpu, pa, &value), reaches);
		}
	}
}

/* The host reaches all of region D but the pages [first, first + count). */
static void expect_closed(
	struct bed *bed, uint64_t first, uint64_t count, enum shape shape)
{
	expect_equal("the shape", shape_of(bed, BED_D), shape);
	for (uint64_t page = 0; page < 512; page++) {
		bool is_closed = page >= first && page < first + count;

		expect_reach(bed, BED_D + page * 0x1000, !is_closed);
	}
}

static void mark_all(struct bed *bed)
{
	for (uint64_t page = 0; page < 512; page++) {
		bed_write(bed, 0, BED_D + page * 0x1000, WORD(page));
	}
}

/* What is the host's kept its contents, but for the pages that were the VM's.
 */
static void expect_kept(struct bed *bed, uint64_t first, uint64_t count)
{
	for (uint64_t page = 0; page < 512; page++) {
		if (page < first || page >= first + count) {
			expect_equal("a word of the host's",
				bed_word(bed, BED_D + page * 0x1000),
				WORD(page));
		}
	}
}

static void donate(struct bed *bed, uint64_t first, uint64_t count)
{
	struct moat_regs regs =
		moat_page_donate(vm_0, (struct moat_ipa){LEAF + first * 0x1000},
			(struct moat_pa){BED_D + first * 0x1000}, count);

	expect_equal("a donate", bed_call(bed, 0, &regs), MOAT_OK);
	expect_equal("its count", regs.x[1], count);
}

static void reclaim(struct bed *bed, uint64_t first, uint64_t count)
{
	struct moat_regs regs = moat_page_reclaim(
		vm_0, (struct moat_ipa){LEAF + first * 0x1000}, count);

	expect_equal("a reclaim", bed_call(bed, 0, &regs), MOAT_OK);
	expect_equal("its count", regs.x[1], count);
}

/* Where the first page of a region goes, and the last one comes back from. */
static const uint64_t positions[] = {0, 1, 255, 510, 511};

Test(host_map, a_block_becomes_a_table_nothing_a_table_and_a_block)
{
	for (size_t i = 0; i < LENGTH(positions); i++) {
		uint64_t page = positions[i];
		struct bed bed = bed_make();

		bed_about("page %u first and last", (unsigned)page);
		scene_vm(&bed, 0, MOAT_VM_BUILDING);
		mark_all(&bed);
		expect_closed(&bed, 0, 0, BLOCK);
		donate(&bed, page, 1);
		expect_closed(&bed, page, 1, TABLE);
		expect_kept(&bed, page, 1);
		if (page > 0) {
			donate(&bed, 0, page);
		}
		if (page < 511) {
			donate(&bed, page + 1, 511 - page);
		}
		expect_closed(&bed, 0, 512, NOTHING);
		bed_do(&bed, moat_vm_kill(vm_0));
		if (page > 0) {
			reclaim(&bed, 0, page);
		}
		if (page < 511) {
			reclaim(&bed, page + 1, 511 - page);
		}
		expect_closed(&bed, page, 1, TABLE);
		reclaim(&bed, page, 1);
		expect_closed(&bed, 0, 0, BLOCK);
		bed_end(&bed);
	}
}

Test(host_map, a_block_goes_at_once_and_comes_back_at_once)
{
	struct bed bed = bed_make();

	bed_about("a whole region");
	scene_vm(&bed, 0, MOAT_VM_BUILDING);
	expect_closed(&bed, 0, 0, BLOCK);
	donate(&bed, 0, 512);
	expect_closed(&bed, 0, 512, NOTHING);
	bed_do(&bed, moat_vm_kill(vm_0));
	reclaim(&bed, 0, 512);
	expect_closed(&bed, 0, 0, BLOCK);
	bed_end(&bed);
}

/* A table that was linked before is written anew from what holds then. */
Test(host_map, a_region_splits_again_after_it_coalesced)
{
	struct bed bed = bed_make();

	for (uint64_t turn = 0; turn < 4; turn++) {
		uint64_t first = turn * 100;

		bed_about("turn %u", (unsigned)turn);
		scene_vm(&bed, 0, MOAT_VM_BUILDING);
		donate(&bed, first, 7);
		expect_closed(&bed, first, 7, TABLE);
		bed_do(&bed, moat_vm_kill(vm_0));
		reclaim(&bed, first, 7);
		expect_closed(&bed, 0, 0, BLOCK);
		scene_strip(&bed, 0);
		bed_do(&bed, moat_vm_free(vm_0));
	}
	bed_end(&bed);
}

Test(host_map, a_region_with_a_withheld_page_is_never_a_block)
{
	struct bed bed = bed_make();
	struct moat_regs regs = moat_page_donate(
		vm_0, (struct moat_ipa){LEAF}, (struct moat_pa){BED_B}, 512);
	uint64_t value;

	bed_about("region B");
	scene_vm(&bed, 0, MOAT_VM_BUILDING);
	expect_equal("the shape", shape_of(&bed, BED_B), TABLE);
	/* Up to the withheld page; then from behind it. */
	expect_equal("a donate", bed_call(&bed, 0, &regs), MOAT_OK);
	expect_equal("its count", regs.x[1], 259);
	regs = moat_page_donate(vm_0, (struct moat_ipa){LEAF + 260 * 0x1000},
		(struct moat_pa){BED_WITHHELD + 0x1000}, 252);
	expect_equal("a donate", bed_call(&bed, 0, &regs), MOAT_OK);
	expect_equal("its count", regs.x[1], 252);
	expect_equal("the shape", shape_of(&bed, BED_B), NOTHING);
	bed_do(&bed, moat_vm_kill(vm_0));
	reclaim(&bed, 0, 259);
	expect_equal("the shape", shape_of(&bed, BED_B), TABLE);
	reclaim(&bed, 260, 252);
	expect_equal("the shape", shape_of(&bed, BED_B), TABLE);
	expect(!bed_read(&bed, 0, BED_WITHHELD, &value), "it stays withheld");
	expect(bed_read(&bed, 0, BED_WITHHELD + 0x1000, &value), "that only");
	bed_end(&bed);
}

Test(host_map, a_region_that_is_withheld_as_a_whole_is_nothing)
{
	struct moat_config config = bed_config();
	struct bed bed;
	uint64_t value;

	bed_about("region C withheld");
	config.withheld[1] = (struct moat_range){BED_C, 0x200000};
	bed = bed_make_of(&config);
	expect_equal("the shape", shape_of(&bed, BED_C), NOTHING);
	expect_equal("before it", shape_of(&bed, BED_B), BLOCK);
	expect_equal("behind it", shape_of(&bed, BED_D), BLOCK);
	expect(!bed_read(&bed, 0, BED_C_LAST, &value), "the host is out");
	bed_end(&bed);
}

/* Each kind of page closes, and opens, its own region and no other. */
Test(host_map, tables_roots_and_contexts_close_their_region_too)
{
	struct bed bed = bed_make();

	bed_about("the pages of a VM");
	expect_equal("before", shape_of(&bed, BED_A), BLOCK);
	scene_vm(&bed, 0, MOAT_VM_BUILDING);
	expect_equal("with a VM", shape_of(&bed, BED_A), TABLE);
	expect_equal("elsewhere", shape_of(&bed, BED_C), BLOCK);
	bed_do(&bed, moat_vm_kill(vm_0));
	scene_strip(&bed, 0);
	expect_equal("with a root", shape_of(&bed, BED_A), TABLE);
	bed_do(&bed, moat_vm_free(vm_0));
	expect_equal("after", shape_of(&bed, BED_A), BLOCK);
	bed_end(&bed);
}

/* ---- Sharing opens what donating closed -------------------------------- */

/* The vCPU on CPU 1 makes the call about the pages that are there since
 * donate(bed, first, ...), and runs on. */
static void ask(
	struct bed *bed, uint32_t number, uint64_t first, uint64_t count)
{
	const struct moat_regs call =
		scene_guest_call(number, LEAF + first * 0x1000, count);
	struct bed_answer answer = bed_ask(bed, 1, &call);

	expect_equal("x0 of the VM", answer.x[0], MOAT_OK);
	expect_equal("its count", answer.x[1], count);
	scene_run(bed, 0, 0, 1);
}

static struct bed running(void)
{
	struct bed bed = bed_make();

	scene_vm(&bed, 0, MOAT_VM_ACTIVE);
	scene_run(&bed, 0, 0, 1);
	return bed;
}

Test(host_map, a_region_opens_and_closes_as_its_vm_shares)
{
	for (size_t i = 0; i < LENGTH(positions); i++) {
		uint64_t page = positions[i];
		struct bed bed = running();

		bed_about("page %u is shared", (unsigned)page);
		donate(&bed, page, 1);
		expect_closed(&bed, page, 1, TABLE);
		ask(&bed, MOAT_GUEST_SHARE, page, 1);
		expect_closed(&bed, 0, 0, BLOCK);
		ask(&bed, MOAT_GUEST_UNSHARE, page, 1);
		expect_closed(&bed, page, 1, TABLE);
		ask(&bed, MOAT_GUEST_RELINQUISH, page, 1);
		expect_closed(&bed, 0, 0, BLOCK);
		bed_end(&bed);
	}
}

Test(host_map, a_region_that_is_a_vms_opens_page_by_page)
{
	struct bed bed = running();

	bed_about("512 pages");
	donate(&bed, 0, 512);
	expect_closed(&bed, 0, 512, NOTHING);
	ask(&bed, MOAT_GUEST_SHARE, 0, 1);
	expect_closed(&bed, 1, 511, TABLE);
	ask(&bed, MOAT_GUEST_SHARE, 1, 510);
	expect_closed(&bed, 511, 1, TABLE);
	ask(&bed, MOAT_GUEST_SHARE, 511, 1);
	expect_closed(&bed, 0, 0, BLOCK);
	ask(&bed, MOAT_GUEST_UNSHARE, 0, 512);
	expect_closed(&bed, 0, 512, NOTHING);
	ask(&bed, MOAT_GUEST_SHARE, 0, 512);
	ask(&bed, MOAT_GUEST_UNSHARE, 0, 511);
	expect_closed(&bed, 0, 511, TABLE);
	ask(&bed, MOAT_GUEST_RELINQUISH, 0, 511);
	expect_closed(&bed, 0, 0, BLOCK);
	/* The last page is SHARED: open before, open after. */
	ask(&bed, MOAT_GUEST_RELINQUISH, 511, 1);
	expect_closed(&bed, 0, 0, BLOCK);
	bed_end(&bed);
}

/* { what the VM does with a block; the shape then } */
static const struct block_row {
	uint32_t number;
	enum shape shape;
} block_rows[] = {
	{MOAT_GUEST_SHARE, BLOCK},
	{MOAT_GUEST_UNSHARE, NOTHING},
	{MOAT_GUEST_SHARE, BLOCK},
	{MOAT_GUEST_RELINQUISH, BLOCK},
};

Test(host_map, a_block_opens_and_closes_at_once)
{
	const struct moat_ipa ipa = {LEAF + 0x200000};
	struct bed bed = running();

	bed_about("a block");
	bed_do(&bed, moat_block_donate(vm_0, ipa, (struct moat_pa){BED_D}));
	expect_closed(&bed, 0, 512, NOTHING);
	for (size_t i = 0; i < LENGTH(block_rows); i++) {
		ask(&bed, block_rows[i].number, 512, 512);
		expect_closed(&bed, 0, block_rows[i].shape == NOTHING ? 512 : 0,
			block_rows[i].shape);
	}
	expect_equal(
		"the block", inside_page_state(&bed, BED_D), MOAT_PAGE_HOST);
	bed_end(&bed);
}

/* A loan is no matter of the host's map, in pages or as a block. */
Test(host_map, a_loan_leaves_the_region_as_it_is)
{
	struct bed bed = running();
	const struct moat_pa pa = {BED_D};
	const struct moat_ipa page = {IPA_UPPER + LEAF};
	const struct moat_ipa block = {IPA_UPPER};

	bed_about("a loan");
	mark_all(&bed);
	bed_do(&bed, moat_page_lend(vm_0, page, pa, 512, 7));
	expect_closed(&bed, 0, 0, BLOCK);
	bed_do(&bed, moat_page_recall(vm_0, page, 512));
	expect_closed(&bed, 0, 0, BLOCK);
	bed_do(&bed, moat_block_lend(vm_0, block, pa, 7));
	expect_closed(&bed, 0, 0, BLOCK);
	bed_do(&bed, moat_page_recall(vm_0, block, 512));
	expect_closed(&bed, 0, 0, BLOCK);
	expect_kept(&bed, 0, 0);
	bed_end(&bed);
}

/* The host gets back what a dying VM shared: zero, and reached all along. */
Test(host_map, a_reclaim_of_shared_pages_leaves_them_open)
{
	struct bed bed = running();

	bed_about("SHARED and VM pages are reclaimed");
	donate(&bed, 0, 8);
	ask(&bed, MOAT_GUEST_SHARE, 2, 4);
	for (uint64_t i = 0; i < 8; i++) {
		expect(bed_write(&bed, 1, LEAF + i * 0x1000, WORD(i)),
			"the VM writes");
	}
	scene_stop(&bed, 1);
	bed_do(&bed, moat_vm_kill(vm_0));
	reclaim(&bed, 2, 4);
	expect_equal("the shape", shape_of(&bed, BED_D), TABLE);
	reclaim(&bed, 0, 2);
	reclaim(&bed, 6, 2);
	expect_closed(&bed, 0, 0, BLOCK);
	for (uint64_t i = 0; i < 8; i++) {
		expect(bed_is_zero(&bed, BED_D + i * 0x1000), "[PAGE-4]");
	}
	bed_end(&bed);
}

/* ---- Device memory ----------------------------------------------------- */

static bool is_device(struct bed *bed, uint64_t pa, uint64_t *size)
{
	struct moat_stage2 stage2 = moat_host_stage2(bed->engine);
	struct host_walk walk = {bed->machine, &stage2, NULL, pa, 3};
	struct host_translation leaf = {0};

	*size = 0;
	if (!host_walk_from(&walk, &leaf)) {
		return false;
	}
	*size = leaf.size;
	return leaf.is_device;
}

/* { address, size of the leaf that maps it as a device, 0 for none } */
static const struct device_row {
	uint64_t pa, size;
} device_rows[] = {
	{0, 0x200000}, /* the first GiB has a withheld window */
	{BED_DEVICE, 0x200000}, {BED_HIDDEN_DEVICE - 0x1000, 0x200000},
	{BED_HIDDEN_DEVICE, 0}, {BED_HIDDEN_DEVICE + 0x1000, 0x1000},
	{BED_HIDDEN_DEVICE + 0x1ff000, 0x1000},
	{BED_HIDDEN_DEVICE + 0x200000, 0x200000},
	{BED_C_LAST + 0x1000, 0x200000}, /* behind RAM, in its GiB */
	{BED_MEMORY, 0}, {0xc0000000, 0x40000000}, /* a GiB with nothing else */
	{0xfffff000, 0x40000000},
	{0x100000000, 0}, /* behind the host's IPA space */
};

static void expect_devices(
	struct bed *bed, const struct device_row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		uint64_t size;

		bed_about("0x%llx", (unsigned long long)rows[i].pa);
		expect_equal("a device", is_device(bed, rows[i].pa, &size),
			rows[i].size != 0);
		expect_equal("the size", size, rows[i].size);
	}
}

Test(host_map, what_is_not_ram_is_a_device_unless_withheld)
{
	struct bed bed = bed_make();

	expect_devices(&bed, device_rows, LENGTH(device_rows));
	bed_end(&bed);
}

/*
 * A host of 48 bits starts at level 0, where no block is: 512 GiB, a GiB, a
 * region and a page are withheld, each aligned to its size, and each with
 * devices around it.
 */
static const struct moat_range wide_windows[] = {{BED_HIDDEN_DEVICE, 0x1000},
	{BED_WITHHELD, 0x1000}, {0x240000000, 0x40000000},
	{0x300200000, 0x200000}, {0x400001000, 0x1000},
	{0x8000000000, 0x8000000000}};

static const struct device_row wide_rows[] = {
	{0, 0x200000}, {BED_HIDDEN_DEVICE, 0}, {BED_C_LAST + 0x1000, 0x200000},
	{0x200000000, 0x40000000}, {0x240000000, 0}, {0x27ffff000, 0},
	{0x280000000, 0x40000000}, {0x300000000, 0x200000}, {0x300200000, 0},
	{0x3003ff000, 0}, {0x300400000, 0x200000}, {0x33ffff000, 0x200000},
	{0x340000000, 0x40000000}, {0x400000000, 0x1000}, {0x400001000, 0},
	{0x400002000, 0x1000}, {0x4001ff000, 0x1000}, {0x400200000, 0x200000},
	{0x7fc0000000, 0x40000000}, {0x8000000000, 0}, {0xfffffff000, 0},
	{0x10000000000, 0x40000000}, {0xfffffffff000, 0x40000000},
	{0x1000000000000, 0}, /* behind the host's IPA space */
};

Test(host_map, a_host_of_48_bits_has_devices_at_each_level)
{
	struct moat_config config = bed_config();
	struct bed bed;

	config.host_ipa_bits = 48;
	config.withheld_count = LENGTH(wide_windows);
	memcpy(config.withheld, wide_windows, sizeof(wide_windows));
	bed = bed_make_of(&config);
	expect_devices(&bed, wide_rows, LENGTH(wide_rows));
	bed_end(&bed);
}

/*
 * A withheld range cuts two device regions at most, and each of them takes a
 * table. Here every range does, that around the engine's memory included, so
 * that each table that is reserved is in use: the one behind is the engine's.
 */
static const struct moat_range cutting[] = {{0x0a1ff000, 0x2000},
	{BED_MEMORY - 0x1000, 0x802000}, {0x7ffffff000, 0x8000002000}};

static const struct device_row cut_rows[] = {{0x0a1fe000, 0x1000},
	{0x0a1ff000, 0}, {0x0a200000, 0}, {0x0a201000, 0x1000},
	{0x0a3ff000, 0x1000}, {0x0a400000, 0x200000},
	{BED_MEMORY - 0x2000, 0x1000}, {BED_MEMORY - 0x1000, 0},
	{BED_MEMORY, 0}, {BED_MEMORY + 0x800000, 0},
	{BED_MEMORY + 0x801000, 0x1000}, {BED_MEMORY + 0x9ff000, 0x1000},
	{BED_MEMORY + 0xa00000, 0x200000},
	/* Of a host of 48 bits, the third range too. */
	{0x7fffffe000, 0x1000}, {0x7ffffff000, 0}, {0x8000000000, 0},
	{0xfffffff000, 0}, {0x10000000000, 0}, {0x10000001000, 0x1000}};

static void expect_cut(uint32_t bits, uint32_t withheld, size_t rows)
{
	struct moat_config config = bed_config();
	struct bed bed;

	config.host_ipa_bits = bits;
	config.withheld_count = withheld;
	memcpy(config.withheld, cutting, sizeof(cutting));
	bed = bed_make_of(&config);
	expect_devices(&bed, cut_rows, rows);
	/* The last tables are those of devices, the first one RAM's. */
	scene_vm(&bed, 0, MOAT_VM_BUILDING);
	donate(&bed, 0, 1);
	expect_devices(&bed, cut_rows, rows);
	bed_end(&bed);
}

Test(host_map, tables_are_enough_where_each_range_cuts_two_regions)
{
	expect_cut(32, 2, LENGTH(cut_rows) - 6);
	expect_cut(48, 3, LENGTH(cut_rows));
}

/* A root of two pages: what is behind 512 GiB has entries in the second. */
static const struct device_row half_rows[] = {{0x100000000, 0x40000000},
	{0x7fc0000000, 0x40000000}, {0x8000000000, 0},
	{0x8040000000, 0x40000000}, {0xffc0000000, 0x40000000},
	{0x10000000000, 0}};

Test(host_map, a_host_of_40_bits_has_devices_in_both_pages_of_its_root)
{
	struct moat_config config = bed_config();
	struct bed bed;

	config.host_ipa_bits = 40;
	config.withheld_count = 1;
	config.withheld[0] = (struct moat_range){0x8000000000, 0x40000000};
	bed = bed_make_of(&config);
	expect_devices(&bed, half_rows, LENGTH(half_rows));
	bed_end(&bed);
}

/* The root has entries for 512 GiB, of which a host of 32 bits has four. */
Test(host_map, entries_of_the_root_behind_the_end_are_zero)
{
	struct bed bed = bed_make();
	const uint64_t *root = (const void *)host_machine_memory(
		bed.machine, moat_host_stage2(bed.engine).root.value);

	for (uint32_t i = 0; i < 512; i++) {
		bed_about("entry %u", (unsigned)i);
		expect((root[i] != 0) == (i < 4), "its word");
	}
	bed_end(&bed);
}

static const struct device_row behind_rows[] = {{0xb0000000, 0x200000},
	{BED_HIDDEN_DEVICE + 0x1ff000, 0x1000},
	{BED_HIDDEN_DEVICE + 0x200000, 0x200000}};

/* What a list has behind its last range would be RAM, and withheld. */
Test(host_map, a_range_behind_the_last_is_not_looked_at)
{
	struct moat_config config = bed_config();
	struct bed bed;

	config.ram[3] = (struct moat_range){0xb0000000, 0x200000};
	/* The third one is the engine's memory. */
	config.withheld[3] =
		(struct moat_range){BED_HIDDEN_DEVICE + 0x1ff000, 0x2000};
	bed = bed_make_of(&config);
	expect_devices(&bed, behind_rows, LENGTH(behind_rows));
	bed_end(&bed);
}

Test(host_map, the_first_and_the_last_region_may_have_a_withheld_page)
{
	const struct moat_range hidden[] = {
		{BED_A + 0x1ff000, 0x1000}, {BED_H + 0x1ff000, 0x1000}};
	struct moat_config config = bed_config();
	uint64_t value;
	struct bed bed;

	memcpy(config.withheld, hidden, sizeof(hidden));
	bed = bed_make_of(&config);
	for (size_t i = 0; i < LENGTH(hidden); i++) {
		bed_about("0x%llx", (unsigned long long)hidden[i].base);
		expect_equal("the shape",
			shape_of(&bed, hidden[i].base - 0x1ff000), TABLE);
		expect(!bed_read(&bed, 0, hidden[i].base, &value), "withheld");
		expect(bed_read(&bed, 0, hidden[i].base - 0x1000, &value),
			"open before it");
	}
	bed_end(&bed);
}
