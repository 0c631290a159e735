/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The virtual CPU interface of a GICv3: what a guest sees as its ICC_*
 * registers, and the list registers by which it is given interrupts.
 */
#ifndef MOAT_ARCH_AARCH64_VGIC_H
#define MOAT_ARCH_AARCH64_VGIC_H

#include <stdint.h>

#include "moat/moat.h"

/* Look what this machine has. Once, before anything else here. */
void vgic_init(void);

/* List registers that the engine uses; the last of them is the timer's. */
uint32_t vgic_list_count(void);

/* The interface of the vCPU whose registers are in @context: turn it on; and
 * bring the context up to date, maintenance included. */
void vgic_load(const struct moat_context *context);
void vgic_save(struct moat_context *context);

/* Turn it off: the host has none. */
void vgic_end(void);

#endif
