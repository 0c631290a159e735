/* SPDX-License-Identifier: BSD-2-Clause */
/* Aligned pages follow each other to the end of their block: RAM is regions. */
#ifndef MOAT_PROOF_RUNS_H
#define MOAT_PROOF_RUNS_H

#include "theory_addresses.h"
#include "theory_power.h"

/*@
  // A run of aligned pages from @p on, in a range of @size bytes at @base.
  lemma two_of_a_range: \forall integer base, size, first, p;
    base % REGION_BYTES == 0 && size % REGION_BYTES == 0 && 0 < size &&
    first % ENTRY_COUNT == 0 && first <= p < first + size / MOAT_PAGE_SIZE &&
    (base + (p - first) * MOAT_PAGE_SIZE) % (2 * MOAT_PAGE_SIZE) == 0 ==>
      2 <= first + size / MOAT_PAGE_SIZE - p;
  lemma four_of_a_range: \forall integer base, size, first, p;
    base % REGION_BYTES == 0 && size % REGION_BYTES == 0 && 0 < size &&
    first % ENTRY_COUNT == 0 && first <= p < first + size / MOAT_PAGE_SIZE &&
    (base + (p - first) * MOAT_PAGE_SIZE) % (4 * MOAT_PAGE_SIZE) == 0 ==>
      4 <= first + size / MOAT_PAGE_SIZE - p;
  lemma eight_of_a_range: \forall integer base, size, first, p;
    base % REGION_BYTES == 0 && size % REGION_BYTES == 0 && 0 < size &&
    first % ENTRY_COUNT == 0 && first <= p < first + size / MOAT_PAGE_SIZE &&
    (base + (p - first) * MOAT_PAGE_SIZE) % (8 * MOAT_PAGE_SIZE) == 0 ==>
      8 <= first + size / MOAT_PAGE_SIZE - p;
  lemma sixteen_of_a_range: \forall integer base, size, first, p;
    base % REGION_BYTES == 0 && size % REGION_BYTES == 0 && 0 < size &&
    first % ENTRY_COUNT == 0 && first <= p < first + size / MOAT_PAGE_SIZE &&
    (base + (p - first) * MOAT_PAGE_SIZE) % (16 * MOAT_PAGE_SIZE) == 0 ==>
      16 <= first + size / MOAT_PAGE_SIZE - p;
  lemma two_follow{L}: config_ok ==>
    \forall integer p; 0 <= p < PAGE_COUNT(m) &&
      pa_of(p) % (2 * MOAT_PAGE_SIZE) == 0 ==> 2 <= pages_on(p);
  lemma four_follow{L}: config_ok ==>
    \forall integer p; 0 <= p < PAGE_COUNT(m) &&
      pa_of(p) % (4 * MOAT_PAGE_SIZE) == 0 ==> 4 <= pages_on(p);
  lemma eight_follow{L}: config_ok ==>
    \forall integer p; 0 <= p < PAGE_COUNT(m) &&
      pa_of(p) % (8 * MOAT_PAGE_SIZE) == 0 ==> 8 <= pages_on(p);
  lemma sixteen_follow{L}: config_ok ==>
    \forall integer p; 0 <= p < PAGE_COUNT(m) &&
      pa_of(p) % (16 * MOAT_PAGE_SIZE) == 0 ==> 16 <= pages_on(p);
  lemma root_follows{L}: config_ok ==>
    \forall integer bits, p; 32 <= bits <= 44 && 0 <= p < PAGE_COUNT(m) &&
      is_root_aligned(pa_of(p), bits) ==>
        vm_root_pages(bits) <= pages_on(p);
*/

#endif
