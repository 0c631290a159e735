/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A physical CPU: its number, and the EL2 registers that decide what EL1 may
 * do on it.
 */
#ifndef MOAT_ARCH_AARCH64_CPU_H
#define MOAT_ARCH_AARCH64_CPU_H

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

/* Translate EL1's accesses by @stage2 from the next return on. */
void cpu_set_stage2(const struct moat_stage2 *stage2);

/* VTTBR_EL2 of @stage2. */
uint64_t cpu_vttbr(const struct moat_stage2 *stage2);

/* The control registers that differ between the worlds. @vcpu is the number
 * that the guest sees in MPIDR_EL1. */
void cpu_control_host(void);
void cpu_control_guest(uint64_t vcpu);

/* Drop to EL1 at @pc with @argument in x0 and everything else reset. */
__attribute__((noreturn)) void cpu_start_host(uint64_t pc, uint64_t argument);

#endif
