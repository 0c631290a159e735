/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One descriptor of a table that the engine wrote is another; one word of a
 * page is another. And what a comparison that is not of all looks at.
 */
#include <string.h>

#include "core/state.h"
#include "model/state.h"
#include "pte.h"
#include "world.h"

enum { NEXT = 8 }; /* bytes from one descriptor to the next */

/* ---- Descriptors ------------------------------------------------------- */

/* The descriptor at @pa becomes @value, which the comparer reports; and so does
 * the state that is made, if the map is that of a VM. */
static void says(struct world *world, uint64_t pa, uint64_t value, bool is_made,
	const char *text)
{
	uint64_t *entry = world_word(world, pa);
	uint64_t old = *entry;

	*entry = value;
	expect_differ(world, ABSTRACT_ALL, text, text);
	expect(made_is_same(world) != is_made, "what is made of it: %s", text);
	*entry = old;
	expect_same(world, ABSTRACT_ALL, text);
}

static void vm_map_says(
	struct world *world, uint64_t pa, uint64_t value, const char *text)
{
	says(world, pa, value, true, text);
}

/* The same by an attribute, which the model has in the page's record. */
static void vm_leaf_says(
	struct world *world, uint64_t pa, uint64_t value, const char *text)
{
	says(world, pa, value, false, text);
}

static void host_map_says(
	struct world *world, uint64_t pa, uint64_t value, const char *text)
{
	says(world, pa, value, false, text);
}

static void vm_maps(struct world *world)
{
	uint64_t leaf = RAM + 0x28000;
	uint64_t lent = RAM + 0x2a000;

	/* The first page that was loaded. */
	vm_map_says(world, leaf + 5 * NEXT, PTE_EMPTY,
		"map of vm 0, page 0: engine 0x8000006000 -> 0x40031000, model "
		" 0x8000005000 -> 0x40030000 [PAGE-2]");
	vm_map_says(world, leaf + 5 * NEXT, pte_page(RAM + 0x32000, PTE_NORMAL),
		"map of vm 0, page 0: engine 0x8000005000 -> 0x40032000, model "
		" 0x8000005000 -> 0x40030000 [PAGE-2]");
	vm_map_says(world, leaf + 7 * NEXT,
		pte_page(RAM + 0x7ff000, PTE_NORMAL),
		"map of vm 0, page 2: engine 0x8000007000 -> 0x407ff000, model "
		" 0x8000200000 -> 0x40200000 [PAGE-2]");
	vm_map_says(world, leaf + 4 * NEXT, pte_page(RAM + 0x30000, PTE_NORMAL),
		"map of vm 0, page 0: engine 0x8000004000 -> 0x40030000, model "
		" 0x8000005000 -> 0x40030000 [PAGE-2]");
	vm_leaf_says(world, leaf + 5 * NEXT, pte_page(RAM + 0x30000, PTE_READ),
		"map of vm 0, 0x8000005000: engine level 3 write 0 execute 0 "
		"device 0, model level 3 permission 0");
	vm_leaf_says(world, leaf + 5 * NEXT,
		pte_page(RAM + 0x30000, PTE_READ_WRITE),
		"map of vm 0, 0x8000005000: engine level 3 write 1 execute 0 "
		"device 0, model level 3 permission 0");
	vm_leaf_says(world, leaf + 5 * NEXT,
		pte_page(RAM + 0x30000, PTE_DEVICE),
		"map of vm 0, 0x8000005000: engine level 3 write 1 execute 0 "
		"device 1, model level 3 permission 0");
	/* Pages that are LENT: to read; to write; to execute; for all. */
	vm_leaf_says(world, lent + 2 * NEXT,
		pte_page(RAM + 0x34000, PTE_READ_WRITE),
		"map of vm 0, 0x40000002000: engine level 3 write 1 execute 0 "
		"device 0, model level 3 permission 1");
	vm_leaf_says(world, lent + 3 * NEXT, pte_page(RAM + 0x35000, PTE_READ),
		"map of vm 0, 0x40000003000: engine level 3 write 0 execute 0 "
		"device 0, model level 3 permission 3");
	vm_leaf_says(world, lent + 4 * NEXT,
		pte_page(RAM + 0x36000, PTE_NORMAL),
		"map of vm 0, 0x40000004000: engine level 3 write 1 execute 1 "
		"device 0, model level 3 permission 5");
	vm_leaf_says(world, lent + 5 * NEXT,
		pte_page(RAM + 0x37000, PTE_READ_EXECUTE),
		"map of vm 0, 0x40000005000: engine level 3 write 0 execute 1 "
		"device 0, model level 3 permission 7");
	vm_leaf_says(world, lent + 3 * NEXT,
		pte_page(RAM + 0x35000, PTE_DEVICE),
		"map of vm 0, 0x40000003000: engine level 3 write 1 execute 0 "
		"device 1, model level 3 permission 3");
	/* What the last mapping of all should be. */
	vm_map_says(world, RAM + 0x22000 + 2 * NEXT,
		pte_block(RAM + 0x600000, PTE_NORMAL),
		"map of vm 0, page 1032: engine 0x40000400000 -> 0x40600000, "
		"model nothing 0x0 -> 0x0 [PAGE-2]");
}

