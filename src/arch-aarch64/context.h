/* SPDX-License-Identifier: BSD-2-Clause */
/* arch[] of a vCPU's context page: its world, and what only a vCPU has. */
#ifndef MOAT_ARCH_AARCH64_CONTEXT_H
#define MOAT_ARCH_AARCH64_CONTEXT_H

#include "arch-aarch64/world.h"

enum context_index {
	CONTEXT_VMPIDR = WORLD_COUNT, /* MPIDR_EL1, as the guest sees it */
	CONTEXT_ESR, /* ESR_EL2 and FAR_EL2 of its last exit */
	CONTEXT_FAR,
	CONTEXT_TIMER, /* the list register of the virtual timer */
	CONTEXT_VMCR, /* ICH_VMCR_EL2 */
	CONTEXT_AP0R, /* ICH_AP0R<n>_EL2, at most four */
	CONTEXT_AP1R = CONTEXT_AP0R + 4,
	CONTEXT_END = CONTEXT_AP1R + 4,
};

#endif
