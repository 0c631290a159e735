/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The contract suite on the host port. Its CPUs cache what they find, so that
 * an invalidation that forgets too little shows, and its monitor watches.
 */
#include <stdio.h>

#include "arch-host/machine.h"
#include "contract.h"

enum { BED_PAGE = 512 }; /* of RAM; the bed's pages follow */

/* A region of which the host has nothing: what is there may be scrubbed. */
#define BED_PA UINT64_C(0x40200000)
#define BED_SIZE UINT64_C(0x200000)

static struct host_machine *machine;
static unsigned int count;

static void report(const char *test, bool has_passed)
{
	printf("%s %s\n", has_passed ? "ok    " : "FAILED", test);
	count++;
}

/* What CPU 1 has cached, after it has translated as it is free to. */
static bool translate(const struct moat_stage2 *stage2, struct moat_ipa ipa,
	struct moat_pa *pa)
{
	struct host_cpu *cpu = &machine->cpus[1];
	struct moat_stage2 before = cpu->stage2;
	bool is_found = false;

	cpu->stage2 = *stage2;
	host_cpu_speculate(machine, 1, ipa.value);
	cpu->stage2 = before;
	for (uint32_t i = 0; i < HOST_TLB_ENTRIES; i++) {
		const struct host_translation *entry = &cpu->tlb[i];

		if (entry->is_used && !entry->is_table &&
			entry->vmid == stage2->vmid &&
			ipa.value - entry->ipa < entry->size) {
			pa->value = entry->pa + (ipa.value - entry->ipa);
			is_found = true;
		}
	}
	return is_found;
}

static uint64_t regime(void)
{
	return machine->cpus[0].stage2.root.value ^
	       machine->cpus[0].stage2.vmid;
}

int main(void)
{
	const struct moat_config shape = {.cpu_count = 2,
		.vm_count = 1,
		.ipa_bits = 36,
		.host_ipa_bits = 36,
		.ram_count = 1,
		.ram = {{0x40000000, 0x800000}},
		.withheld_count = 1,
		.withheld = {{BED_PA, BED_SIZE}},
		.memory_pa = {0x100000000}};
	struct port_bed bed = {
		.translate = translate, .regime = regime, .report = report};
	uint32_t failed;

	machine = host_machine_create(&shape, NULL);
	if (!machine) {
		printf("there is no machine\n");
		return 1;
	}
	bed.pages = machine->ram + (size_t)BED_PAGE * MOAT_PAGE_SIZE;
	bed.pa.value = host_machine_pa(machine, BED_PAGE);
	/* The tests write there without the machine's knowledge. */
	for (uint32_t i = 0; i < PORT_BED_PAGES; i++) {
		host_machine_touch(machine, BED_PAGE + i);
	}
	failed = port_contract_run(&bed);
	if (machine->violation) {
		printf("FAILED the monitor: %s\n", machine->violation);
		failed++;
	}
	printf("%u tests, %u failures\n", count, failed);
	host_machine_destroy(machine);
	return failed == 0 && count > 0 ? 0 : 1;
}
