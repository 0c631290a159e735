/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Data pages, in ranges and blocks. give.c: pages that come to a VM; move.c:
 * pages that leave it or change state where they are; info.c: what a page is.
 */
#ifndef MOAT_CORE_PAGES_H
#define MOAT_CORE_PAGES_H

#include "core/call.h"

/* A range of pages as a call names it. */
struct range {
	uint64_t ipa;
	uint64_t count; /* pages, at least 1 */
	uint32_t ipa_operand; /* the registers that name them */
	uint32_t count_operand;
	bool is_shared; /* of the shared half, not the protected one */
};

enum move {
	MOVE_RECLAIM, /* VM or SHARED -> HOST, scrubbed */
	MOVE_RECALL, /* LENT -> HOST */
	MOVE_SHARE, /* VM -> SHARED */
	MOVE_UNSHARE, /* SHARED -> VM */
	MOVE_RELINQUISH /* VM or SHARED -> HOST, scrubbed */
};

/* What moves is at @ipa. */
struct moving {
	enum move move;
	uint32_t cpu;
	uint64_t ipa;
};

/* Whether the range lies in its half. No count can wrap. */
CORE uint64_t range_check(
	const struct moat *m, struct vm_locked locked, struct range range);

/* @count, or the most that one call does. */
CORE uint32_t range_budget(uint64_t count);

/* page_load, page_donate, page_lend, block_donate, block_lend. */
CORE uint64_t give_arguments(const struct call *call);
CORE uint64_t give_check(const struct moat *m, struct vm_locked locked,
	const struct call *call, struct plan *plan);
CORE void give_apply(struct moat *m, struct held held, const struct plan *plan,
	struct call *call);

/* page_reclaim, page_recall; for a guest's calls see guest_pages. */
CORE uint64_t move_arguments(const struct call *call);
CORE uint64_t move_check(const struct moat *m, struct vm_locked locked,
	const struct call *call, struct plan *plan);
CORE void move_apply(struct moat *m, struct held held, const struct plan *plan,
	struct call *call);

/* @page is RAM and its region is locked. */
CORE void page_info_apply(
	const struct moat *m, uint32_t page, struct call *call);

#endif
