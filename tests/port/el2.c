/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * QEMU's address translation instruction walks the tables each time, so what
 * this shows of moat_port_invalidate is less than on a CPU: that it returns,
 * takes every shape of an invalidation and brings VTTBR_EL2 back.
 */
#include "el2.h"

#include "contract.h"

enum { LINE_SIZE = 160 };

#define READ(name, into) \
	__asm__ volatile("mrs %0, " #name : "=r"(into) : : "memory")
#define WRITE(name, from) \
	__asm__ volatile("msr " #name ", %0" : : "r"(from) : "memory")

#define SCTLR_OFF UINT64_C(0x30d00980) /* stage 1 of EL1 is off */
#define PAR_FAULT UINT64_C(1)
#define PAR_ADDRESS UINT64_C(0x0000fffffffff000)

static _Alignas(4096) unsigned char pages[PORT_BED_PAGES * MOAT_PAGE_SIZE];
static const struct el2_means *using;

/* As an agent with stage 1 off; whatever is loaded before is loaded again. */
static bool translate(const struct moat_stage2 *stage2, struct moat_ipa ipa,
	struct moat_pa *pa)
{
	uint64_t base, control, result;

	READ(vttbr_el2, base);
	READ(vtcr_el2, control);
	using->install(stage2);
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

static char *append(char *to, const char *end, const char *text)
{
	for (; *text != 0 && to < end; text++) {
		*to = *text;
		to++;
	}
	return to;
}

static void report(const char *test, bool has_passed)
{
	char line[LINE_SIZE];
	const char *end = line + sizeof(line) - 2;
	char *at = append(
		line, end, has_passed ? "contract: ok " : "contract: FAILED ");

	at = append(at, end, test);
	at[0] = '\n';
	at[1] = 0;
	using->print(line);
}

void el2_contract(const struct el2_means *means)
{
	const struct port_bed bed = {
		.pages = pages,
		.pa = {(uintptr_t)pages},
		.translate = translate,
		.regime = regime,
		.report = report,
	};
	uint32_t failed;

	using = means;
	WRITE(sctlr_el1, SCTLR_OFF);
	__asm__ volatile("isb" : : : "memory");
	failed = port_contract_run(&bed);
	means->print(failed == 0 ? "contract: holds\n" : "contract: BROKEN\n");
}
