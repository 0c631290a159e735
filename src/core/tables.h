/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Table pages in and out of a VM's tree: table_create, table_destroy, and
 * table_fold and table_split, which trade a leaf table for a block and back.
 */
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

uint64_t table_fold_arguments(const struct call *call);
uint64_t table_fold_check(const struct moat *m, struct vm_locked locked,
	const struct call *call, struct plan *plan);
void table_fold_apply(struct moat *m, struct held held, const struct plan *plan,
	struct call *call);

uint64_t table_split_arguments(const struct call *call);
uint64_t table_split_check(const struct moat *m, struct vm_locked locked,
	const struct call *call, struct plan *plan);
void table_split_apply(struct moat *m, struct held held,
	const struct plan *plan, const struct call *call);

#endif
