/* SPDX-License-Identifier: BSD-2-Clause */
/* The inline functions of the core's headers and of the descriptor format. */
#ifndef MOAT_PROOF_HEADERS_H
#define MOAT_PROOF_HEADERS_H

#include "page.h"
#include "theory_locks.h"
#include "theory_addresses.h"
#include "theory_tables.h"
#include "core/call.h"
#include "core/hold.h"
#include "core/s2.h"
#include "core/status.h"
#include "list_register.h"
#include "pte.h"

/*@ assigns \nothing; exits \false;
    ensures \result == status + operand * 256; */
static inline uint64_t status_at(enum moat_status status, uint32_t operand);

/*@ assigns \nothing; exits \false;
    ensures region == NONE ==> \result == NONE;
    ensures region != NONE ==> \result == region % REGION_LOCK_COUNT; */
static inline uint32_t region_lock_of(uint32_t region);

/*@ assigns \nothing; exits \false;
    ensures \result == page / ENTRY_COUNT; */
static inline uint32_t page_region(uint32_t page);

/*@ assigns \nothing; exits \false;
    ensures \result <==> is_open(state); */
static inline bool page_is_open(uint8_t state);

/*@ assigns \nothing; exits \false;
    ensures \result == level_in(record.mapping); */
static inline uint32_t page_level(struct page record);

/*@ assigns \nothing; exits \false;
    ensures \result == record.mapping / 8; */
static inline uint32_t page_permission(struct page record);

/*@ assigns \nothing; exits \false;
    ensures \result <==> is_mapped(state); */
static inline bool page_is_mapped(uint8_t state);

/*@ requires level <= LEAF_LEVEL;
    assigns \nothing; exits \false;
    ensures \result == entry_bytes(level); */
static inline uint64_t s2_entry_bytes(uint32_t level);

/*@ requires level <= LEAF_LEVEL;
    assigns \nothing; exits \false;
    ensures \result == entry_bytes(level) * ENTRY_COUNT; */
static inline uint64_t s2_table_bytes(uint32_t level);

/*@ assigns \nothing; exits \false;
    ensures \result % 4 == 0;
    ensures \result < MOAT_PAGE_SIZE - 3 ||
      PROOF_XN <= \result < PROOF_XN + MOAT_PAGE_SIZE - 3; */
static inline uint64_t pte_attributes(enum pte_kind kind);

/*@ requires pa % MOAT_PAGE_SIZE == 0 && pa < 0x1000000000000;
    assigns \nothing; exits \false;
    ensures leads_to(\result) == pa && \result % 4 == 3;
    ensures is_valid(\result); */
static inline uint64_t pte_page(uint64_t pa, enum pte_kind kind);

/*@ requires pa % MOAT_PAGE_SIZE == 0 && pa < 0x1000000000000;
    assigns \nothing; exits \false;
    ensures leads_to(\result) == pa && \result % 4 == 1;
    ensures is_leaf(\result, REGION_LEVEL); */
static inline uint64_t pte_block(uint64_t pa, enum pte_kind kind);

/*@ requires pa % MOAT_PAGE_SIZE == 0 && pa < 0x1000000000000;
    requires MOAT_BLOCK_LEVEL_MIN <= level <= LEAF_LEVEL;
    assigns \nothing; exits \false;
    ensures leads_to(\result) == pa && is_leaf(\result, level); */
static inline uint64_t pte_leaf(
	uint64_t pa, uint32_t level, enum pte_kind kind);

/*@ requires pa % MOAT_PAGE_SIZE == 0 && pa < 0x1000000000000;
    assigns \nothing; exits \false;
    ensures leads_to(\result) == pa && \result % 4 == 3;
    ensures \forall integer l; 0 <= l < 3 ==> is_table(\result, l); */
static inline uint64_t pte_table(uint64_t pa);

/*@ assigns \nothing; exits \false;
    ensures \result == leads_to(descriptor); */
static inline uint64_t pte_pa(uint64_t descriptor);

