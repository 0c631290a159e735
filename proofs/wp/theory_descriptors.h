/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What descriptors and records encode, without the code that does it. Proofs
 * that are not about bits have opaque_descriptors.h in the place of this file.
 */
#ifndef MOAT_PROOF_DESCRIPTORS_H
#define MOAT_PROOF_DESCRIPTORS_H

#include "theory.h"

/* What pte.h calls PTE_XN: the one attribute above the address. */
#define PROOF_XN 0x40000000000000

/*@
  logic integer level_in(integer mapping) = mapping % 8;

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

  // What opaque_descriptors.h has of the above.
  lemma level_alone: \forall integer n; 0 <= n < 8 ==> level_in(n) == n;
  lemma level_beside: \forall integer n, k; 0 <= n < 8 && 0 <= k ==>
    level_in(n + 8 * k) == n;
  lemma level_bounds: \forall integer n; 0 <= n ==> 0 <= level_in(n) < 8;
  lemma leads_to_a_page: \forall integer d; 0 <= d ==>
    leads_to(d) % MOAT_PAGE_SIZE == 0;
  lemma nothing_is_invalid: !is_valid(0);
  lemma valid_has_a_kind: \forall integer d, l; 0 <= d ==>
    is_leaf(d, l) || is_table(d, l) ==> is_valid(d);
  lemma kinds_differ: \forall integer d, l;
    !(is_leaf(d, l) && is_table(d, l));
  lemma tables_are_above: \forall integer d, l; is_table(d, l) ==> l < 3;
*/

#endif
