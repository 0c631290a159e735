/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The image's own lock, for console, ring and power states; the core has a
 * better one. Rank: taken inside the core's locks, never around them, and no
 * two of ours at once but the ring's before the console's.
 */
#ifndef MOAT_ARCH_AARCH64_SPIN_H
#define MOAT_ARCH_AARCH64_SPIN_H

#include <stdint.h>

#include "arch-aarch64/sysreg.h"

struct spin {
	uint32_t held;
};

static inline void spin_lock(struct spin *spin)
{
	while (__atomic_exchange_n(&spin->held, 1, __ATOMIC_ACQUIRE) != 0) {
		wfe();
	}
}

/* SEV needs the store to be complete, hence the barrier (Arm ARM K13.3). */
static inline void spin_unlock(struct spin *spin)
{
	__atomic_store_n(&spin->held, 0, __ATOMIC_RELEASE);
	dsb_ishst();
	sev();
}

#endif
