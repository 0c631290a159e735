/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MOAT_CORE_STATUS_H
#define MOAT_CORE_STATUS_H

#include "moat/moat.h"

/* A refusal that names argument register @operand (0: none), as x0 has it. */
static inline uint64_t status_at(enum moat_status status, uint32_t operand)
{
	return (uint64_t)status + operand * UINT64_C(256);
}

#endif
