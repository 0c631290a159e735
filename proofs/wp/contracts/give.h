/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MOAT_PROOF_GIVE_H
#define MOAT_PROOF_GIVE_H

#include "move.h"
#include "theory_levels.h"
#include "theory_life.h"
#include "core/vm.h"

/*@
  // What is given: a block or pages, lent or donated.
  predicate gives_block{L}(struct call *c) =
    c->number == MOAT_BLOCK_DONATE || c->number == MOAT_BLOCK_LEND;
  predicate lends{L}(struct call *c) =
    c->number == MOAT_PAGE_LEND || c->number == MOAT_BLOCK_LEND;
  predicate is_giving{L}(struct call *c) =
    c->number == MOAT_PAGE_LOAD || c->number == MOAT_PAGE_DONATE ||
    c->number == MOAT_PAGE_LEND || gives_block(c);
  predicate is_unit{L}(struct call *c, integer address) =
    gives_block(c) ? address % REGION_BYTES == 0 :
      address % MOAT_PAGE_SIZE == 0;

  predicate may_give{L}(integer v, struct call *c) =
    c->number == MOAT_PAGE_LOAD ? VM(m, v).life == MOAT_VM_BUILDING :
      is_growing(v);

  // No more than this number of pages, in one call.
  logic integer asked{L}(struct call *c) =
    c->is_single ? 1 : (c->x[4] < MOAT_RANGE_PAGES_MAX ? c->x[4] :
      MOAT_RANGE_PAGES_MAX);
  logic integer budget{L}(struct call *c) =
    c->number == MOAT_PAGE_LOAD && asked(c) > MOAT_LOAD_PAGES_MAX ?
      MOAT_LOAD_PAGES_MAX : asked(c);
  logic integer level_given{L}(struct call *c) =
    c->number == MOAT_BLOCK_DONATE || c->number == MOAT_BLOCK_LEND ?
      LEAF_LEVEL - 1 : LEAF_LEVEL;
  logic integer state_given{L}(struct call *c) =
    c->number == MOAT_PAGE_LEND || c->number == MOAT_BLOCK_LEND ?
      MOAT_PAGE_LENT : MOAT_PAGE_VM;
  predicate is_permission(integer p) =
    p % 2 == MOAT_READ && p <= 7;
*/

/*@ requires \valid_read(call);
    assigns \nothing; exits \false;
    ensures \result <==> gives_block(call); */
static bool is_block(const struct call *call);

/*@ requires \valid_read(call);
    assigns \nothing; exits \false;
    ensures \result <==> lends(call); */
static bool is_loan(const struct call *call);

/*@ requires \valid_read(call);
    assigns \nothing; exits \false;
    ensures \result <==> is_unit(call, address); */
static bool is_aligned(const struct call *call, uint64_t address);

/*@ requires \valid_read(call);
    assigns \nothing; exits \false;
    ensures gives_block(call) ==> \result == LEAF_LEVEL - 1;
    ensures !gives_block(call) ==> \result == LEAF_LEVEL; */
static uint32_t give_level(const struct call *call);

/*@ requires \valid_read(call);
    assigns \nothing; exits \false;
    ensures gives_block(call) ==> \result == ENTRY_COUNT;
    ensures !gives_block(call) ==> \result == 1; */
static uint32_t give_pages(const struct call *call);

/*@ requires \valid_read(call);
    assigns \nothing; exits \false;
    ensures gives_block(call) ==> \result == 4;
    ensures !gives_block(call) ==> \result == 5; */
static uint32_t permission_operand(const struct call *call);

/*@ requires call_ok(call);
    assigns \nothing; exits \false;
    ensures \result == MOAT_OK <==> (gives_block(call) ?
      is_permission(call->x[4]) : is_permission(call->x[5]));
    ensures gives_block(call) ==>
      \result == MOAT_OK || \result == refusal(MOAT_BAD_ARG, 4);
    ensures !gives_block(call) ==>
      \result == MOAT_OK || \result == refusal(MOAT_BAD_ARG, 5); */
