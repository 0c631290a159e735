/* SPDX-License-Identifier: BSD-2-Clause */
/* Who holds which region's lock. */
#ifndef MOAT_PROOF_LOCKS_H
#define MOAT_PROOF_LOCKS_H

#include "core/state.h"

/*@
  predicate holds_no_region{L}(integer cpu) =
    \forall integer l; 0 <= l < REGION_LOCK_COUNT ==>
      REGION_LOCK(m, l).owner != cpu;

  predicate holds_region{L}(integer cpu, integer lock) =
    lock == NONE ||
    (cpu < MOAT_CPU_MAX && lock < REGION_LOCK_COUNT &&
      REGION_LOCK(m, lock).owner == cpu);

  predicate holds_every_region{L}(integer cpu) =
    \forall integer l; 0 <= l < REGION_LOCK_COUNT ==>
      REGION_LOCK(m, l).owner == cpu;

  // Ascending rank, NONE above all.
  predicate is_ranked(struct regions_locked locked) =
    (locked.low == NONE || locked.low < REGION_LOCK_COUNT) &&
    (locked.high == NONE ||
      locked.low < locked.high < REGION_LOCK_COUNT);

  predicate covers(struct regions_locked locked, integer region) =
    region == NONE || locked.low == region % REGION_LOCK_COUNT ||
    locked.high == region % REGION_LOCK_COUNT;

  // @locked is what its CPU holds, and all of it.
  predicate locks_held{L}(struct regions_locked locked) =
    is_ranked(locked) && holds_region(locked.cpu, locked.low) &&
    holds_region(locked.cpu, locked.high) &&
    (locked.is_all != 0 ==> holds_every_region(locked.cpu) &&
      locked.low == 0 && locked.high == REGION_LOCK_COUNT - 1) &&
    (locked.is_all == 0 ==> \forall integer l;
      0 <= l < REGION_LOCK_COUNT && l != locked.low && l != locked.high ==>
        REGION_LOCK(m, l).owner != locked.cpu);
*/

#endif
