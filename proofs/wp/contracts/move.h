/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MOAT_PROOF_MOVE_H
#define MOAT_PROOF_MOVE_H

#include "opaque_descriptors.h"

#include "owner.h"
#include "s2.h"
#include "theory_vm.h"
#include "theory_rows.h"
#include "core/guest.h"
#include "core/pages.h"

/*@
  predicate is_move(integer move) = MOVE_RECLAIM <= move <= MOVE_RELINQUISH;
  predicate moves_out(integer move) =
    move != MOVE_SHARE && move != MOVE_UNSHARE;

  logic integer host_moves{L}(struct call *c) =
    c->number == MOAT_PAGE_RECALL ? MOVE_RECALL : MOVE_RECLAIM;
  logic integer guest_moves_by(integer number) =
    number == MOAT_GUEST_SHARE ? MOVE_SHARE :
    (number == MOAT_GUEST_UNSHARE ? MOVE_UNSHARE : MOVE_RELINQUISH);
  predicate may_move{L}(integer v, struct call *c) =
    c->number == MOAT_PAGE_RECALL ? is_live(v) :
      VM(m, v).life == MOAT_VM_DYING;

  // The states in which a page can go along, and the one it is in then.
  predicate accepts(integer move, integer state) =
    (move == MOVE_RECALL ? state == MOAT_PAGE_LENT :
    (move == MOVE_SHARE ? state == MOAT_PAGE_VM :
    (move == MOVE_UNSHARE ? state == MOAT_PAGE_SHARED :
      state == MOAT_PAGE_VM || state == MOAT_PAGE_SHARED)));
  logic integer state_after(integer move) =
    move == MOVE_SHARE ? MOAT_PAGE_SHARED :
    (move == MOVE_UNSHARE ? MOAT_PAGE_VM : MOAT_PAGE_HOST);

  // A leaf that can go along, with its page.
  predicate goes{L}(integer move, integer t, integer i) =
    is_leaf(entry_at(t, i), LEAF_LEVEL) &&
    0 <= target(t, i) < PAGE_COUNT(m) &&
    accepts(move, PAGE(m, target(t, i)).state);

  // The pages of a plan: what its entries lead to, from the first one on.
  predicate plan_starts{L}(struct plan *plan) =
    plan->run.first == target(plan->place.table, plan->place.slot);
  predicate pages_go{L}(integer move, struct plan *plan) =
    \forall integer i; plan->place.slot <= i <
      plan->place.slot + plan->run.count ==> goes(move, plan->place.table, i);
  predicate pages_follow{L}(struct plan *plan) =
    plan->is_scattered == 0 ==> \forall integer i;
      plan->place.slot <= i < plan->place.slot + plan->run.count ==>
        target(plan->place.table, i) == plan->run.first + i - plan->place.slot;
  predicate moves_pages{L}(integer move, struct plan *plan) =
    plan->place.slot + plan->run.count <= ENTRY_COUNT &&
    pages_go(move, plan) && pages_follow(plan);
  predicate moves_block{L}(integer move, struct plan *plan) =
    plan->run.count == ENTRY_COUNT &&
    accepts(move, PAGE(m, plan->run.first).state);
  predicate plan_moves{L}(integer move, struct plan *plan) =
    is_place(plan->place.table, plan->place.slot) &&
    1 <= plan->run.count <= ENTRY_COUNT && plan_starts(plan) &&
    (plan->is_block == 0 ? moves_pages(move, plan) :
      moves_block(move, plan));
  // And that they hang where the plan says.
  predicate plan_hangs{L}(struct plan *plan) =
    is_table_page(plan->place.table) &&
    level_of(plan->place.table) ==
      (plan->is_block == 0 ? LEAF_LEVEL : LEAF_LEVEL - 1) &&
    is_leaf(entry_at(plan->place.table, plan->place.slot),
      level_of(plan->place.table));

  // The @j-th page of a plan, when its entry may be gone.
  logic integer planned{L}(struct plan *plan, integer cpu, integer j) =
    plan->is_scattered != 0 ? CPU(m, cpu).batch[j] : plan->run.first + j;
  predicate hangs{L}(struct plan *plan, integer j, integer p) =
    0 <= p < PAGE_COUNT(m) &&
    hangs_at(p, plan->place.table, plan->place.slot + j);
  predicate batch_hangs{L}(struct plan *plan, integer cpu, integer from) =
    \forall integer j; from <= j < plan->run.count ==>
      hangs(plan, j, planned(plan, cpu, j));
  predicate batch_ok{L}(integer move, struct plan *plan, integer cpu,
      integer from) =
    batch_hangs(plan, cpu, from) &&
    \forall integer j; from <= j < plan->run.count ==>
      accepts(move, PAGE(m, planned(plan, cpu, j)).state);

  // A page that hangs at one of the first @n slots of a plan.
  predicate hangs_in{L}(struct plan *plan, integer p, integer n) =
    is_mapped(PAGE(m, p).state) && PAGE(m, p).parent == plan->place.table &&
    plan->place.slot <= PAGE(m, p).slot < plan->place.slot + n;
  logic integer slots_of{L}(struct plan *plan) =
    plan->is_block == 0 ? plan->run.count : 1;
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
    requires is_table_page(plan->place.table);
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

/* Of a range, wherever its walk ends. */
/* clang-format off */
#define PLANS_A_RANGE \
	requires config_ok && is_move(move); \
	requires step_ok(locked) && is_live(locked.vm); \
	requires inverse_ok && roots_ok && entries_ok; \
	requires \valid(plan) && plan_empty(plan); \
	requires range.count > 0; \
	assigns plan->place, plan->region[0 .. 1], plan->is_spread, \
		plan->run, plan->is_scattered, plan->is_block; \
	ensures \result == MOAT_OK ==> \
		fits_half(range, VM(m, locked.vm).half) && \
		is_place(plan->place.table, plan->place.slot) && \
		is_table_page(plan->place.table) && \
		1 <= plan->run.count <= ENTRY_COUNT && \
		plan->run.count <= range.count; \
	ensures refused: \result == MOAT_OK || \
		\result == refusal(MOAT_BAD_IPA, range.ipa_operand) || \
		\result == refusal(MOAT_BAD_IPA, range.count_operand) || \
		\result == refusal(MOAT_BAD_PAGE, range.ipa_operand) || \
		\result == refusal(MOAT_NEEDS_SPLIT, range.ipa_operand) || \
		\result == refusal(MOAT_NOT_MAPPED, range.ipa_operand) || \
		\result == refusal(MOAT_NO_TABLE, range.ipa_operand);
