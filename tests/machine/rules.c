/* SPDX-License-Identifier: BSD-2-Clause */
/* Each rule of the monitor: a way to break it, and the way around it. */
#include "bed.h"

#include "pte.h"

#define REPLACED "bbm_size:"
#define KEPT "not_invalidated:"
#define LIVE "table_released:"

static void scrub(struct host_machine *machine, uint64_t pa)
{
	moat_port_scrub(host_machine_memory(machine, pa), MOAT_PAGE_SIZE);
}

/* Break-before-make, and between two levels of leaves above all. */
static void a_table_does_not_become_a_block_at_once(void)
{
	struct host_machine *machine = bed_make();

	bed_write(machine, BED_ROOT, pte_block(BED_BLOCK, PTE_NORMAL));
	expect_broken(machine, REPLACED);
	host_machine_destroy(machine);

	machine = bed_make();
	bed_write(machine, BED_ROOT, PTE_EMPTY);
	bed_write(machine, BED_ROOT, pte_block(BED_BLOCK, PTE_NORMAL));
	expect_broken(machine, KEPT);
	host_machine_destroy(machine);

	machine = bed_make();
	bed_write(machine, BED_ROOT, PTE_EMPTY);
	bed_invalidate(machine, 0, 512, 3);
	bed_write(machine, BED_ROOT, pte_block(BED_BLOCK, PTE_NORMAL));
	moat_port_publish();
	bed_end_step(machine);
	expect_broken(machine, NULL);
	host_machine_destroy(machine);
}

static void no_step_ends_with_an_entry_that_is_only_cleared(void)
{
	struct host_machine *machine = bed_make();

	bed_write(machine, BED_ROOT, PTE_EMPTY);
	bed_end_step(machine);
	expect_broken(machine, KEPT);
	host_machine_destroy(machine);
}

static void no_table_is_scrubbed_that_a_walk_may_be_in(void)
{
	struct host_machine *machine = bed_make();

	scrub(machine, BED_TABLE);
	expect_broken(machine, LIVE);
	host_machine_destroy(machine);

	machine = bed_make();
	bed_write(machine, BED_ROOT, PTE_EMPTY);
	scrub(machine, BED_TABLE);
	expect_broken(machine, LIVE);
	host_machine_destroy(machine);
}

/* What a VM has cached a way to, and the host has not; it is invalidated in
 * time, or not. */
static const char *scrub_of_a_vms_page(bool is_invalidated)
{
	struct host_machine *machine = bed_make();
	const char *broken;

	bed_write(machine, BED_TABLE, pte_page(BED_CONTEXT, PTE_NORMAL));
	expect(bed_may(machine, BED_PAGE_IPA, MOAT_ACCESS_READ), "a read");
	bed_write(machine, BED_TABLE, PTE_EMPTY);
	/* Another page, or this one. */
	bed_invalidate(machine, is_invalidated ? BED_PAGE_IPA : 0x1000, 1, 3);
	scrub(machine, BED_CONTEXT);
	broken = machine->violation;
	host_machine_destroy(machine);
	return broken;
}

/* CPU 1 runs the host, whose map has the page; the VM had it or not. */
static const char *scrub_of_a_hosts_page(bool was_shared)
{
	struct host_machine *machine = bed_make();
	struct host_access access = {BED_PAGE, 0, MOAT_ACCESS_READ};
	const char *broken;

	expect(host_cpu_access(machine, 1, &access), "a read of the host");
	if (was_shared) {
		bed_write(machine, BED_TABLE, pte_page(BED_PAGE, PTE_NORMAL));
		moat_port_publish();
		bed_end_step(machine);
		bed_write(machine, BED_TABLE, PTE_EMPTY);
		bed_invalidate(machine, BED_PAGE_IPA, 1, 3);
	}
	scrub(machine, BED_PAGE);
	broken = machine->violation;
	bed_end_step(machine);
	host_machine_destroy(machine);
	return broken;
}

static void nothing_is_scrubbed_that_a_cpu_reaches(void)
{
	expect(scrub_of_a_vms_page(true) == NULL, "a scrub in order");
	expect(scrub_of_a_vms_page(false) != NULL, "a scrub under a VM");
	expect(scrub_of_a_hosts_page(true) == NULL,
		"a scrub of what a VM shared");
	expect(scrub_of_a_hosts_page(false) != NULL,
		"a scrub of what the host has");
}