static void vm_tables(struct world *world)
{
	uint64_t root = RAM + 0x10000;
	uint64_t level_2 = RAM + 0x20000;

	vm_map_says(world, root + 3 * MOAT_PAGE_SIZE, PTE_EMPTY,
		"map of vm 0, page 514: engine 0x40000002000 -> 0x40034000, "
		"model  0x18000007000 -> 0x40032000 [PAGE-2]");
	vm_map_says(world, level_2, PTE_EMPTY,
		"map of vm 0, page 0: engine 0x8000200000 -> 0x40200000, model "
		" 0x8000005000 -> 0x40030000 [PAGE-2]");
	vm_map_says(world, level_2 + NEXT, PTE_EMPTY,
		"map of vm 0, page 2: engine 0x18000007000 -> 0x40032000, "
		"model  0x8000200000 -> 0x40200000 [PAGE-2]");
	vm_map_says(world, level_2 + NEXT,
		pte_block(RAM + 0x600000, PTE_NORMAL),
		"map of vm 0, page 2: engine 0x8000200000 -> 0x40600000, model "
		" 0x8000200000 -> 0x40200000 [PAGE-2]");
	vm_map_says(world, level_2, pte_table(RAM + 0x2c000),
		"map of vm 0: engine has 0x4002c000 as its table of level 3 "
		"for 0x8000000000, model has not [TABLE-1]");
	vm_map_says(world, level_2, pte_table(RAM + 0x64000),
		"map of vm 0: engine has 0x40064000 as its table of level 3 "
		"for 0x8000000000, model has not [TABLE-1]");
	vm_map_says(world, level_2, pte_table(RAM + 0x30000),
		"map of vm 0: engine has 0x40030000 as its table of level 3 "
		"for 0x8000000000, model has not [TABLE-1]");
	vm_map_says(world, level_2, pte_table(RAM + 0x24000),
		"map of vm 0: engine has 0x40024000 as its table of level 3 "
		"for 0x8000000000, model has not [TABLE-1]");
	vm_map_says(world, level_2 + 9 * NEXT, pte_table(RAM + 0x28000),
		"map of vm 0: engine has 0x40028000 as its table of level 3 "
		"for 0x8001200000, model has not [TABLE-1]");
	vm_map_says(world, RAM + 0x24000 + NEXT, PTE_EMPTY,
		"map of vm 0: engine has 1032 pages and 22 tables, model 1032 "
		"and 23");
	/* Of VM 1. */
	vm_map_says(world, RAM + 0x60000, pte_table(RAM + 0x28000),
		"map of vm 1: engine has 0x40028000 as its table of level 3 "
		"for 0x0, model has not [TABLE-1]");
	vm_map_says(world, RAM + 0x64000 + NEXT, PTE_EMPTY,
		"map of vm 1: engine has 0 pages and 5 tables, model 1 and 5");
}

