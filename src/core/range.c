/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/range.h"

/* One range, whose predecessor ends at @floor; written so as not to wrap. */
static bool range_is_good(
	struct moat_range r, uint64_t unit, uint64_t floor, uint64_t limit)
{
	return r.base % unit == 0 && r.size % unit == 0 && r.size > 0 &&
	       r.base >= floor && r.base < limit && r.size <= limit - r.base;
}

bool range_list_is_good(const struct moat_range *range, uint32_t count,
	uint64_t unit, uint64_t limit)
{
	uint64_t floor = 0;

	/*@ loop invariant 0 <= i <= count;
	    loop invariant \forall integer j; 0 <= j < i ==>
	      is_good(range + j, unit, limit);
	    loop invariant \forall integer j; 0 <= j && j + 1 < i ==>
	      range[j].base + range[j].size < range[j + 1].base;
	    loop invariant i == 0 ==> floor == 0;
	    loop invariant 0 < i ==>
	      floor == range[i - 1].base + range[i - 1].size + 1;
	    loop assigns i, floor;
	    loop variant count - i; */
	for (uint32_t i = 0; i < count; i++) {
		if (!range_is_good(range[i], unit, floor, limit)) {
			return false;
		}
		floor = range[i].base + range[i].size + 1;
	}
	return true;
}

/* Ends do not wrap: they are at most 2^host_ipa_bits. */
bool range_list_touches(const struct moat_range *range, uint32_t count,
	uint64_t base, uint64_t size)
{
	/*@ loop invariant 0 <= i <= count;
	    loop invariant \forall integer j; 0 <= j < i ==>
	      !touches(range + j, base, size);
	    loop assigns i;
	    loop variant count - i; */
	for (uint32_t i = 0; i < count; i++) {
		if (base < range[i].base + range[i].size &&
			range[i].base < base + size) {
			return true;
		}
	}
	return false;
}

bool range_list_holds(const struct moat_range *range, uint32_t count,
	uint64_t base, uint64_t size)
{
	/*@ loop invariant 0 <= i <= count;
	    loop invariant \forall integer j; 0 <= j < i ==>
	      !holds(range + j, base, size);
	    loop assigns i;
	    loop variant count - i; */
	for (uint32_t i = 0; i < count; i++) {
		if (base >= range[i].base &&
			base + size <= range[i].base + range[i].size) {
			return true;
		}
	}
	return false;
}
