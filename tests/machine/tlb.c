/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The TLB of a simulated CPU, with entries made by hand: which of them serves
 * an access, which one an invalidation takes, which one is stale.
 */
#include "bed.h"

#include <string.h>

#include "arch-host/cpu.h"
#include "pte.h"

enum { VMID = 1, OTHER_VMID = 2, BLOCK = 0x200000, GIB = 0x40000000 };

/* Pages of the host's, each with its own first word; and tables by hand. */
#define PAGE_A (BED_RAM + 0x9000)
#define PAGE_B (BED_RAM + 0xa000)
#define PAGE_C (BED_RAM + 0xb000)
#define PAGE_D (BED_RAM + 0xc000)
#define TABLE_1 (BED_RAM + 0xd000) /* of level 2, behind a table of level 1 */
#define TABLE_2 (BED_RAM + 0xe000) /* of level 3 */
#define TABLE_3 (BED_RAM + 0xf000) /* of level 3, behind TABLE_1 */

/* What CPU 0 may have cached for IPA 0. */
static const struct host_translation leaf = {.is_used = true,
	.may_write = true,
	.may_execute = true,
	.vmid = VMID,
	.level = 3,
	.size = MOAT_PAGE_SIZE,
	.pa = PAGE_A};
static const struct host_translation lower = {.is_used = true,
	.is_table = true,
	.vmid = VMID,
	.level = 2,
	.size = BLOCK,
	.pa = TABLE_2};
static const struct host_translation upper = {.is_used = true,
	.is_table = true,
	.vmid = VMID,
	.level = 1,
	.size = GIB,
	.pa = TABLE_1};

/* By the leaf, IPA 0 is page A; by TABLE_2, B; by TABLE_1, D; by the root, C;
 * so is the page behind it, but by the leaf. */
static struct host_machine *start(void)
{
	struct host_machine *machine = bed_make();
	const uint64_t pages[] = {PAGE_A, PAGE_B, PAGE_C, PAGE_D};

	for (size_t i = 0; i < 4; i++) {
		bed_store(machine, pages[i], 0xa + i);
	}
	for (size_t i = 0; i < 2 * sizeof(uint64_t); i += sizeof(uint64_t)) {
		bed_store(machine, TABLE_2 + i, pte_page(PAGE_B, PTE_NORMAL));
		bed_store(machine, TABLE_3 + i, pte_page(PAGE_D, PTE_NORMAL));
		bed_store(machine, BED_TABLE + i, pte_page(PAGE_C, PTE_NORMAL));
	}
	bed_store(machine, TABLE_1, pte_table(TABLE_3));
	return machine;
}

static void cache(struct host_machine *machine, uint32_t place,
	const struct host_translation *entry)
{
	machine->cpus[0].tlb[place] = *entry;
}

static void forget(struct host_machine *machine)
{
	memset(machine->cpus[0].tlb, 0, sizeof(machine->cpus[0].tlb));
}

static uint64_t read_at(struct host_machine *machine, uint64_t ipa)
{
	struct host_access access = {ipa, 0, MOAT_ACCESS_READ};

	return host_cpu_access(machine, 0, &access) ? access.value : 0;
}

/* ---- Which one serves -------------------------------------------------- */

static void the_deepest_serves_first(void)
{
	struct host_machine *machine = start();

	expect(read_at(machine, 0) == 0xc, "from the root");
	for (uint32_t first = 0; first < 2; first++) {
		forget(machine);
		cache(machine, first, &upper);
		expect(read_at(machine, 0) == 0xd, "from the upper table");
		forget(machine);
		cache(machine, 5 + first, &upper);
		cache(machine, 6 - first, &lower);
		expect(read_at(machine, 0) == 0xb, "from the lower table");
		forget(machine);
		cache(machine, 5 + first, &lower);
		cache(machine, 6 - first, &leaf);
		cache(machine, 31, &upper);
		expect(read_at(machine, 0) == 0xa, "by the leaf");
	}
	host_machine_destroy(machine);
}

/* Each way there is, in the order of their numbers; the walk from the root is
 * the last, and stands for all numbers beyond. */
