/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The atomic accesses of the locks (C11, 5.1.2.4 and 7.17.3), each named by its
 * order. The include path chooses this file: tests/weak has one of the same
 * name, whose accesses an explorer carries out.
 *
 * On AArch64 relaxed is LDR and STR, acquire LDAR or LDAPR, release STLR; an
 * add is a loop of exclusives, or with FEAT_LSE one LDADD.
 */
#ifndef MOAT_CORE_ATOMIC_H
#define MOAT_CORE_ATOMIC_H

#include <stdint.h>

static inline uint32_t atomic_load_relaxed(const uint32_t *at)
{
	return __atomic_load_n(at, __ATOMIC_RELAXED);
}

static inline uint32_t atomic_load_acquire(const uint32_t *at)
{
	return __atomic_load_n(at, __ATOMIC_ACQUIRE);
}

static inline void atomic_store_relaxed(uint32_t *at, uint32_t value)
{
	__atomic_store_n(at, value, __ATOMIC_RELAXED);
}

static inline void atomic_store_release(uint32_t *at, uint32_t value)
{
	__atomic_store_n(at, value, __ATOMIC_RELEASE);
}

/* Add, modulo 2^32; return what was there before. */
static inline uint32_t atomic_add_relaxed(uint32_t *at, uint32_t value)
{
	return __atomic_fetch_add(at, value, __ATOMIC_RELAXED);
}

static inline uint32_t atomic_add_acquire_release(uint32_t *at, uint32_t value)
{
	return __atomic_fetch_add(at, value, __ATOMIC_ACQ_REL);
}

#endif
