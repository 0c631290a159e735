/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch-aarch64/exit.h"

#define BIT(n) (UINT64_C(1) << (n))

/* ESR_ELx (Arm ARM D19.2.37). */
#define ESR_CLASS_SHIFT 26
#define ESR_IL BIT(25) /* the instruction has 32 bits */
#define ESR_ISV BIT(24) /* data abort: the next three fields are valid */
#define ESR_SAS(esr) ((esr) >> 22 & 3) /* log2 of the bytes */
#define ESR_SSE BIT(21) /* sign-extending load */
#define ESR_SRT(esr) ((esr) >> 16 & 0x1f) /* register */
#define ESR_SF BIT(15) /* which is an X register */
#define ESR_CM BIT(8) /* data abort: cache maintenance */
#define ESR_S1PTW BIT(7) /* stage-2 fault of a stage-1 walk */
#define ESR_WNR BIT(6) /* data abort: write, not read */

/* Fault status codes: the level is in bits 1:0, the kind above. */
#define FSC_KIND(esr) ((esr) >> 2 & 0xf)
#define FSC_TRANSLATION 0x1
#define FSC_PERMISSION 0x3 /* 2 is access flag */
#define FSC_EXTERNAL 0x10 /* synchronous external abort, not on a walk */

/* PAR_EL1 (Arm ARM D19.2.107). */
#define PAR_FAULT BIT(0)
#define PAR_PAGE(par) ((par) >> 12 & (BIT(40) - 1)) /* bits 51:12 */

/* SPSR_ELx and PSTATE (Arm ARM C5.2.19). */
#define PSTATE_AARCH32 BIT(4)
#define PSTATE_MODE UINT64_C(0xf)
#define PSTATE_EL1H UINT64_C(5)
#define PSTATE_EL1T UINT64_C(4)
#define PSTATE_DAIF (UINT64_C(0xf) << 6)
#define PSTATE_SSBS BIT(12)
#define PSTATE_PAN BIT(22)
#define PSTATE_TCO BIT(25)
#define PSTATE_NZCV (UINT64_C(0xf) << 28)
#define PSTATE_DIT BIT(24)
#define PSTATE_DIT32 BIT(21) /* where AArch32 has it */

#define SCTLR_SPAN BIT(23)
#define SCTLR_DSSBS BIT(44)

uint32_t exit_class(uint64_t esr)
{
	return (uint32_t)(esr >> ESR_CLASS_SHIFT & 0x3f);
}

uint32_t exit_immediate(uint64_t esr)
{
	return (uint32_t)(esr & 0xffff);
}

uint64_t exit_call_length(uint64_t esr)
{
	return exit_class(esr) == EXIT_CLASS_SMC64 ? 4 : 0;
}

static bool is_fetch(uint64_t esr)
{
	uint32_t class = exit_class(esr);

	return class == EXIT_CLASS_FETCH_LOWER ||
	       class == EXIT_CLASS_FETCH_SAME;
}

/*
 * A stage-1 walk reads descriptors, whatever the access behind it was; the one
 * write it makes, of access flag or dirty state, shows as a permission fault.
 */
static enum moat_access walk_access(uint64_t esr)
{
	return FSC_KIND(esr) == FSC_PERMISSION ? MOAT_ACCESS_WRITE
					       : MOAT_ACCESS_READ;
}

enum moat_access exit_access(uint64_t esr)
{
	if ((esr & ESR_S1PTW) != 0) {
		return walk_access(esr);
	}
	if (is_fetch(esr)) {
		return MOAT_ACCESS_FETCH;
	}
	return (esr & ESR_WNR) != 0 ? MOAT_ACCESS_WRITE : MOAT_ACCESS_READ;
}

static bool is_abort_of_lower_level(uint64_t esr)
{
	uint32_t class = exit_class(esr);

	return class == EXIT_CLASS_FETCH_LOWER ||
	       class == EXIT_CLASS_DATA_LOWER;
}

