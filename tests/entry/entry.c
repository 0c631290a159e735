/* SPDX-License-Identifier: BSD-2-Clause */
#include "entry.h"

#include <stddef.h>

#include "arch-aarch64/sysreg.h"

enum { CPU_COUNT = 4 };

#define PSCI_CPU_OFF 0x84000002u
#define PSCI_CPU_ON 0xc4000003u
#define PSCI_AFFINITY_INFO 0xc4000004u
#define PSCI_SYSTEM_OFF 0x84000008u
#define SMCCC_VERSION 0x80000000u

struct taken taken;
uint64_t entry_general[8] __attribute__((section(".data")));

/* What a CPU that turns on does when it has checked its registers. */
static void (*volatile job_of_other)(void);

static uint64_t smc(uint64_t function, uint64_t x1, uint64_t x2, uint64_t x3)
{
	register uint64_t r0 __asm__("x0") = function;
	register uint64_t r1 __asm__("x1") = x1;
	register uint64_t r2 __asm__("x2") = x2;
	register uint64_t r3 __asm__("x3") = x3;

	__asm__ volatile("smc #0"
			 : "+r"(r0), "+r"(r1), "+r"(r2), "+r"(r3)
			 :
			 : "memory");
	return r0;
}

void entry_other(uint64_t cpu)
{
	registers_check(cpu);
	if (job_of_other != NULL) {
		job_of_other();
	}
	smc(PSCI_CPU_OFF, 0, 0, 0);
}

void on_cpu(uint64_t cpu, void (*job)(void))
{
	uint64_t result;

	job_of_other = job;
	dsb_sy();
	result = smc(PSCI_CPU_ON, cpu, (uintptr_t)entry_secondary, cpu);
	while (smc(PSCI_AFFINITY_INFO, cpu, 0, 0) != 1) {
		__asm__ volatile("yield");
	}
	check_equal(result, 0, "a CPU turned on, and off again");
}

/* One CPU at a time, so that nobody disturbs the console; each twice, as a CPU
 * that was off before starts like one that never was on. */
static void check_others(void)
{
	for (uint64_t i = 0; i < 2 * (CPU_COUNT - 1); i++) {
		on_cpu(1 + i / 2, NULL);
	}
}

void entry_main(void)
{
	registers_check(0);
	check_equal(smc(SMCCC_VERSION, 0, 0, 0), 0x10002, "SMCCC is 1.2");
	check_others();
	aborts_check();
	redistributor_check();
	tick_check();
	worlds_check();
	attempts_check();
	check_end();
	smc(PSCI_SYSTEM_OFF, 0, 0, 0);
}
