/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the standard VM has at an address, if it was filled and shares: the
 * situations of the tables about addresses, and how a test finds out.
 */
#ifndef MOAT_TESTS_CORE_CONTENT_H
#define MOAT_TESTS_CORE_CONTENT_H

#include "scene.h"

enum content {
	NO_PARENT, /* no table of level 2 */
	NO_LEAF, /* an empty table of level 2 */
	EMPTY_LEAF, /* an empty table of level 3 */
	EMPTY_SLOT, /* an empty slot of a table of level 3 in use */
	VM_PAGE,
	SHARED_PAGE,
	VM_BLOCK,
	VM_BLOCK_INSIDE, /* its last page */
	SHARED_BLOCK,
	SHARED_BLOCK_INSIDE,
	UPPER_NO_PARENT, /* the same in the shared half */
	UPPER_NO_LEAF,
	UPPER_EMPTY_LEAF,
	UPPER_EMPTY_SLOT,
	LENT_PAGE,
	LENT_BLOCK,
	LENT_BLOCK_INSIDE,
	OUTSIDE,
	CONTENT_COUNT
};

extern const char *const content_names[CONTENT_COUNT];
extern const uint64_t content_ipa[CONTENT_COUNT];

/* Expect @should_be at @ipa of VM 0, by a walk that is not the engine's. */
void expect_content(struct bed *bed, uint64_t ipa, enum content should_be);

#endif
