/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What TLB invalidations of stage 2 take in their register. Pure: tests on the
 * build machine hold it to literals.
 */
#ifndef MOAT_ARCH_AARCH64_TLBI_H
#define MOAT_ARCH_AARCH64_TLBI_H

#include <stdbool.h>
#include <stdint.h>

/* What a CPU can do beyond the plain forms. */
struct tlbi_features {
	bool has_hints; /* FEAT_TTL */
	bool has_ranges; /* FEAT_TLBIRANGE */
};

/** From ID_AA64ISAR0_EL1 and ID_AA64MMFR2_EL1 (Arm ARM D19.2). */
struct tlbi_features tlbi_features(uint64_t isar0, uint64_t mmfr2);

/* Which addresses, in pages of 2^@page_bits bytes, and which leaves. */
struct tlbi_target {
	uint64_t ipa; /* aligned to a page */
	uint64_t page_count;
	uint32_t level; /* of the leaves, or TLBI_ANY_LEVEL */
	uint32_t page_bits; /* 12, 14 or 16 */
};

enum { TLBI_ANY_LEVEL = 0 };

/** The operand of TLBI IPAS2E1IS for the entry at the target's address. */
uint64_t tlbi_entry(const struct tlbi_target *target);

/**
 * The operand of one TLBI RIPAS2E1IS for all of the target's pages, at most
 * 2^16, and perhaps some behind them: a range is a multiple of 2, 64 or 2048.
 */
uint64_t tlbi_range(const struct tlbi_target *target);

#endif