static bool is_aarch32(const struct exit_syndrome *syndrome)
{
	return (syndrome->pstate & PSTATE_AARCH32) != 0;
}

bool exit_needs_walk(const struct exit_syndrome *syndrome)
{
	return is_abort_of_lower_level(syndrome->esr) &&
	       FSC_KIND(syndrome->esr) == FSC_PERMISSION &&
	       (syndrome->esr & ESR_S1PTW) == 0;
}

/* HPFAR_EL2 has bits 51:12 of the IPA in its bits 43:4. */
bool exit_walked(struct exit_syndrome *syndrome, uint64_t par)
{
	if ((par & PAR_FAULT) != 0) {
		return false;
	}
	syndrome->hpfar = PAR_PAGE(par) << 4;
	return true;
}

/* Bits 5:4 of the status code are zero for all faults of the table walk. */
static bool is_stage2_fault(uint64_t esr)
{
	return is_abort_of_lower_level(esr) &&
	       FSC_KIND(esr) >= FSC_TRANSLATION &&
	       FSC_KIND(esr) <= FSC_PERMISSION;
}

/*
 * HPFAR_EL2 has bits 51:12, whatever the granule, and FAR_EL2 the others,
 * unless it is the address whose stage-1 walk failed.
 */
bool exit_ipa(const struct exit_syndrome *syndrome, uint64_t *ipa)
{
	uint64_t page = (syndrome->hpfar >> 4 & (BIT(40) - 1)) << 12;
	uint64_t offset = syndrome->far & (BIT(12) - 1);

	if (!is_stage2_fault(syndrome->esr)) {
		return false;
	}
	*ipa = (syndrome->esr & ESR_S1PTW) != 0 ? page : page + offset;
	return true;
}

bool exit_transfer(
	const struct exit_syndrome *syndrome, struct exit_transfer *transfer)
{
	uint64_t esr = syndrome->esr;

	if (exit_class(esr) != EXIT_CLASS_DATA_LOWER || (esr & ESR_ISV) == 0 ||
		(esr & ESR_S1PTW) != 0 || is_aarch32(syndrome)) {
		return false;
	}
	transfer->size = 1u << ESR_SAS(esr);
	transfer->number = (uint32_t)ESR_SRT(esr);
	transfer->is_write = (esr & ESR_WNR) != 0;
	transfer->is_signed = (esr & ESR_SSE) != 0;
	transfer->is_wide = (esr & ESR_SF) != 0;
	return true;
}

bool exit_is_undefined(const struct exit_syndrome *syndrome)
{
	switch (exit_class(syndrome->esr)) {
	case EXIT_CLASS_CP15:
	case EXIT_CLASS_CP15_PAIR:
	case EXIT_CLASS_CP14:
	case EXIT_CLASS_CP14_MEMORY:
	case EXIT_CLASS_FP:
	case EXIT_CLASS_VMRS:
	case EXIT_CLASS_PAUTH:
	case EXIT_CLASS_LS64:
	case EXIT_CLASS_CP14_PAIR:
	case EXIT_CLASS_SYSREG:
	case EXIT_CLASS_SVE:
	case EXIT_CLASS_ERET:
	case EXIT_CLASS_SME:
		return true;
	case EXIT_CLASS_WFX:
		return is_aarch32(syndrome);
	default:
		return false;
	}
}

static void decode_transfer(
	const struct exit_syndrome *syndrome, struct moat_trap *trap)
{
	struct exit_transfer transfer;

	if (exit_transfer(syndrome, &transfer)) {
		trap->has_syndrome = 1;
		trap->size = transfer.size;
		trap->register_index = transfer.number;
		trap->is_signed = transfer.is_signed;
		trap->is_wide = transfer.is_wide;
	}
}

