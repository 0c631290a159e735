/* SPDX-License-Identifier: BSD-2-Clause */
/* The words of the contracts: what a configuration is, where a page is. */
#ifndef MOAT_PROOF_THEORY_H
#define MOAT_PROOF_THEORY_H

#include "core/page.h"

/*@
  // Small enough for every index to be one.
  predicate sizes_ok{L} =
    1 <= MOAT(m).config.ram_count <= MOAT_RANGE_MAX &&
    PAGE_COUNT(m) < PROOF_PAGES &&
    1 <= CPU_COUNT(m) <= MOAT_CPU_MAX && 1 <= VM_COUNT(m) <= MOAT_VM_MAX &&
    MOAT(m).config.list_register_count <= MOAT_LIST_REGISTER_MAX &&
    MOAT_IPA_BITS_MIN <= MOAT(m).config.ipa_bits <= MOAT_IPA_BITS_MAX;

  predicate range_ok{L}(integer i) =
    MOAT(m).config.ram[i].base % MOAT_PAGE_SIZE == 0 &&
    MOAT(m).config.ram[i].size % MOAT_PAGE_SIZE == 0 &&
    MOAT(m).config.ram[i].base % REGION_BYTES == 0 &&
    MOAT(m).config.ram[i].size % REGION_BYTES == 0 &&
    0 < MOAT(m).config.ram[i].size &&
    MOAT(m).config.ram[i].base + MOAT(m).config.ram[i].size <=
      0x1000000000000 &&
    MOAT(m).range_page[i] % ENTRY_COUNT == 0 &&
    MOAT(m).range_page[i] + MOAT(m).config.ram[i].size / MOAT_PAGE_SIZE <=
      PAGE_COUNT(m);

  predicate ranges_ascend{L}(integer i, integer j) =
    MOAT(m).config.ram[i].base + MOAT(m).config.ram[i].size <
      MOAT(m).config.ram[j].base &&
    MOAT(m).range_page[i] + MOAT(m).config.ram[i].size / MOAT_PAGE_SIZE <=
      MOAT(m).range_page[j];

  predicate has_page{L}(integer i, integer p) =
    MOAT(m).range_page[i] <= p <
      MOAT(m).range_page[i] + MOAT(m).config.ram[i].size / MOAT_PAGE_SIZE;

  predicate has_address{L}(integer i, integer pa) =
    MOAT(m).config.ram[i].base <= pa <
      MOAT(m).config.ram[i].base + MOAT(m).config.ram[i].size;

  predicate config_ok{L} =
    sizes_ok && MOAT(m).range_page[0] == 0 &&
    (\forall integer i; 0 <= i < MOAT(m).config.ram_count ==> range_ok(i)) &&
    (\forall integer i, j; 0 <= i < j < MOAT(m).config.ram_count ==>
      ranges_ascend(i, j)) &&
    (\forall integer i; 0 <= i && i + 1 < MOAT(m).config.ram_count ==>
      MOAT(m).range_page[i] + MOAT(m).config.ram[i].size / MOAT_PAGE_SIZE ==
      MOAT(m).range_page[i + 1]) &&
    MOAT(m).range_page[MOAT(m).config.ram_count - 1] +
      MOAT(m).config.ram[MOAT(m).config.ram_count - 1].size / MOAT_PAGE_SIZE ==
      PAGE_COUNT(m);

  // The range of a page: that there is one follows from config_ok, as the
  // ranges follow each other from page 0 to the last.
  axiomatic Physical {
    logic integer range_at{L}(integer p) reads proof_moat;
    axiom range_at_has_page{L}: config_ok ==>
      \forall integer p; 0 <= p < PAGE_COUNT(m) ==>
        0 <= range_at(p) < MOAT(m).config.ram_count &&
        has_page(range_at(p), p);
  }

  logic integer pa_of{L}(integer p) =
    MOAT(m).config.ram[range_at(p)].base +
      (p - MOAT(m).range_page[range_at(p)]) * MOAT_PAGE_SIZE;

  lemma range_is_unique{L}: config_ok ==>
    \forall integer i, p; 0 <= i < MOAT(m).config.ram_count &&
      0 <= p < PAGE_COUNT(m) && has_page(i, p) ==> i == range_at(p);

  // Pages of RAM that follow each other from page @p on.
  logic integer pages_on{L}(integer p) =
    MOAT(m).range_page[range_at(p)] +
      MOAT(m).config.ram[range_at(p)].size / MOAT_PAGE_SIZE - p;

  // @pa is an address in page @p.
  predicate is_in_page{L}(integer p, integer pa) =
    pa_of(p) <= pa < pa_of(p) + MOAT_PAGE_SIZE;

  lemma pa_is_a_pages{L}: config_ok ==>
    \forall integer p; 0 <= p < PAGE_COUNT(m) ==>
      pa_of(p) % MOAT_PAGE_SIZE == 0 && 0 <= pa_of(p) < 0x1000000000000;

  predicate page_same{A,B}(integer q) =
    \at(PAGE(m, q).state, A) == \at(PAGE(m, q).state, B) &&
    \at(PAGE(m, q).mapping, A) == \at(PAGE(m, q).mapping, B) &&
    \at(PAGE(m, q).slot, A) == \at(PAGE(m, q).slot, B) &&
    \at(PAGE(m, q).parent, A) == \at(PAGE(m, q).parent, B);
*/

#endif
