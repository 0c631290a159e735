/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A check that holds implies what is said of it here, in the words of the
 * theory: what tests ask of an engine after each step is what the proofs of
 * steps are about.
 */
#ifndef MOAT_PROOF_INVARIANT_UNIT_H
#define MOAT_PROOF_INVARIANT_UNIT_H

/* The host's map in the words of theory_regions.h, not as callers know it. */
#define MOAT_PROOF_ASSUMED_H

#include "host_map.h"
#include "owner.h"
#include "theory_contexts.h"
#include "theory_leaves.h"
#include "core/invariant.h"

/*@
  // [VM-1] A context names a vCPU that names it.
  predicate context_down{L}(integer p) =
    PAGE(m, p).state == MOAT_PAGE_VCPU ==>
      PAGE(m, p).parent < VM_COUNT(m) && is_live(PAGE(m, p).parent) &&
      VCPU(m, PAGE(m, p).parent, PAGE(m, p).slot).page == p &&
      VCPU(m, PAGE(m, p).parent, PAGE(m, p).slot).state !=
        MOAT_VCPU_ABSENT;

  // [VM-1] The first page of its root is what a VM says.
  predicate roots_begin{L} =
    \forall integer v; 0 <= v < VM_COUNT(m) && is_live(v) ==>
      is_table_page(VM(m, v).root) && hangs_at(VM(m, v).root, v, SLOT_ROOT);
*/

/*@ requires sizes_ok;
    assigns \nothing; exits \false;
    ensures \result <==> is_table_page(page); */
static bool is_table_page(const struct moat *m, uint32_t page);

/*@ requires sizes_ok;
    assigns \nothing; exits \false;
    ensures \result <==> vm < VM_COUNT(m) && is_live(vm); */
static bool is_live_vm(const struct moat *m, uint32_t vm);

/* ---- [PAGE-1] ---------------------------------------------------------- */

/*@ assigns \nothing; exits \false;
    ensures \result && record.state == MOAT_PAGE_LENT ==>
      record.mapping < 8 * 8;
    ensures \result && record.state != MOAT_PAGE_LENT ==>
      record.mapping < 8; */
static bool permission_is_good(struct page record);

/*@ assigns \nothing; exits \false;
    ensures \result ==> MOAT_PAGE_HOST <= record.state <= MOAT_PAGE_ENGINE;
    ensures nothing: \result && (record.state == MOAT_PAGE_HOST ||
      record.state == MOAT_PAGE_ENGINE) ==>
        record.mapping == 0 && record.slot == 0 && record.parent == 0;
    ensures vcpu: \result && record.state == MOAT_PAGE_VCPU ==>
      record.mapping == 0 && record.slot < MOAT_VCPU_MAX;
    ensures table: \result && record.state == MOAT_PAGE_TABLE ==>
      level_in(record.mapping) <= LEAF_LEVEL &&
      (record.slot < ENTRY_COUNT || record.slot >= SLOT_ROOT);
    ensures data: \result && is_mapped(record.state) ==>
      LEAF_LEVEL - 1 <= level_in(record.mapping) <= LEAF_LEVEL &&
      record.slot < ENTRY_COUNT; */
static bool place_is_good(struct page record);

/*@ requires sizes_ok;
    assigns \nothing; exits \false;
    ensures \result ==> records_ok; */
bool invariant_page_1(const struct moat *m);

/* ---- [PAGE-2] ---------------------------------------------------------- */

/*@ requires sizes_ok && page < PAGE_COUNT(m) && level_of(page) <= LEAF_LEVEL;
    assigns \nothing; exits \false;
    ensures \result <= page;
    ensures level_of(page) >= 2 ==>
      page < \result + pages_of(level_of(page)); */
static uint32_t entry_first(const struct moat *m, uint32_t page);

/*@ requires config_ok && records_ok && page < PAGE_COUNT(m);
    requires is_mapped(PAGE(m, page).state);
    assigns \nothing; exits \false;
    ensures \result ==> page_2_up(page); */
static bool record_has_entry(const struct moat *m, uint32_t page);

