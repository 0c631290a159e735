/* SPDX-License-Identifier: BSD-2-Clause */
/* Exceptions that the host takes to EL2. */
#ifndef MOAT_ARCH_AARCH64_HOST_TRAP_H
#define MOAT_ARCH_AARCH64_HOST_TRAP_H

#include <stdint.h>

#include "moat/moat.h"

/* The host's registers on the engine's stack; vectors.S knows the layout. */
struct host_frame {
	struct moat_regs regs; /* x0..x17 */
	uint64_t x18[13]; /* x18..x30 */
	uint64_t pc;
	uint64_t pstate;
	uint64_t unused; /* keeps the stack aligned to 16 */
};

/* Do what any other exception asks for; the host goes on with what @frame then
 * holds. */
void host_trap(struct host_frame *frame);

#endif
