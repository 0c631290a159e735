/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MOAT_PROOF_MOVE_H
#define MOAT_PROOF_MOVE_H

#include "s2.h"
#include "theory_vm.h"
#include "theory_rows.h"
#include "core/guest.h"
#include "core/pages.h"

/* enum move is known to move.c alone: its members, by number. */
enum move;
struct moving;

/*@
  predicate is_move(integer move) = 0 <= move <= 4;
  predicate moves_out(integer move) = move != 2 && move != 3;

  predicate may_move{L}(integer v, struct call *c) =
    c->number == MOAT_PAGE_RECALL ? is_live(v) :
      VM(m, v).life == MOAT_VM_DYING;

  // The states in which a page can go along.
  predicate accepts(integer move, integer state) =
    (move == 1 ? state == MOAT_PAGE_LENT :
    (move == 2 ? state == MOAT_PAGE_VM :
    (move == 3 ? state == MOAT_PAGE_SHARED :
      state == MOAT_PAGE_VM || state == MOAT_PAGE_SHARED)));
*/

/*@ assigns \nothing; exits \false;
    ensures \result ==
      (count < MOAT_RANGE_PAGES_MAX ? count : MOAT_RANGE_PAGES_MAX); */
uint32_t range_budget(uint64_t count);

/*@ requires sizes_ok && locked.vm < VM_COUNT(m);
    assigns \nothing; exits \false;
    ensures \result == MOAT_OK <==> fits_half(range, VM(m, locked.vm).half);
    ensures \result == MOAT_OK ||
      \result == refusal(MOAT_BAD_IPA, range.ipa_operand) ||
      \result == refusal(MOAT_BAD_IPA, range.count_operand); */
uint64_t range_check(
	const struct moat *m, struct vm_locked locked, struct range range);

/*@ requires is_move(move);
    assigns \nothing; exits \false;
    ensures \result <==> accepts(move, state); */
static bool move_accepts(enum move move, uint8_t state);

/*@ requires \valid(plan);
    assigns plan->region[0 .. 1], plan->is_spread; exits \false;
    ensures \old(is_noted(plan, region)) ==> is_noted(plan, region);
    ensures noted: is_noted(plan, region); */
static void plan_region(struct plan *plan, uint32_t region);

/*@ requires \valid(plan) && page < PROOF_PAGES && plan_grows(plan);
    requires plan->run.count < ENTRY_COUNT;
    assigns plan->run, plan->is_scattered; exits \false;
    ensures plan->run.count == \old(plan->run.count) + 1;
    ensures plan->run.first ==
      (\old(plan->run.count) == 0 ? page : \old(plan->run.first));
    ensures \old(plan->run.count) > 0 &&
      page != \old(plan->run.first + plan->run.count) ==>
        plan->is_scattered == 1;
    ensures \old(plan->run.count) == 0 ||
      page == \old(plan->run.first + plan->run.count) ==>
        plan->is_scattered == \old(plan->is_scattered);
    ensures plan_grows(plan); */
static void plan_add(struct plan *plan, uint32_t page);

/*@ requires config_ok && is_move(move) && is_place(place.table, place.slot);
    requires \valid(plan) && plan_grows(plan);
    requires plan->run.count < ENTRY_COUNT;
    assigns plan->region[0 .. 1], plan->is_spread, plan->run,
      plan->is_scattered; exits \false;
    ensures plan_grows(plan);
    ensures \result <==>
      is_leaf(entry_at(place.table, place.slot), LEAF_LEVEL) &&
      accepts(move, PAGE(m, target(place.table, place.slot)).state);
    ensures \result ==> plan->run.count == \old(plan->run.count) + 1;
    ensures !\result ==> plan->run.count == \old(plan->run.count) &&
      plan->run.first == \old(plan->run.first); */
static bool plan_page(const struct moat *m, enum move move, struct place place,
	struct plan *plan);

/*@ requires config_ok && is_move(move) && is_place(place.table, place.slot);
    requires entry_at(place.table, place.slot) <= PROOF_ENTRY_MAX;
    requires limit >= 1 && place.slot + limit <= ENTRY_COUNT;
    assigns \nothing; exits \false;
    ensures 1 <= \result <= limit;
    ensures target(place.table, place.slot) + \result <= PAGE_COUNT(m); */
static uint32_t row_count(const struct moat *m, enum move move,
	struct place place, uint32_t limit);

/*@ requires config_ok && is_move(move) && \valid(place) && \valid(plan);
    requires \separated(place, plan);
    requires is_place(place->table, place->slot);
    requires entry_at(place->table, place->slot) <= PROOF_ENTRY_MAX;
    requires 1 <= plan->run.count <= limit <= ENTRY_COUNT;
    requires plan_grows(plan);
    assigns plan->run.count, place->slot; exits \false;
    ensures \old(plan->run.count) <= plan->run.count <= limit;
    ensures place->slot - \old(place->slot) ==
      plan->run.count - \old(plan->run.count) + 1;
    ensures place->slot <= ENTRY_COUNT;
    ensures plan_grows(plan); */
