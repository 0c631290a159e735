/* SPDX-License-Identifier: BSD-2-Clause */
/* Address ranges of the configuration. */
#ifndef MOAT_CORE_RANGE_H
#define MOAT_CORE_RANGE_H

#include "core/state.h"

/*
 * Whether the ranges ascend, neither overlap nor touch, are multiples of @unit
 * and end at or below @limit.
 */
bool range_list_is_good(const struct moat_range *range, uint32_t count,
	uint64_t unit, uint64_t limit);

/* Whether [base, base + size) has an address in common with a range. */
bool range_list_touches(const struct moat_range *range, uint32_t count,
	uint64_t base, uint64_t size);

/* Whether [base, base + size) lies within one range. */
bool range_list_holds(const struct moat_range *range, uint32_t count,
	uint64_t base, uint64_t size);

#endif
