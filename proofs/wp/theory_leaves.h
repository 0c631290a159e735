/* SPDX-License-Identifier: BSD-2-Clause */
/* [PAGE-2], as it is checked: from the entry, and from each record. */
#ifndef MOAT_PROOF_LEAVES_H
#define MOAT_PROOF_LEAVES_H

#include "theory_inverse.h"

/* Of page @p, one of those that entry @i of table @t maps from @first on. A
 * macro, so that provers find what page_2_down has. */
/* clang-format off */
#define LEAF_HAS(t, i, first, p) \
	(is_mapped(PAGE(m, p).state) && hangs_at(p, t, i) && \
	PAGE(m, p).state == PAGE(m, first).state)
/* clang-format on */

/*@
  // What page_2_down has, but for levels: those are the records' to tell.
  predicate leaf_maps{L}(integer t, integer i) =
    is_leaf(entry_at(t, i), level_of(t)) ==>
      0 <= target(t, i) &&
      target(t, i) + pages_of(level_of(t)) <= PAGE_COUNT(m) &&
      LEAF_HAS(t, i, target(t, i), target(t, i)) &&
      \forall integer p;
        target(t, i) <= p < target(t, i) + pages_of(level_of(t)) ==>
          LEAF_HAS(t, i, target(t, i), p);

  lemma data_is_below{L}: records_ok ==>
    \forall integer p; 0 <= p < PAGE_COUNT(m) &&
      is_mapped(PAGE(m, p).state) ==> 2 <= level_of(p);
  lemma pages_have_the_level{L}:
    (\forall integer p; 0 <= p < PAGE_COUNT(m) ==> page_2_up(p)) ==>
      \forall integer t, i, p; 0 <= p < PAGE_COUNT(m) &&
        is_mapped(PAGE(m, p).state) && hangs_at(p, t, i) ==>
          level_of(p) == level_of(t);
  lemma leaves_are_below{L}: records_ok &&
    (\forall integer p; 0 <= p < PAGE_COUNT(m) ==> page_2_up(p)) ==>
      \forall integer t, i; leaf_maps(t, i) &&
        is_leaf(entry_at(t, i), level_of(t)) ==> 2 <= level_of(t);
  lemma leaves_have_records{L}: records_ok &&
    (\forall integer p; 0 <= p < PAGE_COUNT(m) ==> page_2_up(p)) ==>
      \forall integer t, i; leaf_maps(t, i) ==> page_2_down(t, i);
*/

#endif
