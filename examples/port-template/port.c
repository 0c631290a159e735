/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A port for AArch64 at EL2, to start from: every function of moat/port.h with
 * the sequence that the architecture asks for, right on any number of CPUs, and
 * no faster than that. examples/el2 boots it; docs/porting.md explains it.
 *
 * It assumes a 4 KiB granule, memory mapped cacheable at EL2, GICv3 left to the
 * program around it, and no VHE (HCR_EL2.E2H = 0).
 */
#include "moat/port.h"

#include "fips180.h"
#include "platform.h"

#define BIT(n) (UINT64_C(1) << (n))

#define READ(name, into) \
	__asm__ volatile("mrs %0, " #name : "=r"(into) : : "memory")
#define WRITE(name, from) \
	__asm__ volatile("msr " #name ", %0" : : "r"(from) : "memory")
#define DO(text) __asm__ volatile(text : : : "memory")
#define DO_ON(text, operand) \
	__asm__ volatile(text ", %0" : : "r"(operand) : "memory")

/* ---- Tables ------------------------------------------------------------- */

/* A plain 64-bit store is single-copy atomic (Arm ARM, B2.2.1); volatile keeps
 * the compiler from splitting, merging or moving it. */
void moat_port_descriptor_write(uint64_t *entry, uint64_t descriptor)
{
	*(volatile uint64_t *)entry = descriptor;
}

/* The table walks of other CPUs are observers in the inner shareable domain;
 * this CPU's own needs the ISB as well (Arm ARM, D8.2.6). */
void moat_port_publish(void)
{
	DO("dsb ishst");
	DO("isb");
}

/* VTCR_EL2 of the granule that this is built for: SL0 of a walk that starts at
 * level 0, and how TG0 names it. Whether the CPU has it, ID_AA64MMFR0_EL1 says
 * (TGran4, TGran16, TGran64, and TGran4_2 and so on for stage 2). */
enum {
	SL0_LEVEL_0 = MOAT_PAGE_BITS == 12 ? 2 : 3,
	TG0 = MOAT_PAGE_BITS == 12   ? 0
	      : MOAT_PAGE_BITS == 14 ? 2
				     : 1
};

/* VTCR_EL2 without the fields that every regime has alike (Arm ARM, D19.2). */
static uint64_t control_of(const struct moat_stage2 *stage2)
{
	uint64_t range;
	uint64_t control = BIT(31); /* RES1 */

	READ(id_aa64mmfr0_el1, range);
	range = range % 16 < 5 ? range % 16 : 5; /* PS: at most 48 bits */
	control += range << 16;
	control += UINT64_C(3) << 12; /* SH0: inner shareable */
	control += BIT(10) + BIT(8); /* ORGN0, IRGN0: write-back */
	control += (uint64_t)TG0 << 14;
	control += (uint64_t)(SL0_LEVEL_0 - stage2->start_level) << 6;
	return control + (64 - stage2->ipa_bits); /* T0SZ */
}

static uint64_t base_of(const struct moat_stage2 *stage2)
{
	return stage2->root.value + ((uint64_t)stage2->vmid << 48);
}

void platform_install(const struct moat_stage2 *stage2)
{
	WRITE(vtcr_el2, control_of(stage2));
	WRITE(vttbr_el2, base_of(stage2));
	DO("isb");
}

/* TLBI by IPA takes the IPA in units of 4 KiB, whatever the granule. One for
 * each page is right for blocks as well, only slower. */
static void forget_pages(const struct moat_invalidation *what)
{
	uint64_t first = what->ipa.value >> 12;
	uint64_t step = MOAT_PAGE_SIZE >> 12;

	for (uint64_t i = 0; i < what->page_count; i++) {
		DO_ON("tlbi ipas2e1is", first + i * step);
	}
	/* Stage 1 combined with what went can only be forgotten once no walk
	 * can bring it back, hence the barrier between (D8.13.5). */
	DO("dsb ish");
	DO("tlbi vmalle1is");
}

/*
 * TLBI acts on the VMID in VTTBR_EL2, so this CPU borrows it. Nothing runs at
 * EL1 on this CPU meanwhile, so no access uses the borrowed translation.
 */
void moat_port_invalidate(const struct moat_invalidation *what)
{
	uint64_t control;
	uint64_t base;

	READ(vtcr_el2, control);
	READ(vttbr_el2, base);
	DO("dsb ishst"); /* the cleared entries, before the TLBI */
	platform_install(&what->stage2);
	if (what->page_count == 0) {
		DO("tlbi vmalls12e1is");
	} else {
		forget_pages(what);
	}
	DO("dsb ish"); /* done on every CPU, accesses included */
	WRITE(vtcr_el2, control);
	WRITE(vttbr_el2, base);
	DO("isb");
}

/* ---- Contents ----------------------------------------------------------- */

/* Bytes of the smallest line of a data cache: CTR_EL0.DminLine. */
static uint64_t line_bytes(void)
{
	uint64_t type;

	READ(ctr_el0, type);
	return UINT64_C(4) << (type >> 16 & 0xf);
}

/* What the former owner ran must not be fetched by the next one. */
static void forget_instructions(void)
{
	DO("dsb ish");
	DO("ic ialluis");
	DO("dsb ish");
	DO("isb");
}

/* Stores, and not DC ZVA, which may be prohibited (DCZID_EL0.DZP). */
void moat_port_scrub(void *page, size_t size)
{
	volatile uint64_t *word = page;

	for (size_t i = 0; i < size / sizeof(*word); i++) {
		word[i] = 0;
	}
	moat_port_clean(page, size);
}

/* To the point of coherency: an agent may read with its caches off. */
void moat_port_clean(void *page, size_t size)
{
	uint64_t line = line_bytes();
	uintptr_t start = (uintptr_t)page;

	for (uintptr_t at = start; at < start + size; at += line) {
		DO_ON("dc civac", at);
	}
	DO("dsb sy");
	forget_instructions();
}

void moat_port_measure(uint64_t measurement[MOAT_MEASUREMENT_WORDS],
	const uint64_t *word, size_t word_count, const void *data, size_t size)
{
	struct sha256 hash;

	sha256_start(&hash);
	for (size_t i = 0; i < MOAT_MEASUREMENT_WORDS; i++) {
		sha256_add_word(&hash, measurement[i]);
	}
	for (size_t i = 0; i < word_count; i++) {
		sha256_add_word(&hash, word[i]);
	}
	sha256_add(&hash, data, size);
	sha256_finish(&hash);
	for (size_t i = 0; i < MOAT_MEASUREMENT_WORDS; i++) {
		measurement[i] = ((uint64_t)hash.state[2 * i] << 32) +
				 hash.state[2 * i + 1];
	}
}

/* ---- Contexts ----------------------------------------------------------- */

#define PSTATE_EL1H UINT64_C(0x5)
#define PSTATE_EL1T UINT64_C(0x4)
#define PSTATE_MODE UINT64_C(0x1f) /* bit 4: AArch32 */
#define PSTATE_DAIF UINT64_C(0x3c0)

/* SCTLR_EL1 with everything off: its RES1 bits (Arm ARM, D19.2). */
#define SCTLR_OFF UINT64_C(0x30d00980)

/* All other registers are architecturally unknown at reset; zero tells the VM
 * nothing of whoever had the page. */
void moat_port_context_reset(struct moat_context *context, uint32_t vcpu,
	uint64_t pc, uint64_t argument)
{
	uint64_t *word = (uint64_t *)context;

	for (size_t i = 0; i < sizeof(*context) / sizeof(*word); i++) {
		word[i] = 0;
	}
	context->x[0] = argument;
	context->pc = pc;
	context->pstate = PSTATE_EL1H + PSTATE_DAIF;
	context->deadline = UINT64_MAX;
	context->arch[PLATFORM_sctlr_el1] = SCTLR_OFF;
	/* What it reads as MPIDR_EL1: RES1, and affinity n for vCPU n. */
	context->arch[PLATFORM_vmpidr_el2] = BIT(31) + vcpu;
}

/* Where an exception from @pstate comes to: Arm ARM, D1.3.1.5. */
static uint64_t vector_from(uint64_t pstate)
{
	switch (pstate & PSTATE_MODE) {
	case PSTATE_EL1H:
		return 0x200;
	case PSTATE_EL1T:
		return 0x000;
	case 0: /* EL0 */
		return 0x400;
	default: /* EL0 in AArch32 */
		return 0x600;
	}
}

/*
 * ESR_EL1 of a synchronous external abort (Arm ARM, D19.2.37): the class says
 * fetch or data and which level it came from; IL; WnR; DFSC 0b010000.
 */
static uint64_t syndrome_of(enum moat_access access, uint64_t pstate)
{
	uint64_t class = access == MOAT_ACCESS_FETCH ? 0x20 : 0x24;

	if (vector_from(pstate) < 0x400) {
		class += 1;
	}
	return (class << 26) + BIT(25) +
	       (access == MOAT_ACCESS_WRITE ? BIT(6) : 0) + 0x10;
}

/*
 * As hardware would take it to EL1. FAR_EL1 is the address that the VM used:
 * the program around saved it there at the exit. PAN as SCTLR_EL1.SPAN asks; a
 * CPU with more of PSTATE (SSBS, TCO) sets that here as well.
 */
void moat_port_context_abort(struct moat_context *context, struct moat_ipa ipa,
	enum moat_access access)
{
	uint64_t pstate = context->pstate;

	(void)ipa;
	context->arch[PLATFORM_esr_el1] = syndrome_of(access, pstate);
	context->arch[PLATFORM_elr_el1] = context->pc;
	context->arch[PLATFORM_spsr_el1] = pstate;
	context->pc = context->arch[PLATFORM_vbar_el1] / 0x800 * 0x800 +
		      vector_from(pstate);
	context->pstate =
		(pstate & UINT64_C(0xf0400000)) + PSTATE_EL1H + PSTATE_DAIF;
	if ((context->arch[PLATFORM_sctlr_el1] & BIT(23)) == 0) {
		context->pstate |= BIT(22); /* PAN */
	}
}

/* ---- Locks, trace, panic ------------------------------------------------ */

/* A wake between the load that found the lock taken and this WFE is not lost:
 * SEV sets the event register (Arm ARM, D1.6.1). */
void moat_port_wait(void)
{
	DO("wfe");
}

/* The store that releases the lock comes first. */
void moat_port_wake(void)
{
	DO("dsb ishst");
	DO("sev");
}

/* No trace is wanted: the engine spends one call a step on finding out. */
struct moat_event *moat_port_event_begin(void)
{
	return NULL;
}

void moat_port_event_end(struct moat_event *event)
{
	(void)event;
}

void moat_port_panic(const char *reason)
{
	platform_panic(reason);
}