/* A stage-2 fault, or something undecodable. */
static struct moat_trap decode_abort(const struct exit_syndrome *syndrome)
{
	struct moat_trap trap = {.kind = MOAT_TRAP_OTHER};
	uint64_t ipa = 0;

	if (exit_ipa(syndrome, &ipa)) {
		trap.kind = MOAT_TRAP_ABORT;
		trap.access = exit_access(syndrome->esr);
		trap.ipa.value = ipa;
		decode_transfer(syndrome, &trap);
	}
	return trap;
}

/* SMCCC 1.2, section 2.9: calls have an immediate of zero. */
static struct moat_trap decode_call(uint64_t esr)
{
	struct moat_trap trap = {.kind = MOAT_TRAP_CALL};

	if (exit_immediate(esr) != 0) {
		trap.kind = MOAT_TRAP_OTHER;
	}
	return trap;
}

static struct moat_trap decode_sync(const struct exit_syndrome *syndrome)
{
	struct moat_trap trap = {.kind = MOAT_TRAP_OTHER};

	switch (exit_class(syndrome->esr)) {
	case EXIT_CLASS_WFX:
		trap.kind = MOAT_TRAP_WFI;
		return trap;
	case EXIT_CLASS_HVC64:
	case EXIT_CLASS_SMC64:
		return decode_call(syndrome->esr);
	case EXIT_CLASS_FETCH_LOWER:
	case EXIT_CLASS_DATA_LOWER:
		return decode_abort(syndrome);
	default:
		return trap;
	}
}

struct moat_trap exit_decode(
	enum exit_vector vector, const struct exit_syndrome *syndrome)
{
	struct moat_trap trap = {.kind = MOAT_TRAP_OTHER};

	switch (vector) {
	case EXIT_VECTOR_SYNC:
		return decode_sync(syndrome);
	case EXIT_VECTOR_IRQ:
	case EXIT_VECTOR_FIQ:
		trap.kind = MOAT_TRAP_IRQ;
		return trap;
	case EXIT_VECTOR_SERROR:
		trap.kind = MOAT_TRAP_SERROR;
		return trap;
	}
	return trap;
}

/*
 * Offset of the synchronous vector: from EL1 with SP_EL0, from EL1 with
 * SP_EL1, from EL0 in AArch64, from EL0 in AArch32 (Arm ARM D1.3.1.3).
 */
static uint64_t vector_offset(uint64_t pstate)
{
	if ((pstate & PSTATE_AARCH32) != 0) {
		return 0x600;
	}
	switch (pstate & PSTATE_MODE) {
	case PSTATE_EL1T:
		return 0x000;
	case PSTATE_EL1H:
		return 0x200;
	default:
		return 0x400;
	}
}

static bool is_from_el0(uint64_t pstate)
{
	return vector_offset(pstate) >= 0x400;
}

/* SPSR_ELx keeps DIT at another place for AArch32 than for AArch64. */
static uint64_t kept_dit(uint64_t pstate)
{
	if ((pstate & PSTATE_AARCH32) == 0) {
		return pstate & PSTATE_DIT;
	}
	return (pstate & PSTATE_DIT32) != 0 ? PSTATE_DIT : 0;
}

/*
 * PSTATE at the first instruction of an EL1 handler (Arm ARM D1.3.1.4): flags
 * and DIT kept, everything masked, PAN set unless SCTLR_EL1.SPAN keeps it,
 * SSBS from SCTLR_EL1.DSSBS; UAO, SS, IL and BTYPE clear. Where the CPU lacks
 * one of these its bit is RES0, SPAN RES1.
 */
static uint64_t handler_pstate(const struct exit_target *target)
{
	uint64_t pstate = PSTATE_EL1H | PSTATE_DAIF;

	pstate |= target->pstate & (PSTATE_NZCV | PSTATE_PAN);
	pstate |= kept_dit(target->pstate);
	if ((target->sctlr & SCTLR_SPAN) == 0) {
		pstate |= PSTATE_PAN;
	}
	if ((target->sctlr & SCTLR_DSSBS) != 0) {
		pstate |= PSTATE_SSBS;
	}
	if (target->has_mte) {
		pstate |= PSTATE_TCO;
	}
	return pstate;
}

