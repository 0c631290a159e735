/* SPDX-License-Identifier: BSD-2-Clause */
#include "bed.h"

#include <stdlib.h>
#include <string.h>

#include "arch-host/watch.h"

static int failures;

void expect(bool holds, const char *what)
{
	if (!holds) {
		fprintf(stderr, "FAILED: %s\n", what);
		failures++;
	}
}

void expect_broken(const struct host_machine *machine, const char *rule)
{
	const char *broken = machine->violation;

	if (rule ? !broken || strncmp(broken, rule, strlen(rule)) != 0
		 : broken != NULL) {
		fprintf(stderr, "FAILED: the rule broken is '%s', not '%s'\n",
			broken ? broken : "none", rule ? rule : "none");
		failures++;
	}
}

int expect_failures(void)
{
	return failures;
}

/* ---- The machine ------------------------------------------------------- */

static void call(struct host_machine *machine, struct moat_regs regs)
{
	enum moat_action action = host_machine_call(machine, 0, &regs);

	if (action != MOAT_GUEST_ENTER && regs.x[0] != MOAT_OK) {
		fprintf(stderr, "the bed is refused\n");
		exit(EXIT_FAILURE);
	}
}

static void fill(struct host_machine *machine)
{
	struct moat_vm_id vm = {0};
	struct moat_vcpu_id vcpu = {0};

	call(machine, moat_vm_create(vm, (struct moat_pa){BED_ROOT}, 32, 1));
	call(machine, moat_table_create(vm, (struct moat_ipa){0}, 3,
			      (struct moat_pa){BED_TABLE}));
	call(machine, moat_vcpu_create(
			      vm, vcpu, (struct moat_pa){BED_CONTEXT}, 0, 0));
	call(machine, moat_vm_seal(vm));
	call(machine, moat_vcpu_run(vm, vcpu));
	expect_broken(machine, NULL);
}

struct host_machine *bed_make(void)
{
	const struct moat_config config = {
		.cpu_count = 2,
		.vm_count = 1,
		.ipa_bits = 32,
		.host_ipa_bits = 32,
		.ram_count = 1,
		.ram = {{BED_RAM, 2 * BED_REGION}},
		.memory_pa = {0x30000000},
	};
	struct host_machine *machine = host_machine_create(&config, NULL);

	if (!machine) {
		fprintf(stderr, "no machine\n");
		exit(EXIT_FAILURE);
	}
	fill(machine);
	return machine;
}

void bed_restart(struct host_machine *machine)
{
	host_machine_restart(machine);
	fill(machine);
}

static uint64_t *entry(struct host_machine *machine, uint64_t pa)
{
	return (uint64_t *)(void *)host_machine_memory(machine, pa);
}

void bed_store(struct host_machine *machine, uint64_t pa, uint64_t descriptor)
{
	*entry(machine, pa) = descriptor;
}

void bed_write(struct host_machine *machine, uint64_t pa, uint64_t descriptor)
{
	moat_port_descriptor_write(entry(machine, pa), descriptor);
}

bool bed_may(struct host_machine *machine, uint64_t ipa, enum moat_access kind)
{
	struct host_access access = {ipa, 0, kind};

	return host_cpu_access(machine, 0, &access);
}

void bed_invalidate(struct host_machine *machine, uint64_t ipa,
	uint64_t page_count, uint32_t level)
{
	const struct moat_invalidation what = {
		.stage2 = moat_cpu_stage2(machine->engine, 0),
		.ipa = {ipa},
		.page_count = page_count,
		.level = level,
		.is_table = 1};

	moat_port_invalidate(&what);
}

void bed_end_step(struct host_machine *machine)
{
	watch_plain(machine, WATCH_STEP);
}
