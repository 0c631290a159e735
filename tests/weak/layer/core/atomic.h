/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * src/core/atomic.h for the explorer: every access is a step that it carries
 * out, and the place in the source names the order that it may weaken.
 */
#ifndef MOAT_CORE_ATOMIC_H
#define MOAT_CORE_ATOMIC_H

#include "weak/memory.h"

#define ATOMIC_SITE(order) \
	(struct site) \
	{ \
		__func__, __LINE__, (order) \
	}

#define atomic_load_relaxed(at) memory_load((at), ATOMIC_SITE(ORDER_RELAXED))
#define atomic_load_acquire(at) memory_load((at), ATOMIC_SITE(ORDER_ACQUIRE))
#define atomic_store_relaxed(at, value) \
	memory_store((at), (value), ATOMIC_SITE(ORDER_RELAXED))
#define atomic_store_release(at, value) \
	memory_store((at), (value), ATOMIC_SITE(ORDER_RELEASE))
#define atomic_add_relaxed(at, value) \
	memory_add((at), (value), ATOMIC_SITE(ORDER_RELAXED))
#define atomic_add_acquire_release(at, value) \
	memory_add((at), (value), ATOMIC_SITE(ORDER_ACQUIRE + ORDER_RELEASE))

#endif
