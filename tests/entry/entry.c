/* SPDX-License-Identifier: BSD-2-Clause */
#include "entry.h"

#include "arch-aarch64/sysreg.h"

enum { CPU_COUNT = 4 };

#define PSCI_CPU_OFF 0x84000002u
#define PSCI_CPU_ON 0xc4000003u
#define PSCI_SYSTEM_OFF 0x84000008u
#define SMCCC_VERSION 0x80000000u

struct taken taken;
uint64_t entry_general[8] __attribute__((section(".data")));

/* Set by the CPU that has done its checks. */
static volatile uint32_t done;

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
	dsb_sy();
	done = 1;
	dsb_sy();
	sev();
	smc(PSCI_CPU_OFF, 0, 0, 0);
}

/* One CPU at a time, so that nobody disturbs the console. */
static void check_others(void)
{
	for (uint64_t cpu = 1; cpu < CPU_COUNT; cpu++) {
		done = 0;
		check_equal(
			smc(PSCI_CPU_ON, cpu, (uintptr_t)entry_secondary, cpu),
			0, "a CPU turns on");
		while (done == 0) {
			wfe();
		}
	}
}

void entry_main(void)
{
	registers_check(0);
	check_equal(smc(SMCCC_VERSION, 0, 0, 0), 0x10002, "SMCCC is 1.2");
	check_others();
	aborts_check();
	redistributor_check();
	guest_check();
	check_end();
	smc(PSCI_SYSTEM_OFF, 0, 0, 0);
}