/* The host's entry for @ipa that is no table, or that is of level @last. */
static uint64_t host_entry_at(
	const struct world *world, uint64_t ipa, uint32_t last)
{
	struct moat_stage2 stage2 = moat_host_stage2(world->m);
	uint64_t table = stage2.root.value;

	for (uint32_t level = stage2.start_level;; level++) {
		uint32_t bits = 12 + 9 * (3 - level);
		uint64_t index = (ipa >> bits) %
				 (level == stage2.start_level ? 8192 : 512);
		uint64_t entry = *world_word(world, table + index * NEXT);

		if (level == last || !pte_is_table(entry, level)) {
			return table + index * NEXT;
		}
		table = pte_pa(entry);
	}
}

static uint64_t host_entry(const struct world *world, uint64_t ipa)
{
	return host_entry_at(world, ipa, 3);
}

static void host_maps(struct world *world)
{
	uint64_t page = host_entry(world, RAM);
	uint64_t closed = host_entry(world, RAM + 0x30000);
	uint64_t block = host_entry(world, RAM + 0x400000);
	uint64_t device = host_entry(world, 0xa001000);
	uint64_t last = host_entry(world, 0xffe00000);

	host_map_says(world, page, PTE_EMPTY,
		"host map: engine maps 1493 pages of RAM, model 1494 [PAGE-3]");
	host_map_says(world, page, pte_page(RAM + 0x1000, PTE_NORMAL),
		"host map 0x40000000: engine maps 0x40001000");
	host_map_says(world, page, pte_page(RAM, PTE_DEVICE),
		"host map 0x40000000: a device block covers RAM");
	host_map_says(world, page, pte_page(RAM, PTE_READ_EXECUTE),
		"host map 0x40000000: engine permits too little, or execution "
		"of a device");
	host_map_says(world, page, pte_page(RAM, PTE_READ_WRITE),
		"host map 0x40000000: engine permits too little, or execution "
		"of a device");
	host_map_says(world, closed, pte_page(RAM + 0x30000, PTE_NORMAL),
		"host map 0x40030000: engine maps it, model closes it to the "
		"host [PAGE-3]");
	host_map_says(world, closed - 0x2d * NEXT,
		pte_page(RAM + 0x3000, PTE_NORMAL),
		"host map 0x40003000: engine maps it, model closes it to the "
		"host [PAGE-3]");
	host_map_says(world, host_entry_at(world, RAM, 2),
		pte_block(RAM, PTE_NORMAL),
		"host map 0x40003000: engine maps it, model closes it to the "
		"host [PAGE-3]");
	host_map_says(world, block, PTE_EMPTY,
		"host map: engine maps 982 pages of RAM, model 1494 [PAGE-3]");
	host_map_says(world, host_entry(world, RAM + 0x200000),
		pte_block(RAM + 0x200000, PTE_NORMAL),
		"host map 0x40200000: engine maps it, model closes it to the "
		"host [PAGE-3]");
	host_map_says(world, device, PTE_EMPTY,
		"host map: engine maps 0xff7e9000 bytes of device space, model "
		"0xff7ea000");
	host_map_says(world, device, pte_page(0xa001000, PTE_NORMAL),
		"host map 0xa001000: engine maps memory, model a device");
	host_map_says(world, device - NEXT, pte_page(0xa000000, PTE_DEVICE),
		"host map 0xa000000: engine maps it, model withholds it");
	host_map_says(world, last, PTE_EMPTY,
		"host map: engine maps 0xbf7ea000 bytes of device space, model "
		"0xff7ea000");
	host_map_says(world, last, pte_block(0xc0000000, PTE_NORMAL),
		"host map 0xc0000000: engine maps memory, model a device");
}

/* ---- The model's own --------------------------------------------------- */

/* The record of @pa is another in the model, and the map of VM 0 alone is
 * compared, before which the comparison of records would come. */
