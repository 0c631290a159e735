/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The root of a VM of each width, with each granule: start level and pages, as
 * the Arm ARM, D8.2, lets them be with the fewest levels, of which the block's
 * is the first. Then a page and a block at the very top of the protected half,
 * seen by the machine's own walker.
 */
#include "granule.h"

#define SECRET UINT64_C(0x5ec2e7)
#define AT(status, operand) ((uint64_t)(status) + 256 * (uint64_t)(operand))

static const struct root_row {
	uint32_t page_bits, ipa_bits, level, pages;
} rows[] = {
	{12, 32, 2, 4},
	{12, 33, 2, 8},
	{12, 34, 2, 16},
	{12, 35, 1, 1},
	{12, 36, 1, 1},
	{12, 37, 1, 1},
	{12, 38, 1, 1},
	{12, 39, 1, 1},
	{12, 40, 1, 2},
	{12, 41, 1, 4},
	{12, 42, 1, 8},
	{12, 43, 1, 16},
	{12, 44, 0, 1},
	{14, 32, 2, 1},
	{14, 33, 2, 1},
	{14, 34, 2, 1},
	{14, 35, 2, 1},
	{14, 36, 2, 1},
	{14, 37, 2, 2},
	{14, 38, 2, 4},
	{14, 39, 2, 8},
	{14, 40, 2, 16},
	{14, 41, 1, 1},
	{14, 42, 1, 1},
	{14, 43, 1, 1},
	{14, 44, 1, 1},
	{16, 32, 2, 1},
	{16, 33, 2, 1},
	{16, 34, 2, 1},
	{16, 35, 2, 1},
	{16, 36, 2, 1},
	{16, 37, 2, 1},
	{16, 38, 2, 1},
	{16, 39, 2, 1},
	{16, 40, 2, 1},
	{16, 41, 2, 1},
	{16, 42, 2, 1},
	{16, 43, 2, 2},
	{16, 44, 2, 4},
};

static const struct moat_vm_id vm = {0};
static const struct moat_vcpu_id vcpu = {0};

/* Page @number of RAM: 0.. the root, then tables, from 32 on the rest. */
static struct moat_pa page_at(uint64_t number)
{
	uint64_t pa = GRANULE_LOW + number * granule_of_this_build()->page;

	return (struct moat_pa){pa};
}

static uint64_t half_of(const struct root_row *row)
{
	return UINT64_C(1) << (row->ipa_bits - 1);
}

/* ---- The root ---------------------------------------------------------- */

/* Refused unless it is aligned to its size. */
static void make_root(struct host_machine *machine, const struct root_row *row)
{
	for (uint64_t page = 1; page < row->pages; page++) {
		expect_call(machine, "a root that is not aligned",
			moat_vm_create(vm, page_at(page), row->ipa_bits, 1),
			AT(MOAT_BAD_ARG, 2));
	}
	expect_call(machine, "a root",
		moat_vm_create(vm, page_at(0), row->ipa_bits, 1), MOAT_OK);
}

static void expect_root(
	struct host_machine *machine, const struct root_row *row)
{
	for (uint64_t page = 0; page <= 16; page++) {
		struct moat_regs info = expect_call(machine, "page_info",
			moat_page_info(page_at(page)), MOAT_OK);
		bool is_root = page < row->pages;

		expect("the state of a page", info.x[1],
			is_root ? MOAT_PAGE_TABLE : MOAT_PAGE_HOST);
		expect("its level", info.x[4], is_root ? row->level : 0);
	}
	for (uint32_t level = 1; level <= row->level; level++) {
		expect_call(machine, "a table at the root's level",
			moat_table_create(
				vm, (struct moat_ipa){0}, level, page_at(16)),
			AT(MOAT_BAD_IPA, 3));
	}
}

/* The tables on the way to @ipa, down to level @last. */
static void make_tables(struct host_machine *machine,
	const struct root_row *row, uint64_t ipa, uint32_t last)
{
	for (uint32_t level = row->level + 1; level <= last; level++) {
		uint64_t span = granule_of_this_build()->span[level];
		struct moat_ipa base = {ipa / span * span};

		expect_call(machine, "a table",
			moat_table_create(vm, base, level, page_at(16 + level)),
			MOAT_OK);
	}
}

