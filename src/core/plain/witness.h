/* SPDX-License-Identifier: BSD-2-Clause */
/* No witness of locking in this build; debug/witness.h says what one is. */
#ifndef MOAT_CORE_WITNESS_H
#define MOAT_CORE_WITNESS_H

#include <stdint.h>

#define HERE ((const char *)0)

enum { WITNESS_VM, WITNESS_REGION };

static inline void witness_enter(uint32_t cpu)
{
	(void)cpu;
}

static inline void witness_leave(void)
{
}

static inline void witness_take(uint32_t rank, const char *site)
{
	(void)rank;
	(void)site;
}

static inline void witness_drop(uint32_t rank)
{
	(void)rank;
}

#endif
