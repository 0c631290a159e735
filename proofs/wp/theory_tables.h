/* SPDX-License-Identifier: BSD-2-Clause */
/* The words of the contracts: descriptors, tables, VMs. */
#ifndef MOAT_PROOF_TABLES_H
#define MOAT_PROOF_TABLES_H

#include "theory.h"

/* What pte.h calls PTE_XN: the one attribute above the address. */
#define PROOF_XN 0x40000000000000

/*@
  logic integer level_of{L}(integer p) = PAGE(m, p).mapping % 8;
  predicate is_open(integer state) =
    state == MOAT_PAGE_HOST || state == MOAT_PAGE_LENT ||
    state == MOAT_PAGE_SHARED;
  predicate is_mapped(integer state) =
    state == MOAT_PAGE_VM || state == MOAT_PAGE_LENT ||
    state == MOAT_PAGE_SHARED;

  // Descriptors: what pte.h says, without its code.
  predicate is_valid(integer d) = d % 2 == 1;
  predicate is_table(integer d, integer level) = level < 3 && d % 4 == 3;
  predicate is_leaf(integer d, integer level) =
    level >= MOAT_BLOCK_LEVEL_MIN && d % 4 == (level == 3 ? 3 : 1);
  logic integer leads_to(integer d) =
    d / MOAT_PAGE_SIZE % (0x1000000000000 / MOAT_PAGE_SIZE) * MOAT_PAGE_SIZE;

  lemma attributes_do_not_lead: \forall integer pa, low;
    0 <= pa < 0x1000000000000 && pa % MOAT_PAGE_SIZE == 0 &&
    0 <= low < MOAT_PAGE_SIZE ==>
      leads_to(pa + low) == pa && leads_to(pa + low + PROOF_XN) == pa;

  logic integer entry_bytes(integer level) =
    level == 3 ? MOAT_PAGE_SIZE : (level == 2 ? REGION_BYTES :
    (level == 1 ? LEVEL_1_BYTES : LEVEL_1_BYTES * ENTRY_COUNT));

  predicate is_place{L}(integer table, integer slot) =
    0 <= table < PAGE_COUNT(m) && 0 <= slot < ENTRY_COUNT;

  predicate is_live{L}(integer v) = VM(m, v).life != MOAT_VM_EMPTY;

  // The part of [VM-1] that keeps the first step of a walk inside the root.
  predicate vm_ok{L}(integer v) =
    is_live(v) ==>
      VM(m, v).start_level <= 2 &&
      1 <= VM(m, v).root_count <= MOAT_ROOT_PAGES_MAX &&
      VM(m, v).root + VM(m, v).root_count <= PAGE_COUNT(m) &&
      0 < VM(m, v).half <= 0x800000000000 &&
      (VM(m, v).start_level == 2 ==> 2 * VM(m, v).half <=
        VM(m, v).root_count * (REGION_BYTES * ENTRY_COUNT)) &&
      (VM(m, v).start_level == 1 ==> 2 * VM(m, v).half <=
        VM(m, v).root_count * (LEVEL_1_BYTES * ENTRY_COUNT)) &&
      (VM(m, v).start_level == 0 ==> 2 * VM(m, v).half <=
        VM(m, v).root_count * (LEVEL_1_BYTES * ENTRY_COUNT * ENTRY_COUNT));
*/

#endif