static void each_way_can_be_chosen(void)
{
	static const uint64_t found[] = {0xa, 0xd, 0xb, 0xc, 0xc};
	struct host_machine *machine = start();

	machine->choice.kind = HOST_CHOOSE_NTH;
	for (uint32_t i = 0; i < 5; i++) {
		forget(machine);
		cache(machine, 0, &leaf);
		cache(machine, 1, &upper);
		cache(machine, 2, &lower);
		machine->choice.nth = i;
		expect(read_at(machine, 0) == found[i], "the nth way");
		expect(machine->choice.count == 4, "the count of ways");
	}
	host_machine_destroy(machine);
}

/* All of them, sooner or later, the deepest most often. */
static void any_way_is_taken_at_random(void)
{
	struct host_machine *machine = start();
	uint32_t taken[4] = {0};

	machine->choice.kind = HOST_CHOOSE_ANY;
	for (int i = 0; i < 2000; i++) {
		forget(machine);
		cache(machine, 0, &leaf);
		cache(machine, 1, &upper);
		cache(machine, 2, &lower);
		taken[(read_at(machine, 0) - 0xa) % 4]++;
	}
	expect(taken[0] > 1100 && taken[0] < 1400,
		"the deepest: five in eight");
	expect(taken[1] > 150 && taken[2] > 150 && taken[3] > 150,
		"the others: one in eight");
	host_machine_destroy(machine);
}

/* SplitMix64 from the seed 1234567, whose first three numbers are published as
 * 6457827717110365317, 3203168211198807973, 9817491932198370423: of two numbers
 * the first says whether the second chooses. */
static void the_random_ways_are_those_of_the_seed(void)
{
	static const char ways[] = "0000010020033001001000300021020032013302"
				   "03000030310032101303";
	/* Of the ways by number, the word that each of them finds. */
	static const uint64_t found[] = {0xa, 0xd, 0xb, 0xc};
	struct host_machine *machine = start();

	machine->choice.kind = HOST_CHOOSE_ANY;
	machine->choice.random = 1234567;
	for (size_t i = 0; ways[i] != '\0'; i++) {
		forget(machine);
		cache(machine, 0, &leaf);
		cache(machine, 1, &upper);
		cache(machine, 2, &lower);
		expect(read_at(machine, 0) == found[ways[i] - '0'],
			"the way that the seed chooses");
	}
	host_machine_destroy(machine);
}

/* Of two leaves, the first that is found. */
static void a_leaf_does_not_give_way_to_another(void)
{
	struct host_machine *machine = start();
	struct host_translation second = leaf;

	second.pa = PAGE_B;
	cache(machine, 3, &leaf);
	cache(machine, 4, &second);
	expect(read_at(machine, 0) == 0xa, "the first of two leaves");
	host_machine_destroy(machine);
}

/* What it reads is nothing, and what it writes is forgotten. */
static void a_leaf_of_the_wrong_kind_is_a_violation(void)
{
	struct host_machine *machine = start();
	struct host_translation entry = leaf;
	struct host_access access = {0, 0x77, MOAT_ACCESS_WRITE};

	entry.is_device = true;
	cache(machine, 0, &entry);
	expect(host_cpu_access(machine, 0, &access) && access.value == 0x77,
		"a store to memory as to a device");
	expect_broken(machine, "memory mapped as a device");
	expect(*(uint64_t *)(void *)host_machine_memory(machine, PAGE_A) == 0xa,
		"and memory as it was");
	access.kind = MOAT_ACCESS_READ;
	expect(host_cpu_access(machine, 0, &access) && access.value == 0,
		"a load from memory as from a device");
	machine->violation = NULL;
	entry.pa = 0x9000000;
	cache(machine, 0, &entry);
	access.value = 0x77;
	expect(host_cpu_access(machine, 0, &access) && access.value == 0,
		"a load from a device");
	expect_broken(machine, NULL);
	entry.is_device = false;
	cache(machine, 0, &entry);
	expect(host_cpu_access(machine, 0, &access), "from a device as memory");
	expect_broken(machine, "memory mapped as a device");
	machine->violation = NULL;
	host_machine_destroy(machine);
}

