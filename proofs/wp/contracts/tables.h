/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MOAT_PROOF_TABLES_UNIT_H
#define MOAT_PROOF_TABLES_UNIT_H

#include "contracts/owner.h"
#include "core/tables.h"
#include "core/vm.h"

/*@
  // A call as the entry point hands it over.
  predicate call_ok(struct call *call) =
    \valid_read(call) && \valid_read(call->x + (0 .. CALL_WORDS - 1));
*/

/*@ requires call_ok(call);
    assigns \nothing; exits \false;
    ensures \result == MOAT_OK ==> lowest <= call->x[3] <= LEAF_LEVEL &&
      call->x[2] % (entry_bytes(call->x[3]) * ENTRY_COUNT) == 0; */
static uint64_t level_arguments(const struct call *call, uint32_t lowest);

/*@ requires call_ok(call);
    assigns \nothing; exits \false;
    ensures \result == MOAT_OK ==> lowest <= call->x[3] <= LEAF_LEVEL &&
      call->x[2] % (entry_bytes(call->x[3]) * ENTRY_COUNT) == 0 &&
      call->x[4] % MOAT_PAGE_SIZE == 0; */
static uint64_t level_and_page_arguments(
	const struct call *call, uint32_t lowest);

/*@ requires call_ok(call);
    assigns \nothing; exits \false;
    ensures \result == MOAT_OK ==> 1 <= call->x[3] <= LEAF_LEVEL &&
      call->x[4] % MOAT_PAGE_SIZE == 0; */
uint64_t table_create_arguments(const struct call *call);

/*@ requires call_ok(call);
    assigns \nothing; exits \false;
    ensures \result == MOAT_OK ==> 1 <= call->x[3] <= LEAF_LEVEL; */
uint64_t table_destroy_arguments(const struct call *call);

/*@ requires call_ok(call);
    assigns \nothing; exits \false;
    ensures \result == MOAT_OK ==> call->x[3] == LEAF_LEVEL; */
uint64_t table_fold_arguments(const struct call *call);

/*@ requires call_ok(call);
    assigns \nothing; exits \false;
    ensures \result == MOAT_OK ==> call->x[3] == LEAF_LEVEL &&
      call->x[4] % MOAT_PAGE_SIZE == 0; */
uint64_t table_split_arguments(const struct call *call);

/*@ requires page < PAGE_COUNT(m);
    assigns \nothing; exits \false;
    ensures \result.first == page && \result.count == 1; */
static struct page_run one_page(uint32_t page);

/*@ requires sizes_ok && is_place(place.table, place.slot);
    requires level_of(place.table) < LEAF_LEVEL;
    assigns \nothing; exits \false;
    ensures \result.state == MOAT_PAGE_TABLE;
    ensures \result.mapping == level_of(place.table) + 1;
    ensures \result.slot == place.slot && \result.parent == place.table; */
static struct page table_record(const struct moat *m, struct place place);

#endif
