/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The script of the test host, on CPU 0.
 */
#include "host.h"

void host_main(struct host_cpu *cpu);

enum { REGION = 0x200000 };

/* The first region of RAM that holds a page of the engine: where the attacks
 * on the engine go. 0 if it has no memory at all. */
static uint64_t engine_find(void)
{
	for (uint64_t at = RAM_BASE; at < RAM_BASE + RAM_SIZE; at += REGION) {
		if (page_state(at) == MOAT_PAGE_ENGINE) {
			return at;
		}
	}
	return 0;
}

/* What one CPU can show. */
static void test_calls(uint64_t engine, uint64_t cpu_count)
{
	section("calls by an attacker");
	test_hostile_calls();
	section("the host's power");
	test_power(engine, cpu_count);
	section("two VMs on the same addresses");
	test_two_vms();
	section("registers");
	test_guest_registers();
	test_system_registers();
	section("measurements");
	test_measurement();
	section("pages that are lent");
	test_lending();
	section("pages that are shared");
	test_sharing();
	section("blocks");
	test_blocks();
	test_host_header();
}

static void test_runs(void)
{
	section("devices");
	test_devices();
	section("what answers an exit");
	test_entries();
	section("a VM's power");
	test_guest_power();
	section("interrupts");
	test_interrupts();
	section("timers");
	test_timer();
}

static void test_cpus(uint64_t cpu_count)
{
	if (cpu_count > 1) {
		section("many CPUs");
		test_many_cpus(cpu_count);
		section("vCPUs that move");
		test_moving();
	} else if (PAGE == 4096) { /* its budgets are of these */
		section("instructions of a call");
		bench_run();
	}
}

void host_main(struct host_cpu *cpu)
{
	uint64_t cpu_count = call(moat_features()).x[7];
	uint64_t engine = engine_find();

	console_text("host: started on CPU ");
	console_number(cpu->index);
	console_text(" of ");
	console_number(cpu_count);
	console_text("\n");
	section("the engine");
	check(engine != 0, "the engine has memory of its own");
	test_interface();
	if (word_read(MODE_WORD) == MODE_RESET) {
		check_finish();
	}
	test_calls(engine, cpu_count);
	test_runs();
	section("memory out of reach");
	test_memory_attacks(engine);
	section("pages in the wrong place");
	test_page_attacks(engine);
	test_cpus(cpu_count);
	section("all of it");
	test_coverage();
	check_finish();
}