static uint64_t permission_arguments(const struct call *call);

/*@ requires call_ok(call);
    assigns \nothing; exits \false;
    ensures first: !is_unit(call, call->x[2]) ==>
      \result == refusal(MOAT_BAD_ARG, 2);
    ensures second: is_unit(call, call->x[2]) && !is_unit(call, call->x[3])
      ==> \result == refusal(MOAT_BAD_ARG, 3);
    ensures good: \result == MOAT_OK ==> is_unit(call, call->x[2]) &&
      is_unit(call, call->x[3]);
    ensures some: \result == MOAT_OK && !gives_block(call) ==>
      asked(call) > 0;
    ensures permission: \result == MOAT_OK && lends(call) ==>
      (gives_block(call) ? is_permission(call->x[4]) :
        is_permission(call->x[5])); */
uint64_t give_arguments(const struct call *call);

/*@ requires sizes_ok && locked.vm < VM_COUNT(m);
    assigns \nothing; exits \false;
    ensures \result <==> is_growing(locked.vm); */
bool vm_is_growing(const struct moat *m, struct vm_locked locked);

/*@ requires sizes_ok && locked.vm < VM_COUNT(m) && \valid_read(call);
    assigns \nothing; exits \false;
    ensures \result <==> may_give(locked.vm, call); */
static bool give_life_permits(
	const struct moat *m, struct vm_locked locked, const struct call *call);

/*@ requires config_ok && step_ok(locked) && is_live(locked.vm);
    requires ipa / 2 < VM(m, locked.vm).half;
    assigns \nothing; exits \false;
    ensures \result == refusal(MOAT_OCCUPIED, 2) ||
      \result == refusal(MOAT_NO_TABLE, 2); */
static uint64_t short_walk(
	const struct moat *m, struct vm_locked locked, uint64_t ipa);

/*@ requires call_ok(call);
    assigns \nothing; exits \false;
    ensures \result == budget(call);
    ensures \result <= MOAT_RANGE_PAGES_MAX;
    ensures call->number == MOAT_PAGE_LOAD ==>
      \result <= MOAT_LOAD_PAGES_MAX; */
static uint32_t give_budget(const struct call *call);

/*@ requires config_ok && call_ok(call) && plan_free(plan, call);
    requires is_place(plan->place.table, plan->place.slot);
    assigns plan->is_whole, plan->run, plan->region[0 .. 1], plan->operand;
    exits \false;
    ensures \result == MOAT_OK || \result == refusal(MOAT_OCCUPIED, 2) ||
      \result == refusal(MOAT_BAD_PAGE, 3);
    ensures planned: \result == MOAT_OK ==> plan->operand == 3 &&
      1 <= plan->run.count <= ENTRY_COUNT &&
      plan->run.first + plan->run.count <= PAGE_COUNT(m) &&
      plan->run.count <= pages_on(plan->run.first) &&
      is_in_page(plan->run.first, call->x[3]);
    ensures whole: \result == MOAT_OK ==>
      (plan->is_whole == 1 <==> gives_block{Pre}(call));
    ensures budget: \result == MOAT_OK && !gives_block{Pre}(call) ==>
      plan->run.count <= budget{Pre}(call);
    ensures vacant: \result == MOAT_OK ==>
      !is_valid(entry_at(plan->place.table, plan->place.slot));
    ensures room: \result == MOAT_OK && !gives_block{Pre}(call) ==>
      plan->place.slot + plan->run.count <= ENTRY_COUNT &&
      \forall integer i;
        plan->place.slot <= i < plan->place.slot + plan->run.count ==>
          !is_valid(TABLE(m, plan->place.table).entry[i]); */
static uint64_t slots_check(
	const struct moat *m, const struct call *call, struct plan *plan);

