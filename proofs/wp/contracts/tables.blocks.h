/* SPDX-License-Identifier: BSD-2-Clause */
/* Tables traded for a block and back: what only their proofs are told. */
#ifndef MOAT_PROOF_TABLES_BLOCKS_H
#define MOAT_PROOF_TABLES_BLOCKS_H

#include "contracts/tables.h"
#include "theory_blocks.h"

/*@ requires config_ok && is_table_page(table) && word_ok(table, 0);
    requires page < PAGE_COUNT(m) && begins_region(page) && i < ENTRY_COUNT;
    requires is_leaf(entry_at(table, 0), LEAF_LEVEL);
    requires leads_to(entry_at(table, 0)) == pa_of(page);
    assigns \nothing; exits \false;
    ensures room: \result ==> page + i < PAGE_COUNT(m);
    ensures next: \result ==> continues(table, page, i); */
static bool entry_continues(
	const struct moat *m, uint32_t table, uint32_t page, uint32_t i);

/*@ requires config_ok && is_table_page(table) && word_ok(table, 0);
    assigns \nothing; exits \false;
    ensures begins: \result ==> begins_region(target(table, 0));
    ensures uniform: \result ==>
      is_uniform(table, target(table, 0), ENTRY_COUNT); */
static bool table_is_uniform(const struct moat *m, uint32_t table);

/*@ requires check_ok(locked, call, plan) && call->x[3] == LEAF_LEVEL;
    requires words_ok;
    assigns *plan; exits \false;
    ensures grows: is_growing(locked.vm) <==> \result != MOAT_BAD_STATE;
    ensures place: \result == MOAT_OK ==>
      is_above(plan->place.table, plan->place.slot, LEAF_LEVEL) &&
      is_table(entry_at(plan->place.table, plan->place.slot), REGION_LEVEL);
    ensures table: \result == MOAT_OK ==>
      plan->table == target(plan->place.table, plan->place.slot);
    ensures block: \result == MOAT_OK ==> plan->run.count == ENTRY_COUNT &&
      begins_region(plan->run.first) &&
      plan->run.first + ENTRY_COUNT <= PAGE_COUNT(m);
    ensures uniform: \result == MOAT_OK ==>
      is_uniform(plan->table, plan->run.first, ENTRY_COUNT);
    ensures regions: \result == MOAT_OK ==>
      plan->region[0] == plan->run.first / ENTRY_COUNT &&
      plan->region[1] == plan->table / ENTRY_COUNT;
    ensures refused: is_of_any_check(\result) ||
      \result == refusal(MOAT_NEEDS_SPLIT, 2) ||
      \result == refusal(MOAT_NOT_UNIFORM, 2); */
uint64_t table_fold_check(const struct moat *m, struct vm_locked locked,
	const struct call *call, struct plan *plan);

/*@ requires level <= LEAF_LEVEL && slot < ENTRY_COUNT;
    assigns \nothing; exits \false;
    ensures \result.state == record.state;
    ensures \result.parent == parent && \result.slot == slot;
    ensures goes_to(record.mapping, \result.mapping, level); */
static struct page record_at(
	struct page record, uint32_t level, uint32_t parent, uint32_t slot);

/*@ requires config_ok && table < PAGE_COUNT(m) && slot < ENTRY_COUNT;
    requires first + slot < PAGE_COUNT(m);
    requires pa_of(first + slot) == pa + slot * MOAT_PAGE_SIZE;
    assigns PAGE(m, first + slot), TABLE(m, table).entry[slot];
    exits \false;
    ensures is_rehung{Pre,Post}(first + slot, LEAF_LEVEL);
    ensures hangs_at(first + slot, table, slot);
    ensures is_leaf(entry_at(table, slot), LEAF_LEVEL);
    ensures target(table, slot) == first + slot;
    ensures others: \forall integer p; 0 <= p < PAGE_COUNT(m) &&
      p != first + slot ==> page_same{Pre,Post}(p);
    ensures only: \forall integer t, i;
      0 <= t < PAGE_COUNT(m) && 0 <= i < ENTRY_COUNT &&
      (t != table || i != slot) ==>
        TABLE(m, t).entry[i] == \old(TABLE(m, t).entry[i]); */
static void split_one(struct moat *m, uint32_t table, uint32_t first,
	uint64_t pa, uint32_t slot);

/*@ requires config_ok && table < PAGE_COUNT(m);
    requires begins_region(first) && pa == pa_of(first);
    requires first + ENTRY_COUNT <= PAGE_COUNT(m);
    assigns PAGE(m, first .. first + ENTRY_COUNT - 1), TABLE(m, table);
    exits \false;
    ensures records: \forall integer p; first <= p < first + ENTRY_COUNT ==>
      is_rehung{Pre,Post}(p, LEAF_LEVEL) && hangs_at(p, table, p - first);
    ensures others: \forall integer p; 0 <= p < PAGE_COUNT(m) &&
      !(first <= p < first + ENTRY_COUNT) ==> page_same{Pre,Post}(p);
    ensures entries: \forall integer i; 0 <= i < ENTRY_COUNT ==>
      is_leaf(entry_at(table, i), LEAF_LEVEL) &&
      target(table, i) == first + i;
    ensures only: \forall integer t, i;
      0 <= t < PAGE_COUNT(m) && 0 <= i < ENTRY_COUNT && t != table ==>
        TABLE(m, t).entry[i] == \old(TABLE(m, t).entry[i]); */
static void split_pages(
	struct moat *m, uint32_t table, uint32_t first, uint64_t pa);

#endif
