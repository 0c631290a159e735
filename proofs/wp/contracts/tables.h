/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MOAT_PROOF_TABLES_UNIT_H
#define MOAT_PROOF_TABLES_UNIT_H

#include "contracts/owner.h"
#include "core/tables.h"
#include "theory_life.h"
#include "core/vm.h"
#include "theory_call.h"
#include "theory_words.h"

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

/*@ requires config_ok && inverse_ok;
    requires is_place(place.table, place.slot) && is_table_page(place.table);
    requires level_of(place.table) < LEAF_LEVEL;
    requires !is_valid(entry_at(place.table, place.slot));
    requires page < PAGE_COUNT(m) && PAGE(m, page).state == MOAT_PAGE_HOST;
    requires leads_to(descriptor) == pa_of(page);
    requires is_table(descriptor, level_of(place.table));
    requires empty: \forall integer i; 0 <= i < ENTRY_COUNT ==>
      TABLE(m, page).entry[i] == 0;
    assigns PAGE(m, page), TABLE(m, place.table).entry[place.slot];
    exits \false;
    ensures records_ok;
    ensures leaves_ok;
    ensures tree_ok;
    ensures linked: PAGE(m, page).state == MOAT_PAGE_TABLE &&
      hangs_at(page, place.table, place.slot);
    ensures others: \forall integer p; 0 <= p < PAGE_COUNT(m) &&
      p != page ==> page_same{Pre,Post}(p);
    ensures only: \forall integer t, i;
      0 <= t < PAGE_COUNT(m) && 0 <= i < ENTRY_COUNT &&
      (t != place.table || i != place.slot) ==>
        TABLE(m, t).entry[i] == \old(TABLE(m, t).entry[i]); */
static void table_hang(
	struct moat *m, struct place place, uint32_t page, uint64_t descriptor);

/*@ requires config_ok && host_ok && inverse_ok;
    requires \forall integer p; 0 <= p < PAGE_COUNT(m) ==> page_3(p);
    requires \valid_read(plan) && call_ok(call);
    requires is_place(plan->place.table, plan->place.slot);
    requires is_table_page(plan->place.table);
    requires level_of(plan->place.table) < LEAF_LEVEL;
    requires !is_valid(entry_at(plan->place.table, plan->place.slot));
    requires plan->run.count == 1 && plan->run.first < PAGE_COUNT(m);
    requires PAGE(m, plan->run.first).state == MOAT_PAGE_HOST;
    requires call->x[4] == pa_of(plan->run.first);
    assigns HOST_TABLE(m, 0 .. PROOF_HOST_TABLES - 1),
      REGION(m, 0 .. PROOF_REGIONS - 1), PAGE(m, plan->run.first),
      TABLE(m, 0 .. PROOF_PAGES - 1), CONTEXT(m, plan->run.first);
    exits \false;
    ensures records_ok;
    ensures leaves_ok;
    ensures tree_ok;
    ensures host_ok;
    ensures \forall integer p; 0 <= p < PAGE_COUNT(m) ==> page_3(p);
    ensures linked: is_table_page(plan->run.first) &&
      hangs_at(plan->run.first, plan->place.table, plan->place.slot);
    ensures empty: \forall integer i; 0 <= i < ENTRY_COUNT ==>
      TABLE(m, plan->run.first).entry[i] == 0;
    ensures others: \forall integer p; 0 <= p < PAGE_COUNT(m) &&
      p != plan->run.first ==> page_same{Pre,Post}(p);
    ensures only: \forall integer t, i;
      0 <= t < PAGE_COUNT(m) && 0 <= i < ENTRY_COUNT &&
      t != plan->run.first &&
      (t != plan->place.table || i != plan->place.slot) ==>
        TABLE(m, t).entry[i] == \old(TABLE(m, t).entry[i]); */
void table_create_apply(struct moat *m, struct held held,
	const struct plan *plan, const struct call *call);

