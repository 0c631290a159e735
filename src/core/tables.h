/* SPDX-License-Identifier: BSD-2-Clause */
/* table_create and table_destroy: table pages in and out of a VM's tree. */
#ifndef MOAT_CORE_TABLES_H
#define MOAT_CORE_TABLES_H

#include "core/call.h"

uint64_t table_create_arguments(const struct call *call);
uint64_t table_create_check(const struct moat *m, struct vm_locked locked,
	const struct call *call, struct plan *plan);
void table_create_apply(struct moat *m, struct held held,
	const struct plan *plan, const struct call *call);

uint64_t table_destroy_arguments(const struct call *call);
uint64_t table_destroy_check(const struct moat *m, struct vm_locked locked,
	const struct call *call, struct plan *plan);
void table_destroy_apply(struct moat *m, struct held held,
	const struct plan *plan, struct call *call);

#endif