/*@ requires config_ok && step_ok(locked) && call_ok(call);
    requires plan_free(plan, call);
    assigns plan->place, plan->is_whole, plan->run, plan->region[0 .. 1],
      plan->operand; exits \false;
    ensures state: !may_give{Pre}(locked.vm, call) ==>
      \result == MOAT_BAD_STATE;
    ensures state: may_give{Pre}(locked.vm, call) ==>
      \result != MOAT_BAD_STATE;
    ensures refused: \result == MOAT_OK || \result == MOAT_BAD_STATE ||
      \result == refusal(MOAT_BAD_IPA, 2) ||
      \result == refusal(MOAT_BAD_IPA, 4) ||
      \result == refusal(MOAT_OCCUPIED, 2) ||
      \result == refusal(MOAT_NO_TABLE, 2) ||
      \result == refusal(MOAT_BAD_PAGE, 3);
    ensures half: \result == MOAT_OK && lends{Pre}(call) ==>
      VM(m, locked.vm).half <= call->x[2] < 2 * VM(m, locked.vm).half;
    ensures half: \result == MOAT_OK && !lends{Pre}(call) ==>
      call->x[2] < VM(m, locked.vm).half;
    ensures planned: \result == MOAT_OK ==> plan->operand == 3 &&
      is_place(plan->place.table, plan->place.slot) &&
      1 <= plan->run.count <= ENTRY_COUNT &&
      plan->run.first + plan->run.count <= PAGE_COUNT(m) &&
      plan->run.count <= pages_on(plan->run.first) &&
      is_in_page(plan->run.first, call->x[3]);
    ensures whole: \result == MOAT_OK ==>
      (plan->is_whole == 1 <==> gives_block{Pre}(call));
    ensures budget: \result == MOAT_OK && !gives_block{Pre}(call) ==>
      plan->run.count <= budget{Pre}(call);
    ensures vacant: \result == MOAT_OK ==>
      !is_valid(entry_at(plan->place.table, plan->place.slot));
    ensures room: \result == MOAT_OK && !gives_block{Pre}(call) ==>
      plan->place.slot + plan->run.count <= ENTRY_COUNT &&
      \forall integer i;
        plan->place.slot <= i < plan->place.slot + plan->run.count ==>
          !is_valid(TABLE(m, plan->place.table).entry[i]);
    ensures level: \result == MOAT_OK && inverse_ok && roots_ok ==>
      is_table_page(plan->place.table) &&
      (gives_block{Pre}(call) ? level_of(plan->place.table) == LEAF_LEVEL - 1 :
        level_of(plan->place.table) == LEAF_LEVEL); */
uint64_t give_check(const struct moat *m, struct vm_locked locked,
	const struct call *call, struct plan *plan);

/* ---- Apply ------------------------------------------------------------- */

/*@
  // The pages of a plan follow each other in RAM; and are all the host's.
  predicate gives_pages{L}(struct plan *plan) =
    1 <= plan->run.count <= ENTRY_COUNT &&
    plan->run.first + plan->run.count <= PAGE_COUNT(m) &&
    plan->run.count <= pages_on(plan->run.first);
  predicate gives_run{L}(struct plan *plan) =
    gives_pages(plan) &&
    \forall integer p;
      plan->run.first <= p < plan->run.first + plan->run.count ==>
        PAGE(m, p).state == MOAT_PAGE_HOST;
  // And the empty entries that they will hang at.
  predicate gives_slots{L}(struct plan *plan, struct call *c) =
    is_place(plan->place.table, plan->place.slot) &&
    (!gives_block(c) ==>
      plan->place.slot + plan->run.count <= ENTRY_COUNT);
  predicate permits{L}(struct call *c) =
    (gives_block(c) && lends(c) ==> is_permission(c->x[4])) &&
    (!gives_block(c) && lends(c) ==> is_permission(c->x[5]));
*/

