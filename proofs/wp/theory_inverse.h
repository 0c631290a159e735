/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The invariants between records and entries, each a predicate of one page or
 * of one entry: nothing is counted, nothing is reached.
 */
#ifndef MOAT_PROOF_INVERSE_H
#define MOAT_PROOF_INVERSE_H

#include "theory_addresses.h"
#include "theory_tables.h"

/*@
  // The page at an address. There is at most one: addresses_differ.
  axiomatic Inverse {
    logic integer page_at{L}(integer pa) reads proof_moat;
    axiom page_at_its_address{L}: config_ok ==>
      \forall integer p; 0 <= p < PAGE_COUNT(m) ==> page_at(pa_of(p)) == p;
  }

  // What a VM's entry says, and the page that it leads to.
  logic integer entry_at{L}(integer t, integer i) = TABLE(m, t).entry[i];
  logic integer target{L}(integer t, integer i) =
    page_at(leads_to(TABLE(m, t).entry[i]));

  // Pages that one leaf maps.
  logic integer pages_of(integer level) = level == 3 ? 1 : ENTRY_COUNT;

  predicate is_table_page{L}(integer t) =
    0 <= t < PAGE_COUNT(m) && PAGE(m, t).state == MOAT_PAGE_TABLE;
  predicate hangs_at{L}(integer p, integer t, integer i) =
    PAGE(m, p).parent == t && PAGE(m, p).slot == i;

  // [PAGE-1] one of the states, what it does not use is zero.
  predicate page_1{L}(integer p) =
    (PAGE(m, p).state == MOAT_PAGE_HOST ||
      PAGE(m, p).state == MOAT_PAGE_ENGINE ==>
      PAGE(m, p).mapping == 0 && hangs_at(p, 0, 0)) &&
    (PAGE(m, p).state == MOAT_PAGE_TABLE ==> PAGE(m, p).mapping <= 3 &&
      (PAGE(m, p).slot < ENTRY_COUNT || PAGE(m, p).slot >= SLOT_ROOT)) &&
    (PAGE(m, p).state == MOAT_PAGE_VCPU ==> PAGE(m, p).mapping == 0 &&
      PAGE(m, p).slot < MOAT_VCPU_MAX) &&
    (PAGE(m, p).state == MOAT_PAGE_VM ||
      PAGE(m, p).state == MOAT_PAGE_SHARED ==>
      2 <= PAGE(m, p).mapping <= 3) &&
    (PAGE(m, p).state == MOAT_PAGE_LENT ==> 2 <= level_of(p) <= 3 &&
      PAGE(m, p).mapping < 8 * 8) &&
    (is_mapped(PAGE(m, p).state) ==> PAGE(m, p).slot < ENTRY_COUNT) &&
    MOAT_PAGE_HOST <= PAGE(m, p).state <= MOAT_PAGE_ENGINE;

  // [PAGE-2] the entry that a data page's record names maps that page.
  predicate page_2_up{L}(integer p) =
    is_mapped(PAGE(m, p).state) ==>
      is_table_page(PAGE(m, p).parent) &&
      level_of(PAGE(m, p).parent) == level_of(p) &&
      is_leaf(entry_at(PAGE(m, p).parent, PAGE(m, p).slot), level_of(p)) &&
      target(PAGE(m, p).parent, PAGE(m, p).slot) <= p <
        target(PAGE(m, p).parent, PAGE(m, p).slot) + pages_of(level_of(p));

  // [PAGE-2] the records of what a leaf maps name that leaf.
  predicate page_2_down{L}(integer t, integer i) =
    is_table_page(t) && is_leaf(entry_at(t, i), level_of(t)) ==>
      2 <= level_of(t) && 0 <= target(t, i) &&
      target(t, i) + pages_of(level_of(t)) <= PAGE_COUNT(m) &&
      \forall integer p;
        target(t, i) <= p < target(t, i) + pages_of(level_of(t)) ==>
          is_mapped(PAGE(m, p).state) && hangs_at(p, t, i) &&
          level_of(p) == level_of(t) &&
          PAGE(m, p).state == PAGE(m, target(t, i)).state;

  // [TABLE-1] a table hangs where its record says, one level below.
  predicate table_1{L}(integer p) =
    PAGE(m, p).state == MOAT_PAGE_TABLE && PAGE(m, p).slot < ENTRY_COUNT ==>
      is_table_page(PAGE(m, p).parent) &&
      level_of(p) == level_of(PAGE(m, p).parent) + 1 &&
      is_table(entry_at(PAGE(m, p).parent, PAGE(m, p).slot),
        level_of(PAGE(m, p).parent)) &&
      target(PAGE(m, p).parent, PAGE(m, p).slot) == p;

  // [TABLE-1] and a root where its VM says.
  predicate root_1{L}(integer p) =
    PAGE(m, p).state == MOAT_PAGE_TABLE && PAGE(m, p).slot >= SLOT_ROOT ==>
      0 <= PAGE(m, p).parent < VM_COUNT(m) && is_live(PAGE(m, p).parent) &&
      PAGE(m, p).slot - SLOT_ROOT < VM(m, PAGE(m, p).parent).root_count &&
      p == VM(m, PAGE(m, p).parent).root + PAGE(m, p).slot - SLOT_ROOT &&
      level_of(p) == VM(m, PAGE(m, p).parent).start_level;

  // [TABLE-1] the other way: what a VM says is its root, is.
  predicate roots_ok{L} =
    \forall integer v, p; 0 <= v < VM_COUNT(m) && is_live(v) &&
      VM(m, v).root <= p < VM(m, v).root + VM(m, v).root_count ==>
        is_table_page(p) && level_of(p) == VM(m, v).start_level &&
        hangs_at(p, v, SLOT_ROOT + p - VM(m, v).root);

  // [TABLE-2] an entry is nothing, a leaf, or leads to a table that names it.
  predicate table_2{L}(integer t, integer i) =
    is_table_page(t) && is_valid(entry_at(t, i)) ==>
      is_leaf(entry_at(t, i), level_of(t)) ||
      (is_table(entry_at(t, i), level_of(t)) &&
        is_table_page(target(t, i)) && hangs_at(target(t, i), t, i));

  // Nothing leads to page @p; nothing hangs at a slot, or in a table.
  predicate is_led_to{L}(integer t, integer i, integer p) =
    is_table_page(t) &&
    ((is_leaf(entry_at(t, i), level_of(t)) &&
      target(t, i) <= p < target(t, i) + pages_of(level_of(t))) ||
    (is_table(entry_at(t, i), level_of(t)) && target(t, i) == p));
  predicate is_below{L}(integer p, integer t) =
    PAGE(m, p).parent == t && PAGE(m, p).slot < ENTRY_COUNT &&
    (is_mapped(PAGE(m, p).state) || PAGE(m, p).state == MOAT_PAGE_TABLE);

  // Of all, one by one.
  predicate records_ok{L} =
    \forall integer p; 0 <= p < PAGE_COUNT(m) ==> page_1(p);
  predicate leaves_ok{L} =
    (\forall integer p; 0 <= p < PAGE_COUNT(m) ==> page_2_up(p)) &&
    (\forall integer t, i; 0 <= t < PAGE_COUNT(m) && 0 <= i < ENTRY_COUNT ==>
      page_2_down(t, i));
  predicate tree_ok{L} =
    (\forall integer p; 0 <= p < PAGE_COUNT(m) ==> table_1(p) && root_1(p)) &&
    (\forall integer t, i; 0 <= t < PAGE_COUNT(m) && 0 <= i < ENTRY_COUNT ==>
      table_2(t, i));
  predicate inverse_ok{L} = records_ok && leaves_ok && tree_ok;
*/

#endif