/*@ requires descriptor + bytes <= 0xffffffffffffffff;
    assigns \nothing; exits \false;
    ensures \result == descriptor + bytes; */
static inline uint64_t pte_forward(uint64_t descriptor, uint64_t bytes);

/*@ assigns \nothing; exits \false;
    ensures \result <==> is_valid(descriptor); */
static inline bool pte_is_valid(uint64_t descriptor);

/*@ assigns \nothing; exits \false;
    ensures \result <==> is_table(descriptor, level); */
static inline bool pte_is_table(uint64_t descriptor, uint32_t level);

/*@ assigns \nothing; exits \false;
    ensures \result <==> is_leaf(descriptor, level); */
static inline bool pte_is_leaf(uint64_t descriptor, uint32_t level);

/*@ assigns \nothing; exits \false;
    ensures \result <==> descriptor / 128 % 2 == 1; */
static inline bool pte_may_write(uint64_t descriptor);

/*@ assigns \nothing; exits \false;
    ensures \result <==> descriptor / PTE_XN % 2 == 0; */
static inline bool pte_may_execute(uint64_t descriptor);

/* ---- Locks ------------------------------------------------------------- */

/*@ assigns \nothing; exits \false; */
static inline void witness_enter(uint32_t cpu);

/*@ assigns \nothing; exits \false; */
static inline void witness_leave(void);

/*@ assigns \nothing; exits \false; */
static inline void witness_take(uint32_t rank, const char *site);

/*@ assigns \nothing; exits \false; */
static inline void witness_drop(uint32_t rank);

/*@ assigns \nothing; exits \false;
    ensures \result.low == NONE && \result.high == NONE &&
      \result.cpu == NONE && \result.is_all == 0; */
static inline struct regions_locked regions_none(void);

/* ---- Calls ------------------------------------------------------------- */

/*@ assigns \nothing; exits \false;
    ensures \result.place.table == NONE && \result.place.slot == 0 &&
      \result.run.first == NONE && \result.run.count == 0 &&
      \result.region[0] == NONE && \result.region[1] == NONE &&
      \result.table == NONE && \result.operand == 0 &&
      \result.is_whole == 0 && \result.is_scattered == 0 &&
      \result.is_spread == 0 && \result.is_block == 0; */
static inline struct plan plan_none(void);

/*@ assigns \nothing; exits \false;
    ensures x0 % 0x100000000 < MOAT_FUNCTION(0) ==> \result == NONE;
    ensures x0 % 0x100000000 >= MOAT_FUNCTION(0) ==>
      \result == x0 % 0x100000000 - MOAT_FUNCTION(0); */
static inline uint32_t call_number(uint64_t x0);

/*@ requires \valid_read(call) && operand < CALL_WORDS;
    requires \valid_read(call->x + (0 .. CALL_WORDS - 1));
    assigns \nothing; exits \false;
    ensures \result == (call->is_single ? 1 : call->x[operand]); */
static inline uint64_t call_count(const struct call *call, uint32_t operand);

/*@ requires \valid(plan);
    requires run.count > 1 ==> run.first + run.count <= 0xffffffff;
    assigns plan->run, plan->region[0 .. 1]; exits \false;
    ensures plan->run.first == run.first && plan->run.count == run.count;
    ensures plan->region[0] == run.first / ENTRY_COUNT;
    ensures run.count > 1 ==>
      plan->region[1] == (run.first + run.count - 1) / ENTRY_COUNT;
    ensures run.count <= 1 ==>
      plan->region[1] == \old(plan->region[1]); */
static inline void plan_run(struct plan *plan, struct page_run run);