/* clang-format on */

/*@ PLANS_A_RANGE
    exits \false; */
static uint64_t plan_range(const struct moat *m, struct vm_locked locked,
	enum move move, struct range range, struct plan *plan);

/*@ PLANS_A_RANGE
    exits \false; */
static uint64_t plan_many(const struct moat *m, struct vm_locked locked,
	enum move move, struct range range, struct plan *plan);

/* ---- Moving them ------------------------------------------------------- */

/* What all that moves pages needs, may write, and keeps; and what else if it
 * is all that a plan is about. */
/* clang-format off */
#define MOVE_NEEDS(plan) \
	requires config_ok && host_ok && \valid_read(plan); \
	requires reached: \forall integer p; 0 <= p < PAGE_COUNT(m) ==> \
		page_3(p);
#define PLAN_NEEDS(move, plan) \
	MOVE_NEEDS(plan) \
	requires is_move(move) && plan_moves(move, plan); \
	requires leaves_ok && plan_hangs(plan);
#define MOVE_KEEPS \
	assigns HOST_TABLE(m, 0 .. PROOF_HOST_TABLES - 1), \
		REGION(m, 0 .. PROOF_REGIONS - 1), \
		PAGE(m, 0 .. PROOF_PAGES - 1), \
		TABLE(m, 0 .. PROOF_PAGES - 1), \
		CONTEXT(m, 0 .. PROOF_PAGES - 1); \
	ensures host_ok; \
	ensures page_3: \forall integer p; 0 <= p < PAGE_COUNT(m) ==> \
		page_3(p); \
	ensures page_1: records_ok{Pre} ==> records_ok;
#define PLAN_KEEPS(move, plan) \
	MOVE_KEEPS \
	ensures others: \forall integer p; 0 <= p < PAGE_COUNT(m) && \
		!hangs_in{Pre}(plan, p, slots_of(plan)) ==> \
			page_same{Pre,Post}(p); \
	ensures only: \forall integer t, i; \
		0 <= t < PAGE_COUNT(m) && 0 <= i < ENTRY_COUNT && \
		!hangs_in{Pre}(plan, t, slots_of(plan)) && \
		t != plan->place.table ==> TABLE(m, t).entry[i] == \
			\old(TABLE(m, t).entry[i]); \
	ensures unlinked: moves_out(move) ==> \forall integer i; \
		plan->place.slot <= i < plan->place.slot + slots_of(plan) ==> \
			TABLE(m, plan->place.table).entry[i] == 0;
/* clang-format on */

