/* SPDX-License-Identifier: BSD-2-Clause */
/* What a level is, and pages beside each other, for those who give pages. */
#ifndef MOAT_PROOF_LEVELS_H
#define MOAT_PROOF_LEVELS_H

#include "theory.h"
#include "theory_descriptors.h"

/*@
  lemma level_is_low: \forall integer d; 0 <= d ==> level_in(d) == d % 8;

  // Pages of one range follow each other.
  lemma one_range{L}: config_ok ==>
    \forall integer p, q; 0 <= p < PAGE_COUNT(m) && 0 <= q < PAGE_COUNT(m) &&
      has_page(range_at(p), q) ==> range_at(q) == range_at(p);
  lemma page_beside{L}: config_ok ==>
    \forall integer p, q; 0 <= p < PAGE_COUNT(m) && 0 <= q < PAGE_COUNT(m) &&
      has_page(range_at(p), q) ==>
        pa_of(q) == pa_of(p) + (q - p) * MOAT_PAGE_SIZE;
*/

#endif
