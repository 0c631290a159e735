/* SPDX-License-Identifier: BSD-2-Clause */
/* moat_size: what an engine costs, and each rule of a configuration. */
#include <criterion/criterion.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "model/model.h"
#include "scene.h"
#include "table.h"
#include "watch.h"

#define GIB UINT64_C(0x40000000)
#define MIB UINT64_C(0x100000)

/* ---- The rules --------------------------------------------------------- */

static struct moat_config good(void)
{
	struct moat_config config = {
		.cpu_count = 4,
		.vm_count = 8,
		.ipa_bits = 40,
		.host_ipa_bits = 40,
		.ram_count = 3,
		.withheld_count = 3,
		.ram = {{0x40000000, 0x800000}, {0x80000000, 0x200000},
			{0xc0000000, 0x200000}},
		.withheld = {{0x09000000, 0x1000}, {0x40100000, 0x10000},
			{0x90000000, 0x100000}},
		.memory_pa = {0x90000000},
	};

	return config;
}

#define FIELD(field) \
	offsetof(struct moat_config, field), \
		sizeof(((struct moat_config *)0)->field)

/* { the rule, a field, the value that puts it on one side, is it good } */
static const struct config_row {
	const char *name;
	size_t offset;
	size_t size;
	uint64_t value;
	bool is_good;
} config_rows[] = {
	{"no CPU", FIELD(cpu_count), 0, false},
	{"one CPU", FIELD(cpu_count), 1, true},
	{"64 CPUs", FIELD(cpu_count), 64, true},
	{"65 CPUs", FIELD(cpu_count), 65, false},
	{"2^32 - 1 CPUs", FIELD(cpu_count), UINT32_MAX, false},
	{"no VM", FIELD(vm_count), 0, false},
	{"one VM", FIELD(vm_count), 1, true},
	{"255 VMs", FIELD(vm_count), 255, true},
	{"256 VMs: a VMID too many", FIELD(vm_count), 256, false},
	{"VMs of 31 bits", FIELD(ipa_bits), 31, false},
	{"VMs of 32 bits", FIELD(ipa_bits), 32, true},
	{"VMs of 44 bits", FIELD(ipa_bits), 44, true},
	{"VMs of 45 bits", FIELD(ipa_bits), 45, false},
	{"a host of 31 bits", FIELD(host_ipa_bits), 31, false},
	{"a host of 32 bits", FIELD(host_ipa_bits), 32, true},
	{"a host of 43 bits", FIELD(host_ipa_bits), 43, true},
	{"a host of 44 bits", FIELD(host_ipa_bits), 44, true},
	{"a host of 48 bits", FIELD(host_ipa_bits), 48, true},
	{"a host of 49 bits", FIELD(host_ipa_bits), 49, false},
	{"no RAM", FIELD(ram_count), 0, false},
	{"one range of RAM", FIELD(ram_count), 1, true},
	{"a range of no size", FIELD(ram_count), 4, false},
	{"17 ranges of RAM", FIELD(ram_count), 17, false},
	{"2^32 - 1 ranges", FIELD(ram_count), UINT32_MAX, false},
	{"withheld at 0", FIELD(withheld[0].base), 0, true},
	{"nothing withheld", FIELD(withheld_count), 0, true},
	{"a withheld range of no size", FIELD(withheld_count), 4, false},
	{"17 withheld ranges", FIELD(withheld_count), 17, false},
	{"RAM at half a region", FIELD(ram[0].base), 0x40100000, false},
	{"RAM of half a region", FIELD(ram[1].size), 0x100000, false},
	{"RAM of a region and a page", FIELD(ram[1].size), 0x201000, false},
	{"RAM that is empty", FIELD(ram[1].size), 0, false},
	{"RAM that touches the next", FIELD(ram[1].base), 0x40800000, false},
	{"RAM one region away", FIELD(ram[1].base), 0x40a00000, true},
	{"RAM that overlaps", FIELD(ram[1].base), 0x40600000, false},
	{"RAM that descends", FIELD(ram[2].base), 0x60000000, false},
	{"RAM twice", FIELD(ram[2].base), 0x80000000, false},
	{"RAM up to the end", FIELD(ram[2].base), 0xffffe00000, true},
	{"RAM behind the end", FIELD(ram[2].base), 0x10000000000, false},
	{"RAM across the end", FIELD(ram[2].size), 0xff40200000, false},
	{"RAM that wraps", FIELD(ram[2].size), 0xffffffff40200000, false},
	{"RAM at 2^64", FIELD(ram[2].base), 0xffffffffffe00000, false},
	{"withheld at half a page", FIELD(withheld[1].base), 0x40100800, false},
	{"withheld half a page", FIELD(withheld[1].size), 0x800, false},
	{"withheld nothing", FIELD(withheld[1].size), 0, false},
	{"withheld touching", FIELD(withheld[1].base), 0x09001000, false},
	{"withheld a page away", FIELD(withheld[1].base), 0x09002000, true},
	{"withheld twice", FIELD(withheld[1].base), 0x09000000, false},
	{"withheld descending", FIELD(withheld[2].base), 0x20000000, false},
	{"withheld to the end", FIELD(withheld[2].base), 0xfffff00000, true},
	{"withheld behind it", FIELD(withheld[2].base), 0x10000000000, false},
	{"withheld that wraps", FIELD(withheld[2].size), 0xffffffff70001000,
		false},
	{"no list registers", FIELD(list_register_count), 0, true},
	{"one list register", FIELD(list_register_count), 1, true},
	{"four list registers", FIELD(list_register_count), 4, true},
	{"five list registers", FIELD(list_register_count), 5, false},
	{"2^32 - 1 of them", FIELD(list_register_count), UINT32_MAX, false},
	{"memory at 4 KiB", FIELD(memory_pa.value), 0x90001000, false},
	{"memory at 32 KiB", FIELD(memory_pa.value), 0x90008000, false},
	{"memory at 64 KiB", FIELD(memory_pa.value), 0x90010000, true},
};

