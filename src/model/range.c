/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ranges. A call does a prefix of the range that it was given. What ends the
 * prefix, and is not a refusal: the end of the leaf table, and the first page
 * that the call would have to refuse.
 */
#include "model/state.h"

/* That the end of the range is outside the half is a refusal even if the first
 * page is inside: the caller cannot have meant it. Written so that nothing can
 * wrap. */
uint64_t model_range_refusal(
	const struct model_vm *vm, const struct model_range *range)
{
	uint64_t half = (uint64_t)1 << (vm->ipa_bits - 1);
	uint64_t first = range->is_shared ? half : 0;
	uint64_t end = first + half;

	if (range->ipa < first || range->ipa >= end) {
		return model_x0(MOAT_BAD_IPA, range->ipa_operand);
	}
	if (range->count > (end - range->ipa) / MOAT_PAGE_SIZE) {
		return model_x0(MOAT_BAD_IPA, range->count_operand);
	}
	return MOAT_OK;
}

/* A block is as large as a leaf table, so a range within one table is within
 * one block, too. */
uint64_t model_range_within_table(const struct model_range *range)
{
	uint64_t span = model_s2_span(MODEL_LEAF_LEVEL);
	uint64_t left = (span - range->ipa % span) / MOAT_PAGE_SIZE;

	return range->count < left ? range->count : left;
}
