/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The interrupt controller is the host's, but for its own access to memory.
 * Physical LPIs have their configuration and pending bits in tables in memory,
 * at addresses that a redistributor's owner chooses: reading an interrupt
 * number would read memory, acknowledging it would write, both past stage 2.
 * So the host sees redistributors without LPIs: of each, the page that has the
 * control registers is withheld and emulated here; the pages of SGIs and PPIs
 * stay mapped. The ITS is withheld whole (machine.c).
 */
#ifndef MOAT_ARCH_AARCH64_GIC_H
#define MOAT_ARCH_AARCH64_GIC_H

#include <stdbool.h>
#include <stdint.h>

#include "arch-aarch64/exit.h"
#include "moat/moat.h"

/* Panics if firmware has turned LPIs on: they may not turn off again. */
void gic_check(void);

/* The withheld page of the redistributor of @cpu. */
struct moat_range gic_withheld(uint32_t cpu);

/**
 * Do @transfer at @ipa for the host, with @value as the register's.
 *
 * Returns false if @ipa is not on a withheld page of a redistributor, or if
 * the registers there do not take such a transfer; nothing was done then.
 */
bool gic_access(
	uint64_t ipa, const struct exit_transfer *transfer, uint64_t *value);

/*
 * Private interrupts of this CPU. Group and priority are what the host gave
 * them: one that masks all interrupts masks the engine's too.
 */

/* Make it so; return what it was. */
bool gic_set_enabled(uint32_t interrupt, bool is_enabled);
bool gic_set_active(uint32_t interrupt, bool is_active);

#endif
