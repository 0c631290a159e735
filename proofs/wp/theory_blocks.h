/* SPDX-License-Identifier: BSD-2-Clause */
/* What is true of blocks and of the entries that translate as one does. */
#ifndef MOAT_PROOF_BLOCKS_H
#define MOAT_PROOF_BLOCKS_H

#include "theory_levels.h"
#include "theory_words.h"

/*@
  // The pages of a block that begins at page @p are there, and in order.
  lemma block_of_a_range: \forall integer base, size, first, p;
    base % REGION_BYTES == 0 && size % REGION_BYTES == 0 && 0 < size &&
    first % ENTRY_COUNT == 0 && first <= p < first + size / MOAT_PAGE_SIZE &&
    (base + (p - first) * MOAT_PAGE_SIZE) % REGION_BYTES == 0 ==>
      ENTRY_COUNT <= first + size / MOAT_PAGE_SIZE - p;
  lemma block_follows{L}: config_ok ==>
    \forall integer p; 0 <= p < PAGE_COUNT(m) && begins_region(p) ==>
      ENTRY_COUNT <= pages_on(p);
  lemma block_in_range{L}: config_ok ==>
    \forall integer p, q; 0 <= p < PAGE_COUNT(m) && begins_region(p) &&
      p <= q < p + ENTRY_COUNT ==>
        q < PAGE_COUNT(m) && has_page(range_at(p), q);
  lemma block_fits{L}: config_ok ==>
    \forall integer p; 0 <= p < PAGE_COUNT(m) && begins_region(p) ==>
      p + ENTRY_COUNT <= PAGE_COUNT(m);
  lemma pages_follow{L}: config_ok ==>
    \forall integer p, q; 0 <= p < PAGE_COUNT(m) && begins_region(p) &&
      p <= q < p + ENTRY_COUNT ==> has_page(range_at(p), q) &&
        pa_of(q) == pa_of(p) + (q - p) * MOAT_PAGE_SIZE;

  axiomatic Further {
    axiom further_is: \forall integer d, i;
      further(d, i) == d + i * MOAT_PAGE_SIZE;
  }
  lemma leads_further: \forall integer d, i;
    0 <= d && 0 <= i < ENTRY_COUNT && is_leaf(d, LEAF_LEVEL) &&
    leads_to(d) % REGION_BYTES == 0 ==>
      is_leaf(further(d, i), LEAF_LEVEL) &&
      leads_to(further(d, i)) == leads_to(d) + i * MOAT_PAGE_SIZE;
*/

#endif