static void model_says(struct world *world, uint64_t pa,
	const struct model_page *page, const char *text)
{
	struct model_page kept = *model_page_record(world->model, pa);

	model_map_put(&world->model->pages, pa, page);
	expect(!abstract_compare_vm_map(&world->abstract, 0), "unnoticed: %s",
		text);
	expect(strcmp(world->abstract.text, text) == 0,
		"the difference is\n\t%s\nand should be\n\t%s",
		world->abstract.text, text);
	model_map_put(&world->model->pages, pa, &kept);
	expect(abstract_compare_vm_map(&world->abstract, 0),
		"the map as it was");
}

#define TABLE_OF_ANOTHER \
	"map of vm 0: engine has 0x40028000 as its table of level 3 for " \
	"0x8000000000, model has not [TABLE-1]"

static void model_records(struct world *world)
{
	const struct model_page table = {
		.state = MOAT_PAGE_TABLE, .level = 3, .ipa = 0x8000000000};
	const struct model_page data = {
		.state = MOAT_PAGE_VM, .level = 2, .ipa = 0x8000006000};
	struct model_page bad[4] = {table, table, table, table};

	bad[0].state = MOAT_PAGE_VM;
	bad[1].vm = 1;
	bad[2].level = 2;
	bad[3].ipa = 0x8000200000;
	for (size_t i = 0; i < 4; i++) {
		model_says(world, RAM + 0x28000, &bad[i], TABLE_OF_ANOTHER);
	}
	model_says(world, RAM + 0x31000, &data,
		"map of vm 0, 0x8000006000: engine level 3 write 1 execute 1 "
		"device 0, model level 2 permission 0");
}

/* The model has not the second page of a block. */
static void model_mappings(struct world *world)
{
	struct model_map *map = &world->model->vms[0].mappings;
	const uint64_t pa = RAM + 0x201000;
	const char *text =
		"map of vm 0, page 3: engine 0x8000201000 -> 0x40201000, model "
		" 0x8000202000 -> 0x40202000 [PAGE-2]";

	model_map_range_remove(map, 0x8000201000, 0x8000201001);
	expect_differ(world, ABSTRACT_ALL, "a mapping that is gone", text);
	model_map_put(map, 0x8000201000, &pa);
	expect_same(world, ABSTRACT_ALL, "the mapping");
}

void test_maps(struct world *world)
{
	vm_maps(world);
	vm_tables(world);
	host_maps(world);
	model_records(world);
	model_mappings(world);
}

/* ---- Words ------------------------------------------------------------- */

/* Each word is as the one before it, and none is zero. */
static void full_page(struct world *world)
{
	uint64_t *word = world_word(world, RAM + 0x7f0000);

	host_machine_touch(world->machine, 0x7f0);
	for (uint32_t i = 0; i < 512; i++) {
		word[i] = 1;
	}
	expect_differ(world, ABSTRACT_ALL, "a page of ones",
		"memory 0x407f0000: engine 0x1, model 0x0");
	expect(!made_is_same(world), "a page of ones is made one of zeroes");
	memset(word, 0, MOAT_PAGE_SIZE);
	/* Memory that no event told of, and that was never written before. */
	word = world_word(world, RAM + 0x6f0000);
	*word = 1;
	expect_differ(world, ABSTRACT_ALL, "a stray store",
		"memory 0x406f0000: engine 0x1, model 0x0");
	*word = 0;
}

