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

void host_main(struct host_cpu *cpu)
{
	uint64_t cpu_count = call(moat_features()).x[7];
	uint64_t engine = engine_find();

	console_text("host: started on CPU ");
	console_number(cpu->index);
	console_text(" of ");
	console_number(cpu_count);
	console_text("\n");
	check(engine != 0, "the engine has memory of its own");
	test_interface();
	if (word_read(MODE_WORD) == MODE_RESET) {
		check_finish();
	}
	test_hostile_calls();
	test_power(engine, cpu_count);
	test_two_vms();
	test_guest_registers();
	test_system_registers();
	test_measurement();
	test_lending();
	test_sharing();
	test_blocks();
	test_devices();
	test_entries();
	test_guest_power();
	test_interrupts();
	test_timer();
	test_memory_attacks(engine);
	test_page_attacks(engine);
	if (cpu_count > 1) {
		test_many_cpus(cpu_count);
		test_moving();
	} else {
		bench_run();
	}
	test_coverage();
	check_finish();
}
