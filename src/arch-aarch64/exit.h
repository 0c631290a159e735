/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the syndrome registers mean. Pure: no system register is read here, so
 * the tests of the build machine cover it.
 */
#ifndef MOAT_ARCH_AARCH64_EXIT_H
#define MOAT_ARCH_AARCH64_EXIT_H

#include <stdbool.h>
#include <stdint.h>

#include "moat/moat.h"

/* Which vector an exception from a lower level came through. */
enum exit_vector {
	EXIT_VECTOR_SYNC,
	EXIT_VECTOR_IRQ,
	EXIT_VECTOR_FIQ,
	EXIT_VECTOR_SERROR,
};

/* ESR_ELx.EC (Arm ARM D19.2.37, table of exception classes). */
enum exit_class {
	EXIT_CLASS_UNKNOWN = 0x00,
	EXIT_CLASS_WFX = 0x01,
	EXIT_CLASS_CP15 = 0x03, /* AArch32: MCR, MRC */
	EXIT_CLASS_CP15_PAIR = 0x04,
	EXIT_CLASS_CP14 = 0x05,
	EXIT_CLASS_CP14_MEMORY = 0x06,
	EXIT_CLASS_FP = 0x07, /* FP, SIMD, SVE: CPTR_EL2 */
	EXIT_CLASS_VMRS = 0x08,
	EXIT_CLASS_PAUTH = 0x09,
	EXIT_CLASS_LS64 = 0x0a,
	EXIT_CLASS_CP14_PAIR = 0x0c,
	EXIT_CLASS_HVC64 = 0x16,
	EXIT_CLASS_SMC64 = 0x17,
	EXIT_CLASS_SYSREG = 0x18, /* MSR, MRS, SYS */
	EXIT_CLASS_SVE = 0x19,
	EXIT_CLASS_ERET = 0x1a,
	EXIT_CLASS_SME = 0x1d,
	EXIT_CLASS_FETCH_LOWER = 0x20,
	EXIT_CLASS_FETCH_SAME = 0x21,
	EXIT_CLASS_DATA_LOWER = 0x24,
	EXIT_CLASS_DATA_SAME = 0x25,
};

/* ESR_EL2, FAR_EL2, HPFAR_EL2 and SPSR_EL2 of one exception. */
struct exit_syndrome {
	uint64_t esr;
	uint64_t far;
	uint64_t hpfar;
	uint64_t pstate;
};

/* An exception to be given to EL1: ESR_EL1, and where and how it goes on. */
struct exit_injection {
	uint64_t esr;
	uint64_t pc;
	uint64_t pstate;
};

/* What EL1 was doing when it is to take an injected exception. */
struct exit_target {
	uint64_t pstate; /* SPSR_EL2 */
	uint64_t vbar; /* VBAR_EL1 */
	uint64_t sctlr; /* SCTLR_EL1 */
	bool has_mte; /* FEAT_MTE2 */
};

/* One load or store, as the syndrome of a data abort describes it. */
struct exit_transfer {
	uint32_t size; /* bytes: 1, 2, 4, 8 */
	uint32_t number; /* register; 31 is the zero register */
	bool is_write;
	bool is_signed; /* a load extends the sign */
	bool is_wide; /* the register is an X, not a W */
};

/* ESR_ELx.EC. */
uint32_t exit_class(uint64_t esr);

/* The immediate of HVC or SMC. */
uint32_t exit_immediate(uint64_t esr);

/* Bytes by which the PC must advance before the guest or the host goes on
 * behind the trapped call: an SMC traps before it, an HVC behind it. */
uint64_t exit_call_length(uint64_t esr);

/* Read, write or fetch of an instruction or data abort. */
enum moat_access exit_access(uint64_t esr);

/**
 * Is this a permission fault of stage 2 for which the CPU did not write
 * HPFAR_EL2 (Arm ARM D19.2.62)? Then only a walk of stage 1 tells which IPA it
 * was: exit_walked has what PAR_EL1 says.
 */
bool exit_needs_walk(const struct exit_syndrome *syndrome);

/* Put what the walk found into @syndrome; false if it found nothing. */
bool exit_walked(struct exit_syndrome *syndrome, uint64_t par);

/**
 * The address that stage 2 refused, into @ipa. Returns false if the exception
 * is none of these: a translation, access flag or permission fault of stage 2,
 * HPFAR_EL2 valid.
 */
bool exit_ipa(const struct exit_syndrome *syndrome, uint64_t *ipa);

/**
 * The transfer behind a data abort, into @transfer. Returns false if the
 * syndrome does not describe one (ISV is 0), or if the instruction is of
 * AArch32, which nobody here emulates.
 */
bool exit_transfer(
	const struct exit_syndrome *syndrome, struct exit_transfer *transfer);

/* Is this an instruction or a register that a guest does not have? So is
 * whatever traps from AArch32, which guests are not told of. */
bool exit_is_undefined(const struct exit_syndrome *syndrome);

/* What a trap of a running vCPU is to the core. */
struct moat_trap exit_decode(
	enum exit_vector vector, const struct exit_syndrome *syndrome);

/**
 * A synchronous external abort instead of the stage-2 abort @esr, as if the
 * bus had refused the access.
 */
struct exit_injection exit_inject_abort(
	uint64_t esr, const struct exit_target *target);

/* An undefined-instruction exception instead of the trap @esr. */
struct exit_injection exit_inject_undefined(
	uint64_t esr, const struct exit_target *target);

/**
 * Whether a CPU whose ID_AA64MMFR0_EL1 is @mmfr0 has stage 2 with pages of
 * 2^@page_bits bytes (Arm ARM D19.2.64: TGran4, TGran64, TGran16, and their
 * forms for stage 2).
 */
bool exit_has_granule(uint32_t page_bits, uint64_t mmfr0);

/**
 * VTCR_EL2 for @stage2 with pages of 2^@page_bits bytes, on a CPU whose
 * ID_AA64MMFR0_EL1 is @mmfr0 (Arm ARM D19.2.159).
 */
uint64_t exit_vtcr(
	const struct moat_stage2 *stage2, uint32_t page_bits, uint64_t mmfr0);

#endif