/* ---- A page at the top ------------------------------------------------- */

static void expect_reach(struct host_machine *machine, uint64_t top)
{
	uint64_t page = granule_of_this_build()->page;
	uint64_t value;

	expect("the VM reads the top", may_read(machine, 1, top, &value), 1);
	expect("what it reads", value, SECRET);
	expect("the VM writes its last word",
		may_write(machine, 1, top + page - 8, 7), 1);
	expect("not below", may_read(machine, 1, top - page, &value), 0);
	expect("not above", may_read(machine, 1, top + page, &value), 0);
	expect("not at 0", may_read(machine, 1, 0, &value), 0);
	expect("not the host", may_read(machine, 0, page_at(32).value, &value),
		0);
}

static void run(struct host_machine *machine, const struct root_row *row)
{
	struct moat_regs regs = moat_vcpu_run(vm, vcpu);
	struct moat_stage2 stage2;

	expect_call(machine, "seal", moat_vm_seal(vm), MOAT_OK);
	host_machine_call(machine, 1, &regs);
	stage2 = moat_cpu_stage2(machine->engine, 1);
	expect("the start level", stage2.start_level, row->level);
	expect("the width", stage2.ipa_bits, row->ipa_bits);
}

/* A page with a secret of the host, as the last of the protected half. */
static void visit_top(struct host_machine *machine, const struct root_row *row)
{
	struct moat_ipa top = {half_of(row) - granule_of_this_build()->page};

	make_tables(machine, row, top.value, 3);
	expect("the host writes",
		may_write(machine, 0, page_at(32).value, SECRET), 1);
	expect_call(machine, "two pages",
		moat_page_load(vm, top, page_at(32), 2), AT(MOAT_BAD_IPA, 4));
	expect_call(machine, "one page",
		moat_page_load(vm, top, page_at(32), 1), MOAT_OK);
	expect_call(machine, "a vCPU",
		moat_vcpu_create(vm, vcpu, page_at(33), 0, 0), MOAT_OK);
	run(machine, row);
	expect_reach(machine, top.value);
}

/* ---- A block at the top ------------------------------------------------ */

/* The last block of the protected half, in pages and as a block again. */
static void trade_block(
	struct host_machine *machine, const struct root_row *row)
{
	const struct granule *granule = granule_of_this_build();
	struct moat_ipa ipa = {half_of(row) - granule->region};
	struct moat_pa pa = {GRANULE_LOW + granule->region};
	struct moat_pa off = {pa.value + granule->page};
	struct moat_pa last = {pa.value + granule->region - granule->page};
	struct moat_regs regs;

	make_tables(machine, row, ipa.value, 2);
	expect_call(machine, "a block not aligned",
		moat_block_donate(vm, ipa, off), AT(MOAT_BAD_ARG, 3));
	regs = expect_call(
		machine, "a block", moat_block_donate(vm, ipa, pa), MOAT_OK);
	expect("its pages", regs.x[1], granule->region / granule->page);
	expect_call(machine, "a split",
		moat_table_split(vm, ipa, 3, page_at(20)), MOAT_OK);
	expect_call(machine, "a fold", moat_table_fold(vm, ipa, 3), MOAT_OK);
	regs = expect_call(machine, "page_info", moat_page_info(last), MOAT_OK);
	expect("where its last page is", regs.x[3],
		half_of(row) - granule->page);
	expect("the level", regs.x[4], 2);
}

static void test_row(const struct root_row *row)
{
	const struct moat_config config = granule_config(36);
	struct host_machine *machine = host_machine_create(&config, NULL);

	about("a space of bits", row->ipa_bits);
	make_root(machine, row);
	expect_root(machine, row);
	visit_top(machine, row);
	end(machine);
	machine = host_machine_create(&config, NULL);
	make_root(machine, row);
	trade_block(machine, row);
	end(machine);
}

void test_roots(void)
{
	uint32_t count = 0;

	for (size_t i = 0; i < LENGTH(rows); i++) {
		if (rows[i].page_bits == granule_of_this_build()->page_bits) {
			test_row(&rows[i]);
			count++;
		}
	}
	about("widths", 0);
	expect("how many there are", count, 13);
}
