/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MOAT_PROOF_S2_H
#define MOAT_PROOF_S2_H

#define PROOF_MAY_PANIC

#include "opaque_descriptors.h"

#include "headers.h"
#include "page.h"
#include "theory_power.h"
#include "theory_inverse.h"
#include "trusted.h"

/*@ requires sizes_ok && is_place(place.table, place.slot);
    assigns \nothing; exits \false;
    ensures \result == TABLE(m, place.table).entry[place.slot]; */
uint64_t s2_entry(const struct moat *m, struct place place);

/*@ requires config_ok && is_place(place.table, place.slot);
    assigns \nothing; exits \false;
    ensures \result < PAGE_COUNT(m);
    ensures is_in_page(\result,
      leads_to(TABLE(m, place.table).entry[place.slot]));
    ensures \result == target(place.table, place.slot); */
uint32_t s2_page(const struct moat *m, struct place place);

/*@ requires sizes_ok && vm < VM_COUNT(m) && is_live(vm) && vm_ok(vm);
    requires ipa / 2 < VM(m, vm).half;
    assigns \nothing; exits \false;
    ensures is_place(\result.table, \result.slot);
    ensures root: roots_ok ==> is_table_page(\result.table) &&
      level_of(\result.table) == VM(m, vm).start_level; */
static struct place root_place(const struct moat *m, uint32_t vm, uint64_t ipa);

/*@ requires config_ok && is_place(place.table, place.slot);
    requires level < LEAF_LEVEL;
    assigns \nothing; exits \false;
    ensures \result.table == NONE <==>
      !is_table(TABLE(m, place.table).entry[place.slot], level);
    ensures \result.table != NONE ==> is_place(\result.table, \result.slot);
    ensures below: inverse_ok && is_table_page(place.table) &&
      level_of(place.table) == level && \result.table != NONE ==>
        is_table_page(\result.table) && level_of(\result.table) == level + 1; */
static struct place descend(
	const struct moat *m, struct place place, uint64_t ipa, uint32_t level);

/*@ requires config_ok && locked.vm < VM_COUNT(m);
    requires is_live(locked.vm) && vm_ok(locked.vm);
    requires level <= LEAF_LEVEL && ipa / 2 < VM(m, locked.vm).half;
    assigns \nothing; exits \false;
    ensures \result.table == NONE || is_place(\result.table, \result.slot);
    ensures table: inverse_ok && roots_ok && \result.table != NONE &&
      VM(m, locked.vm).start_level <= level ==>
        is_table_page(\result.table) && level_of(\result.table) == level; */
struct place s2_walk(const struct moat *m, struct vm_locked locked,
	uint64_t ipa, uint32_t level);

/*@ requires sizes_ok && place.table < PAGE_COUNT(m);
    assigns \nothing; exits \false;
    ensures \result == level_of(place.table); */
uint32_t s2_level(const struct moat *m, struct place place);

/*@ requires config_ok && is_place(place.table, place.slot);
    requires level < LEAF_LEVEL;
    assigns \nothing; exits \false;
    ensures is_place(\result.table, \result.slot);
    ensures !is_table(TABLE(m, place.table).entry[place.slot], level) ==>
      \result == place;
    ensures empty: !is_valid(entry_at(place.table, place.slot)) ==>
      \result == place;
    ensures below: inverse_ok && is_table_page(place.table) &&
      level_of(place.table) == level ==> is_table_page(\result.table);
    ensures ends: inverse_ok && is_table_page(place.table) &&
      level_of(place.table) == level < 2 ==>
        level_of(\result.table) == level + 1 ||
        !is_valid(entry_at(\result.table, \result.slot)); */
static struct place descend_if(
	const struct moat *m, struct place place, uint64_t ipa, uint32_t level);

/*@ requires config_ok && locked.vm < VM_COUNT(m);
    requires is_live(locked.vm) && vm_ok(locked.vm);
    requires ipa / 2 < VM(m, locked.vm).half;
    assigns \nothing; exits \false;
    ensures is_place(\result.table, \result.slot);
    ensures table: inverse_ok && roots_ok ==> is_table_page(\result.table); */
struct place s2_walk_leaf(
	const struct moat *m, struct vm_locked locked, uint64_t ipa);

/*@ requires sizes_ok && is_place(place.table, place.slot);
    assigns TABLE(m, place.table).entry[place.slot]; exits \false;
    ensures TABLE(m, place.table).entry[place.slot] == descriptor;
    ensures only: \forall integer t, i;
      0 <= t < PAGE_COUNT(m) && 0 <= i < ENTRY_COUNT &&
      (t != place.table || i != place.slot) ==>
        TABLE(m, t).entry[i] == \old(TABLE(m, t).entry[i]); */