/*@ requires sizes_ok && locked.vm < VM_COUNT(m);
    requires run.first + run.count <= PAGE_COUNT(m);
    requires run.count <= ENTRY_COUNT && ipa < 0x1000000000000;
    assigns VM(m, locked.vm).measurement[0 .. MOAT_MEASUREMENT_WORDS - 1];
    exits \false; */
static void measure_pages(struct moat *m, struct vm_locked locked,
	struct page_run run, uint64_t ipa);

/*@ requires config_ok && host_ok && held.vm.vm < VM_COUNT(m);
    requires \valid_read(plan) && call_ok(call) && gives_run(plan);
    requires call->x[2] < 0x1000000000000;
    requires \forall integer p; 0 <= p < PAGE_COUNT(m) ==> page_3(p);
    assigns HOST_TABLE(m, 0 .. PROOF_HOST_TABLES - 1),
      REGION(m, 0 .. PROOF_REGIONS - 1),
      TABLE(m, plan->run.first .. plan->run.first + plan->run.count - 1),
      CONTEXT(m, plan->run.first .. plan->run.first + plan->run.count - 1),
      VM(m, held.vm.vm).measurement[0 .. MOAT_MEASUREMENT_WORDS - 1];
    exits \false;
    ensures host_ok;
    ensures closed: !lends(call) ==> \forall integer p;
      0 <= p < PAGE_COUNT(m) ==> (reaches(p) <==>
        is_open(PAGE(m, p).state) && !(plan->run.first <= p <
          plan->run.first + plan->run.count));
    ensures loan: lends(call) ==> \forall integer p;
      0 <= p < PAGE_COUNT(m) ==> page_3(p);
    ensures zero: !lends(call) && call->number != MOAT_PAGE_LOAD ==>
      \forall integer t, i; plan->run.first <= t <
        plan->run.first + plan->run.count && 0 <= i < ENTRY_COUNT ==>
          TABLE(m, t).entry[i] == 0;
    ensures only: \forall integer t, i;
      0 <= t < PAGE_COUNT(m) && 0 <= i < ENTRY_COUNT &&
      !(plan->run.first <= t < plan->run.first + plan->run.count) ==>
        TABLE(m, t).entry[i] == \old(TABLE(m, t).entry[i]); */
static void prepare(struct moat *m, struct held held, const struct plan *plan,
	const struct call *call);

/*@ requires call_ok(call) && \valid_read(plan);
    requires plan->place.slot < ENTRY_COUNT;
    requires permits(call);
    assigns \nothing; exits \false;
    ensures state: \result.state == state_given(call);
    ensures level: level_in(\result.mapping) == level_given(call);
    ensures \result.mapping < 8 * 8 &&
      (!lends(call) ==> \result.mapping == level_given(call));
    ensures \result.slot == plan->place.slot &&
      \result.parent == plan->place.table; */
static struct page given_record(
	const struct call *call, const struct plan *plan);

/*@ requires sizes_ok && is_place(place.table, place.slot);
    requires page < PAGE_COUNT(m);
    requires pa % MOAT_PAGE_SIZE == 0 && pa < 0x1000000000000;
    assigns PAGE(m, page), TABLE(m, place.table).entry[place.slot];
    exits \false;
    ensures mapped: is_leaf(entry_at(place.table, place.slot), LEAF_LEVEL) &&
      leads_to(entry_at(place.table, place.slot)) == pa;
    ensures recorded: PAGE(m, page).state == record.state &&
      PAGE(m, page).mapping == record.mapping &&
      PAGE(m, page).slot == place.slot &&
      PAGE(m, page).parent == record.parent;
    ensures others: \forall integer p; 0 <= p < PAGE_COUNT(m) && p != page ==>
      page_same{Pre,Post}(p);
    ensures only: \forall integer t, i;
      0 <= t < PAGE_COUNT(m) && 0 <= i < ENTRY_COUNT &&
      (t != place.table || i != place.slot) ==>
        TABLE(m, t).entry[i] == \old(TABLE(m, t).entry[i]); */