/* Little endian: a small field is the start of the value. */
static void set_field(struct moat_config *config, const struct config_row *row)
{
	memcpy((unsigned char *)config + row->offset, &row->value, row->size);
}

/* The engine and the model keep the same rules. */
static void expect_good(
	const struct moat_config *config, bool is_good, const char *name)
{
	cr_expect_eq(moat_size(config) != 0, is_good, "%s", name);
	cr_expect_eq(
		model_config_check(config) == NULL, is_good, "model: %s", name);
}

/* But for where the engine's memory is: the model has no use for that. */
static bool is_of_memory(const struct config_row *row)
{
	return row->offset == offsetof(struct moat_config, memory_pa);
}

Test(size, each_rule_of_a_configuration_is_kept)
{
	struct moat_config config = good();

	expect_good(&config, true, "the configuration is good");
	for (size_t i = 0; i < LENGTH(config_rows); i++) {
		config = good();
		set_field(&config, &config_rows[i]);
		if (is_of_memory(&config_rows[i])) {
			cr_expect_eq(moat_size(&config) != 0,
				config_rows[i].is_good, "%s",
				config_rows[i].name);
		} else {
			expect_good(&config, config_rows[i].is_good,
				config_rows[i].name);
		}
	}
}

/* A rule counts for each range, the last one of the list included. */
Test(size, the_last_of_16_ranges_is_looked_at)
{
	struct moat_config config = good();

	config.ram_count = MOAT_RANGE_MAX;
	for (uint64_t i = 0; i < MOAT_RANGE_MAX; i++) {
		config.ram[i] = (struct moat_range){
			0x100000000 + i * 0x400000, 0x200000};
	}
	expect_good(&config, true, "in its limits");
	config.ram[15].size = 0x1000;
	expect_good(&config, false, "out of its limits");
}

/* All else of it would be good, and its RAM lies within the 2 GiB. */
Test(size, a_host_has_at_least_32_bits)
{
	struct moat_config config = good();

	config.ram_count = 1;
	config.withheld_count = 2;
	config.host_ipa_bits = 32;
	expect_good(&config, true, "in its limits");
	config.host_ipa_bits = 31;
	expect_good(&config, false, "out of its limits");
}