void s2_set(struct moat *m, struct place place, uint64_t descriptor);

/*@ requires sizes_ok && is_place(place.table, place.slot);
    assigns \nothing; exits \false;
    ensures \result <= limit && place.slot + \result <= ENTRY_COUNT;
    ensures \forall integer i; place.slot <= i < place.slot + \result ==>
      !is_valid(TABLE(m, place.table).entry[i]);
    ensures \result < limit && place.slot + \result < ENTRY_COUNT ==>
      is_valid(TABLE(m, place.table).entry[place.slot + \result]); */
uint32_t s2_count_empty(
	const struct moat *m, struct place place, uint32_t limit);

/*@ requires sizes_ok && table < PAGE_COUNT(m);
    requires first + SLOT_STEP <= ENTRY_COUNT;
    assigns \nothing; exits \false;
    ensures \result <==> \forall integer i;
      first <= i < first + SLOT_STEP ==> !is_valid(TABLE(m, table).entry[i]); */
static bool step_is_empty(const struct moat *m, uint32_t table, uint32_t first);

/*@ requires sizes_ok && table < PAGE_COUNT(m);
    assigns \nothing; exits \false;
    ensures \result <==> \forall integer i; 0 <= i < ENTRY_COUNT ==>
      !is_valid(TABLE(m, table).entry[i]); */
static bool table_is_empty(const struct moat *m, uint32_t table);

/*@ requires sizes_ok && table + count <= PAGE_COUNT(m);
    assigns \nothing; exits \false;
    ensures \result <==> \forall integer t, i;
      table <= t < table + count && 0 <= i < ENTRY_COUNT ==>
        !is_valid(TABLE(m, t).entry[i]); */
bool s2_is_empty(const struct moat *m, uint32_t table, uint32_t count);

/*@ requires MOAT_IPA_BITS_MIN <= bits <= 63;
    assigns \nothing; exits \false;
    ensures \result >= 1 && \result == power_of_two(bits); */
uint64_t s2_space_bytes(uint32_t bits);

/*@ requires base <= 64 && bits <= 64;
    assigns \nothing; exits \false;
    ensures 1 <= \result <= 16;
    ensures \result == power_of_two(
      bits < base ? 0 : (bits < base + 4 ? bits - base : 4)); */
static uint32_t power_above(uint32_t bits, uint32_t base);

/*@ requires deepest <= LEAF_LEVEL && ipa_bits <= 64;
    assigns \nothing; exits \false;
    ensures \result.start_level <= deepest;
    ensures 1 <= \result.page_count <= MOAT_ROOT_PAGES_MAX;
    ensures vm: deepest == LEAF_LEVEL - 1 &&
      MOAT_IPA_BITS_MIN <= ipa_bits <= MOAT_IPA_BITS_MAX ==>
        \result.start_level == vm_root_level(ipa_bits) &&
        \result.page_count == vm_root_pages(ipa_bits); */
struct s2_root s2_root_for(uint32_t ipa_bits, uint32_t deepest);

/*@ requires config_ok && vm < VM_COUNT(m) && is_live(vm) && vm_ok(vm);
    assigns \nothing; exits \false;
    ensures \result.vmid == vm + 1;
    ensures \result.root.value == pa_of(VM(m, vm).root); */
struct moat_stage2 s2_of(const struct moat *m, uint32_t vm);

/*@ assigns \nothing; exits \false; */
enum pte_kind s2_kind(struct page record);

/*@ requires config_ok && page < PAGE_COUNT(m);
    requires MOAT_BLOCK_LEVEL_MIN <= level_in(record.mapping) <= LEAF_LEVEL;
    assigns \nothing; exits \false;
    ensures is_leaf(\result, level_in(record.mapping));
    ensures leads_to(\result) == pa_of(page); */
uint64_t s2_leaf(const struct moat *m, uint32_t page, struct page record);

/*@ requires config_ok && locked.vm < VM_COUNT(m);
    requires is_live(locked.vm) && vm_ok(locked.vm);
    assigns \nothing; exits \false; */
void s2_invalidate(struct moat *m, struct vm_locked locked, uint64_t ipa,
	uint32_t count, uint32_t level);

/*@ requires config_ok && locked.vm < VM_COUNT(m);
    requires is_live(locked.vm) && vm_ok(locked.vm);
    assigns \nothing; exits \false; */
void s2_invalidate_table(
	struct moat *m, struct vm_locked locked, uint64_t ipa, uint32_t count);

#endif