/*@ requires config_ok && \valid(plan) && \valid_read(call);
    requires operand < CALL_WORDS;
    requires \valid_read(call->x + (0 .. CALL_WORDS - 1));
    requires \separated(plan, call, call->x + (0 .. CALL_WORDS - 1));
    assigns plan->run, plan->region[0 .. 1], plan->operand; exits \false;
    ensures \result == MOAT_OK || \result == MOAT_BAD_PAGE + operand * 256;
    ensures \result == MOAT_OK ==>
      plan->operand == operand && plan->run.count <= count &&
      plan->run.first + plan->run.count <= PAGE_COUNT(m) &&
      is_in_page(plan->run.first, call->x[operand]) &&
      plan->region[0] == plan->run.first / ENTRY_COUNT;
    ensures whole: \result == MOAT_OK && count <= pages_on(plan->run.first) ==>
      plan->run.count == count;
    ensures within: \result == MOAT_OK ==>
      plan->run.count <= pages_on(plan->run.first);
    ensures some: \result == MOAT_OK && count > 0 ==> plan->run.count > 0;
    ensures \result != MOAT_OK ==>
      plan->run.count == \old(plan->run.count) &&
      plan->operand == \old(plan->operand); */
static inline uint64_t plan_take(const struct moat *m, const struct call *call,
	uint32_t operand, uint32_t count, struct plan *plan);

/*@ requires cpu < MOAT_CPU_MAX && holds_no_region(cpu);
    requires \valid_read(plan);
    assigns REGION_LOCK(m, 0 .. REGION_LOCK_COUNT - 1); exits \false;
    ensures \result.cpu == cpu && locks_held(\result);
    ensures covered: plan->is_spread == 0 ==>
      covers(\result, plan->region[0]) && covers(\result, plan->region[1]); */
static inline struct regions_locked plan_lock(struct moat *m, uint32_t cpu,
	const struct plan *plan, const char *site);

/* ---- List registers ---------------------------------------------------- */

/*@
  logic integer list_interrupt(integer r) = r % 0x100000000;
  predicate list_is_empty(integer r) = r / LIST_REGISTER_STATE == 0;
  // The fields above the interrupt, in units of 2^32.
  logic integer list_upper(integer r) =
    r / LIST_REGISTER_STATE * 0x40000000 +
    r / LIST_REGISTER_GROUP % 2 * 0x10000000 +
    r / LIST_REGISTER_PRIORITY % 256 * 0x10000 +
    r / LIST_REGISTER_EOI % 2 * 0x200;
  logic integer list_joined(integer upper, integer lower) =
    upper * 0x100000000 + lower;
  lemma list_lower: \forall integer upper, lower;
    0 <= upper && 0 <= lower < 0x100000000 ==>
      list_joined(upper, lower) % 0x100000000 == lower;
  logic integer list_fields(integer r) =
    list_joined(list_upper(r), list_interrupt(r));

  // What a host may make a list register hold: never one that is tied to a
  // physical interrupt, an LPI, or the virtual timer's.
  predicate list_is_safe(integer r) = r == 0 ||
    (r / LIST_REGISTER_HW % 2 == 0 && !list_is_empty(r) &&
     list_interrupt(r) < LIST_REGISTER_INTERRUPTS &&
     list_interrupt(r) != LIST_REGISTER_VIRTUAL_TIMER);
*/

/*@ assigns \nothing; exits \false;
    ensures \result == list_interrupt(list_register); */
static inline uint64_t list_register_interrupt(uint64_t list_register);

/*@ assigns \nothing; exits \false;
    ensures \result <==> list_is_empty(list_register); */
static inline bool list_register_is_empty(uint64_t list_register);

/*@ assigns \nothing; exits \false;
    ensures \result == list_fields(list_register);
    ensures list_interrupt(list_fields(list_register)) ==
      list_interrupt(list_register);
    ensures \result / LIST_REGISTER_STATE ==
      list_register / LIST_REGISTER_STATE;
    ensures \result / LIST_REGISTER_HW % 2 == 0; */
static inline uint64_t list_register_fields(uint64_t list_register);

/*@ assigns \nothing; exits \false;
    ensures list_is_safe(\result);
    ensures list_register / LIST_REGISTER_HW % 2 == 1 ==> \result == 0;
    ensures \result == 0 || \result == list_fields(list_register); */
static inline uint64_t list_register_sanitise(uint64_t list_register);

#endif