/*@ requires config_ok && host_ok && inverse_ok;
    requires \forall integer p; 0 <= p < PAGE_COUNT(m) ==> page_3(p);
    requires held.vm.vm < VM_COUNT(m);
    requires is_live(held.vm.vm) && vm_ok(held.vm.vm);
    requires \valid_read(plan) && call_ok(call) && \valid(call);
    requires \separated(call, plan, call->x + (0 .. CALL_WORDS - 1));
    requires is_place(plan->place.table, plan->place.slot);
    requires is_table_page(plan->place.table);
    requires is_table(entry_at(plan->place.table, plan->place.slot),
      level_of(plan->place.table));
    requires plan->run.first == target(plan->place.table, plan->place.slot);
    requires plan->run.count == 1;
    requires bare: \forall integer i; 0 <= i < ENTRY_COUNT ==>
      !is_valid(entry_at(plan->run.first, i));
    assigns HOST_TABLE(m, 0 .. PROOF_HOST_TABLES - 1),
      REGION(m, 0 .. PROOF_REGIONS - 1), PAGE(m, 0 .. PROOF_PAGES - 1),
      TABLE(m, 0 .. PROOF_PAGES - 1), CONTEXT(m, 0 .. PROOF_PAGES - 1),
      call->result[1];
    exits \false;
    ensures records_ok;
    ensures leaves_ok;
    ensures tree_ok;
    ensures host_ok;
    ensures \forall integer p; 0 <= p < PAGE_COUNT(m) ==> page_3(p);
    ensures unlinked:
      !is_valid(entry_at(plan->place.table, plan->place.slot));
    ensures returned: PAGE(m, plan->run.first).state == MOAT_PAGE_HOST;
    ensures page_4: \forall integer i; 0 <= i < ENTRY_COUNT ==>
      TABLE(m, plan->run.first).entry[i] == 0;
    ensures others: \forall integer p; 0 <= p < PAGE_COUNT(m) &&
      p != plan->run.first ==> page_same{Pre,Post}(p);
    ensures only: \forall integer t, i;
      0 <= t < PAGE_COUNT(m) && 0 <= i < ENTRY_COUNT &&
      t != plan->run.first &&
      (t != plan->place.table || i != plan->place.slot) ==>
        TABLE(m, t).entry[i] == \old(TABLE(m, t).entry[i]); */
void table_destroy_apply(struct moat *m, struct held held,
	const struct plan *plan, struct call *call);

/* ---- Checks ------------------------------------------------------------ */

/*@
  // What a check is called with, and may rely on.
  predicate check_ok{L}(
    struct vm_locked locked, struct call *call, struct plan *plan) =
    config_ok && inverse_ok && roots_ok && locked.vm < VM_COUNT(m) &&
    vm_ok(locked.vm) && call_ok(call) && plan_free(plan, call);

  // The entry that leads, or would, to a table of level @level.
  predicate is_above{L}(integer table, integer slot, integer level) =
    is_place(table, slot) && is_table_page(table) &&
    level_of(table) + 1 == level;

  // What the check of a call on a table may answer, whichever it is.
  predicate is_of_any_check(integer status) =
    status == MOAT_OK || status == MOAT_BAD_STATE ||
    status == refusal(MOAT_BAD_IPA, 2) ||
    status == refusal(MOAT_BAD_IPA, 3) ||
    status == refusal(MOAT_NO_TABLE, 2);

  // The page that is to be a table is the one that the call names.
  predicate plans_page{L}(struct plan *plan, struct call *call) =
    plan->run.count == 1 && plan->run.first < PAGE_COUNT(m) &&
    is_in_page(plan->run.first, call->x[4]);
*/

/*@ requires sizes_ok && locked.vm < VM_COUNT(m);
    assigns \nothing; exits \false;
    ensures \result <==> is_growing(locked.vm); */
bool vm_is_growing(const struct moat *m, struct vm_locked locked);

/*@ requires config_ok && inverse_ok && roots_ok && locked.vm < VM_COUNT(m);
    requires is_live(locked.vm) && vm_ok(locked.vm);
    requires call_ok(call) && 1 <= call->x[3] <= LEAF_LEVEL;
    requires \valid(place);
    requires \separated(place, call, call->x + (0 .. CALL_WORDS - 1));
    assigns *place; exits \false;
    ensures \result == MOAT_OK ==>
      is_above(place->table, place->slot, call->x[3]) &&
      call->x[2] / 2 < VM(m, locked.vm).half;
    ensures \result == MOAT_OK || \result == refusal(MOAT_BAD_IPA, 2) ||
      \result == refusal(MOAT_BAD_IPA, 3) ||
      \result == refusal(MOAT_NO_TABLE, 2); */
static uint64_t parent_check(const struct moat *m, struct vm_locked locked,
	const struct call *call, struct place *place);