/* A page has a number of 32 bits, and the last one of those is none. */
Test(size, pages_are_fewer_than_2_to_the_32)
{
	struct moat_config config = good();

	config.host_ipa_bits = 48;
	config.ram_count = 1;
	config.withheld_count = 0;
	config.ram[0] = (struct moat_range){0x100000000000, 0xfffffe00000};
	expect_good(&config, true, "in its limits");
	config.ram[0].size = 0x100000000000;
	expect_good(&config, false, "out of its limits");
}

/*
 * Behind the last range of a list lies what makes a good 17th one: of RAM the
 * first withheld range, of the withheld ranges the window and the memory.
 */
Test(size, a_17th_range_is_not_looked_for)
{
	struct moat_config config = good();

	config.host_ipa_bits = 43;
	for (uint64_t i = 0; i < MOAT_RANGE_MAX; i++) {
		config.ram[i] = (struct moat_range){
			0x100000000 + i * 0x400000, 0x200000};
		config.withheld[i] = (struct moat_range){
			0x200000000 + i * 0x400000, 0x200000};
	}
	config.ram_count = MOAT_RANGE_MAX;
	config.withheld_count = MOAT_RANGE_MAX;
	config.ram_window = (void *)(uintptr_t)0x300000000;
	expect_good(&config, true, "in its limits");
	config.ram_count = MOAT_RANGE_MAX + 1;
	expect_good(&config, false, "out of its limits");
	config.ram_count = MOAT_RANGE_MAX;
	config.withheld_count = MOAT_RANGE_MAX + 1;
	expect_good(&config, false, "out of its limits");
}

/* ---- The cost ---------------------------------------------------------- */

/* 4.1 MiB for each GiB of RAM, whole bytes of it. */
#define COST_OF_A_GIB UINT64_C(4299161)

/* What a server has, and what a board has. */
static struct moat_config machine(uint64_t gibs)
{
	struct moat_config config = {
		.cpu_count = 8,
		.vm_count = 32,
		.ipa_bits = 44,
		.host_ipa_bits = 40,
		.ram_count = 1,
		.withheld_count = 2,
		.ram = {{GIB, gibs * GIB}},
		.withheld = {{0x09020000, 0x1000}, {GIB, 8 * MIB}},
		.memory_pa = {GIB},
	};

	return config;
}

Test(size, an_engine_costs_at_most_4_1_mib_for_each_gib)
{
	static const uint64_t sizes[] = {1, 4, 16};

	for (size_t i = 0; i < LENGTH(sizes); i++) {
		struct moat_config config = machine(sizes[i]);
		size_t size = moat_size(&config);

		cr_expect_neq(size, 0);
		cr_expect_leq(size, sizes[i] * COST_OF_A_GIB, "%u GiB: %zu",
			(unsigned)sizes[i], size);
	}
}

/* All that a configuration may have, the withheld ranges in a GiB each. */
static struct moat_config full_machine(uint64_t gibs)
{
	struct moat_config config = machine(gibs);

	config.cpu_count = MOAT_CPU_MAX;
	config.vm_count = MOAT_VM_MAX;
	config.list_register_count = MOAT_LIST_REGISTER_MAX;
	config.host_ipa_bits = 43;
	config.withheld_count = MOAT_RANGE_MAX;
	for (uint64_t i = 0; i < MOAT_RANGE_MAX; i++) {
		config.withheld[i] =
			(struct moat_range){(100 + i) * GIB, 0x1000};
	}
	return config;
}

Test(size, a_full_engine_costs_at_most_4_1_mib_for_each_of_8_gib)
{
	struct moat_config config = full_machine(8);
	size_t size = moat_size(&config);

	cr_expect_neq(size, 0);
	cr_expect_leq(size, 8 * COST_OF_A_GIB, "%zu", size);
}

/* A table of level 3 and 512 records for each region, a region's record; a
 * table of level 2 for each GiB that has RAM or a withheld page in it. */
Test(size, what_does_not_grow_with_ram_is_at_most_half_a_mib)
{
	static const uint64_t gibs[] = {1, 8, 64};

	for (size_t i = 0; i < LENGTH(gibs); i++) {
		struct moat_config config = full_machine(gibs[i]);
		uint64_t grows = gibs[i] * 512 * (4096 + 512 * 8 + 8) +
				 (gibs[i] + MOAT_RANGE_MAX) * 4096;
		size_t size = moat_size(&config);

		cr_expect_geq(size, grows, "%zu", size);
		cr_expect_leq(size, grows + MIB / 2, "%zu", size);
	}
}

