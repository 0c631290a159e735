/* SPDX-License-Identifier: BSD-2-Clause */
/* Pages on their way between the host and an owner of their own. */
#ifndef MOAT_CORE_OWNER_H
#define MOAT_CORE_OWNER_H

#include "core/page.h"

/* Whose a page is that hangs in a VM's tree, and the IPA it serves. */
struct owner {
	uint32_t vm;
	uint64_t
		ipa; /* of a data page; the first one that a table translates */
};

/*
 * Up the parents, at most to the root. They stand still while the page's region
 * is locked: a table that holds something stays.
 */
struct owner owner_of(const struct moat *m, uint32_t page);

/*
 * Close HOST pages to the host, on every CPU; only then zero them. The caller
 * writes their records next.
 */
CORE void owner_take(
	struct moat *m, struct regions_locked locked, struct page_run run);

/* The same, contents kept. */
CORE void owner_take_contents(
	struct moat *m, struct regions_locked locked, struct page_run run);

/* Write @record for every page of @run. */
CORE void owner_set(struct moat *m, struct page_run run, struct page record);

/*
 * Zero pages that no VM translates to any more, on any CPU; only then make
 * them HOST [PAGE-4]. A page that was open to the host (SHARED) stays so.
 */
CORE void owner_return(
	struct moat *m, struct regions_locked locked, struct page_run run);

#endif
