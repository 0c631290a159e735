/* SPDX-License-Identifier: BSD-2-Clause */
/* Pages on their way between the host and an owner of their own. */
#ifndef MOAT_CORE_OWNER_H
#define MOAT_CORE_OWNER_H

#include "core/page.h"

/*
 * Close HOST pages to the host, on every CPU; only then zero them. The caller
 * writes their records next.
 */
void owner_take(
	struct moat *m, struct regions_locked locked, struct page_run run);

/* The same, contents kept. */
void owner_take_contents(
	struct moat *m, struct regions_locked locked, struct page_run run);

/*
 * Zero pages that nothing translates to any more, on any CPU; only then make
 * them HOST [PAGE-4].
 */
void owner_return(
	struct moat *m, struct regions_locked locked, struct page_run run);

#endif