static void plan_row(const struct moat *m, enum move move, struct place *place,
	uint32_t limit, struct plan *plan);

/*@ requires config_ok && is_move(move) && \valid(plan);
    requires entries_ok && plan_empty(plan);
    requires is_place(plan->place.table, plan->place.slot);
    requires range.count > 0;
    assigns plan->region[0 .. 1], plan->is_spread, plan->run,
      plan->is_scattered; exits \false;
    ensures \result == MOAT_OK ||
      \result == refusal(MOAT_BAD_PAGE, range.ipa_operand) ||
      \result == refusal(MOAT_NOT_MAPPED, range.ipa_operand);
    ensures planned: \result == MOAT_OK ==>
      1 <= plan->run.count <= range.count &&
      plan->place.slot + plan->run.count <= ENTRY_COUNT &&
      plan_grows(plan); */
static uint64_t plan_pages(const struct moat *m, enum move move,
	struct range range, struct plan *plan);

/*@ requires config_ok && is_move(move) && \valid(plan);
    requires is_place(plan->place.table, plan->place.slot);
    assigns plan->region[0 .. 1], plan->run, plan->is_block; exits \false;
    ensures \result == MOAT_OK ||
      \result == refusal(MOAT_BAD_PAGE, range.ipa_operand) ||
      \result == refusal(MOAT_NEEDS_SPLIT, range.ipa_operand);
    ensures \result == MOAT_OK <==> range.ipa % REGION_BYTES == 0 &&
      range.count >= ENTRY_COUNT && accepts(move,
        PAGE(m, target(plan->place.table, plan->place.slot)).state);
    ensures \result == MOAT_OK ==> plan->is_block == 1 &&
      plan->run.first == target(plan->place.table, plan->place.slot) &&
      plan->run.count == ENTRY_COUNT; */
static uint64_t plan_move_block(const struct moat *m, enum move move,
	struct range range, struct plan *plan);

/*@ requires config_ok && is_move(move);
    requires step_ok(locked) && is_live(locked.vm);
    requires entries_ok && \valid(plan) && plan_empty(plan);
    requires range.count > 0;
    assigns plan->place, plan->region[0 .. 1], plan->is_spread, plan->run,
      plan->is_scattered, plan->is_block; exits \false;
    ensures \result == MOAT_OK ==>
      fits_half(range, VM(m, locked.vm).half) &&
      is_place(plan->place.table, plan->place.slot) &&
      1 <= plan->run.count <= ENTRY_COUNT &&
      plan->run.count <= range.count;
    ensures refused: \result == MOAT_OK ||
      \result == refusal(MOAT_BAD_IPA, range.ipa_operand) ||
      \result == refusal(MOAT_BAD_IPA, range.count_operand) ||
      \result == refusal(MOAT_BAD_PAGE, range.ipa_operand) ||
      \result == refusal(MOAT_NEEDS_SPLIT, range.ipa_operand) ||
      \result == refusal(MOAT_NOT_MAPPED, range.ipa_operand) ||
      \result == refusal(MOAT_NO_TABLE, range.ipa_operand); */
static uint64_t plan_range(const struct moat *m, struct vm_locked locked,
	enum move move, struct range range, struct plan *plan);

/*@ requires config_ok && is_move(move);
    requires step_ok(locked) && is_live(locked.vm);
    requires entries_ok && \valid(plan) && plan_empty(plan);
    requires range.count > 0;
    assigns plan->place, plan->region[0 .. 1], plan->is_spread, plan->run,
      plan->is_scattered, plan->is_block; exits \false;
    ensures \result == MOAT_OK ==>
      fits_half(range, VM(m, locked.vm).half) &&
      is_place(plan->place.table, plan->place.slot) &&
      1 <= plan->run.count <= ENTRY_COUNT &&
      plan->run.count <= range.count;
    ensures refused: \result == MOAT_OK ||
      \result == refusal(MOAT_BAD_IPA, range.ipa_operand) ||
      \result == refusal(MOAT_BAD_IPA, range.count_operand) ||
      \result == refusal(MOAT_BAD_PAGE, range.ipa_operand) ||
      \result == refusal(MOAT_NEEDS_SPLIT, range.ipa_operand) ||
      \result == refusal(MOAT_NOT_MAPPED, range.ipa_operand) ||
      \result == refusal(MOAT_NO_TABLE, range.ipa_operand); */
static uint64_t plan_many(const struct moat *m, struct vm_locked locked,
	enum move move, struct range range, struct plan *plan);