static struct exit_injection inject(
	uint64_t esr, const struct exit_target *target)
{
	struct exit_injection injection = {
		.esr = esr,
		.pc = (target->vbar & ~UINT64_C(0x7ff)) +
		      vector_offset(target->pstate),
		.pstate = handler_pstate(target),
	};

	return injection;
}

struct exit_injection exit_inject_abort(
	uint64_t esr, const struct exit_target *target)
{
	uint64_t class =
		is_fetch(esr) ? EXIT_CLASS_FETCH_LOWER : EXIT_CLASS_DATA_LOWER;
	uint64_t syndrome = (esr & ESR_IL) | FSC_EXTERNAL;

	if (!is_from_el0(target->pstate)) {
		class += 1; /* ..._SAME */
	}
	if (!is_fetch(esr)) {
		syndrome |= esr & (ESR_WNR | ESR_CM);
	}
	return inject(class << ESR_CLASS_SHIFT | syndrome, target);
}

struct exit_injection exit_inject_undefined(
	uint64_t esr, const struct exit_target *target)
{
	return inject(esr & ESR_IL, target);
}

/* TG0: 0, 2, 1 for a granule of 4, 16, 64 KiB. */
static uint64_t vtcr_granule(uint32_t page_bits)
{
	if (page_bits == 12) {
		return 0;
	}
	return page_bits == 14 ? 2 : 1;
}

/* The lowest bit of the granule's two fields of ID_AA64MMFR0_EL1: what stage 1
 * has, TGran4, TGran64 or TGran16, and what stage 2 has. */
static uint32_t field_of_stage1(uint32_t page_bits)
{
	if (page_bits == 12) {
		return 28;
	}
	return page_bits == 14 ? 20 : 24;
}

static uint32_t field_of_stage2(uint32_t page_bits)
{
	if (page_bits == 12) {
		return 40;
	}
	return page_bits == 14 ? 32 : 36;
}

/* 16 KiB is there from 1 on; the others from 0 on, and 0xf is negative. */
static bool stage1_has(uint32_t page_bits, uint64_t mmfr0)
{
	uint64_t field = mmfr0 >> field_of_stage1(page_bits) & 0xf;

	return page_bits == 14 ? field >= 1 && field < 8 : field < 8;
}

/* 0 is "as stage 1", 1 is "not". */
bool exit_has_granule(uint32_t page_bits, uint64_t mmfr0)
{
	uint64_t field = mmfr0 >> field_of_stage2(page_bits) & 0xf;

	return field == 0 ? stage1_has(page_bits, mmfr0) : field != 1;
}

/* SL0 counts up from the deepest level: 2 with 4 KiB, else 3. */
uint64_t exit_vtcr(
	const struct moat_stage2 *stage2, uint32_t page_bits, uint64_t mmfr0)
{
	uint64_t deepest = page_bits == 12 ? 2 : 3;
	uint64_t range = mmfr0 & 0xf;
	uint64_t vtcr = BIT(31); /* RES1 */

	/* PS: what the CPU has, but no more than 48 bits: 52 need LPA2. */
	vtcr |= (range > 5 ? 5 : range) << 16;
	vtcr |= UINT64_C(3) << 12; /* SH0: inner shareable */
	vtcr |= UINT64_C(1) << 10; /* ORGN0: write-back */
	vtcr |= UINT64_C(1) << 8; /* IRGN0: write-back */
	vtcr |= vtcr_granule(page_bits) << 14; /* TG0 */
	vtcr |= (deepest - stage2->start_level) << 6; /* SL0 */
	return vtcr | (64 - stage2->ipa_bits); /* T0SZ */
}