void test_contents(struct world *world)
{
	const struct {
		uint64_t offset;
		bool is_compared;
		const char *text;
	} words[] = {
		{0x0, true,
			"memory 0x40000000: engine 0x5000000000000000, model "
			"0x0"},
		{0x7ffff8, true,
			"memory 0x407ffff8: engine 0x5000000000000000, model "
			"0x0"},
		{0x30000, true,
			"memory 0x40030000: engine 0x5000000000000000, model "
			"0x0"},
		{0x30008, true,
			"memory 0x40030008: engine 0x5000000000001111, model "
			"0x1111"},
		{0x31ff8, true,
			"memory 0x40031ff8: engine 0x5000000000002222, model "
			"0x2222"},
		{0x32000, true,
			"memory 0x40032000: engine 0x5000000000000000, model "
			"0x0"},
		{0x36010, true,
			"memory 0x40036010: engine 0x5000000000003333, model "
			"0x3333"},
		{0x50000, true,
			"memory 0x40050000: engine 0x5000000000005555, model "
			"0x5555"},
		{0x200000, true,
			"memory 0x40200000: engine 0x5000000000006666, model "
			"0x6666"},
		{0x5ff000, true,
			"memory 0x405ff000: engine 0x5000000000004444, model "
			"0x4444"},
		{0x41ff8, false, "a register of the port's"},
		{0x3000, false, "a word of a page that is withheld"},
	};

	full_page(world);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		uint64_t *word = world_word(world, RAM + words[i].offset);

		host_machine_touch(world->machine,
			(uint32_t)(words[i].offset / MOAT_PAGE_SIZE));
		*word ^= 0x5000000000000000;
		if (words[i].is_compared) {
			expect_differ(world, ABSTRACT_ALL, words[i].text,
				words[i].text);
			expect(!made_is_same(world), "made: %s", words[i].text);
		} else {
			expect_same(world, ABSTRACT_ALL, words[i].text);
			expect(made_is_same(world), "made: %s", words[i].text);
		}
		*word ^= 0x5000000000000000;
	}
}

/* ---- Scopes ------------------------------------------------------------ */

/* A comparison after a step looks at tables if one was written to, at contents
 * that were; after one that kept all pages, not even at their records. */
void test_scopes(struct world *world)
{
	uint64_t *entry = world_word(world, RAM + 0x28000 + 5 * NEXT);
	uint64_t *device = world_word(world, host_entry(world, 0xffe00000));
	uint64_t *word = world_word(world, RAM + 0x7ff000);
	struct page *record = &PAGE(world->m, 0x7ff);
	uint64_t old;

	expect_same(world, ABSTRACT_ALL, "before");
	record->slot = 1;
	expect_same(world, ABSTRACT_MEMORY, "records, if pages were kept");
	expect_differ(world, ABSTRACT_STEP, "records after a step", NULL);
	record->slot = 0;

	*word = 1;
	expect_same(world, ABSTRACT_STEP, "a word that is not fresh");
	host_machine_touch(world->machine, 0x7ff);
	expect_differ(world, ABSTRACT_MEMORY, "a word that is fresh", NULL);
	*word = 0;
	expect_same(world, ABSTRACT_MEMORY, "no word that is fresh");
	*word = 1;
	expect_same(world, ABSTRACT_MEMORY, "a word that is fresh no more");
	*word = 0;

	old = *entry;
	*entry = PTE_EMPTY;
	expect_same(world, ABSTRACT_STEP, "a table that nobody wrote to");
	world->machine->write_count++;
	expect_differ(world, ABSTRACT_STEP, "a table that was written", NULL);
	expect_differ(world, ABSTRACT_MEMORY, "whatever the scope", NULL);
	*entry = old;
	expect_same(world, ABSTRACT_STEP, "the table as it was");
	*entry = PTE_EMPTY;
	expect_same(world, ABSTRACT_STEP, "a table, one step later");
	*entry = old;

	old = *device;
	*device = PTE_EMPTY;
	world->machine->write_count++;
	expect_same(world, ABSTRACT_STEP, "devices that nobody wrote to");
	world->machine->write_count++;
	world->machine->device_write_count++;
	expect_differ(world, ABSTRACT_STEP, "devices that were written", NULL);
	*device = old;
	expect_same(world, ABSTRACT_STEP, "devices as they were");
	*device = PTE_EMPTY;
	world->machine->write_count++;
	expect_same(world, ABSTRACT_STEP, "devices, one step later");
	*device = old;
}
