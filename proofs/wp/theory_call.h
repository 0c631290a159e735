/* SPDX-License-Identifier: BSD-2-Clause */
/* A call as the entry point hands it over, what a check may write, and how it
 * refuses. */
#ifndef MOAT_PROOF_CALL_WORDS_H
#define MOAT_PROOF_CALL_WORDS_H

#include "core/call.h"

/*@
  // A call, and the registers that it came in.
  predicate call_ok{L}(struct call *c) =
    \valid_read(c) && \valid_read(c->x + (0 .. CALL_WORDS - 1));

  // A plan that a check may fill: no part of the call.
  predicate plan_free{L}(struct plan *plan, struct call *c) =
    \valid(plan) && \separated(plan, c, c->x + (0 .. CALL_WORDS - 1));

  // The status that names register @operand.
  logic integer refusal(integer status, integer operand) =
    status + operand * 256;
*/

#endif