/*@ requires config_ok && records_ok && is_place(place.table, place.slot);
    requires is_table_page(place.table);
    requires is_leaf(entry_at(place.table, place.slot),
      level_of(place.table));
    assigns \nothing; exits \false;
    ensures \result ==> leaf_maps(place.table, place.slot); */
static bool leaf_has_records(const struct moat *m, struct place place);

/*@ requires config_ok && records_ok && is_table_page(table);
    assigns \nothing; exits \false;
    ensures \result ==> \forall integer i; 0 <= i < ENTRY_COUNT ==>
      leaf_maps(table, i); */
static bool leaves_have_records(const struct moat *m, uint32_t table);

/*@ requires config_ok && records_ok;
    assigns \nothing; exits \false;
    ensures up: \result ==> \forall integer p; 0 <= p < PAGE_COUNT(m) ==>
      page_2_up(p);
    ensures down: \result ==> \forall integer t, i;
      0 <= t < PAGE_COUNT(m) && 0 <= i < ENTRY_COUNT ==> page_2_down(t, i); */
bool invariant_page_2(const struct moat *m);

/* ---- [HALF-1] ---------------------------------------------------------- */

/*@ requires config_ok && inverse_ok && page < PAGE_COUNT(m);
    requires is_mapped(PAGE(m, page).state);
    assigns \nothing; exits \false; */
static bool half_is_right(const struct moat *m, uint32_t page);

/*@ requires config_ok && inverse_ok;
    assigns \nothing; exits \false; */
bool invariant_half_1(const struct moat *m);

/* ---- [PAGE-3] ---------------------------------------------------------- */

/*@ requires sizes_ok && layout_ok && region < REGION_COUNT(m);
    assigns \nothing; exits \false;
    ensures \result <= ENTRY_COUNT;
    ensures \result == 0 ==> \forall integer i; 0 <= i < ENTRY_COUNT ==>
      open_in(region, i);
    ensures \result == ENTRY_COUNT ==>
      \forall integer i; 0 <= i < ENTRY_COUNT ==> !open_in(region, i); */
static uint32_t closed_count(const struct moat *m, uint32_t region);

/*@ requires config_ok && layout_ok && region < REGION_COUNT(m);
    assigns \nothing; exits \false; */
static bool leaf_is_right(const struct moat *m, uint32_t region);

/*@ requires config_ok && layout_ok && region < REGION_COUNT(m);
    assigns \nothing; exits \false; */
static bool region_is_right(const struct moat *m, uint32_t region);

/*@ requires config_ok && layout_ok;
    assigns \nothing; exits \false; */
bool invariant_page_3(const struct moat *m);

/* ---- [PAGE-4] ---------------------------------------------------------- */

/*@ requires sizes_ok && page < PAGE_COUNT(m);
    assigns \nothing; exits \false;
    ensures \result <==> \forall integer i; 0 <= i < ENTRY_COUNT ==>
      TABLE(m, page).entry[i] == 0; */
bool invariant_page_4(const struct moat *m, uint32_t page);

/* ---- [TABLE-1] --------------------------------------------------------- */

/*@ requires config_ok && records_ok && roots_begin && is_table_page(page);
    requires PAGE(m, page).slot >= SLOT_ROOT;
    assigns \nothing; exits \false;
    ensures \result ==> root_1(page); */
static bool root_is_good(const struct moat *m, uint32_t page);

/*@ requires config_ok && records_ok && is_table_page(page);
    requires PAGE(m, page).slot < SLOT_ROOT;
    assigns \nothing; exits \false;
    ensures \result ==> table_1(page); */
static bool child_is_good(const struct moat *m, uint32_t page);

/*@ requires config_ok && records_ok && roots_begin;
    assigns \nothing; exits \false;
    ensures \result ==> \forall integer p; 0 <= p < PAGE_COUNT(m) ==>
      table_1(p) && root_1(p); */
bool invariant_table_1(const struct moat *m);

/* ---- [TABLE-2] --------------------------------------------------------- */

/*@ requires config_ok && is_place(place.table, place.slot);
    assigns \nothing; exits \false;
    ensures \result ==> table_2(place.table, place.slot); */
