/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The invariants that one state of the engine can show, each a predicate.
 * [PAGE-4] is about a page at the moment it becomes HOST. [TLB-1], [CALL-1] and
 * [CALL-2] relate several states; the harnesses check them.
 */
#ifndef MOAT_CORE_INVARIANT_H
#define MOAT_CORE_INVARIANT_H

#include "core/state.h"

bool invariant_page_1(const struct moat *m);
bool invariant_page_2(const struct moat *m);
bool invariant_half_1(const struct moat *m);
bool invariant_page_3(const struct moat *m);
bool invariant_page_4(const struct moat *m, uint32_t page);
bool invariant_table_1(const struct moat *m);
bool invariant_table_2(const struct moat *m);
bool invariant_vm_1(const struct moat *m);
bool invariant_vcpu_1(const struct moat *m);

#endif
