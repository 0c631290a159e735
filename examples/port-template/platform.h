/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What port.c needs of the program around it: how a vCPU's EL1 registers lie in
 * its context, and what to do when nothing can be done.
 */
#ifndef PLATFORM_H
#define PLATFORM_H

#include "moat/moat.h"

/*
 * X(register): what a VM can write, and a switch of worlds exchanges. The n-th
 * is arch[n] of a context. A port for a CPU with more (FP and SIMD, pointer
 * authentication keys, SVE, debug and PMU registers) adds them here, or traps
 * their use: what is neither saved nor trapped leaks.
 */
#define PLATFORM_REGISTERS(X) \
	X(sp_el0) \
	X(sp_el1) \
	X(elr_el1) \
	X(spsr_el1) \
	X(esr_el1) \
	X(far_el1) \
	X(afsr0_el1) \
	X(afsr1_el1) \
	X(sctlr_el1) \
	X(cpacr_el1) \
	X(tcr_el1) \
	X(ttbr0_el1) \
	X(ttbr1_el1) \
	X(mair_el1) \
	X(amair_el1) \
	X(vbar_el1) \
	X(contextidr_el1) \
	X(tpidr_el0) \
	X(tpidrro_el0) \
	X(tpidr_el1) \
	X(par_el1) \
	X(cntkctl_el1) \
	X(mdscr_el1) \
	X(csselr_el1) \
	X(cntv_ctl_el0) \
	X(cntv_cval_el0) \
	X(vmpidr_el2)

#define PLATFORM_INDEX(name) PLATFORM_##name,
enum platform_register { PLATFORM_REGISTERS(PLATFORM_INDEX) PLATFORM_COUNT };

/* Load VTTBR_EL2 and VTCR_EL2. */
void platform_install(const struct moat_stage2 *stage2);

/* Say why, and stop all CPUs. */
#if defined(__GNUC__)
__attribute__((noreturn))
#endif
void platform_panic(const char *reason);

#endif
