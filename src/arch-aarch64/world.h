/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A world: the registers that EL1 and EL0 can change and that are neither
 * general registers nor controlled by EL2 alone. The host's world of each CPU
 * lies in engine data, a vCPU's in arch[] of its context page; a switch saves
 * one and loads the other, eagerly and wholly, so that nothing of the one is
 * ever readable in the other.
 */
#ifndef MOAT_ARCH_AARCH64_WORLD_H
#define MOAT_ARCH_AARCH64_WORLD_H

#include <stdbool.h>
#include <stdint.h>

/* X(constant, register). SCTLR_EL1 comes last: loading it may turn a stage 1
 * on, whose other registers are then in place. */
#define WORLD_REGISTERS(X) \
	X(SP_EL0, sp_el0) \
	X(SP_EL1, sp_el1) \
	X(ELR, elr_el1) \
	X(SPSR, spsr_el1) \
	X(ESR, esr_el1) \
	X(FAR, far_el1) \
	X(AFSR0, afsr0_el1) \
	X(AFSR1, afsr1_el1) \
	X(CPACR, cpacr_el1) \
	X(TCR, tcr_el1) \
	X(TTBR0, ttbr0_el1) \
	X(TTBR1, ttbr1_el1) \
	X(MAIR, mair_el1) \
	X(AMAIR, amair_el1) \
	X(VBAR, vbar_el1) \
	X(CONTEXTIDR, contextidr_el1) \
	X(TPIDR_EL0, tpidr_el0) \
	X(TPIDRRO, tpidrro_el0) \
	X(TPIDR_EL1, tpidr_el1) \
	X(PAR, par_el1) \
	X(CNTKCTL, cntkctl_el1) \
	X(MDSCR, mdscr_el1) \
	X(CSSELR, csselr_el1) \
	X(PMUSERENR, pmuserenr_el0) \
	X(CNTV_CVAL, cntv_cval_el0) \
	X(CNTV_CTL, cntv_ctl_el0) \
	X(SCTLR, sctlr_el1)

#define WORLD_ENUM(constant, name) WORLD_##constant,
enum world_index {
	WORLD_REGISTERS(WORLD_ENUM) WORLD_VDISR, /* if there is RAS */
	WORLD_TPIDR2, /* if there is SME */
	WORLD_REGISTER_COUNT,
	WORLD_FP = 30, /* q0-q31, FPSR, FPCR; an even word of a context: */
	WORLD_FP_COUNT = 2 * 32 + 2, /* 16-byte aligned in memory */
	WORLD_COUNT = WORLD_FP + WORLD_FP_COUNT,
};

/* SCTLR_EL1 with the MMU and caches off, little-endian: its RES1 bits 29, 28,
 * 23, 22, 20 and 11 (Arm ARM D19.2.125). */
#define WORLD_SCTLR_RESET UINT64_C(0x30d00800)

/* EL1 with SP_EL1, all interrupts masked. */
#define WORLD_PSTATE_RESET UINT64_C(0x3c5)

/* Into or out of WORLD_COUNT words, all but the FP and SIMD state. */
void world_save(uint64_t *world);
void world_load(const uint64_t *world);

/* The state after a reset: everything zero but SCTLR_EL1. */
void world_reset(uint64_t *world);

/* Its virtual timer is on and may interrupt. */
static inline bool world_timer_is_armed(const uint64_t *world)
{
	return world[WORLD_CNTV_CTL] % 4 == 1; /* ENABLE, not IMASK; D19.12 */
}

/* switch.S: the WORLD_FP_COUNT words of FP and SIMD state, from WORLD_FP on. */
void world_fp_save(uint64_t *fp);
void world_fp_load(const uint64_t *fp);

#endif