/*@ requires config_ok && cpu < CPU_COUNT(m) && \valid_read(plan);
    requires is_place(plan->place.table, plan->place.slot);
    requires plan->place.slot + plan->run.count <= ENTRY_COUNT;
    assigns CPU(m, cpu).batch[0 .. ENTRY_COUNT - 1]; exits \false;
    ensures filled: \forall integer j; 0 <= j < plan->run.count ==>
      CPU(m, cpu).batch[j] ==
        target(plan->place.table, plan->place.slot + j); */
static void batch_fill(struct moat *m, uint32_t cpu, const struct plan *plan);

/*@ requires sizes_ok && cpu < CPU_COUNT(m) && \valid_read(plan);
    requires i < ENTRY_COUNT && planned(plan, cpu, i) < PAGE_COUNT(m);
    assigns \nothing; exits \false;
    ensures \result == planned(plan, cpu, i); */
static uint32_t batch_page(const struct moat *m, uint32_t cpu,
	const struct plan *plan, uint32_t i);

/*@ requires sizes_ok && cpu < CPU_COUNT(m) && \valid_read(plan);
    requires i < plan->run.count <= ENTRY_COUNT;
    requires batch_hangs(plan, cpu, i);
    assigns \nothing; exits \false;
    ensures \result.first == planned(plan, cpu, i);
    ensures 1 <= \result.count <= plan->run.count - i;
    ensures \result.first + \result.count <= PAGE_COUNT(m);
    ensures row: \forall integer p;
      \result.first <= p < \result.first + \result.count ==>
        PAGE(m, p).state == PAGE(m, \result.first).state &&
        hangs_at(p, plan->place.table,
          plan->place.slot + i + p - \result.first); */
static struct page_run batch_run(const struct moat *m, uint32_t cpu,
	const struct plan *plan, uint32_t i);

/*@ requires config_ok && locked.vm < VM_COUNT(m);
    requires is_live(locked.vm) && vm_ok(locked.vm) && \valid_read(plan);
    requires is_place(plan->place.table, plan->place.slot);
    requires level >= LEAF_LEVEL ==>
      plan->place.slot + plan->run.count <= ENTRY_COUNT;
    assigns TABLE(m, plan->place.table); exits \false;
    ensures cleared: \forall integer i; plan->place.slot <= i <
      plan->place.slot + (level < LEAF_LEVEL ? 1 : plan->run.count) ==>
        TABLE(m, plan->place.table).entry[i] == 0;
    ensures only: \forall integer t, i;
      0 <= t < PAGE_COUNT(m) && 0 <= i < ENTRY_COUNT &&
      (t != plan->place.table || !(plan->place.slot <= i <
        plan->place.slot + (level < LEAF_LEVEL ? 1 : plan->run.count))) ==>
        TABLE(m, t).entry[i] == \old(TABLE(m, t).entry[i]); */
static void unmap(struct moat *m, struct vm_locked locked,
	const struct plan *plan, uint64_t ipa, uint32_t level);

/*@ requires sizes_ok && run.first + run.count <= PAGE_COUNT(m);
    requires state <= MOAT_PAGE_ENGINE;
    assigns PAGE(m, run.first .. run.first + run.count - 1); exits \false;
    ensures stated: \forall integer p;
      run.first <= p < run.first + run.count ==>
        PAGE(m, p).state == state &&
        PAGE(m, p).mapping == \old(PAGE(m, p).mapping) &&
        PAGE(m, p).slot == \old(PAGE(m, p).slot) &&
        PAGE(m, p).parent == \old(PAGE(m, p).parent);
    ensures others: \forall integer p; 0 <= p < PAGE_COUNT(m) &&
      !(run.first <= p < run.first + run.count) ==>
        page_same{Pre,Post}(p); */
static void restate(
	struct moat *m, struct page_run run, enum moat_page_state state);

/*@ OF_A_RUN
    requires is_move(move);
    requires accepted: \forall integer p;
      run.first <= p < run.first + run.count ==>
        accepts(move, PAGE(m, p).state) &&
        PAGE(m, p).state == PAGE(m, run.first).state;
    CHANGES_A_RUN
    exits \false;
    ensures moved: \forall integer p;
      run.first <= p < run.first + run.count ==>
        PAGE(m, p).state == state_after(move);
    ensures page_1: records_ok{Pre} ==> records_ok;
    ensures page_4: move == MOVE_RECLAIM || move == MOVE_RELINQUISH ==>
      \forall integer t, i;
        run.first <= t < run.first + run.count && 0 <= i < ENTRY_COUNT ==>
          TABLE(m, t).entry[i] == 0; */
static void move_run(
	struct moat *m, struct held held, enum move move, struct page_run run);

/*@ assigns \nothing; exits \false;
    ensures \result <==> moves_out(move); */
static bool move_unmaps(enum move move);

