/* SPDX-License-Identifier: BSD-2-Clause */
/* What a plan on the pages of a range notes, page by page. */
#ifndef MOAT_PROOF_ROWS_H
#define MOAT_PROOF_ROWS_H

#include "theory_inverse.h"
#include "theory_entry.h"
#include "core/pages.h"

/*@
  // A range lies in its half of an IPA space. No count wraps.
  predicate fits_half(struct range range, integer half) =
    (range.is_shared ? half : 0) <= range.ipa &&
    range.ipa - (range.is_shared ? half : 0) < half &&
    range.count <=
      (half - (range.ipa - (range.is_shared ? half : 0))) / MOAT_PAGE_SIZE;

  predicate is_noted{L}(struct plan *plan, integer region) =
    plan->region[0] == region || plan->region[1] == region ||
    plan->is_spread == 1;

  // What a plan has while it gets its pages, and before.
  predicate plan_grows{L}(struct plan *plan) =
    plan->run.count <= ENTRY_COUNT &&
    (plan->run.count > 0 ==> plan->run.first < PROOF_PAGES);
  predicate plan_empty{L}(struct plan *plan) = plan->run.count == 0;

  // [TABLE-2] of descriptors that may be followed by others: those of tables,
  // as what else is in RAM may be any words.
  predicate entries_ok{L} =
    \forall integer t, i; is_table_page(t) && 0 <= i < ENTRY_COUNT ==>
      TABLE(m, t).entry[i] <= PROOF_ENTRY_MAX;

  lemma pages_are_regions{L}: config_ok ==> PAGE_COUNT(m) % ENTRY_COUNT == 0;
*/

#endif
