/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch-aarch64/firmware.h"

#include "arch-aarch64/psci.h"
#include "arch-aarch64/sysreg.h"

/* Semihosting for AArch32 and AArch64, section 7.8. */
#define SEMIHOSTING_EXIT 0x18
#define STOPPED_APPLICATION_EXIT UINT64_C(0x20026)

static bool exiting;

uint64_t firmware_call(uint64_t function, uint64_t x1, uint64_t x2, uint64_t x3)
{
	register uint64_t r0 __asm__("x0") = function;
	register uint64_t r1 __asm__("x1") = x1;
	register uint64_t r2 __asm__("x2") = x2;
	register uint64_t r3 __asm__("x3") = x3;

	__asm__ volatile("smc #0"
			 : "+r"(r0), "+r"(r1), "+r"(r2), "+r"(r3)
			 :
			 : "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11",
			 "x12", "x13", "x14", "x15", "x16", "x17", "memory");
	return r0;
}

static void semihosting_exit(uint64_t status)
{
	const volatile uint64_t block[2] = {STOPPED_APPLICATION_EXIT, status};
	register uint64_t operation __asm__("x0") = SEMIHOSTING_EXIT;
	register const volatile uint64_t *parameter __asm__("x1") = block;

	__asm__ volatile("hlt #0xf000"
			 : "+r"(operation)
			 : "r"(parameter)
			 : "memory");
}

bool firmware_is_exiting(void)
{
	return exiting;
}

/*
 * Only a debugger gives an exit status. Without one HLT is an exception from
 * EL2, and vector_bug_found brings us here again: then PSCI ends the machine.
 * (EL1 can call semihosting as well, QEMU does not trap it; so an exit status
 * alone proves nothing about the engine.)
 */
void firmware_exit(uint32_t status)
{
	if (!exiting) {
		exiting = true;
		semihosting_exit(status);
	}
	firmware_call(PSCI_SYSTEM_OFF, 0, 0, 0);
	for (;;) {
		wfi();
	}
}