/* { a host, what is withheld; the pages more than if that were in RAM } */
static const struct cost_row {
	uint32_t bits;
	struct moat_range withheld;
	int64_t pages;
} cost_rows[] = {{40, {GIB, 0x1000}, 0}, /* in RAM */
	{40, {5 * GIB, GIB}, 0}, /* as a whole: no table */
	{40, {5 * GIB, GIB - 0x1000}, 1}, /* and not: one of level 2 */
	{40, {5 * GIB, GIB + 0x1000}, 1}, {40, {5 * GIB, 2 * GIB}, 0},
	{48, {GIB, 0x1000}, 0}, /* 512 tables of level 1 */
	{48, {512 * GIB, 512 * GIB}, -1}, /* one of them less */
	{48, {512 * GIB, 512 * GIB - 0x1000}, 1},
	{48, {512 * GIB, 512 * GIB + 0x1000}, 0}};

static int64_t pages_of(const struct cost_row *row)
{
	struct moat_config config = machine(1);

	config.host_ipa_bits = row->bits;
	config.withheld_count = 1;
	config.withheld[0] = row->withheld;
	return (int64_t)(moat_size(&config) / 4096);
}

Test(size, what_is_withheld_as_a_whole_costs_no_table)
{
	int64_t in_ram = 0;

	for (size_t i = 0; i < LENGTH(cost_rows); i++) {
		const struct cost_row *row = &cost_rows[i];
		int64_t pages = pages_of(row);

		in_ram = row->withheld.base == GIB ? pages : in_ram;
		cr_expect_eq(pages - in_ram, row->pages, "row %zu: %lld", i,
			(long long)(pages - in_ram));
	}
}

Test(size, a_range_behind_the_last_costs_nothing)
{
	struct moat_config config = machine(1);
	size_t size = moat_size(&config);

	config.ram[1] = (struct moat_range){4 * GIB, 4 * GIB};
	config.withheld[2] = (struct moat_range){8 * GIB, 0x1000};
	cr_expect_eq(moat_size(&config), size);
}

/* ---- The memory is enough ---------------------------------------------- */

enum { GUARD = 0x10000, POISON = 0xee };

static bool is_poison(const unsigned char *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (bytes[i] != POISON) {
			return false;
		}
	}
	return true;
}

/*
 * Another engine for the machine of @bed, in memory with guards around it.
 * Returns how many cache lines of its last page are not in use.
 */
static size_t expect_within(struct bed *bed)
{
	unsigned char *own = bed->machine->memory;
	size_t size = moat_size(&bed->machine->config);
	size_t room = (size + GUARD - 1) / GUARD * GUARD + 2 * GUARD;
	unsigned char *memory = aligned_alloc(GUARD, room);
	size_t unused = 0;

	cr_assert_not_null(memory);
	memset(memory, POISON, room);
	/* The monitor knows but one engine of a machine. */
	bed->machine->is_watched = false;
	bed->machine->memory = memory + GUARD;
	moat_init(&bed->machine->config, bed->machine->memory);
	bed->machine->memory = own;
	watch_start(); /* what init writes is not live yet */
	expect(is_poison(memory, GUARD), "nothing before it is written");
	expect(!is_poison(memory + GUARD, size), "it is written");
	expect(is_poison(memory + GUARD + size, room - GUARD - size),
		"nothing behind it is written");
	while (unused < 64 &&
		is_poison(memory + GUARD + size - 64 * (unused + 1), 64)) {
		unused++;
	}
	free(memory);
	return unused;
}

/* The size is whole pages: of one the last page is full, of one there is but a
 * line in it, and of none it is empty. */
Test(size, the_engine_stays_within_its_memory)
{
	bool is_full = false;
	bool has_one = false;

	for (uint32_t vms = 1; vms <= 64; vms++) {
		struct moat_config config = bed_config();
		struct bed bed;
		size_t unused;

		config.vm_count = vms;
		config.ram[2].size = 64 * BED_REGION;
		bed = bed_make_of(&config);
		bed_about("an engine of %u VMs", (unsigned)vms);
		unused = expect_within(&bed);
		is_full |= unused == 0;
		has_one |= unused == 63;
		expect(unused < 64, "its last page is in use");
		bed_end(&bed);
	}
	bed_about("the sizes that were tried");
	expect(is_full, "one is whole pages");
	expect(has_one, "one is a line longer");
}