/*@ requires \valid(plan);
    assigns plan->run, plan->table, plan->region[0 .. 1]; exits \false;
    ensures plan->run.first == first && plan->run.count == ENTRY_COUNT;
    ensures plan->table == table;
    ensures plan->region[0] == first / ENTRY_COUNT;
    ensures plan->region[1] == table / ENTRY_COUNT; */
static void plan_block(struct plan *plan, uint32_t first, uint32_t table);

/*@ requires check_ok(locked, call, plan);
    requires 1 <= call->x[3] <= LEAF_LEVEL;
    assigns *plan; exits \false;
    ensures grows: is_growing(locked.vm) <==> \result != MOAT_BAD_STATE;
    ensures place: \result == MOAT_OK ==>
      is_above(plan->place.table, plan->place.slot, call->x[3]) &&
      !is_valid(entry_at(plan->place.table, plan->place.slot));
    ensures page: \result == MOAT_OK ==> plans_page(plan, call);
    ensures regions: \result == MOAT_OK ==> plan->operand == 4 &&
      plan->region[0] == plan->run.first / ENTRY_COUNT;
    ensures refused: is_of_any_check(\result) ||
      \result == refusal(MOAT_OCCUPIED, 2) ||
      \result == refusal(MOAT_BAD_PAGE, 4); */
uint64_t table_create_check(const struct moat *m, struct vm_locked locked,
	const struct call *call, struct plan *plan);

/*@ requires config_ok && inverse_ok;
    requires is_place(place.table, place.slot) && is_table_page(place.table);
    assigns \nothing; exits \false;
    ensures \result == MOAT_OK <==>
      is_table(entry_at(place.table, place.slot), level_of(place.table));
    ensures \result == refusal(MOAT_NEEDS_SPLIT, 2) <==>
      is_leaf(entry_at(place.table, place.slot), level_of(place.table));
    ensures \result == MOAT_OK || \result == refusal(MOAT_NEEDS_SPLIT, 2) ||
      \result == refusal(MOAT_NO_TABLE, 2); */
static uint64_t is_table_check(const struct moat *m, struct place place);

/*@ requires check_ok(locked, call, plan);
    requires 1 <= call->x[3] <= LEAF_LEVEL;
    assigns plan->place, plan->run, plan->region[0 .. 1]; exits \false;
    ensures live: is_live(locked.vm) <==> \result != MOAT_BAD_STATE;
    ensures place: \result == MOAT_OK ==>
      is_above(plan->place.table, plan->place.slot, call->x[3]) &&
      is_table(entry_at(plan->place.table, plan->place.slot),
        level_of(plan->place.table));
    ensures page: \result == MOAT_OK ==> plan->run.count == 1 &&
      plan->run.first == target(plan->place.table, plan->place.slot);
    ensures bare: \result == MOAT_OK ==> \forall integer i;
      0 <= i < ENTRY_COUNT ==> !is_valid(entry_at(plan->run.first, i));
    ensures refused: is_of_any_check(\result) ||
      \result == refusal(MOAT_NEEDS_SPLIT, 2) ||
      \result == refusal(MOAT_NOT_EMPTY, 2); */
uint64_t table_destroy_check(const struct moat *m, struct vm_locked locked,
	const struct call *call, struct plan *plan);

/*@ requires check_ok(locked, call, plan) && call->x[3] == LEAF_LEVEL;
    assigns *plan; exits \false;
    ensures grows: is_growing(locked.vm) <==> \result != MOAT_BAD_STATE;
    ensures place: \result == MOAT_OK ==>
      is_above(plan->place.table, plan->place.slot, LEAF_LEVEL) &&
      is_valid(entry_at(plan->place.table, plan->place.slot)) &&
      !is_table(entry_at(plan->place.table, plan->place.slot), REGION_LEVEL);
    ensures page: \result == MOAT_OK ==> plans_page(plan, call);
    ensures regions: \result == MOAT_OK ==> plan->operand == 4 &&
      plan->region[0] == plan->run.first / ENTRY_COUNT &&
      plan->region[1] ==
        target(plan->place.table, plan->place.slot) / ENTRY_COUNT;
    ensures refused: is_of_any_check(\result) ||
      \result == refusal(MOAT_OCCUPIED, 2) ||
      \result == refusal(MOAT_NOT_MAPPED, 2) ||
      \result == refusal(MOAT_BAD_PAGE, 4); */
uint64_t table_split_check(const struct moat *m, struct vm_locked locked,
	const struct call *call, struct plan *plan);

#endif
