/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * On the port of examples/port-template: an image without an engine, on the
 * start-up code of examples/el2.
 */
#include "el2.h"
#include "platform.h"

enum { UART = 0x09000000 };

#define WRITE(name, from) \
	__asm__ volatile("msr " #name ", %0" : : "r"(from) : "memory")

#define PSCI_SYSTEM_OFF UINT64_C(0x84000008)
#define HCR_STAGE2 (UINT64_C(1) + (UINT64_C(1) << 31)) /* VM, RW */

static void print(const char *text)
{
	for (; *text != 0; text++) {
		*(volatile uint32_t *)(uintptr_t)UART = (uint32_t)*text;
	}
}

static void power_off(void)
{
	register uint64_t x0 __asm__("x0") = PSCI_SYSTEM_OFF;

	__asm__ volatile("smc #0" : "+r"(x0) : : "memory");
}

void platform_panic(const char *reason)
{
	print("contract: panic: ");
	print(reason);
	print("\n");
	power_off();
	for (;;) {
		__asm__ volatile("wfi");
	}
}

/* What start.S calls for an exception from a lower level: there is none. */
void trap(void);
void trap(void)
{
	platform_panic("an exception from EL1");
}

void el2_main(void);
void el2_main(void)
{
	const struct el2_means means = {print, platform_install};

	WRITE(hcr_el2, HCR_STAGE2);
	WRITE(vttbr_el2, UINT64_C(0));
	__asm__ volatile("isb" : : : "memory");
	el2_contract(&means);
	power_off();
}