/*
 * The records of 25 regions end within a cache line, and what follows them
 * begins with the next one. Beyond 16 MiB it shows if pages count that are a
 * byte short.
 */
/* { from where, pages asked for, pages done: a range of RAM ends them } */
static const struct {
	uint64_t pa, asked, done;
} far_rows[] = {
	{BED_A + 0x2100000, 2, 2},
	{BED_A + 0x21ff000, 4, 1},
	{BED_D, 2, 2},
	{BED_D + 0xfff000, 4, 1},
};

Test(size, arrays_of_25_regions_lie_apart)
{
	const struct moat_vm_id vm = {0};
	struct moat_config config = bed_config();
	struct bed bed;

	config.ram_count = 2;
	config.ram[0].size = 17 * BED_REGION;
	config.ram[1].size = 8 * BED_REGION;
	bed = bed_make_of(&config);
	scene_vm(&bed, 0, MOAT_VM_BUILDING);
	for (size_t i = 0; i < LENGTH(far_rows); i++) {
		struct moat_regs regs = moat_page_donate(vm,
			(struct moat_ipa){IPA_EMPTY_LEAF + i * 0x10000},
			(struct moat_pa){far_rows[i].pa}, far_rows[i].asked);

		bed_about("0x%llx", (unsigned long long)far_rows[i].pa);
		expect_equal("a donate", bed_call(&bed, 0, &regs), MOAT_OK);
		expect_equal("its count", regs.x[1], far_rows[i].done);
	}
	bed_about("a block");
	bed_do(&bed, moat_block_donate(vm,
			     (struct moat_ipa){IPA_EMPTY_LEAF + 0x200000},
			     (struct moat_pa){BED_D + BED_REGION}));
	bed_end(&bed);
}

/* There are locks for 64 regions. Watched as every refused call: what it took
 * is one of them, and nothing behind them is written. */
Test(size, the_65th_region_has_the_lock_of_the_first)
{
	const struct moat_vm_id vm = {0};
	const struct moat_pa pa = {BED_E + 60 * BED_REGION};
	struct moat_config config = bed_config();
	struct moat_regs regs;
	struct bed bed;

	config.ram[2].size = 64 * BED_REGION;
	bed = bed_make_of(&config);
	bed_about("a page of region 64");
	scene_vm(&bed, 0, MOAT_VM_BUILDING);
	bed_do(&bed,
		moat_page_donate(vm, (struct moat_ipa){IPA_EMPTY_LEAF}, pa, 1));
	regs = moat_page_donate(
		vm, (struct moat_ipa){IPA_EMPTY_LEAF + 0x1000}, pa, 1);
	expect_equal("x0", bed_call(&bed, 0, &regs), AT(MOAT_BAD_PAGE, 3));
	bed_end(&bed);
}

/* As many as there may be: the first page of each, and the last of the last. */
Test(size, an_engine_of_16_ranges_finds_each_page)
{
	const struct moat_vm_id vm = {0};
	struct moat_config config = bed_config();
	struct bed bed;

	config.ram_count = MOAT_RANGE_MAX;
	for (uint64_t i = 1; i < MOAT_RANGE_MAX; i++) {
		config.ram[i] = (struct moat_range){
			BED_D + (i - 1) * 2 * BED_REGION, BED_REGION};
	}
	bed = bed_make_of(&config);
	scene_vm(&bed, 0, MOAT_VM_BUILDING);
	for (uint64_t i = 1; i < MOAT_RANGE_MAX; i++) {
		struct moat_regs regs = moat_page_donate(vm,
			(struct moat_ipa){IPA_EMPTY_LEAF + i * 0x1000},
			(struct moat_pa){config.ram[i].base}, 1);

		bed_about("range %u", (unsigned)i);
		expect_equal("a donate", bed_call(&bed, 0, &regs), MOAT_OK);
	}
	bed_end(&bed);
}