/* Of a block all pages come back, and no page behind them. */
static void a_block_comes_back_as_a_whole(void)
{
	struct host_machine *machine = bed_make();
	struct host_access access = {
		BED_BLOCK + BED_REGION - 0x1000, 0, MOAT_ACCESS_READ};

	expect(host_cpu_access(machine, 1, &access), "a read of the host");
	bed_write(machine, BED_ROOT + 8, pte_block(BED_BLOCK, PTE_NORMAL));
	moat_port_publish();
	bed_end_step(machine);
	bed_write(machine, BED_ROOT + 8, PTE_EMPTY);
	bed_invalidate(machine, BED_BLOCK_IPA, 512, 2);
	scrub(machine, BED_BLOCK + BED_REGION - 0x1000);
	expect_broken(machine, NULL);
	host_machine_destroy(machine);
}

/* ---- Where it was ------------------------------------------------------ */

static void leaf_twice(struct host_machine *machine)
{
	bed_write(machine, BED_TABLE + 8, pte_page(BED_PAGE, PTE_NORMAL));
	bed_write(machine, BED_TABLE + 8, pte_page(BED_CONTEXT, PTE_NORMAL));
}

static void leaf_gone(struct host_machine *machine)
{
	bed_write(machine, BED_TABLE + 24, pte_page(BED_PAGE, PTE_NORMAL));
	moat_port_publish();
	bed_write(machine, BED_TABLE + 24, PTE_EMPTY);
	bed_end_step(machine);
}

static void table_scrubbed(struct host_machine *machine)
{
	scrub(machine, BED_TABLE);
}

static void hosts_page_scrubbed(struct host_machine *machine)
{
	scrub(machine, BED_PAGE);
}

static void level_wrong(struct host_machine *machine)
{
	bed_write(machine, BED_ROOT + 8, pte_block(BED_BLOCK, PTE_NORMAL));
	moat_port_publish();
	bed_write(machine, BED_ROOT + 8, PTE_EMPTY);
	bed_invalidate(machine, BED_BLOCK_IPA, 512, 3);
	bed_end_step(machine);
}

static void other_vmid(struct host_machine *machine)
{
	const struct moat_invalidation what = {
		.stage2 = moat_host_stage2(machine->engine),
		.ipa = {0x1000},
		.page_count = 1,
		.level = 3};

	bed_write(machine, BED_TABLE + 8, pte_page(BED_PAGE, PTE_NORMAL));
	moat_port_publish();
	bed_write(machine, BED_TABLE + 8, PTE_EMPTY);
	moat_port_invalidate(&what);
	bed_end_step(machine);
}

/* Who did it, in what, and which entry, table or page it was about. */
static void a_verdict_says_where(void)
{
	const struct {
		void (*act)(struct host_machine *machine);
		const char *text;
	} rows[] = {
		{leaf_twice, "bbm_output: a valid entry got another output "
			     "address without a break; CPU 0 at write, VMID 1 "
			     "IPA 0x1000, PA 0x40004008"},
		{leaf_gone, "not_invalidated: an entry went and was not "
			    "invalidated; CPU 0 at step, VMID 1 IPA 0x3000, PA "
			    "0x40004018"},
		{table_scrubbed, "table_released: a table was reused while a "
				 "walk may be in it; CPU 0 at zero, VMID 1 IPA "
				 "0x0, PA 0x40004000"},
		{hosts_page_scrubbed,
			"scrubbed_in_reach: a page was overwritten or read "
			"while an agent can reach it; CPU 0 at zero, VMID 0 "
			"IPA 0x0, PA 0x40009000"},
		{level_wrong, "wrong_level: the invalidation was of entries of "
			      "another level; CPU 0 at step, VMID 1 IPA "
			      "0x200000, PA 0x40000008"},
		{other_vmid,
			"wrong_vmid: the invalidation was of another VMID; CPU "
			"0 at step, VMID 1 IPA 0x1000, PA 0x40004008"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct host_machine *machine = bed_make();

		rows[i].act(machine);
		expect_broken(machine, rows[i].text);
		/* And as well once all is as it was. */
		bed_restart(machine);
		expect_broken(machine, NULL);
		rows[i].act(machine);
		expect_broken(machine, rows[i].text);
		host_machine_destroy(machine);
	}
}

void test_rules(void)
{
	a_table_does_not_become_a_block_at_once();
	no_step_ends_with_an_entry_that_is_only_cleared();
	no_table_is_scrubbed_that_a_walk_may_be_in();
	nothing_is_scrubbed_that_a_cpu_reaches();
	a_block_comes_back_as_a_whole();
	a_verdict_says_where();
}
