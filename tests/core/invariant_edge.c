/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How far each invariant looks: at the first of all that there is and at the
 * last, and at nothing behind it, where what is made here looks good.
 */
#include "broken.h"

TestSuite(invariant_edge, .init = broken_setup, .fini = broken_teardown);

#define LAST PAGE(m, PAGE_COUNT(m) - 1)
/* No record: the engine has its regions there. */
#define BEHIND PAGE(m, PAGE_COUNT(m))

/* @predicate refuses @record as the last page's. */
static void sees_last(
	bool (*predicate)(const struct moat *), struct page record)
{
	expect(predicate(m), "what calls made of the last page");
	LAST = record;
	expect(!predicate(m), "the last page");
	broken_put_back();
	expect(predicate(m), "as it was");
}

Test(invariant_edge, records_are_looked_at_up_to_the_last)
{
	const struct page no_state = {.state = MOAT_PAGE_STATE_COUNT};
	const struct page no_vcpu = {.state = MOAT_PAGE_VCPU, .slot = 3};
	const struct page table = {.state = MOAT_PAGE_TABLE,
		.mapping = LEAF_LEVEL,
		.parent = broken_a_host_page()};
	struct page lent = LENT_PAGE;
	uint64_t *word = &TABLE(m, PAGE_COUNT(m) - 1).entry[0];
	uint64_t kept = *word;

	lent.state = MOAT_PAGE_VM;
	sees_last(invariant_page_1, no_state);
	sees_last(invariant_half_1, lent);
	sees_last(invariant_table_1, table);
	sees_last(invariant_vm_1, no_vcpu);
	*word = 2;
	sees_last(invariant_table_2, table);
	*word = kept;
}

/* In the bed's own VM the first page is a table, and the last one of a block;
 * here both are the host's. */
Test(invariant_edge, page_2_and_half_1_look_at_both_ends)
{
	struct bed other = bed_make();
	struct moat *o = other.engine;
	const uint32_t ends[] = {0, PAGE_COUNT(o) - 1};
	uint32_t page;

	scene_vm(&other, 1, MOAT_VM_BUILDING);
	page = host_machine_page(other.machine, scene_pa(1, SCENE_VM_PAGE));
	for (uint32_t i = 0; i < 2; i++) {
		struct page kept = PAGE(o, ends[i]);

		PAGE(o, ends[i]) = PAGE(o, page);
		expect(invariant_half_1(o), "a VM's page");
		expect(!invariant_page_2(o), "whose entry maps another");
		PAGE(o, ends[i]).state = MOAT_PAGE_LENT;
		expect(!invariant_half_1(o), "a LENT page");
		PAGE(o, ends[i]) = kept;
	}
	expect(invariant_page_2(o) && invariant_half_1(o), "as it was");
	bed_end(&other);
}

Test(invariant_edge, table_2_looks_at_the_first_page)
{
	expect(PAGE(m, 0).state == MOAT_PAGE_TABLE, "a table");
	IS_BROKEN(invariant_table_2(m), TABLE(m, 0).entry[9], 2);
}

Test(invariant_edge, vm_1_knows_the_last_page)
{
	uint32_t last = PAGE_COUNT(m) - 1;

	LAST = ROOT_PAGE;
	VM(m, 0).root = last;
	expect(invariant_vm_1(m), "it may be a root");
	broken_put_back();
	LAST = CONTEXT_PAGE;
	CONTEXT_PAGE = HOST_PAGE;
	VCPU(m, 0, 0).page = last;
	expect(invariant_vm_1(m), "and a context");
	broken_put_back();
}

Test(invariant_edge, behind_the_last_record_is_no_page)
{
	BEHIND = ROOT_PAGE;
	VM(m, 0).root = PAGE_COUNT(m);
	expect(!invariant_vm_1(m), "no root");
	broken_put_back();
	BEHIND = CONTEXT_PAGE;
	CONTEXT_PAGE = HOST_PAGE;
	VCPU(m, 0, 0).page = PAGE_COUNT(m);
	expect(!invariant_vm_1(m), "no context");
	broken_put_back();
}

/* Another VM 0. Its vCPUs lie where CPUs are, of which CPU 0 runs nothing. */
static void forge_a_vm_behind_the_last(void)
{
	VM(m, BED_VMS) = VM(m, 0);
	CPU(m, 0).vm = NONE;
}

Test(invariant_edge, behind_the_last_vm_is_none)
{
	forge_a_vm_behind_the_last();
	ROOT_PAGE.parent = BED_VMS;
	expect(!invariant_table_1(m), "none with a root");
	broken_put_back();
	forge_a_vm_behind_the_last();
	VCPU(m, BED_VMS, 3).page = broken_a_host_page();
	VCPU(m, BED_VMS, 3).state = MOAT_VCPU_READY;
	expect(invariant_vm_1(m), "nothing names it");
	HOST_PAGE = (struct page){
		.state = MOAT_PAGE_VCPU, .slot = 3, .parent = BED_VMS};
	expect(!invariant_vm_1(m), "none with a context");
	broken_put_back();
}

Test(invariant_edge, behind_the_last_vm_nothing_runs)
{
	forge_a_vm_behind_the_last();
	CPU(m, 1).vm = BED_VMS;
	VCPU(m, 0, 0).state = MOAT_VCPU_READY;
	expect(!invariant_vcpu_1(m), "that a CPU could name");
	broken_put_back();
	forge_a_vm_behind_the_last();
	VCPU(m, BED_VMS, 0).cpu = BED_CPUS;
	expect(invariant_vcpu_1(m), "that were looked at");
	broken_put_back();
}

/* The next VM begins where a vCPU behind a VM's last would be. */
Test(invariant_edge, behind_the_last_vcpu_is_none)
{
	struct vcpu running = VCPU(m, 0, 0);

	CPU(m, 1).vcpu = MOAT_VCPU_MAX;
	VCPU(m, 0, 0).state = MOAT_VCPU_READY;
	memcpy(&VM(m, 1), &running, sizeof(running));
	expect(!invariant_vcpu_1(m), "that a CPU could name");
	broken_put_back();
}

Test(invariant_edge, behind_the_last_cpu_is_none)
{
	CPU(m, BED_CPUS).vm = 0;
	CPU(m, BED_CPUS).vcpu = 1;
	VCPU(m, 0, 1).cpu = BED_CPUS;
	IS_BROKEN(invariant_vcpu_1(m), VCPU(m, 0, 1).state, MOAT_VCPU_RUNNING);
	broken_put_back();
}

Test(invariant_edge, vcpu_1_looks_at_each_vcpu)
{
	for (uint32_t k = 0; k < BED_VMS * MOAT_VCPU_MAX; k++) {
		uint32_t vm = k / MOAT_VCPU_MAX;
		uint32_t vcpu = k % MOAT_VCPU_MAX;

		if (k > 0) {
			VCPU(m, vm, vcpu).cpu = 1; /* which runs the first */
			IS_BROKEN(invariant_vcpu_1(m), VCPU(m, vm, vcpu).state,
				MOAT_VCPU_RUNNING);
		}
	}
	broken_put_back();
}