/*@ MOVE_NEEDS(plan)
    requires is_move(moving.move) && moving.cpu < CPU_COUNT(m);
    requires plan->run.count <= ENTRY_COUNT;
    requires plan->place.slot < ENTRY_COUNT;
    requires batch_ok(moving.move, plan, moving.cpu, 0);
    MOVE_KEEPS
    exits \false;
    ensures others: \forall integer p; 0 <= p < PAGE_COUNT(m) &&
      !hangs_in{Pre}(plan, p, plan->run.count) ==> page_same{Pre,Post}(p);
    ensures only: \forall integer t, i;
      0 <= t < PAGE_COUNT(m) && 0 <= i < ENTRY_COUNT &&
      !hangs_in{Pre}(plan, t, plan->run.count) ==>
        TABLE(m, t).entry[i] == \old(TABLE(m, t).entry[i]); */
static void move_runs(struct moat *m, struct held held, const struct plan *plan,
	struct moving moving);

/*@ PLAN_NEEDS(moving.move, plan)
    requires step_ok(held.vm) && is_live(held.vm.vm);
    requires plan->is_block != 0;
    PLAN_KEEPS(moving.move, plan)
    exits \false;
    ensures moved: \forall integer p;
      plan->run.first <= p < plan->run.first + plan->run.count ==>
        PAGE(m, p).state == state_after(moving.move); */
static void move_block(struct moat *m, struct held held,
	const struct plan *plan, struct moving moving);

/*@ PLAN_NEEDS(moving.move, plan)
    requires step_ok(held.vm) && is_live(held.vm.vm);
    requires moving.cpu < CPU_COUNT(m);
    PLAN_KEEPS(moving.move, plan)
    assigns CPU(m, moving.cpu).batch[0 .. ENTRY_COUNT - 1];
    exits \false; */
static void move_many(struct moat *m, struct held held, const struct plan *plan,
	struct moving moving);

/*@ PLAN_NEEDS(moving.move, plan)
    requires step_ok(held.vm) && is_live(held.vm.vm);
    requires plan->is_block == 0 && plan->run.count == 1;
    requires moves_out(moving.move);
    PLAN_KEEPS(moving.move, plan)
    exits \false;
    ensures returned: PAGE(m, plan->run.first).state == MOAT_PAGE_HOST;
    ensures page_4: moving.move != MOVE_RECALL ==> \forall integer i;
      0 <= i < ENTRY_COUNT ==> TABLE(m, plan->run.first).entry[i] == 0; */
static void move_one(struct moat *m, struct held held, const struct plan *plan,
	struct moving moving);

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
    ensures \result == host_moves(call); */
static enum move host_move(const struct call *call);

/*@ requires sizes_ok && locked.vm < VM_COUNT(m);
    assigns \nothing; exits \false;
    ensures \result <==> (move == MOVE_RECALL ? is_live(locked.vm) :
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

/*@ requires config_ok && step_ok(locked) && call_ok(call);
    requires inverse_ok && roots_ok && entries_ok;
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
      is_table_page(plan->place.table) &&
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

/*@ PLAN_NEEDS(host_moves(call), plan)
    requires step_ok(held.vm) && is_live(held.vm.vm);
    requires call_ok(call) && \valid(call) && call->cpu < CPU_COUNT(m);
    requires \separated(call, plan, call->x + (0 .. CALL_WORDS - 1));
    requires call->is_single != 0 ==>
      plan->is_block == 0 && plan->run.count == 1;
    PLAN_KEEPS(host_moves{Pre}(call), plan)
    assigns CPU(m, call->cpu).batch[0 .. ENTRY_COUNT - 1], call->result[1];
    exits \false;
    ensures call->result[1] == plan->run.count; */
void move_apply(struct moat *m, struct held held, const struct plan *plan,
	struct call *call);

/* ---- By the guest ------------------------------------------------------ */

/*@ assigns \nothing; exits \false;
    ensures \result == guest_moves_by(number); */
static enum move guest_move(uint32_t number);

/*@ assigns \nothing; exits \false;
    ensures \result == (move == MOVE_SHARE ? MOAT_EXIT_SHARE :
      (move == MOVE_UNSHARE ? MOAT_EXIT_UNSHARE : MOAT_EXIT_RELINQUISH)); */
static enum moat_exit_reason guest_reason(enum move move);

/*@ assigns \nothing; exits \false;
    ensures range.ipa % MOAT_PAGE_SIZE != 0 ==>
      \result == refusal(MOAT_BAD_ARG, 1);
    ensures range.ipa % MOAT_PAGE_SIZE == 0 ==> \result ==
      (range.count == 0 ? refusal(MOAT_BAD_ARG, 2) : MOAT_OK); */
static uint64_t guest_arguments(struct range range);

#endif
