/* SPDX-License-Identifier: BSD-2-Clause */
/* What it takes to see root_follows, one number of pages at a time. */
#ifndef MOAT_PROOF_ALIGNMENT_H
#define MOAT_PROOF_ALIGNMENT_H

#include "theory_power.h"

/*@
  lemma root_sizes: \forall integer bits; vm_root_pages(bits) == 1 ||
    vm_root_pages(bits) == 2 || vm_root_pages(bits) == 4 ||
    vm_root_pages(bits) == 8 || vm_root_pages(bits) == 16;
  lemma root_of_two: \forall integer bits, pa; vm_root_pages(bits) == 2 &&
    is_root_aligned(pa, bits) ==> pa % (2 * 0x1000) == 0;
  lemma root_of_four: \forall integer bits, pa; vm_root_pages(bits) == 4 &&
    is_root_aligned(pa, bits) ==> pa % (4 * 0x1000) == 0;
  lemma root_of_eight: \forall integer bits, pa; vm_root_pages(bits) == 8 &&
    is_root_aligned(pa, bits) ==> pa % (8 * 0x1000) == 0;
  lemma root_of_sixteen: \forall integer bits, pa; vm_root_pages(bits) == 16 &&
    is_root_aligned(pa, bits) ==> pa % (16 * 0x1000) == 0;
*/

#endif
