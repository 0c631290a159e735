/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The host's map of each width up to 48 bits, with each granule: where its root
 * starts, and RAM at the highest addresses, which is found, given away and
 * never confused with what has the same low bits.
 */
#include "granule.h"

static const struct host_row {
	uint32_t page_bits, bits, level;
} rows[] = {
	{12, 32, 1},
	{12, 36, 1},
	{12, 39, 1},
	{12, 40, 1},
	{12, 43, 1},
	{12, 44, 0},
	{12, 47, 0},
	{12, 48, 0},
	{14, 32, 2},
	{14, 36, 2},
	{14, 39, 2},
	{14, 40, 2},
	{14, 41, 1},
	{14, 44, 1},
	{14, 47, 1},
	{14, 48, 1},
	{16, 32, 2},
	{16, 36, 2},
	{16, 42, 2},
	{16, 43, 2},
	{16, 44, 2},
	{16, 46, 2},
	{16, 47, 1},
	{16, 48, 1},
};

static const struct moat_vm_id vm = {0};

static uint64_t last_word(const struct moat_range *range)
{
	return range->base + range->size - 8;
}

/* Each word has its own address, once all of them were written. */
static void expect_word(struct host_machine *machine, uint64_t pa)
{
	uint64_t value;

	expect("it reads", may_read(machine, 0, pa, &value), 1);
	expect("what it reads", value, pa);
}

/* Both ends of each range, of RAM and of what is withheld. */
static void visit_ends(
	struct host_machine *machine, const struct moat_config *config)
{
	uint64_t value;

	for (uint32_t i = 0; i < config->ram_count; i++) {
		uint64_t first = config->ram[i].base;
		uint64_t last = last_word(&config->ram[i]);

		expect("it writes", may_write(machine, 0, first, first), 1);
		expect("it writes", may_write(machine, 0, last, last), 1);
	}
	for (uint32_t i = 0; i < config->ram_count; i++) {
		expect_word(machine, config->ram[i].base);
		expect_word(machine, last_word(&config->ram[i]));
	}
	for (uint32_t i = 0; i < config->withheld_count; i++) {
		const struct moat_range *range = &config->withheld[i];

		expect("the first word withheld",
			may_read(machine, 0, range->base, &value), 0);
		expect("the last word withheld",
			may_read(machine, 0, last_word(range), &value), 0);
	}
}

/* A VM of 40 bits with a leaf table at 0. */
static void make_vm(struct host_machine *machine)
{
	uint64_t page = granule_of_this_build()->page;
	struct moat_pa root = {GRANULE_LOW};
	struct moat_pa above = {GRANULE_LOW + 16 * page};
	struct moat_pa leaf = {GRANULE_LOW + 17 * page};
	struct moat_ipa bottom = {0};
	struct moat_regs regs = moat_table_create(vm, bottom, 2, above);

	expect_call(machine, "a VM", moat_vm_create(vm, root, 40, 1), MOAT_OK);
	/* Refused where the root is of level 2. */
	host_machine_call(machine, 0, &regs);
	expect_call(machine, "a leaf table",
		moat_table_create(vm, bottom, 3, leaf), MOAT_OK);
}

/* A call does what is in a range, and nothing where no range is. */
static void cross_end(struct host_machine *machine,
	const struct moat_range *range, uint64_t slot)
{
	uint64_t page = granule_of_this_build()->page;
	struct moat_ipa ipa = {slot * page};
	struct moat_ipa next = {(slot + 1) * page};
	struct moat_pa last = {range->base + range->size - page};
	struct moat_pa behind = {range->base + range->size};
	struct moat_regs regs = expect_call(machine, "four pages from the last",
		moat_page_donate(vm, ipa, last, 4), MOAT_OK);
	uint64_t value;

	expect("how many it did", regs.x[1], 1);
	expect("the host there", may_read(machine, 0, last.value, &value), 0);
	expect("the host before it",
		may_read(machine, 0, last.value - 8, &value), 1);
	regs = expect_call(machine, "page_info", moat_page_info(last), MOAT_OK);
	expect("the state", regs.x[1], MOAT_PAGE_VM);
	expect("where it is", regs.x[3], ipa.value);
	expect_call(machine, "a page behind",
		moat_page_donate(vm, next, behind, 1), MOAT_BAD_PAGE + 256 * 3);
	expect_call(machine, "page_info behind", moat_page_info(behind),
		MOAT_BAD_PAGE + 256);
}

static void test_row(const struct host_row *row)
{
	const struct moat_config config = granule_config(row->bits);
	struct host_machine *machine = host_machine_create(&config, NULL);
	struct moat_stage2 stage2;

	about("a host of bits", row->bits);
	expect("whether there is a machine", machine != NULL, 1);
	if (!machine) {
		return;
	}
	stage2 = moat_host_stage2(machine->engine);
	expect("the width", stage2.ipa_bits, row->bits);
	expect("the start level", stage2.start_level, row->level);
	visit_ends(machine, &config);
	make_vm(machine);
	for (uint32_t i = 0; i < config.ram_count; i++) {
		cross_end(machine, &config.ram[i], 4 * (uint64_t)i);
	}
	end(machine);
}

/* Nothing withheld: all of 2^48 bytes but RAM is device memory. What a granule
 * needs for it is in the manual of moat_size. */
static void test_open(void)
{
	struct moat_config config = granule_config(48);
	struct host_machine *machine;
	uint64_t value;

	if (granule_of_this_build()->page_bits == 14) {
		config.host_ipa_bits = 44; /* 64 MiB of tables for 48 */
	}
	config.withheld_count = 0;
	config.ram_count = 1;
	about("an open space", config.host_ipa_bits);
	machine = host_machine_create(&config, NULL);
	value = (UINT64_C(1) << config.host_ipa_bits) - 8;
	expect("the last word", may_read(machine, 0, value, &value), 1);
	expect("of a device", value, 0);
	end(machine);
}

void test_host(void)
{
	struct moat_config config = granule_config(48);
	uint32_t count = 0;

	for (size_t i = 0; i < LENGTH(rows); i++) {
		if (rows[i].page_bits == granule_of_this_build()->page_bits) {
			test_row(&rows[i]);
			count++;
		}
	}
	about("widths", 0);
	expect("how many there are", count, 8);
	config.host_ipa_bits = 49;
	expect("memory for 49 bits", moat_size(&config), 0);
	test_open();
}