static void give_one(struct moat *m, struct place place, uint32_t page,
	struct page record, uint64_t pa);

/*@ requires sizes_ok && is_place(place.table, place.slot);
    requires place.slot + run.count <= ENTRY_COUNT;
    requires run.first + run.count <= PAGE_COUNT(m);
    requires pa % MOAT_PAGE_SIZE == 0;
    requires pa + run.count * MOAT_PAGE_SIZE <= 0x1000000000000;
    assigns PAGE(m, run.first .. run.first + run.count - 1),
      TABLE(m, place.table); exits \false;
    ensures mapped: \forall integer i;
      place.slot <= i < place.slot + run.count ==>
        is_leaf(entry_at(place.table, i), LEAF_LEVEL) &&
        leads_to(entry_at(place.table, i)) ==
          pa + (i - place.slot) * MOAT_PAGE_SIZE;
    ensures recorded: \forall integer p;
      run.first <= p < run.first + run.count ==>
        PAGE(m, p).state == record.state &&
        PAGE(m, p).mapping == record.mapping &&
        hangs_at(p, record.parent, place.slot + p - run.first);
    ensures others: \forall integer p; 0 <= p < PAGE_COUNT(m) &&
      !(run.first <= p < run.first + run.count) ==> page_same{Pre,Post}(p);
    ensures only: \forall integer t, i;
      0 <= t < PAGE_COUNT(m) && 0 <= i < ENTRY_COUNT &&
      (t != place.table ||
        !(place.slot <= i < place.slot + run.count)) ==>
        TABLE(m, t).entry[i] == \old(TABLE(m, t).entry[i]); */
static void give_pages_apply(struct moat *m, struct place place,
	struct page_run run, struct page record, uint64_t pa);

/*@ requires config_ok && call_ok(call) && \valid_read(plan);
    requires gives_block(call) && permits(call);
    requires is_place(plan->place.table, plan->place.slot);
    requires 1 <= plan->run.count <= ENTRY_COUNT;
    requires plan->run.first + plan->run.count <= PAGE_COUNT(m);
    assigns
      PAGE(m, plan->run.first .. plan->run.first + plan->run.count - 1),
      TABLE(m, plan->place.table).entry[plan->place.slot]; exits \false;
    ensures mapped: is_leaf(entry_at(plan->place.table, plan->place.slot),
        LEAF_LEVEL - 1) &&
      leads_to(entry_at(plan->place.table, plan->place.slot)) ==
        pa_of(plan->run.first);
    ensures recorded: \forall integer p;
      plan->run.first <= p < plan->run.first + plan->run.count ==>
        PAGE(m, p).state == state_given(call) &&
        PAGE(m, p).mapping < 8 * 8 && level_of(p) == LEAF_LEVEL - 1 &&
        (!lends(call) ==> PAGE(m, p).mapping <= LEAF_LEVEL) &&
        hangs_at(p, plan->place.table, plan->place.slot);
    ensures others: \forall integer p; 0 <= p < PAGE_COUNT(m) &&
      !(plan->run.first <= p < plan->run.first + plan->run.count) ==>
        page_same{Pre,Post}(p);
    ensures only: \forall integer t, i;
      0 <= t < PAGE_COUNT(m) && 0 <= i < ENTRY_COUNT &&
      (t != plan->place.table || i != plan->place.slot) ==>
        TABLE(m, t).entry[i] == \old(TABLE(m, t).entry[i]); */
static void give_block_apply(
	struct moat *m, const struct plan *plan, const struct call *call);

