/* SPDX-License-Identifier: BSD-2-Clause */
/* What is promised of an engine while no step is under way. */
#ifndef MOAT_PROOF_ENGINE_H
#define MOAT_PROOF_ENGINE_H

#include "theory_contexts.h"

/*@
  predicate engine_ok{L} =
    config_ok && host_ok && inverse_ok && roots_ok && roots_named &&
    reached_ok && contexts_up && vcpu_1;
*/

#endif
