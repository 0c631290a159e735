/* SPDX-License-Identifier: BSD-2-Clause */
/* No two pages have an address in common. */
#ifndef MOAT_PROOF_ADDRESSES_H
#define MOAT_PROOF_ADDRESSES_H

#include "theory.h"

/*@
  lemma addresses_differ{L}: config_ok ==>
    \forall integer p, q; 0 <= p < PAGE_COUNT(m) && 0 <= q < PAGE_COUNT(m) &&
      pa_of(p) == pa_of(q) ==> p == q;

  lemma page_starts_at{L}: config_ok ==>
    \forall integer p, pa; 0 <= p < PAGE_COUNT(m) && is_in_page(p, pa) &&
      pa % MOAT_PAGE_SIZE == 0 ==> pa == pa_of(p);
*/

#endif
