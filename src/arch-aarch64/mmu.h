/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The engine's own stage 1: an identity map of the image, of all RAM and of
 * the few devices that the engine itself uses. No byte is both writable and
 * executable, and SCTLR_EL2.WXN would refuse one that was.
 */
#ifndef MOAT_ARCH_AARCH64_MMU_H
#define MOAT_ARCH_AARCH64_MMU_H

#include <stdint.h>

/* Stage 1 of EL2 has pages of 4 KiB, whatever those of stage 2 are. */
enum {
	MMU_PAGE_SIZE = 4096,
	MMU_STACK_SIZE = 3 * 4096, /* of which the lowest page is not mapped */
};

/* Build the tables, from `machine`. Runs once, with the MMU off. */
void mmu_build(void);

/* Panic unless the MMU of this CPU is on and does what the map says. */
void mmu_check(void);

/* boot.S: set the registers below and turn the MMU on. */
extern uint64_t mmu_root;
extern uint64_t mmu_tcr;

#endif