/* How often of 200 times a walk of @cpu finds what was there before. */
static uint32_t finds_old(struct host_machine *machine, uint32_t cpu)
{
	uint32_t count = 0;

	for (int i = 0; i < 200; i++) {
		count += host_cpu_read(
				 machine, &machine->cpus[cpu], PAGE_A, 2) == 1;
	}
	return count;
}

/* Until it is published, a walk may find the entry as it was, but not that of
 * the CPU whose step it is. */
static void a_store_is_seen_late(void)
{
	struct host_machine *machine = start();
	uint32_t late;

	host_cpu_stored(machine, PAGE_A, 1);
	expect(machine->unseen_count == 0, "nothing is kept if nobody asks");
	machine->choice.kind = HOST_CHOOSE_ANY;
	host_cpu_stored(machine, PAGE_B, 7);
	expect(finds_old(machine, 1) == 0, "of another entry");
	host_cpu_stored(machine, PAGE_A, 1);
	late = finds_old(machine, 1);
	expect(late > 60 && late < 140, "half of the walks are late");
	machine->cpus[1].is_inside = true;
	expect(finds_old(machine, 1) == 0, "not in its own step");
	machine->cpus[1].is_inside = false;
	host_cpu_published(machine);
	expect(finds_old(machine, 1) == 0, "not once it is published");
	host_machine_destroy(machine);
}

/* More stores than are kept: the oldest count as seen. */
static void only_so_many_stores_are_late(void)
{
	struct host_machine *machine = start();

	machine->choice.kind = HOST_CHOOSE_ANY;
	host_cpu_stored(machine, PAGE_A, 1);
	for (uint64_t i = 0; i + 1 < HOST_UNSEEN_MAX; i++) {
		host_cpu_stored(machine, PAGE_B + 8 * i, 7);
	}
	expect(finds_old(machine, 1) > 60, "the first of all that are kept");
	host_cpu_stored(machine, PAGE_C, 7);
	expect(finds_old(machine, 1) == 0, "one more, and it is seen");
	host_machine_destroy(machine);
}

static void what_is_for_others_serves_not(void)
{
	struct host_machine *machine = start();
	struct host_translation entry = leaf;

	entry.vmid = OTHER_VMID;
	cache(machine, 0, &entry);
	expect(read_at(machine, 0) == 0xc, "an entry of another VMID");
	forget(machine);
	entry = leaf;
	entry.is_used = false;
	cache(machine, 0, &entry);
	expect(read_at(machine, 0) == 0xc, "an entry that is not used");
	forget(machine);
	cache(machine, 0, &leaf);
	expect(read_at(machine, 0x1000) == 0xc, "an address behind the leaf");
	forget(machine);
	entry = leaf;
	entry.ipa = 0x1000;
	cache(machine, 0, &entry);
	expect(read_at(machine, 0) == 0xc, "an address before the leaf");
	expect(read_at(machine, 0x1000) == 0xa, "an address of the leaf");
	host_machine_destroy(machine);
}

/* ---- What is kept ------------------------------------------------------ */

static uint32_t used(const struct host_cpu *cpu)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < HOST_TLB_ENTRIES; i++) {
		count += cpu->tlb[i].is_used;
	}
	return count;
}

/* Each field by itself makes an entry another one. */
static void what_is_cached_is_not_cached_again(void)
{
	static struct host_cpu cpu;
	struct host_translation others[8] = {
		leaf, leaf, leaf, leaf, leaf, leaf, leaf, leaf};

	others[0].is_table = true;
	others[1].is_device = true;
	others[2].may_write = false;
	others[3].may_execute = false;
	others[4].vmid = OTHER_VMID;
	others[5].level = 2;
	others[6].ipa = 0x1000;
	others[7].pa = PAGE_B;
	for (uint32_t i = 0; i < 8; i++) {
		memset(&cpu, 0, sizeof(cpu));
		host_cpu_remember(&cpu, &leaf);
		host_cpu_remember(&cpu, &leaf);
		expect(used(&cpu) == 1, "the same once more");
		host_cpu_remember(&cpu, &others[i]);
		expect(used(&cpu) == 2, "another one");
		expect(memcmp(&cpu.tlb[1], &others[i], sizeof(leaf)) == 0,
			"the other one, in the next place");
		host_cpu_remember(&cpu, &leaf);
		expect(used(&cpu) == 2, "the first is still there");
	}
}

