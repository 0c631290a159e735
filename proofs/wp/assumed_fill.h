/* SPDX-License-Identifier: BSD-2-Clause */
/* More of what assumed.h is about; apart, as only host_map.c needs it. */
#ifndef MOAT_PROOF_ASSUMED_FILL_H
#define MOAT_PROOF_ASSUMED_FILL_H

#include "core/host_map.h"
#include "theory_regions.h"

/*@ requires config_ok && layout_ok && region < REGION_COUNT(m);
    assigns HOST_TABLE(m, MOAT(m).leaf_first + region); exits \false;
    ensures filled: \forall integer i; 0 <= i < ENTRY_COUNT ==>
      (is_valid(HOST_LEAF(region, i)) <==>
        is_open(PAGE(m, region * ENTRY_COUNT + i).state));
    ensures only: \forall integer t, i;
      0 <= t < PROOF_HOST_TABLES && 0 <= i < ENTRY_COUNT &&
      t != MOAT(m).leaf_first + region ==>
        HOST_TABLE(m, t).entry[i] == \old(HOST_TABLE(m, t).entry[i]); */
static void leaf_fill(struct moat *m, uint32_t region);

#endif