/*@ requires config_ok && call_ok(call) && \valid_read(plan);
    requires is_giving(call) && permits(call);
    requires gives_pages(plan) && gives_slots(plan, call);
    requires single: call->is_single != 0 ==>
      plan->run.count == 1 && !gives_block(call);
    requires call->x[3] == pa_of(plan->run.first);
    assigns
      PAGE(m, plan->run.first .. plan->run.first + plan->run.count - 1),
      TABLE(m, plan->place.table); exits \false;
    ensures given: \forall integer p;
      plan->run.first <= p < plan->run.first + plan->run.count ==>
        PAGE(m, p).state == state_given(call) &&
        PAGE(m, p).parent == plan->place.table;
    ensures page_1: \forall integer p;
      plan->run.first <= p < plan->run.first + plan->run.count ==> page_1(p);
    ensures others: \forall integer p; 0 <= p < PAGE_COUNT(m) &&
      !(plan->run.first <= p < plan->run.first + plan->run.count) ==>
        page_same{Pre,Post}(p);
    ensures only: \forall integer t, i;
      0 <= t < PAGE_COUNT(m) && 0 <= i < ENTRY_COUNT &&
      t != plan->place.table ==>
        TABLE(m, t).entry[i] == \old(TABLE(m, t).entry[i]); */
static void give_entries(
	struct moat *m, const struct plan *plan, const struct call *call);

/*@ requires config_ok && host_ok && held.vm.vm < VM_COUNT(m);
    requires \valid(call) && \valid_read(plan) && call_ok(call);
    requires \separated(call, plan, call->x + (0 .. CALL_WORDS - 1));
    requires is_giving(call) && permits(call);
    requires gives_run(plan) && gives_slots(plan, call);
    requires is_table_page(plan->place.table);
    requires call->x[2] < 0x1000000000000;
    requires call->x[3] == pa_of(plan->run.first);
    requires single: call->is_single != 0 ==>
      plan->run.count == 1 && !gives_block(call);
    requires \forall integer p; 0 <= p < PAGE_COUNT(m) ==> page_3(p);
    assigns HOST_TABLE(m, 0 .. PROOF_HOST_TABLES - 1),
      REGION(m, 0 .. PROOF_REGIONS - 1),
      PAGE(m, plan->run.first .. plan->run.first + plan->run.count - 1),
      TABLE(m, 0 .. PROOF_PAGES - 1),
      CONTEXT(m, plan->run.first .. plan->run.first + plan->run.count - 1),
      VM(m, held.vm.vm).measurement[0 .. MOAT_MEASUREMENT_WORDS - 1],
      call->result[1]; exits \false;
    ensures host_ok;
    ensures page_3: \forall integer p; 0 <= p < PAGE_COUNT(m) ==> page_3(p);
    ensures page_1: \forall integer p; 0 <= p < PAGE_COUNT(m) &&
      page_1{Pre}(p) ==> page_1(p);
    ensures given: \forall integer p;
      plan->run.first <= p < plan->run.first + plan->run.count ==>
        PAGE(m, p).state == state_given(call) &&
        PAGE(m, p).parent == plan->place.table;
    ensures zero: !lends(call) && call->number != MOAT_PAGE_LOAD ==>
      \forall integer t, i; plan->run.first <= t <
        plan->run.first + plan->run.count && 0 <= i < ENTRY_COUNT ==>
          TABLE(m, t).entry[i] == 0;
    ensures others: \forall integer p; 0 <= p < PAGE_COUNT(m) &&
      !(plan->run.first <= p < plan->run.first + plan->run.count) ==>
        page_same{Pre,Post}(p);
    ensures only: \forall integer t, i;
      0 <= t < PAGE_COUNT(m) && 0 <= i < ENTRY_COUNT &&
      !(plan->run.first <= t < plan->run.first + plan->run.count) &&
      t != plan->place.table ==>
        TABLE(m, t).entry[i] == \old(TABLE(m, t).entry[i]);
    ensures counted: call->result[1] == plan->run.count; */
void give_apply(struct moat *m, struct held held, const struct plan *plan,
	struct call *call);

#endif
