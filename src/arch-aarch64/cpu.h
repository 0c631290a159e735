/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A physical CPU: its number, and the EL2 registers that decide what EL1 may
 * do on it.
 */
#ifndef MOAT_ARCH_AARCH64_CPU_H
#define MOAT_ARCH_AARCH64_CPU_H

#include <stdbool.h>
#include <stdint.h>

#include "arch-aarch64/sysreg.h"
#include "moat/moat.h"

/* The calling CPU's number, 0..machine.cpu_count - 1. */
static inline uint32_t cpu_number(void)
{
	return (uint32_t)read_tpidr_el2();
}

/* Give this CPU its number and every control register its value for the host;
 * what firmware left in them does not matter. */
void cpu_init(uint32_t number);

/* FEAT_MTE2: exceptions to EL1 set PSTATE.TCO. */
bool cpu_has_mte(void);

/* VTTBR_EL2 and VTCR_EL2. */
struct cpu_translation {
	uint64_t vttbr;
	uint64_t vtcr;
};

/* As @stage2 needs it; as it is now. */
struct cpu_translation cpu_translation(const struct moat_stage2 *stage2);
struct cpu_translation cpu_translation_now(void);

/* Translate EL1's accesses by @translation from now on. */
void cpu_translation_load(const struct cpu_translation *translation);

/* The control registers that differ between the worlds. @vmpidr is what the
 * guest sees in MPIDR_EL1. */
void cpu_control_host(void);
void cpu_control_guest(uint64_t vmpidr);

/* cpu_control_guest makes the guest's first use of FP or SIMD trap (of what it
 * turns on itself: CPACR_EL1 comes first); from now on it does not. */
void cpu_fp_to_guest(void);

/* Drop to EL1 at @pc with @argument in x0 and everything else reset. */
__attribute__((noreturn)) void cpu_start_host(uint64_t pc, uint64_t argument);

#endif