static void the_oldest_makes_room(void)
{
	static struct host_cpu cpu;
	struct host_translation entry = leaf;

	for (uint32_t i = 0; i < HOST_TLB_ENTRIES + 2; i++) {
		entry.ipa = i * UINT64_C(0x1000);
		host_cpu_remember(&cpu, &entry);
	}
	expect(cpu.tlb[0].ipa == 0x20000 && cpu.tlb[1].ipa == 0x21000,
		"the first two made room");
	expect(cpu.tlb[2].ipa == 0x2000 && cpu.tlb[31].ipa == 0x1f000,
		"the others did not");
	/* The last place is looked at, too. */
	host_cpu_remember(&cpu, &cpu.tlb[31]);
	expect(cpu.tlb[2].ipa == 0x2000, "what is in the last place");
}

/* A leaf or a table is a way to a page, for the host or for a VM. */
static void holding_is_of_what_an_entry_leads_to(void)
{
	static struct host_cpu cpu;
	struct host_translation entry = leaf;

	entry.size = 2 * MOAT_PAGE_SIZE;
	cpu.tlb[31] = entry;
	expect(!host_cpu_holds(&cpu, PAGE_A - 8, false), "before it");
	expect(host_cpu_holds(&cpu, PAGE_A, false), "its first word");
	expect(host_cpu_holds(&cpu, PAGE_B + 0xff8, false), "its last word");
	expect(!host_cpu_holds(&cpu, PAGE_C, false), "behind it");
	expect(!host_cpu_holds(&cpu, PAGE_A, true), "for the host");
	cpu.tlb[31].vmid = 0;
	expect(host_cpu_holds(&cpu, PAGE_A, true), "the host's");
	expect(!host_cpu_holds(&cpu, PAGE_A, false), "the host's, for a VM");
	cpu.tlb[31] = lower;
	expect(host_cpu_holds(&cpu, TABLE_2 + 0xff8, false), "a table");
	expect(!host_cpu_holds(&cpu, TABLE_2 + 0x1000, false),
		"behind a table");
	cpu.tlb[31].is_used = false;
	expect(!host_cpu_holds(&cpu, TABLE_2, false), "nothing");
	cpu.tlb[0] = leaf;
	expect(host_cpu_holds(&cpu, PAGE_A, false), "in the first place");
}

/* ---- What an invalidation takes ---------------------------------------- */

/* Of a CPU that runs another VMID, which does not walk again. */
static void an_invalidation_takes_what_it_names(void)
{
	const struct {
		const char *name;
		const struct host_translation *entry;
		uint64_t ipa;
		uint64_t page_count;
		uint32_t vmid;
		uint32_t level;
		uint32_t is_table;
		bool is_taken;
	} rows[] = {
		{"its page", &leaf, 0, 1, VMID, 3, 0, true},
		{"its page, and tables", &leaf, 0, 1, VMID, 3, 1, true},
		{"the page behind", &leaf, 0x1000, 1, VMID, 3, 0, false},
		{"pages up to it", &leaf, 0, 9, VMID, 3, 0, true},
		{"its page at another level", &leaf, 0, 1, VMID, 2, 0, false},
		{"another VMID's page", &leaf, 0, 1, OTHER_VMID, 3, 0, false},
		{"all of another VMID", &leaf, 0, 0, OTHER_VMID, 0, 0, false},
		{"all of the VMID", &leaf, 0x5000, 0, VMID, 0, 0, true},
		{"all of the VMID: tables", &upper, 0x5000, 0, VMID, 0, 0,
			true},
		{"a page below a table", &lower, BLOCK - 0x1000, 1, VMID, 3, 0,
			false},
		{"a page below a table, and it", &lower, BLOCK - 0x1000, 1,
			VMID, 3, 1, true},
		{"a page behind a table, and it", &lower, BLOCK, 1, VMID, 3, 1,
			false},
	};
	struct host_machine *machine = start();
	struct host_cpu *cpu = &machine->cpus[1];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct moat_invalidation what = {
			.stage2 = {.vmid = rows[i].vmid},
			.ipa = {rows[i].ipa},
			.page_count = rows[i].page_count,
			.level = rows[i].level,
			.is_table = rows[i].is_table};

		cpu->tlb[31] = *rows[i].entry;
		host_cpu_invalidate(machine, cpu, &what);
		expect(cpu->tlb[31].is_used != rows[i].is_taken, rows[i].name);
	}
	host_machine_destroy(machine);
}

