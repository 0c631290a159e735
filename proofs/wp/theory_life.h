/* SPDX-License-Identifier: BSD-2-Clause */
/* The life of a VM, for those who ask whether it may still get something. */
#ifndef MOAT_PROOF_LIFE_H
#define MOAT_PROOF_LIFE_H

#include "theory.h"

/*@
  predicate is_growing{L}(integer v) =
    VM(m, v).life == MOAT_VM_BUILDING || VM(m, v).life == MOAT_VM_ACTIVE;
*/

#endif
