/* SPDX-License-Identifier: BSD-2-Clause */
/* page_load, page_donate, page_reclaim, page_info: data pages, in ranges. */
#ifndef MOAT_CORE_PAGES_H
#define MOAT_CORE_PAGES_H

#include "core/call.h"

/* Arguments and check of page_load and page_donate. */
uint64_t page_give_arguments(const struct call *call);
uint64_t page_give_check(const struct moat *m, struct vm_locked locked,
	const struct call *call, struct plan *plan);

void page_load_apply(struct moat *m, struct held held, const struct plan *plan,
	struct call *call);
void page_donate_apply(struct moat *m, struct held held,
	const struct plan *plan, struct call *call);

uint64_t page_reclaim_arguments(const struct call *call);
uint64_t page_reclaim_check(const struct moat *m, struct vm_locked locked,
	const struct call *call, struct plan *plan);
void page_reclaim_apply(struct moat *m, struct held held,
	const struct plan *plan, struct call *call);

/* @page is RAM and its region is locked. */
void page_info_apply(const struct moat *m, uint32_t page, struct call *call);

#endif