static bool entry_is_good(const struct moat *m, struct place place);

/*@ requires config_ok && is_table_page(table);
    assigns \nothing; exits \false;
    ensures \result ==> \forall integer i; 0 <= i < ENTRY_COUNT ==>
      table_2(table, i); */
static bool entries_are_good(const struct moat *m, uint32_t table);

/*@ requires config_ok;
    assigns \nothing; exits \false;
    ensures \result ==> \forall integer t, i;
      0 <= t < PAGE_COUNT(m) && 0 <= i < ENTRY_COUNT ==> table_2(t, i); */
bool invariant_table_2(const struct moat *m);

/* ---- [VM-1] ------------------------------------------------------------ */

/*@ requires sizes_ok && vm < VM_COUNT(m) && i < MOAT_VCPU_MAX;
    assigns \nothing; exits \false;
    ensures \result ==> CONTEXT_UP(vm, i); */
static bool vcpu_is_good(const struct moat *m, uint32_t vm, uint32_t i);

/*@ requires sizes_ok && vm < VM_COUNT(m);
    assigns \nothing; exits \false;
    ensures \result ==> \forall integer i; 0 <= i < MOAT_VCPU_MAX ==>
      CONTEXT_UP(vm, i); */
static bool vcpus_are_good(const struct moat *m, uint32_t vm);

/*@ requires sizes_ok && vm < VM_COUNT(m);
    assigns \nothing; exits \false;
    ensures \result ==> \forall integer i; 0 <= i < MOAT_VCPU_MAX ==>
      CONTEXT_UP(vm, i);
    ensures empty: \result && !is_live(vm) ==>
      VM(m, vm).half == 0 && VM(m, vm).root == 0 &&
      VM(m, vm).root_count == 0 && VM(m, vm).ipa_bits == 0 &&
      VM(m, vm).vcpu_count == 0;
    ensures root: \result && is_live(vm) ==>
      is_table_page(VM(m, vm).root) &&
      hangs_at(VM(m, vm).root, vm, SLOT_ROOT); */
static bool vm_is_good(const struct moat *m, uint32_t vm);

/*@ requires sizes_ok && records_ok && page < PAGE_COUNT(m);
    requires PAGE(m, page).state == MOAT_PAGE_VCPU;
    assigns \nothing; exits \false;
    ensures \result ==> context_down(page); */
static bool context_is_good(const struct moat *m, uint32_t page);

/*@ requires sizes_ok && records_ok;
    assigns \nothing; exits \false;
    ensures up: \result ==> contexts_up;
    ensures down: \result ==> \forall integer p; 0 <= p < PAGE_COUNT(m) ==>
      context_down(p);
    ensures roots: \result ==> roots_begin; */
bool invariant_vm_1(const struct moat *m);

/* ---- [VCPU-1] ---------------------------------------------------------- */

/*@ requires sizes_ok && cpu < CPU_COUNT(m);
    assigns \nothing; exits \false;
    ensures \result ==> CPU_OK(cpu); */
static bool cpu_is_good(const struct moat *m, uint32_t cpu);

/*@ requires sizes_ok && vm < VM_COUNT(m) && i < MOAT_VCPU_MAX;
    assigns \nothing; exits \false;
    ensures \result ==> RUNNING_OK(vm, i); */
static bool running_is_good(const struct moat *m, uint32_t vm, uint32_t i);

/*@ requires sizes_ok;
    assigns \nothing; exits \false;
    ensures \result ==> CPUS_OK; */
bool invariant_vcpu_1(const struct moat *m);

/* ---- All --------------------------------------------------------------- */

/* Nothing is wrong: each check has held, of the same state. */
/*@ requires config_ok && layout_ok;
    assigns \nothing; exits \false;
    ensures tree: \result == \null ==> inverse_ok;
    ensures contexts: \result == \null ==> contexts_up &&
      \forall integer p; 0 <= p < PAGE_COUNT(m) ==> context_down(p);
    ensures cpus: \result == \null ==> CPUS_OK; */
const char *moat_invariant_check(const struct moat *m);

#endif
