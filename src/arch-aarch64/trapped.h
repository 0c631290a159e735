/* SPDX-License-Identifier: BSD-2-Clause */
/* The half of emulate.h that looks at the CPU. */
#ifndef MOAT_ARCH_AARCH64_TRAPPED_H
#define MOAT_ARCH_AARCH64_TRAPPED_H

#include "arch-aarch64/emulate.h"

/* What @world reads from the register @name, into @value; writes are ignored.
 * Returns false if it does not exist there. */
bool trapped_value(uint32_t name, enum emulate_world world, uint64_t *value);

#endif
