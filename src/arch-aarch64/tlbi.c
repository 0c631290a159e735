/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch-aarch64/tlbi.h"

/* ID_AA64ISAR0_EL1.TLB is 2: outer shareable and range forms are there. */
static bool isar0_has_ranges(uint64_t isar0)
{
	return (isar0 >> 56 & 0xf) >= 2;
}

struct tlbi_features tlbi_features(uint64_t isar0, uint64_t mmfr2)
{
	struct tlbi_features features = {
		.has_hints = (mmfr2 >> 48 & 0xf) >= 1, /* TTL */
		.has_ranges = isar0_has_ranges(isar0),
	};

	return features;
}

/* How TTL and TG name the granule: 1 for 4 KiB, 2 for 16 KiB, 3 for 64 KiB. */
static uint64_t granule(const struct tlbi_target *target)
{
	return target->page_bits / 2 - 5;
}

/*
 * TTL, bits 47:44: the granule and the level of the leaf. Without a level all
 * of it is zero. The address is in units of 4 KiB, whatever the granule (Arm
 * ARM C5.5, TLBI IPAS2E1IS).
 */
uint64_t tlbi_entry(const struct tlbi_target *target)
{
	uint64_t hint = 0;

	if (target->level != TLBI_ANY_LEVEL) {
		hint = granule(target) << 2 | target->level;
	}
	return hint << 44 | target->ipa >> 12;
}

/*
 * A range is (NUM + 1) * 2^(5 * SCALE + 1) pages from BaseADDR, which is in
 * units of the granule: TG in bits 47:46, SCALE 45:44, NUM 43:39, TTL 38:37
 * (Arm ARM C5.5, TLBI RIPAS2E1IS).
 */
uint64_t tlbi_range(const struct tlbi_target *target)
{
	uint64_t scale = 0;
	uint64_t unit = 2;
	uint64_t num;

	while (target->page_count > 32 * unit) {
		scale++;
		unit *= 32;
	}
	num = (target->page_count + unit - 1) / unit - 1;
	return granule(target) << 46 | scale << 44 | num << 39 |
	       (uint64_t)target->level << 37 | target->ipa >> target->page_bits;
}
