/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The words of theory_descriptors.h, in whose place this stands, without their
 * meaning: provers that see divisions wherever an entry is named get lost in
 * them. Every axiom here is a lemma there, of the same name.
 */
#ifndef MOAT_PROOF_DESCRIPTORS_H
#define MOAT_PROOF_DESCRIPTORS_H

#include "theory.h"

#define PROOF_XN 0x40000000000000

/*@
  axiomatic Descriptors {
    logic integer level_in(integer mapping);
    predicate is_valid(integer d);
    predicate is_table(integer d, integer level);
    predicate is_leaf(integer d, integer level);
    logic integer leads_to(integer d);

    axiom level_alone: \forall integer n; 0 <= n < 8 ==> level_in(n) == n;
    axiom level_beside: \forall integer n, k; 0 <= n < 8 && 0 <= k ==>
      level_in(n + 8 * k) == n;
    axiom level_bounds: \forall integer n; 0 <= n ==> 0 <= level_in(n) < 8;
    axiom leads_to_a_page: \forall integer d; 0 <= d ==>
      leads_to(d) % MOAT_PAGE_SIZE == 0;
    axiom nothing_is_invalid: !is_valid(0);
    axiom valid_has_a_kind: \forall integer d, l; 0 <= d ==>
      is_leaf(d, l) || is_table(d, l) ==> is_valid(d);
    axiom kinds_differ: \forall integer d, l;
      !(is_leaf(d, l) && is_table(d, l));
    axiom tables_are_above: \forall integer d, l; is_table(d, l) ==> l < 3;
  }
*/

#endif
