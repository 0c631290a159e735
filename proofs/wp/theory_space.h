/* SPDX-License-Identifier: BSD-2-Clause */
/* The widest IPA space, that of a host: beside theory_power.h, whose answers of
 * provers stay as they are without it. */
#ifndef MOAT_PROOF_SPACE_H
#define MOAT_PROOF_SPACE_H

#include "theory_power.h"

/*@
  axiomatic Space {
    axiom power_of_48: power_of_two(48) == 0x1000000000000;
  }
*/

#endif
