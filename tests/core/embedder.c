/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What an embedder did wrong stops the engine: the port of a process aborts.
 * No host and no VM can cause one of these.
 */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "moat/port.h"
#include "scene.h"

/* A test is stopped by the check that it is about: another one that comes
 * later, and stops it by luck, ends it without the signal that it awaits. */
static const char *awaited = "none";

_Noreturn void __wrap_moat_port_panic(const char *reason);

_Noreturn void __wrap_moat_port_panic(const char *reason)
{
	if (strcmp(reason, awaited) == 0) {
		abort();
	}
	exit(1);
}

/* A machine whose CPU 1 runs vCPU 0 of VM 0. */
static struct bed running_on_cpu_1(void)
{
	struct bed bed = bed_make();

	bed_about("a test that is to abort");
	scene_vm(&bed, 0, MOAT_VM_ACTIVE);
	scene_run(&bed, 0, 0, 1);
	return bed;
}

Test(embedder, the_host_does_not_call_where_a_vcpu_runs, .signal = SIGABRT)
{
	struct bed bed = running_on_cpu_1();
	struct moat_regs regs = moat_version();

	awaited = "required: CPU(m, cpu).vm == NONE";
	moat_host_call(bed.engine, 1, &regs);
}

Test(embedder, the_host_does_not_abort_where_a_vcpu_runs, .signal = SIGABRT)
{
	struct bed bed = running_on_cpu_1();

	awaited = "required: CPU(m, cpu).vm == NONE";
	moat_host_abort(bed.engine, 1, (struct moat_ipa){BED_A});
}

Test(embedder, no_vcpu_traps_where_none_runs, .signal = SIGABRT)
{
	const struct moat_trap trap = {.kind = MOAT_TRAP_IRQ};
	struct bed bed = running_on_cpu_1();
	struct moat_regs regs = {{0}};

	awaited = "required: CPU(m, cpu).vm != NONE";
	moat_guest_exit(bed.engine, 0, &trap, &regs);
}

Test(embedder, no_call_comes_from_a_cpu_that_is_not_there, .signal = SIGABRT)
{
	struct bed bed = bed_make();
	struct moat_regs regs = moat_version();

	awaited = "required: cpu < CPU_COUNT(m)";
	moat_host_call(bed.engine, BED_CPUS, &regs);
}

Test(embedder, no_abort_comes_from_a_cpu_that_is_not_there, .signal = SIGABRT)
{
	struct bed bed = bed_make();

	awaited = "required: cpu < CPU_COUNT(m)";
	moat_host_abort(bed.engine, BED_CPUS, (struct moat_ipa){BED_A});
}

Test(embedder, no_trap_comes_from_a_cpu_that_is_not_there, .signal = SIGABRT)
{
	const struct moat_trap trap = {.kind = MOAT_TRAP_IRQ};
	struct bed bed = bed_make();
	struct moat_regs regs = {{0}};

	awaited = "required: cpu < CPU_COUNT(m)";
	moat_guest_exit(bed.engine, BED_CPUS, &trap, &regs);
}

Test(embedder, a_configuration_that_moat_size_refuses_is_no_engine,
	.signal = SIGABRT)
{
	static unsigned char memory[0x100000];
	struct moat_config config = bed_config();

	awaited = "required: moat_size(config) != 0";
	config.cpu_count = 0;
	moat_init(&config, memory);
}

Test(embedder, no_context_is_that_of_a_cpu_that_is_not_there, .signal = SIGABRT)
{
	struct bed bed = bed_make();

	awaited = "required: cpu < CPU_COUNT(m)";
	moat_cpu_context(bed.engine, BED_CPUS);
}

Test(embedder, no_translation_is_that_of_a_cpu_that_is_not_there,
	.signal = SIGABRT)
{
	struct bed bed = bed_make();

	awaited = "required: cpu < CPU_COUNT(m)";
	moat_cpu_stage2(bed.engine, BED_CPUS);
}

Test(embedder, no_context_is_shown_where_the_host_runs)
{
	struct bed bed = running_on_cpu_1();

	cr_expect_null(moat_cpu_context(bed.engine, 0));
	cr_expect_not_null(moat_cpu_context(bed.engine, 1));
	bed_end(&bed);
}
