/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Of which steps it is proved that they end as a whole, from entry to return:
 * traps of a guest that move no pages (contracts/guest.h).
 */
#ifndef MOAT_PROOF_THEOREM_H
#define MOAT_PROOF_THEOREM_H

#include "theory_engine.h"

/*@
  // Of a VM's calls these move pages.
  predicate is_guest_move(integer number) =
    number == MOAT_GUEST_SHARE || number == MOAT_GUEST_UNSHARE ||
    number == MOAT_GUEST_RELINQUISH;
  predicate asks_to_move(integer x0) =
    is_guest_move(x0 % 0x100000000 - MOAT_FUNCTION(0));
*/

#endif
