/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The contract suite at EL2, on the port of examples/port-template: an image
 * without an engine, on the start-up code of examples/el2.
 *
 * QEMU's address translation instruction walks the tables each time, so what
 * this shows of moat_port_invalidate is less than on a CPU: that it returns,
 * takes every shape of an invalidation and brings VTTBR_EL2 back.
 */
#include "contract.h"
#include "platform.h"

enum { UART = 0x09000000 };

#define READ(name, into) \
	__asm__ volatile("mrs %0, " #name : "=r"(into) : : "memory")
#define WRITE(name, from) \
	__asm__ volatile("msr " #name ", %0" : : "r"(from) : "memory")

#define PSCI_SYSTEM_OFF UINT64_C(0x84000008)
#define HCR_STAGE2 (UINT64_C(1) + (UINT64_C(1) << 31)) /* VM, RW */
#define SCTLR_OFF UINT64_C(0x30d00980)
#define PAR_FAULT UINT64_C(1)
#define PAR_ADDRESS UINT64_C(0x0000fffffffff000)

static _Alignas(4096) unsigned char pages[PORT_BED_PAGES * MOAT_PAGE_SIZE];

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

/* As an agent with stage 1 off; whatever is loaded before is loaded again. */
static bool translate(const struct moat_stage2 *stage2, struct moat_ipa ipa,
	struct moat_pa *pa)
{
	uint64_t base, control, result;

	READ(vttbr_el2, base);
	READ(vtcr_el2, control);
	platform_install(stage2);
	__asm__ volatile("at s12e1r, %0\n\tisb" : : "r"(ipa.value) : "memory");
	READ(par_el1, result);
	WRITE(vtcr_el2, control);
	WRITE(vttbr_el2, base);
	__asm__ volatile("isb" : : : "memory");
	pa->value = (result & PAR_ADDRESS) + ipa.value % MOAT_PAGE_SIZE;
	return (result & PAR_FAULT) == 0;
}

static uint64_t regime(void)
{
	uint64_t base;

	READ(vttbr_el2, base);
	return base;
}

static void report(const char *test, bool has_passed)
{
	print(has_passed ? "contract: ok " : "contract: FAILED ");
	print(test);
	print("\n");
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
	const struct port_bed bed = {
		.pages = pages,
		.pa = {(uintptr_t)pages},
		.translate = translate,
		.regime = regime,
		.report = report,
	};
	uint32_t failed;

	WRITE(hcr_el2, HCR_STAGE2);
	WRITE(sctlr_el1, SCTLR_OFF);
	WRITE(vttbr_el2, UINT64_C(0));
	__asm__ volatile("isb" : : : "memory");
	failed = port_contract_run(&bed);
	print(failed == 0 ? "contract: holds\n" : "contract: BROKEN\n");
	power_off();
}
