/* SPDX-License-Identifier: BSD-2-Clause */
/* The host's map: which pages it lets the host reach [PAGE-3]. */
#ifndef MOAT_PROOF_HOST_H
#define MOAT_PROOF_HOST_H

#include "theory_tables.h"

/*@
  // The entry of a region, and that of a page in the region's own table.
  logic integer region_entry{L}(integer r) =
    HOST_TABLE(m, REGION(m, r).table).entry[REGION(m, r).slot];
  logic integer host_leaf{L}(integer r, integer i) =
    HOST_TABLE(m, MOAT(m).leaf_first + r).entry[i];

  // The host reaches page @p, the @i-th of region @r.
  predicate reaches_in{L}(integer r, integer i) =
    is_leaf(region_entry(r), REGION_LEVEL) ||
    (is_table(region_entry(r), REGION_LEVEL) && is_valid(host_leaf(r, i)));
  predicate reaches{L}(integer p) =
    reaches_in(p / ENTRY_COUNT, p % ENTRY_COUNT);

  predicate region_ok{L}(integer r) =
    0 <= REGION(m, r).table < PROOF_HOST_TABLES &&
    0 <= REGION(m, r).slot < ENTRY_COUNT;

  predicate host_ok{L} =
    \forall integer r; 0 <= r < REGION_COUNT(m) ==> region_ok(r);

  // [PAGE-3] The host reaches what the record says it may.
  predicate page_3{L}(integer p) =
    reaches(p) <==> is_open(PAGE(m, p).state);
*/

#endif