/*@ requires sizes_ok && run.first + run.count <= PAGE_COUNT(m);
    requires state <= MOAT_PAGE_ENGINE;
    assigns PAGE(m, run.first .. run.first + run.count - 1); exits \false;
    ensures stated: \forall integer p;
      run.first <= p < run.first + run.count ==> PAGE(m, p).state == state;
    ensures others: \forall integer p; 0 <= p < PAGE_COUNT(m) &&
      !(run.first <= p < run.first + run.count) ==>
        page_same{Pre,Post}(p); */
static void restate(
	struct moat *m, struct page_run run, enum moat_page_state state);

/*@ assigns \nothing; exits \false;
    ensures \result <==> moves_out(move); */
static bool move_unmaps(enum move move);

/* ---- By the host ------------------------------------------------------- */

/*@ requires call_ok(call);
    assigns \nothing; exits \false;
    ensures call->x[2] % MOAT_PAGE_SIZE != 0 ==>
      \result == refusal(MOAT_BAD_ARG, 2);
    ensures call->x[2] % MOAT_PAGE_SIZE == 0 ==> \result ==
      (!call->is_single && call->x[3] == 0 ? refusal(MOAT_BAD_ARG, 3) :
        MOAT_OK); */
uint64_t move_arguments(const struct call *call);

/*@ requires \valid_read(call);
    assigns \nothing; exits \false;
    ensures \result == (call->number == MOAT_PAGE_RECALL ? 1 : 0); */
static enum move host_move(const struct call *call);

/*@ requires sizes_ok && locked.vm < VM_COUNT(m);
    assigns \nothing; exits \false;
    ensures \result <==> (move == 1 ? is_live(locked.vm) :
      VM(m, locked.vm).life == MOAT_VM_DYING); */
static bool move_life_permits(
	const struct moat *m, struct vm_locked locked, enum move move);

/*@ requires call_ok(call);
    assigns \nothing; exits \false;
    ensures \result.ipa == call->x[2];
    ensures \result.count == (call->is_single ? 1 : call->x[3]);
    ensures \result.ipa_operand == 2 && \result.count_operand == 3;
    ensures \result.is_shared <==> call->number == MOAT_PAGE_RECALL; */
static struct range host_range(const struct call *call);

/*@ requires config_ok && step_ok(locked) && entries_ok && call_ok(call);
    requires plan_free(plan, call) && plan_empty(plan);
    requires call->is_single || call->x[3] > 0;
    assigns plan->place, plan->region[0 .. 1], plan->is_spread, plan->run,
      plan->is_scattered, plan->is_block; exits \false;
    ensures state: !may_move{Pre}(locked.vm, call) ==>
      \result == MOAT_BAD_STATE;
    ensures state: may_move{Pre}(locked.vm, call) ==>
      \result != MOAT_BAD_STATE;
    ensures \result == MOAT_OK ==>
      is_place(plan->place.table, plan->place.slot) &&
      1 <= plan->run.count <= ENTRY_COUNT &&
      (\old(call->is_single) ==> plan->run.count == 1);
    ensures refused: \result == MOAT_OK || \result == MOAT_BAD_STATE ||
      \result == refusal(MOAT_BAD_IPA, 2) ||
      \result == refusal(MOAT_BAD_IPA, 3) ||
      \result == refusal(MOAT_BAD_PAGE, 2) ||
      \result == refusal(MOAT_NEEDS_SPLIT, 2) ||
      \result == refusal(MOAT_NOT_MAPPED, 2) ||
      \result == refusal(MOAT_NO_TABLE, 2); */
uint64_t move_check(const struct moat *m, struct vm_locked locked,
	const struct call *call, struct plan *plan);

/* ---- By the guest ------------------------------------------------------ */

/*@ assigns \nothing; exits \false;
    ensures \result == (number == MOAT_GUEST_SHARE ? 2 :
      (number == MOAT_GUEST_UNSHARE ? 3 : 4)); */
static enum move guest_move(uint32_t number);

/*@ assigns \nothing; exits \false;
    ensures \result == (move == 2 ? MOAT_EXIT_SHARE :
      (move == 3 ? MOAT_EXIT_UNSHARE : MOAT_EXIT_RELINQUISH)); */
static enum moat_exit_reason guest_reason(enum move move);

/*@ assigns \nothing; exits \false;
    ensures range.ipa % MOAT_PAGE_SIZE != 0 ==>
      \result == refusal(MOAT_BAD_ARG, 1);
    ensures range.ipa % MOAT_PAGE_SIZE == 0 ==> \result ==
      (range.count == 0 ? refusal(MOAT_BAD_ARG, 2) : MOAT_OK); */
static uint64_t guest_arguments(struct range range);

#endif
