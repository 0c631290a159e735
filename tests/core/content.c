/* SPDX-License-Identifier: BSD-2-Clause */
#include "content.h"

#include "arch-host/walk.h"
#include "inside.h"

#define INSIDE (BED_REGION - BED_PAGE) /* the last page of a block */

const char *const content_names[CONTENT_COUNT] = {"no parent", "no leaf table",
	"an empty leaf table", "an empty slot", "a VM page", "a SHARED page",
	"a VM block", "inside a VM block", "a SHARED block",
	"inside a SHARED block", "shared half, no parent",
	"shared half, no leaf table", "shared half, an empty leaf table",
	"shared half, an empty slot", "a LENT page", "a LENT block",
	"inside a LENT block", "outside"};

const uint64_t content_ipa[CONTENT_COUNT] = {IPA_NO_PARENT, IPA_NO_LEAF,
	IPA_EMPTY_LEAF, IPA_EMPTY_SLOT, IPA_VM_PAGE, IPA_SHARED_PAGE,
	IPA_VM_BLOCK, IPA_VM_BLOCK + INSIDE, IPA_SHARED_BLOCK,
	IPA_SHARED_BLOCK + INSIDE, IPA_UPPER + IPA_NO_PARENT,
	IPA_UPPER + IPA_NO_LEAF, IPA_UPPER + IPA_EMPTY_LEAF,
	IPA_UPPER + IPA_EMPTY_SLOT, IPA_LENT_PAGE, IPA_LENT_BLOCK,
	IPA_LENT_BLOCK + INSIDE, IPA_OUTSIDE};

/* A page or a block, in the state of its page at @ipa. */
static uint32_t leaf_is(
	struct bed *bed, const struct host_translation *leaf, uint64_t ipa)
{
	bool is_block = leaf->level == 2;

	switch (inside_page_state(bed, leaf->pa + (ipa - leaf->ipa))) {
	case MOAT_PAGE_VM:
		return is_block ? VM_BLOCK : VM_PAGE;
	case MOAT_PAGE_SHARED:
		return is_block ? SHARED_BLOCK : SHARED_PAGE;
	case MOAT_PAGE_LENT:
		return is_block ? LENT_BLOCK : LENT_PAGE;
	default:
		return CONTENT_COUNT;
	}
}

static uint32_t hole_is(struct bed *bed, const struct moat_stage2 *stage2,
	uint64_t ipa, uint32_t level)
{
	struct host_walk walk = {bed->machine, stage2, NULL, ipa, 2};
	struct host_translation parent = {0};
	uint32_t is = level == 2 ? NO_LEAF : NO_PARENT;

	if (level == 3 && host_walk_from(&walk, &parent)) {
		is = bed_is_zero(bed, parent.pa) ? EMPTY_LEAF : EMPTY_SLOT;
	}
	return ipa >= IPA_UPPER ? is + UPPER_NO_PARENT : is;
}

void expect_content(struct bed *bed, uint64_t ipa, enum content should_be)
{
	struct moat_stage2 stage2 = inside_stage2(bed, 0);
	struct host_walk walk = {bed->machine, &stage2, NULL, ipa, 3};
	struct host_translation leaf = {0};
	uint32_t is;

	if (should_be == OUTSIDE) {
		return; /* nothing can be there */
	}
	if (host_walk_from(&walk, &leaf)) {
		is = leaf_is(bed, &leaf, ipa);
		/* Which of its pages it is, the address says. */
		is += leaf.level == 2 && ipa != leaf.ipa;
	} else {
		is = hole_is(bed, &stage2, ipa, leaf.level);
	}
	expect_equal("at the address", is, should_be);
}