static void pages_before_the_entry_are_not_it(void)
{
	struct host_machine *machine = start();
	struct host_cpu *cpu = &machine->cpus[1];
	struct moat_invalidation what = {.stage2 = {.vmid = VMID},
		.ipa = {0x1000},
		.page_count = 4,
		.level = 3};

	cpu->tlb[0] = leaf;
	cpu->tlb[0].ipa = 0x5000;
	host_cpu_invalidate(machine, cpu, &what);
	expect(cpu->tlb[0].is_used, "pages up to the one before it");
	what.page_count = 5;
	host_cpu_invalidate(machine, cpu, &what);
	expect(!cpu->tlb[0].is_used, "and one more");
	host_machine_destroy(machine);
}

/* A CPU that runs it walks again at once: for each address it forgot. */
static void what_is_forgotten_is_walked_to_again(void)
{
	struct host_machine *machine = start();
	struct host_translation second = leaf;

	second.ipa = 0x1000;
	cache(machine, 0, &leaf);
	cache(machine, 1, &second);
	bed_invalidate(machine, 0, 2, 3);
	/* The table, and a leaf of each address. */
	expect(used(&machine->cpus[0]) == 3, "what a CPU walks to again");
	expect(machine->cpus[0].tlb[0].pa != PAGE_A &&
			machine->cpus[0].tlb[1].pa != PAGE_A,
		"what it had is forgotten");
	host_machine_destroy(machine);
}

/* ---- What is stale ----------------------------------------------------- */

static void each_field_that_differs_is_stale(void)
{
	struct host_machine *machine = start();
	struct host_translation good = leaf;
	struct host_translation bad[6];

	good.pa = PAGE_C;
	cache(machine, 31, &good);
	expect(host_cpu_stale(machine, 0) == NULL, "what the tables say");
	for (size_t i = 0; i < 6; i++) {
		bad[i] = good;
	}
	bad[0].pa = PAGE_B;
	bad[1].may_write = false;
	bad[2].may_execute = false;
	bad[3].is_device = true;
	bad[4].is_table = true;
	bad[5].level = 2;
	for (size_t i = 0; i < 6; i++) {
		cache(machine, 31, &bad[i]);
		expect(host_cpu_stale(machine, 0) == &machine->cpus[0].tlb[31],
			"what the tables do not say");
	}
	cache(machine, 31, &lower);
	expect(host_cpu_stale(machine, 0) != NULL, "another table");
	machine->cpus[0].tlb[31].pa = BED_TABLE;
	expect(host_cpu_stale(machine, 0) == NULL, "the table");
	bed_store(machine, BED_ROOT, PTE_EMPTY);
	expect(host_cpu_stale(machine, 0) != NULL, "a table that is gone");
	host_machine_destroy(machine);
}

void test_tlb(void)
{
	the_deepest_serves_first();
	each_way_can_be_chosen();
	any_way_is_taken_at_random();
	the_random_ways_are_those_of_the_seed();
	a_leaf_does_not_give_way_to_another();
	a_leaf_of_the_wrong_kind_is_a_violation();
	a_store_is_seen_late();
	only_so_many_stores_are_late();
	what_is_for_others_serves_not();
	what_is_cached_is_not_cached_again();
	the_oldest_makes_room();
	holding_is_of_what_an_entry_leads_to();
	an_invalidation_takes_what_it_names();
	pages_before_the_entry_are_not_it();
	what_is_forgotten_is_walked_to_again();
	each_field_that_differs_is_stale();
}
