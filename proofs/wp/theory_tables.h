/* SPDX-License-Identifier: BSD-2-Clause */
/* The words of the contracts: descriptors, tables, VMs. */
#ifndef MOAT_PROOF_TABLES_H
#define MOAT_PROOF_TABLES_H

#include "theory_descriptors.h"

/*@
  logic integer level_of{L}(integer p) = level_in(PAGE(m, p).mapping);
  predicate is_open(integer state) =
    state == MOAT_PAGE_HOST || state == MOAT_PAGE_LENT ||
    state == MOAT_PAGE_SHARED;
  predicate is_mapped(integer state) =
    state == MOAT_PAGE_VM || state == MOAT_PAGE_LENT ||
    state == MOAT_PAGE_SHARED;

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
